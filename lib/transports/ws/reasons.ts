/**
 * Reasons why a WebSocket, or a question to an API, does not reach the other end, in words of this project.
 *
 * @module
 */

import { readVariable } from "../../terminal/parse.ts";
import type { ConnectionAddress } from "../address.ts";
import { RefusedError } from "../link/connection.ts";

/** Parts of the runtime's messages, which are all that it says, and what they mean. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/connection refused|tcp connect error/i, "nobody listens there"],
  [/dns error|failed to lookup|name or service not known/i, "its name cannot be found"],
  [/network is unreachable|no route to host/i, "no network leads there"],
  [
    /connection reset|broken pipe|unexpected eof|connection closed|sendrequest/i,
    "it closes the connection without an answer",
  ],
  [
    /CaUsedAsEndEntity/,
    "its certificate is that of an authority, which may not be a server's as well (make one that is not a CA)",
  ],
  [/UnknownIssuer|unknown issuer/, "its certificate is of an unknown authority (--tls-ca FILE trusts it)"],
  [/BadSignature/, "its certificate is of another authority than the trusted one of the same name"],
  [/NotValidForName|not valid for name/, "its certificate is for another name"],
  [/Expired|certificate expired/, "its certificate has expired"],
  [/InvalidContentType|corrupt message|received fatal alert|WrongVersion/i, "it does not speak TLS (ws:// is without)"],
];

/**
 * Explains why something on the network failed.
 *
 * @param error The error of the runtime, or its text
 * @param address The address that was to be reached
 * @returns An error whose message is the reason, as the end of a sentence
 */
export function explainNetworkError(error: unknown, address: ConnectionAddress): Error {
  if (error instanceof Deno.errors.NotCapable) return new RefusedError(error.message);
  const text = describeCauses(error);
  const [, status] = /invalid status code: (\d+)/i.exec(text) ?? [];
  if (status === "401" || status === "403") return refusedCredentials(Number(status));
  if (status !== undefined) return new RefusedError(`it refuses the path /${address.path} (status ${status})`);
  const meaning = meanings.find(([pattern]) => pattern.test(text))?.[1] ?? text;
  return new Error(`${meaning}${describeProxy(address)}`, { cause: error });
}

/** Creates the error for a server that wants to know who asks. */
export function refusedCredentials(status: number): RefusedError {
  return new RefusedError(
    `it refuses the credentials (status ${status}): set VILLAS_USER and VILLAS_PASSWORD, or VILLAS_TOKEN`,
  );
}

function describeCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${describeCauses(error.cause)}`;
}

/** Names the proxy that the runtime goes through, even to this machine. */
function describeProxy({ isSecure, host }: ConnectionAddress): string {
  const names = [isSecure ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
  const name = names.find((name) => readVariable(name));
  if (name === undefined) return "";
  const exceptions = (readVariable("NO_PROXY") ?? readVariable("no_proxy") ?? "").split(",").map((part) => part.trim());
  return exceptions.includes(host) || exceptions.includes("*")
    ? ""
    : `; connections go through ${name}, which is set: NO_PROXY=${host} leaves it out`;
}
