/**
 * Reads from Linux how many datagrams it dropped, which the receiver never saw and no counter of ours can know.
 *
 * @module
 */

import { findSockets } from "../../system/proc.ts";
import type { Endpoint } from "./endpoint.ts";
import { ipv4Bytes, ipv6Bytes, isIPv4 } from "./ip.ts";

/**
 * Returns the number of datagrams dropped for the UDP socket that is bound to an endpoint, since it was bound.
 *
 * It is the column `drops` of /proc/net/udp and /proc/net/udp6 (Linux, `Documentation/networking/proc_net_tcp.rst` and
 * `net/ipv4/udp.c`): datagrams that found the socket's receive buffer full, or that were damaged.
 *
 * @returns The number; undefined where the system does not tell or may not be asked (Deno wants `--allow-all` for these
 * files), and where several sockets share the address, as those of a multicast group do
 */
export function countUdpDrops({ hostname, port }: Endpoint): number | undefined {
  const ipv4 = isIPv4(hostname);
  const key = `${wordsHex(ipv4 ? ipv4Bytes(hostname) : ipv6Bytes(hostname))}:${hex(port, 4)}`;
  const rows = findSockets(ipv4 ? "udp" : "udp6", ([, local]) => local === key);
  return rows.length === 1 ? Number(rows[0]?.at(-1)) : undefined;
}

/** Formats an address as the table has it: words, each with its bytes in the machine's order, which is little endian. */
function wordsHex(bytes: readonly number[]): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 4) {
    text += bytes.slice(start, start + 4).reverse().map((byte) => hex(byte, 2)).join("");
  }
  return text;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}
