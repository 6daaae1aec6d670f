/**
 * IP addresses as the bytes that the system has them in.
 *
 * @module
 */

/** The four bytes of an IPv4 address. */
export function ipv4Bytes(hostname: string): number[] {
  return hostname.split(".").map(Number);
}

/** The sixteen bytes of an IPv6 address in its canonical form; a zone is left out. */
export function ipv6Bytes(hostname: string): number[] {
  const [address = ""] = hostname.split("%");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return mappedBytes(mapped);
  const [left = "", right] = address.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill("0"), ...tail];
  return groups.flatMap((group) => [parseInt(group, 16) >>> 8, parseInt(group, 16) & 255]);
}

/** An IPv4 address as a socket of IPv6 has it. */
export function mappedBytes(hostname: string): number[] {
  return [...Array<number>(10).fill(0), 255, 255, ...ipv4Bytes(hostname)];
}
