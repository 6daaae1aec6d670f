/**
 * Addresses on the command line: parsed once, where they enter.
 *
 * @module
 */

import type { Description, Option } from "../../terminal/option.ts";
import { type TransportName, transportNames, transportOf } from "../../transports/table.ts";

/** An address whose transport is known. */
export interface Address {
  /** Name of the transport. */
  readonly transport: TransportName;
  /** The address as it was written. */
  readonly text: string;
}

/** Beginnings of addresses; those of `memory` lead nowhere outside a process. */
const prefixes: readonly string[] = transportNames
  .filter((name) => name !== "memory")
  .map((name) => name === "unix" ? "unix:" : `${name}://`);

/**
 * Parses an address.
 *
 * @throws {SyntaxError} If no transport has such addresses
 */
export function parseAddress(text: string): Address {
  return { transport: transportOf(text), text };
}

/** Declares an option that takes an address. */
export function address(description: Description): Option<Address | undefined> {
  return { ...description, value: "ADDRESS", completes: { prefixes }, default: undefined, parse: parseAddress };
}

/** Returns an address with a free port to send to a remote from; undefined for a transport without ports. */
export function freeLocal({ transport, text }: Address): Address | undefined {
  if (transport !== "udp") return undefined;
  return parseAddress(text.includes("[") ? "udp://[::]:0" : "udp://0.0.0.0:0");
}
