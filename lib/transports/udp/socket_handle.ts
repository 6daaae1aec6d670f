/**
 * Finds the descriptor of a socket that Deno has opened: Deno does not tell it.
 *
 * @module
 */

import { isOpen, type Libc, readOption, socketOption } from "./libc.ts";
import { isSameSockaddr, sockaddrRoom, writeSockaddr } from "./sockaddr.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * How many descriptors in a row are free where the search ends. The system gives the lowest free one, so when a socket
 * was opened there was no gap below it; a few may have been closed since.
 */
const longestGap = 256;

/** The open sockets of this process that have a local address: their descriptors, by numbers that no two ever share. */
export function findSockets(libc: Libc, address: Endpoint): Map<bigint, number> {
  const wanted = new Uint32Array(writeSockaddr(address, address).buffer);
  const name = new Uint32Array(sockaddrRoom / 4);
  const length = new Uint32Array(1);
  const bytes = new Uint8Array(name.buffer);
  const found = new Map<bigint, number>();
  let gap = 0;
  for (let descriptor = 0; gap < longestGap; descriptor++) {
    length[0] = bytes.length;
    if (libc.getsockname(descriptor, bytes, length) === 0) {
      gap = 0;
      if (!isSameSockaddr(name, 0, wanted)) continue;
      const [low = 0, high = 0] = readOption(libc, descriptor, socketOption.cookie, 2) ?? [];
      found.set(BigInt(high) << 32n | BigInt(low), descriptor);
    } else {
      gap = isOpen(libc, descriptor) ? 0 : gap + 1;
    }
  }
  return found;
}

/**
 * The descriptor of the socket that was opened last.
 *
 * @param libc The C library
 * @param address Its local address
 * @param earlier Sockets that had this address before, as the members of a multicast group may
 * @returns Undefined where none or several have come since, in other threads
 */
export function findNewSocket(
  libc: Libc,
  address: Endpoint,
  earlier: ReadonlyMap<bigint, number>,
): number | undefined {
  const [first, second] = [...findSockets(libc, address)].filter(([cookie]) => !earlier.has(cookie));
  return second === undefined ? first?.[1] : undefined;
}
