/**
 * The addresses of Linux's sockets, `sockaddr_in` and `sockaddr_in6`, as bytes and as words of 32 bits.
 *
 * @see `ip(7)`, `ipv6(7)`
 *
 * @module
 */

import type { Endpoint } from "./endpoint.ts";
import { canonicalIPv6, ipv4Bytes, ipv6Bytes, isIPv4, mappedBytes } from "./ip.ts";

/** Room for an address of either family, in bytes. */
export const sockaddrRoom = 32;

/** The families (`AF_INET`, `AF_INET6`). */
const families = { ipv4: 2, ipv6: 10 } as const;

/** Words that identify an endpoint: port and address, but not the flow and the interface of IPv6. */
const ipv4Words = [0, 1];
const ipv6Words = [0, 2, 3, 4, 5];

/**
 * Writes an endpoint as the address of a socket.
 *
 * @param endpoint The endpoint
 * @param local The socket's own endpoint: one of IPv6 needs IPv4 addresses in the form of IPv6
 * @param scope Index of the interface that an IPv6 address on a link is meant on
 * @returns 16 bytes or 28
 */
export function writeSockaddr({ hostname, port }: Endpoint, local: Endpoint, scope = 0): Uint8Array {
  const head = (family: number) => [family, 0, port >>> 8, port & 255]; // the family has the machine's byte order
  if (isIPv4(local.hostname)) return Uint8Array.from([...head(families.ipv4), ...ipv4Bytes(hostname), ...Array(8)]);
  const host = isIPv4(hostname) ? mappedBytes(hostname) : ipv6Bytes(hostname);
  const bytes = Uint8Array.from([...head(families.ipv6), ...Array(4), ...host, ...Array(4)]);
  new DataView(bytes.buffer).setUint32(24, scope, true);
  return bytes;
}

/** Reads an address, without the interface of its link. */
export function readSockaddr(bytes: Uint8Array): Endpoint {
  const port = Number(bytes[2]) * 256 + Number(bytes[3]);
  if (bytes[0] === families.ipv4) return { hostname: bytes.subarray(4, 8).join("."), port };
  const groups: string[] = [];
  for (let at = 8; at < 24; at += 2) groups.push((Number(bytes[at]) * 256 + Number(bytes[at + 1])).toString(16));
  return { hostname: canonicalIPv6(groups.join(":")), port };
}

/**
 * Returns whether two addresses of one family are of the same machine and port.
 *
 * @param words Words with the first one
 * @param start Index of the word that it begins with
 * @param wanted The second one
 */
export function isSameSockaddr(words: Uint32Array, start: number, wanted: Uint32Array): boolean {
  const telling = wanted.length === 4 ? ipv4Words : ipv6Words;
  for (const index of telling) {
    if (words[start + index] !== wanted[index]) return false;
  }
  return true;
}
