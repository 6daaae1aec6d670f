/**
 * The addresses of the transport `udp`: read from a text, looked up, matched with each other, and written.
 *
 * @module
 */

/** One end of a UDP connection. */
export interface UdpAddress {
  /** An IP address in its canonical form; that of an IPv6 link may have a zone, such as `%eth0`. */
  hostname: string;
  /** 0 to 65535. */
  port: number;
}

/** Where the Python client of VILLASnode receives by default; the second for a remote with an IPv6 address. */
const defaultLocals = [{ hostname: "0.0.0.0", port: 12_001 }, { hostname: "::", port: 12_001 }];

/**
 * The addresses to receive on and to send to.
 *
 * Host names are looked up once and here: Deno's `send` would look them up for each datagram. Of several addresses of a
 * name those are taken that fit the other end, IPv4 first, as VILLASnode's are.
 */
export async function resolveAddresses(
  localText: string | undefined,
  remoteText: string | undefined,
): Promise<{ local: UdpAddress; remote: UdpAddress | undefined }> {
  const locals = localText === undefined ? defaultLocals : await lookUp(localText);
  const [firstLocal] = locals;
  if (firstLocal === undefined) throw noAddress(localText ?? "");
  if (remoteText === undefined) return { local: firstLocal, remote: undefined };
  const remotes = await lookUpRemote(remoteText);
  for (const remote of remotes) {
    const local = locals.find((address) => canSend(address, remote));
    if (local !== undefined) return { local, remote };
  }
  throw otherFamily(firstLocal, remotes[0] ?? firstLocal);
}

/** The address to send to from an open socket. */
export async function resolveRemote(text: string, local: UdpAddress): Promise<UdpAddress> {
  const remotes = await lookUpRemote(text);
  const remote = remotes.find((address) => canSend(local, address));
  if (remote === undefined) throw otherFamily(local, remotes[0] ?? local);
  return remote;
}

/** Writes an address as `udp://HOST:PORT`. */
export function formatAddress({ hostname, port }: UdpAddress): string {
  const host = unmap(hostname);
  return `udp://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Whether a datagram from one address is from the other one. */
export function isSameAddress(from: UdpAddress, remote: UdpAddress): boolean {
  return from.port === remote.port &&
    (from.hostname === remote.hostname || unmap(from.hostname) === withoutZone(remote.hostname));
}

/** Whether datagrams to this address reach several machines, which answer from addresses of their own. */
export function isGroup(hostname: string): boolean {
  // Broadcast addresses of a subnet cannot be told from others without its mask; all of them end in 255 in practice.
  return isMulticast(hostname) || hostname.endsWith(".255");
}

/** Whether an IP address is that of a multicast group. */
export function isMulticast(hostname: string): boolean {
  return isIPv4(hostname) ? /^2(?:2[4-9]|3\d)\./.test(hostname) : /^ff/i.test(hostname);
}

/** Whether a text is an IPv4 address. */
export function isIPv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text) && !/(?:^|\.)0\d/.test(text);
}

/** Whether a text is an IPv6 address, without a zone. */
export function isIPv6(text: string): boolean {
  return /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`);
}

/** Reads `udp://HOST:PORT`, or `HOST:PORT`; an empty host and `*` are any address. */
function parse(text: string): UdpAddress {
  const [, ipv6, zone, host, digits] =
    /^(?:udp:\/\/)?(?:\[([^\]%]+)(%[^\]%]+)?\]|([^[\]/:\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535 || (ipv6 !== undefined && !isIPv6(ipv6))) {
    throw new SyntaxError(
      `Cannot parse "${text}" as a UDP address: expected "udp://HOST:PORT" or "udp://[IPV6]:PORT", ` +
        `with a port from 0 to 65535`,
    );
  }
  if (ipv6 !== undefined) return { hostname: canonicalIPv6(ipv6) + (zone ?? ""), port };
  return { hostname: host === undefined || host === "" || host === "*" ? "0.0.0.0" : host, port };
}

/** All addresses that a text stands for, those of IPv4 first. */
async function lookUp(text: string): Promise<UdpAddress[]> {
  const { hostname, port } = parse(text);
  if (isIPv4(hostname) || hostname.includes(":")) return [{ hostname, port }];
  try {
    // Only names need this module, and it takes 25 ms to load.
    const { lookup } = await import("node:dns/promises");
    const found = await lookup(hostname, { all: true });
    return found.sort((a, b) => a.family - b.family).map(({ address, family }) => ({
      hostname: family === 6 && isIPv6(address) ? canonicalIPv6(address) : address,
      port,
    }));
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === "EPERM") {
      throw new Deno.errors.NotCapable(
        `Cannot look up host ${hostname}: it needs the permission --allow-net=${hostname}, without a port`,
        { cause: error },
      );
    }
    const reason = code === "ENOTFOUND" ? "there is no such name" : message;
    throw new Deno.errors.NotFound(`Cannot find host ${hostname}: ${reason}`, { cause: error });
  }
}

async function lookUpRemote(text: string): Promise<UdpAddress[]> {
  const addresses = await lookUp(text);
  const [first] = addresses;
  if (first === undefined) throw noAddress(text);
  if (first.port === 0) throw new TypeError(`Cannot send to ${formatAddress(first)}: the port must not be 0`);
  if (first.hostname === "0.0.0.0" || first.hostname === "::") {
    throw new TypeError(`Cannot send to ${formatAddress(first)}: it stands for any address`);
  }
  return addresses;
}

/** IPv6 addresses have many spellings; sources are reported in the canonical one (RFC 5952). */
export function canonicalIPv6(hostname: string): string {
  const canonical = new URL(`http://[${hostname}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical);
  if (mapped === null) return canonical;
  const [, high = "", low = ""] = mapped;
  const bits = parseInt(high, 16) * 65_536 + parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}

/** An IPv6 socket that receives over IPv4 sees addresses such as `::ffff:127.0.0.1`. */
function unmap(hostname: string): string {
  return hostname.startsWith("::ffff:") && isIPv4(hostname.slice(7)) ? hostname.slice(7) : hostname;
}

/** Deno reports sources without the zone that sending to them needs. */
function withoutZone(hostname: string): string {
  const [address = hostname] = hostname.split("%");
  return address;
}

/** Whether a socket of one address can send to another: a socket of any IPv6 address speaks IPv4 too. */
function canSend(local: UdpAddress, remote: UdpAddress): boolean {
  return isIPv4(local.hostname) === isIPv4(remote.hostname) || local.hostname === "::";
}

function otherFamily(local: UdpAddress, remote: UdpAddress): TypeError {
  return new TypeError(
    `Cannot send from ${formatAddress(local)} to ${formatAddress(remote)}: ` +
      `one is an IPv4 address, the other an IPv6 address`,
  );
}

function noAddress(text: string): Error {
  return new Deno.errors.NotFound(`Cannot find host ${text}: it has no address`);
}
