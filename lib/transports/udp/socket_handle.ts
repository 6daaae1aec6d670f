/**
 * Finds the descriptor of a socket that Deno has opened, which Deno does not tell.
 *
 * @module
 */

import { isOpen, type Libc, readOption, socketOption } from "./libc.ts";
import { isSameSockaddr, sockaddrRoom, writeSockaddr } from "./sockaddr.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * The search ends behind so many free descriptors in a row. The system gives the lowest free one, so when a socket
 * was opened there was no gap below it; a few may have been closed since.
 */
const longestGap = 256;

/** Finds the open sockets of this process with a local endpoint: their descriptors, by cookies that no two ever share. */
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
 * Finds the descriptor of the socket that was opened last.
 *
 * @param libc The C library
 * @param address Its local endpoint
 * @param earlier Sockets that had this endpoint before, as the members of a multicast group may
 * @returns The descriptor; undefined where none or several have come since, in other threads
 */
export function findNewSocket(
  libc: Libc,
  address: Endpoint,
  earlier: ReadonlyMap<bigint, number>,
): number | undefined {
  const [first, second] = [...findSockets(libc, address)].filter(([cookie]) => !earlier.has(cookie));
  return second === undefined ? first?.[1] : undefined;
}
