/**
 * Diagnoses a connection: whether it was made, and kept.
 *
 * @module
 */

import { times } from "../system/text.ts";
import type { LinkStats } from "../transports/link/connection.ts";
import type { Finding } from "./diagnosis.ts";

/**
 * Finds what is wrong with a connection, of a transport that has one.
 *
 * @param address The address of the other end, or the own one of a server
 * @param link Figures of the connection
 * @param reasons Reasons why it was not made, or lost, as the end of a sentence; the first is shown
 * @returns The findings; if the first one is an error, nothing else can be wrong
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { diagnoseConnection } from "@villas/client/diagnosis";
 *
 * const [finding] = diagnoseConnection("ws://127.0.0.1:8080/lab", { connects: 0, losses: 0 }, ["nobody listens there"]);
 * assertEquals(finding?.code, "not-connected");
 * ```
 */
export function diagnoseConnection(
  address: string,
  link: Pick<LinkStats, "connects" | "losses" | "peers">,
  reasons: readonly string[],
): Finding[] {
  const { connects, losses, peers } = link;
  const [reason = "it did not answer in time"] = reasons;
  if (connects === 0) return [peers === undefined ? diagnoseRefusal(address, reason) : diagnoseLoneliness(address)];
  if (losses === 0 || peers !== undefined) return [];
  return [{
    code: "connection-lost",
    severity: "warning",
    cause: `The connection to ${address} was lost ${times(losses)}: ${reason}`,
    fix: "Look into the log of the other end, and at the network between the machines",
  }];
}

function diagnoseRefusal(address: string, reason: string): Finding {
  return {
    code: "not-connected",
    severity: "error",
    cause: `Cannot connect to ${address}: ${reason}`,
    fix: /^nobody listens/.test(reason)
      ? "Check that the other end runs, and its port (http.port of a VILLASnode, which takes one of the next nine where " +
        "that is in use), and that no firewall is in between"
      : "Give --remote what the other end has, or change that",
  };
}

function diagnoseLoneliness(address: string): Finding {
  return {
    code: "no-client",
    severity: "error",
    cause: `No client connected to ${address}`,
    fix:
      "Let the destinations of the websocket node be this address. VILLASnode 1.2 sends its request only when something " +
      "asks its API within 30 s of its start, such as curl http://HOST:PORT/api/v2/status; it never connects a second " +
      "time, so restart it where this client came later or was restarted",
  };
}
