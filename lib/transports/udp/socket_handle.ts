/**
 * Finds the descriptor of a socket that Deno has opened, which Deno does not tell.
 *
 * @module
 */

import { type Libc, readOption, socketOption } from "./libc.ts";
import { isSameSockaddr, sockaddrRoom, writeSockaddr } from "./sockaddr.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * The search ends behind so many descriptors in a row that are free or not sockets. The system gives the lowest free one,
 * so when a socket was opened, all below it were open: files for the most part, of which a process seldom has so many.
 */
const longestGap = 1024;

/** Descriptors of open sockets, by cookies that no two sockets ever share. */
export type SocketsByCookie = ReadonlyMap<bigint, number>;

/** Iterates over the descriptors of this process's sockets with a local endpoint. */
function* descriptorsOf(libc: Libc, address: Endpoint): Generator<number, undefined> {
  const wanted = new Uint32Array(writeSockaddr(address, address).buffer);
  const name = new Uint32Array(sockaddrRoom / 4);
  const length = new Uint32Array(1);
  const bytes = new Uint8Array(name.buffer);
  let gap = 0;
  for (let descriptor = 0; gap < longestGap; descriptor++) {
    length[0] = bytes.length;
    gap = libc.getsockname(descriptor, bytes, length) === 0 ? 0 : gap + 1;
    if (gap === 0 && isSameSockaddr(name, 0, wanted)) yield descriptor;
  }
}

/** Finds the open sockets of this process with a local endpoint. */
export function findSockets(libc: Libc, address: Endpoint): SocketsByCookie {
  const found = new Map<bigint, number>();
  for (const descriptor of descriptorsOf(libc, address)) {
    const [low = 0, high = 0] = readOption(libc, descriptor, socketOption.cookie, 2) ?? [];
    found.set(BigInt(high) << 32n | BigInt(low), descriptor);
  }
  return found;
}

/**
 * Finds the descriptor of a socket that shares its address with no other.
 *
 * @param libc The C library
 * @param address Its local endpoint
 * @returns The descriptor; undefined where there is no such socket
 */
export function findSocket(libc: Libc, address: Endpoint): number | undefined {
  return descriptorsOf(libc, address).next().value;
}

/**
 * Finds the descriptor of the socket that was opened last, where others may have its address.
 *
 * @param libc The C library
 * @param address Its local endpoint
 * @param earlier Sockets that had this endpoint before, as the members of a multicast group may
 * @returns The descriptor; undefined where none or several have come since, in other threads
 */
export function findNewSocket(
  libc: Libc,
  address: Endpoint,
  earlier: SocketsByCookie,
): number | undefined {
  const [first, second] = [...findSockets(libc, address)].filter(([cookie]) => !earlier.has(cookie));
  return second === undefined ? first?.[1] : undefined;
}
