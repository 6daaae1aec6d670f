/**
 * Runs of datagrams that go through the system as one message, which it cuts again at the end of the way: that takes a
 * fifth of the time that they take alone. What arrives is the same.
 *
 * @see `udp(7)`, `UDP_SEGMENT`
 *
 * @module
 */

import { maximumUdpLength } from "../send.ts";

/** What fits into a packet of every network (1280 bytes of IPv6, less its header and that of UDP): others may not. */
const longestSegment = 1232;

/**
 * How many datagrams from one on are a run: all as long as the first one, but the last, which may be shorter.
 *
 * @param datagrams The datagrams
 * @param start The first one
 * @param end Behind the last one that may be in the run
 * @returns At least 1
 */
export function countRun(datagrams: readonly Uint8Array[], start: number, end: number): number {
  const segment = datagrams[start]?.length ?? 0;
  if (segment === 0 || segment > longestSegment) return 1;
  let total = segment;
  let next = start + 1;
  for (; next < end; next++) {
    const length = datagrams[next]?.length ?? 0;
    total += length;
    if (length === 0 || length > segment || total > maximumUdpLength) break;
    if (length < segment) return next + 1 - start;
  }
  return next - start;
}
