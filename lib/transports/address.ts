/**
 * Addresses: parsed once, where they enter, and passed on as objects.
 *
 * @module
 */

import { canonicalIPv6, isIPv6 } from "./udp/ip.ts";

/** Name of a transport, which its addresses begin with. */
export type TransportName = "udp" | "unix" | "memory";

/** One end of a connection, as {@linkcode parseAddress} reads it. */
export interface Address {
  /** Name of the transport. */
  readonly transport: TransportName;
  /** Host name or IP address, without brackets; an IPv6 address may have a zone, such as `%eth0` (`udp`). */
  readonly host?: string;
  /** Port, 0 to 65535 (`udp`); 0 takes a free one. */
  readonly port?: number;
  /** Path of the socket's file (`unix`), or the name in memory (`memory`). */
  readonly path?: string;
  /** The address as text, such as `"udp://127.0.0.1:12000"`. */
  readonly text: string;
}

/** Address of the transport `udp`. */
export interface UdpAddress extends Address {
  readonly transport: "udp";
  readonly host: string;
  readonly port: number;
}

/** Address of a transport that has a path or a name: `unix` or `memory`. */
export interface PathAddress extends Address {
  readonly path: string;
}

/** The longest path that fits into the system's address structure (`sockaddr_un`), in bytes. */
const maximumPathLength = 107;

const parsers: Readonly<Record<TransportName, (text: string) => Address>> = {
  udp: parseUdpAddress,
  unix: parseUnixAddress,
  memory: parseMemoryAddress,
};

/** Names of all transports. */
export const transportNames: readonly TransportName[] = Object.keys(parsers) as TransportName[];

/**
 * Parses an address.
 *
 * @param text Text such as `udp://127.0.0.1:12000`, `udp://[::1]:12001`, `udp://*:12001` (any address of this machine),
 * `unix:/run/a.sock`, `memory:name`, or `HOST:PORT` as VILLASnode writes it
 * @returns The address
 * @throws {SyntaxError} If the text does not begin with the name of a transport, or is not an address of that transport
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseAddress } from "@villas/client/transports";
 *
 * assertEquals(parseAddress("localhost:12000"), {
 *   transport: "udp",
 *   host: "localhost",
 *   port: 12_000,
 *   text: "udp://localhost:12000",
 * });
 * assertEquals(parseAddress("unix:/run/a.sock").path, "/run/a.sock");
 * ```
 */
export function parseAddress(text: string): Address {
  return parsers[findTransport(text)](text);
}

/**
 * Returns the name of the transport that an address belongs to.
 *
 * @param address Address, or its text
 * @returns Name of the transport
 * @throws {SyntaxError} If the text is not an address
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { transportForAddress } from "@villas/client/transports";
 *
 * assertEquals(transportForAddress("unix:/run/a.sock"), "unix");
 * assertEquals(transportForAddress("*:12000"), "udp");
 * ```
 */
export function transportForAddress(address: string | Address): TransportName {
  return typeof address === "string" ? parseAddress(address).transport : address.transport;
}

function findTransport(text: string): TransportName {
  // "udp:12000" is port 12000 of a machine of that name; every other transport begins with its name and a colon.
  if (text.startsWith("udp://")) return "udp";
  const scheme = /^([a-z]+):./s.exec(text)?.[1];
  if (scheme !== undefined && scheme !== "udp" && Object.hasOwn(parsers, scheme)) return scheme as TransportName;
  if (/^[^/]*:\d+$/.test(text)) return "udp";
  throw new SyntaxError(
    `Cannot find the transport of "${text}": expected "udp://HOST:PORT", "unix:PATH" or "memory:NAME"`,
  );
}

/**
 * Parses `udp://HOST:PORT` or `HOST:PORT`; an empty host and `*` stand for any address of this machine.
 *
 * @throws {SyntaxError} If the text is not such an address
 */
function parseUdpAddress(text: string): UdpAddress {
  const [, ipv6, zone, name, digits] =
    /^(?:udp:\/\/)?(?:\[([^\]%]+)(%[^\]%]+)?\]|([^[\]/:\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535 || (ipv6 !== undefined && !isIPv6(ipv6))) {
    throw new SyntaxError(
      `Cannot parse "${text}" as a UDP address: expected "udp://HOST:PORT" or "udp://[IPV6]:PORT", ` +
        `with a port from 0 to 65535`,
    );
  }
  const host = ipv6 === undefined
    ? name === undefined || name === "" || name === "*" ? "0.0.0.0" : name
    : canonicalIPv6(ipv6) + (zone ?? "");
  return { transport: "udp", host, port, text: formatUdpAddress(host, port) };
}

/** Formats the text of a UDP address. */
export function formatUdpAddress(host: string, port: number): string {
  return `udp://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * Parses `unix:PATH`, `unix://` and an absolute path, or a path alone.
 *
 * @throws {SyntaxError} If the path is empty, has a zero byte, or is longer than the system allows
 */
function parseUnixAddress(text: string): PathAddress {
  const path = text.replace(/^unix:(?:\/\/(?=\/))?/, "");
  if (path === "" || path.includes("\0")) {
    throw new SyntaxError(`Cannot parse "${text}" as a unix socket address: expected "unix:PATH"`);
  }
  const { length } = new TextEncoder().encode(path);
  if (length > maximumPathLength) {
    throw new SyntaxError(
      `Cannot use "${text}" as a unix socket address: its path has ${length} bytes, more than ${maximumPathLength}`,
    );
  }
  return { transport: "unix", path, text: formatUnixAddress(path) };
}

/** Formats a path; that of a socket without a file begins with a zero byte, customarily written as `@` (`unix(7)`). */
export function formatUnixAddress(path: string): string {
  return `unix:${path.replace(/^\0/, "@")}`;
}

/**
 * Parses `memory:NAME`.
 *
 * @throws {SyntaxError} If the text is not such an address
 */
function parseMemoryAddress(text: string): PathAddress {
  const path = /^memory:(.+)$/s.exec(text)?.[1];
  if (path === undefined) {
    throw new SyntaxError(`Cannot parse "${text}" as an address in memory: expected "memory:NAME"`);
  }
  return { transport: "memory", path, text };
}

/** Returns the address of a UDP socket, parsed unless it is already. */
export function toUdpAddress(address: string | Address): UdpAddress {
  if (typeof address === "string") return parseUdpAddress(address);
  const { host, port } = address;
  if (address.transport !== "udp" || host === undefined || port === undefined) throw otherTransport(address, "udp");
  return { ...address, transport: "udp", host, port };
}

/** Returns the address of a unix socket, parsed unless it is already. */
export function toUnixAddress(address: string | Address): PathAddress {
  return typeof address === "string" ? parseUnixAddress(address) : requirePath(address, "unix");
}

/** Returns an address in memory, parsed unless it is already. */
export function toMemoryAddress(address: string | Address): PathAddress {
  return typeof address === "string" ? parseMemoryAddress(address) : requirePath(address, "memory");
}

function requirePath(address: Address, transport: TransportName): PathAddress {
  const { path } = address;
  if (address.transport !== transport || path === undefined) throw otherTransport(address, transport);
  return { ...address, path };
}

function otherTransport({ text, transport }: Address, expected: TransportName): TypeError {
  return new TypeError(`Cannot use ${text} as an address of ${expected}: it belongs to ${transport}`);
}
