/**
 * Asks Linux how many datagrams it dropped: what the receiver never saw, and no counter of ours can know.
 *
 * @module
 */

import { readProc } from "../_proc.ts";
import { isIPv4, type UdpAddress } from "./_udp_address.ts";

/**
 * Number of datagrams dropped for the UDP socket that is bound to an address, since it was bound.
 *
 * It is the column `drops` of /proc/net/udp and /proc/net/udp6 (Linux, `Documentation/networking/proc_net_tcp.rst` and
 * `net/ipv4/udp.c`): datagrams that found the socket's receive buffer full, or that were damaged.
 *
 * @returns The number; undefined where the system does not tell or may not be asked (Deno wants `--allow-all` for these
 * files), and where several sockets share the address, as those of a multicast group do
 */
export function countUdpDrops({ hostname, port }: UdpAddress): number | undefined {
  const ipv4 = isIPv4(hostname);
  const table = readProc(ipv4 ? "/proc/net/udp" : "/proc/net/udp6");
  const key = `${ipv4 ? ipv4Hex(hostname) : ipv6Hex(hostname)}:${hex(port, 4)}`;
  const drops: number[] = [];
  for (const line of table.split("\n")) {
    const columns = line.trim().split(/\s+/);
    if (columns[1] === key) drops.push(Number(columns.at(-1)));
  }
  return drops.length === 1 ? drops[0] : undefined;
}

/** An IPv4 address as the table has it: the bytes in the machine's order, which is little endian wherever Deno runs. */
function ipv4Hex(hostname: string): string {
  return hostname.split(".").reverse().map((part) => hex(Number(part), 2)).join("");
}

/** An IPv6 address as the table has it: four words, each with its bytes in the machine's order. */
function ipv6Hex(hostname: string): string {
  const [left = "", right] = (hostname.split("%")[0] ?? "").split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill("0"), ...tail];
  const bytes = groups.flatMap((group) => [parseInt(group, 16) >>> 8, parseInt(group, 16) & 255]);
  const words = [0, 4, 8, 12].map((start) => bytes.slice(start, start + 4).reverse());
  return words.flat().map((byte) => hex(byte, 2)).join("");
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}
