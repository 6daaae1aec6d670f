/**
 * The format of a link whose address says something about it.
 *
 * @module
 */

import { agreeOnStream } from "./synchrophasors.ts";
import type { Format } from "../formats/format.ts";
import { parseSpecification } from "../formats/specification.ts";
import { formatNames, type FormatSpecification } from "../formats/table.ts";
import type { Address } from "../transports/address.ts";
import { defaultWebSocketFormat, splitPath } from "../transports/ws/path.ts";

/** Format and addresses of a link. */
export interface LinkFormat {
  /** The format; undefined where none is given, and the addresses say nothing about it. */
  readonly format: FormatSpecification | Format | undefined;
  /** The address to receive on. */
  readonly local: Address | undefined;
  /** The address to send to. */
  readonly remote: Address | undefined;
}

/**
 * Agrees on the format of a link: the one that is given, the one that the path of a WebSocket names, or that of
 * VILLASnode's node type (`websocket`: villas.web, `mqtt` and `amqp`: json), or the frames of a stream of synchrophasors. A WebSocket whose path names none gets the
 * given one as its ending, because the node chooses by it. At a server nothing is left to detect: `auto` is the format of
 * its address there, and clients that want another one name it.
 *
 * @param link What is given; `check: false` leaves the path as it is, which is a session of villas-relay then
 * @returns The format, and the addresses with it
 * @throws {TypeError} If the given format is another one than the path names
 *
 * @see VILLASnode's `lib/nodes/websocket.cpp`, `lib/nodes/mqtt.cpp`, `lib/nodes/amqp.cpp`
 */
export function agreeOnFormat(link: LinkFormat & { readonly check?: boolean | undefined }): LinkFormat {
  const { format, local, remote, check = true } = link;
  const address = remote ?? local;
  if (address?.transport === "mqtt" || address?.transport === "amqp") {
    return { format: format ?? "json", local, remote };
  }
  if (address?.transport === "c37.118") {
    return { format: agreeOnStream(format, address, local), local, remote };
  }
  if (address?.transport !== "ws") return { format, local, remote };
  const { format: ending } = splitPath(address.path ?? "");
  // A session of a relay may have dots.
  const named = ending !== undefined && !check && !formatNames.includes(ending) ? undefined : ending;
  if (format === undefined) return { format: named ?? defaultWebSocketFormat, local, remote };
  const name = nameOf(format);
  if (name === "auto" && remote === undefined) {
    // Clients of a server name their formats.
    return {
      format: { ...parseSpecification(format as FormatSpecification), type: named ?? defaultWebSocketFormat },
      local,
      remote,
    };
  }
  if (name === "auto" || name === named) return { format, local, remote };
  if (named !== undefined) {
    throw new TypeError(`Cannot use the format ${name} with ${address.text}: its path names ${named}`);
  }
  const isLeft = name === defaultWebSocketFormat || (remote !== undefined && !check);
  const append = (end: Address | undefined) => isLeft || end === undefined ? end : withEnding(end, name);
  return { format, local: append(local), remote: append(remote) };
}

function nameOf(format: FormatSpecification | Format): string {
  if (typeof format !== "object") return parseSpecification(format).type;
  return "decode" in format ? (format as Format).name : parseSpecification(format).type;
}

/** Returns the address of a WebSocket with the format as the ending of its path, before a query. */
function withEnding(address: Address, format: string): Address {
  const insert = (text: string) => text.replace(/(?=\?|$)/, `.${format}`);
  return { ...address, path: insert(address.path ?? ""), text: insert(address.text) };
}
