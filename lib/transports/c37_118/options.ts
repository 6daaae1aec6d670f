/**
 * Choices of a stream of synchrophasors that are not in its address.
 *
 * @module
 */

import type { Address } from "../address.ts";

/** Choices of a PDC. */
export interface SynchrophasorOptions {
  /** Identifier of the stream in commands; default: that of the address, or 1. */
  idcode?: number;
  /** Version of commands: 1 (2005) or 2 (2011); default 1, because a VILLASnode does not answer others. */
  version?: 1 | 2;
  /** Type of the configuration that is asked for, 2 or 3; either is understood in any case. Default 2. */
  configuration?: 2 | 3;
  /** Time to wait for the configuration, in seconds; default 5. */
  answerTimeout?: number;
  /** Commands to give once more when the data has started, such as those for a header or another configuration. */
  extraCommands?: readonly number[];
}

/** Beginning of the reason why a PMU is given up that accepts a connection and does not answer. */
export const noAnswer = "it answered no request";

/**
 * Returns the identifier of a stream that an address names: its path.
 *
 * @throws {SyntaxError} If the path is not an identifier
 */
export function parseIdcode({ path = "", text }: Pick<Address, "path" | "text">): number | undefined {
  if (path === "") return undefined;
  const idcode = /^\d{1,5}$/.test(path) ? Number(path) : NaN;
  if (idcode <= 0xffff) return idcode;
  throw new SyntaxError(
    `Cannot parse "${text}" as an address of c37.118: expected "c37.118://HOST:PORT/IDCODE", with an IDCODE up to 65535`,
  );
}

/** Returns whether an address is that of a stream over UDP. */
export function isUdpStream(address: Pick<Address, "text"> | undefined): boolean {
  return address?.text.startsWith("c37.118+udp:") ?? false;
}
