/**
 * Choices of a stream of synchrophasors that are not in its address.
 *
 * @module
 */

import { type Address, authorityOf, type ConnectionAddress } from "../address.ts";

/** Choices of an end of a stream; all but the role are those of a PDC. */
export interface SynchrophasorOptions {
  /** The role, where the addresses leave it open: over UDP, a PDC, which receives samples, unless it is that of a PMU. */
  role?: "pmu" | "pdc";
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

/**
 * Returns the role that the addresses of an end say.
 *
 * @param local The local address, if there is one
 * @param remote The remote one
 * @param role The role that was chosen, if any
 * @throws {TypeError} If the addresses are those of the other role, or of none
 */
export function roleOf(
  local: Pick<Address, "text"> | undefined,
  remote: Pick<Address, "text"> | undefined,
  role?: SynchrophasorOptions["role"],
): "pmu" | "pdc" {
  const [isLocalTcp, isRemoteTcp] = [local, remote].map((end) => end !== undefined && !isUdpStream(end));
  if (isLocalTcp && isRemoteTcp) {
    throw new TypeError("Cannot be a PMU and a PDC on one connection: give one address, local or remote");
  }
  const said = isLocalTcp ? "pmu" : isRemoteTcp ? "pdc" : role ?? "pdc";
  if (role !== undefined && role !== said) {
    throw new TypeError(
      said === "pmu"
        ? `Cannot receive on ${local?.text}, which is a PMU: give its address as the remote`
        : `Cannot send to ${remote?.text}: a PMU receives no samples; to be one, serve c37.118://HOST:PORT`,
    );
  }
  return said;
}

/** Returns the host to bind to: `*` is any address. */
export function hostToBind({ host }: Pick<ConnectionAddress, "host">): string {
  return host === "*" ? "0.0.0.0" : host;
}

/** Returns the text of an address with the port that the system has chosen. */
export function withPort({ host, port: asked, text }: ConnectionAddress, port: number): string {
  return asked === port ? text : text.replace(authorityOf({ host, port: asked }), authorityOf({ host, port }));
}
