/**
 * IP addresses, as text and as the bytes that the system has them in.
 *
 * @module
 */

/** Returns true if a text is an IPv4 address. */
export function isIPv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text) && !/(?:^|\.)0\d/.test(text);
}

/** Returns true if a text is an IPv6 address, without a zone. */
export function isIPv6(text: string): boolean {
  return /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`);
}

/** Returns true if an IP address belongs to a multicast group. */
export function isMulticast(hostname: string): boolean {
  return isIPv4(hostname) ? /^2(?:2[4-9]|3\d)\./.test(hostname) : /^ff/i.test(hostname);
}

/**
 * Returns true if datagrams to an address reach several machines, which answer from addresses of their own. The broadcast
 * address of a subnet cannot be told from others without its mask; in practice all of them end in 255.
 */
export function isGroup(hostname: string): boolean {
  return isMulticast(hostname) || hostname.endsWith(".255");
}

/** Returns the canonical form of an IPv6 address, in which the system reports sources (RFC 5952). */
export function canonicalIPv6(hostname: string): string {
  const canonical = new URL(`http://[${hostname}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical);
  if (mapped === null) return canonical;
  const [, high = "", low = ""] = mapped;
  const bits = parseInt(high, 16) * 65_536 + parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}

/** Returns the IPv4 address in one such as `::ffff:127.0.0.1`, which an IPv6 socket that receives over IPv4 reports. */
export function unmapIPv4(hostname: string): string {
  return hostname.startsWith("::ffff:") && isIPv4(hostname.slice(7)) ? hostname.slice(7) : hostname;
}

/** Removes the zone, such as `%eth0`, which sending needs and sources are reported without. */
export function removeZone(hostname: string): string {
  const [address = hostname] = hostname.split("%");
  return address;
}

/** Returns the four bytes of an IPv4 address. */
export function ipv4Bytes(hostname: string): number[] {
  return hostname.split(".").map(Number);
}

/** Returns the sixteen bytes of an IPv6 address in its canonical form; a zone is left out. */
export function ipv6Bytes(hostname: string): number[] {
  const address = removeZone(hostname);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return mappedBytes(mapped);
  const [left = "", right] = address.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill("0"), ...tail];
  return groups.flatMap((group) => [parseInt(group, 16) >>> 8, parseInt(group, 16) & 255]);
}

/** Returns the sixteen bytes of an IPv4 address in the form that an IPv6 socket has it in. */
export function mappedBytes(hostname: string): number[] {
  return [...Array<number>(10).fill(0), 255, 255, ...ipv4Bytes(hostname)];
}
