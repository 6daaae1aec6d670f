/**
 * Asks Linux how many datagrams it dropped: what the receiver never saw, and no counter of ours can know.
 *
 * @module
 */

import { isIPv4 } from "node:net";

/**
 * Number of datagrams dropped for the UDP socket that is bound to an address, since it was bound.
 *
 * It is the column `drops` of /proc/net/udp and /proc/net/udp6 (Linux, `Documentation/networking/proc_net_tcp.rst` and
 * `net/ipv4/udp.c`): datagrams that found the socket's receive buffer full, or that were damaged.
 *
 * @returns The number, or undefined where the system does not tell or may not be asked
 */
export async function countUdpDrops(
  { hostname, port }: { hostname: string; port: number },
): Promise<number | undefined> {
  let table: string;
  try {
    table = await Deno.readTextFile(isIPv4(hostname) ? "/proc/net/udp" : "/proc/net/udp6");
  } catch {
    return undefined; // another system, or no permission to read
  }
  const portHex = port.toString(16).toUpperCase().padStart(4, "0");
  const addressHex = isIPv4(hostname) ? ipv4Hex(hostname) : undefined;
  for (const line of table.split("\n").slice(1)) {
    const columns = line.trim().split(/\s+/);
    const [address, boundPort] = (columns[1] ?? "").split(":");
    if (boundPort === portHex && (addressHex === undefined || address === addressHex)) return Number(columns.at(-1));
  }
  return undefined;
}

/** An IPv4 address as the table has it: the bytes in the machine's order, which is little endian wherever Deno runs. */
function ipv4Hex(hostname: string): string {
  return hostname.split(".").reverse().map((part) => Number(part).toString(16).toUpperCase().padStart(2, "0")).join("");
}
