/**
 * Joins multicast groups.
 *
 * @module
 */

import { explainSystemError } from "../../system/errors.ts";
import { isIPv4, isIPv6, isMulticast } from "./ip.ts";

/** A multicast group to join, as the `multicast` setting of VILLASnode's socket node. */
export interface MulticastOptions {
  /** Address of the group, such as `"224.1.2.3"` or `"ff02::1234"`. */
  group: string;
  /** The interface to join on: its IPv4 address, or its index for IPv6; default: the system's choice. */
  interface?: string;
  /** Lets datagrams that this socket sends to the group come back to this machine; default false. */
  loop?: boolean;
  /** Number of routers that a datagram may pass, 0 to 255 (IPv4 only); default: the system's, usually 1. */
  ttl?: number;
}

/**
 * Checks the options.
 *
 * @throws {TypeError} If the group is not one, or does not have such an option
 * @throws {RangeError} If the time to live is out of range
 */
export function checkMulticast({ group, interface: network, ttl }: MulticastOptions): void {
  const ipv6 = isIPv6(group);
  if (!(ipv6 || isIPv4(group)) || !isMulticast(group)) {
    throw new TypeError(`Cannot join multicast group "${group}": expected an address such as 224.1.2.3 or ff02::1234`);
  }
  if (network !== undefined && !(ipv6 ? /^\d{1,9}$/.test(network) : isIPv4(network))) {
    const expected = ipv6 ? "the index of an interface, such as 2" : "the IPv4 address of an interface";
    throw new TypeError(`Cannot join multicast group ${group} on interface "${network}": expected ${expected}`);
  }
  if (ttl === undefined) return;
  if (ipv6) throw new TypeError(`Cannot set the time to live of multicast group ${group}: only IPv4 groups have one`);
  if (!Number.isInteger(ttl) || ttl < 0 || ttl > 255) {
    throw new RangeError(
      `Cannot set the time to live of multicast group ${group} to ${ttl}: expected a whole number from 0 to 255`,
    );
  }
}

/** Joins a group; closes the socket if that fails. */
export async function joinMulticast(conn: Deno.DatagramConn, options: MulticastOptions): Promise<void> {
  const { group, interface: network, loop = false, ttl } = options;
  try {
    if (isIPv4(group)) {
      const membership = await conn.joinMulticastV4(group, network ?? "0.0.0.0");
      await membership.setLoopback(loop);
      if (ttl !== undefined) await membership.setTTL(ttl);
    } else {
      const membership = await conn.joinMulticastV6(group, Number(network ?? 0));
      await membership.setLoopback(loop);
    }
  } catch (error) {
    conn.close();
    if (error instanceof Deno.errors.NotCapable) throw error;
    const where = network === undefined ? "" : ` on interface ${network}`;
    throw explainSystemError(error, `Cannot join multicast group ${group}${where}`);
  }
}
