/**
 * Addresses: parsed once, where they enter, and passed on as objects.
 *
 * @module
 */

import { withoutUser } from "../system/text.ts";
import { canonicalIPv6, isIPv6 } from "./udp/ip.ts";

/** Name of a transport. */
export type TransportName = "udp" | "unix" | "memory" | "ws" | "mqtt" | "amqp";

/** One end of a connection, as {@linkcode parseAddress} reads it. */
export interface Address {
  /** Name of the transport. */
  readonly transport: TransportName;
  /**
   * Host name or IP address, without brackets; an IPv6 address may have a zone, such as `%eth0` (`udp`, and the
   * transports that connect).
   */
  readonly host?: string;
  /** Port, 0 to 65535 (`udp`, and the transports that connect); 0 takes a free one. */
  readonly port?: number;
  /**
   * Path of the socket's file (`unix`), the name in memory (`memory`), or what follows the slash behind the host, as it
   * was written: a path of a web server, a topic, a routing key.
   */
  readonly path?: string;
  /** True if the connection is encrypted (`wss`, `mqtts`, `amqps`); only the transports that connect have it. */
  readonly isSecure?: boolean;
  /** Name and password that the other end asks for, which are no part of the text (`mqtt`, `amqp`). */
  readonly credentials?: { readonly user?: string | undefined; readonly password?: string | undefined };
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

/** Address of a transport that connects: `ws`, `mqtt` or `amqp`. */
export interface ConnectionAddress extends Address {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly isSecure: boolean;
}

/** A scheme of addresses of a transport that connects. */
interface ConnectionScheme {
  readonly transport: TransportName;
  readonly isSecure: boolean;
  /** The port of addresses without one, as its registration with IANA says. */
  readonly defaultPort: number;
  /** Form of the addresses behind the scheme, for messages. */
  readonly form: string;
}

const connectionSchemes: Readonly<Record<string, ConnectionScheme>> = {
  ws: { transport: "ws", isSecure: false, defaultPort: 80, form: "HOST:PORT/NODE" },
  wss: { transport: "ws", isSecure: true, defaultPort: 443, form: "HOST:PORT/NODE" },
  mqtt: { transport: "mqtt", isSecure: false, defaultPort: 1883, form: "HOST:PORT/TOPIC" },
  mqtts: { transport: "mqtt", isSecure: true, defaultPort: 8883, form: "HOST:PORT/TOPIC" },
  amqp: { transport: "amqp", isSecure: false, defaultPort: 5672, form: "HOST:PORT/KEY" },
  amqps: { transport: "amqp", isSecure: true, defaultPort: 5671, form: "HOST:PORT/KEY" },
};

/** The longest path that fits into the system's address structure (`sockaddr_un`), in bytes. */
const maximumPathLength = 107;

/** Names of all transports. */
export const transportNames: readonly TransportName[] = ["udp", "unix", "memory", "ws", "mqtt", "amqp"];

/** Schemes of encrypted connections. */
export const secureSchemes: readonly string[] = Object.keys(connectionSchemes)
  .filter((scheme) => connectionSchemes[scheme]?.isSecure);

/** Returns whether a transport makes connections. */
export function isConnecting(name: TransportName): boolean {
  return Object.values(connectionSchemes).some(({ transport }) => transport === name);
}

/** Beginnings of the addresses that lead out of the process. */
export const addressPrefixes: readonly string[] = [
  "udp://",
  "unix:",
  ...Object.keys(connectionSchemes).map((scheme) => `${scheme}://`),
];

/**
 * Parses an address.
 *
 * @param text Text such as `udp://127.0.0.1:12000`, `udp://[::1]:12001`, `udp://*:12001` (any address of this machine),
 * `unix:/run/a.sock`, `memory:name`, `ws://HOST:PORT/NODE`, `mqtt://HOST/TOPIC`, `amqp://HOST/KEY`, or `HOST:PORT` as
 * VILLASnode writes it
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
  if (text.startsWith("unix:") && text.length > "unix:".length) return parseUnixAddress(text);
  if (text.startsWith("memory:") && text.length > "memory:".length) return parseMemoryAddress(text);
  const [, scheme = ""] = /^([a-z][a-z0-9.+-]*):\/\//.exec(text) ?? [];
  if (Object.hasOwn(connectionSchemes, scheme)) return parseConnectionAddress(text);
  // "udp:12000" is port 12000 of a machine of that name.
  if (scheme === "udp" || /^[^/]*:\d+$/.test(text)) return parseUdpAddress(text);
  throw new SyntaxError(
    `Cannot find the transport of "${withoutUser(text)}": expected ${describeAddresses()} or "memory:NAME"`,
  );
}

/** Lists the forms of addresses that lead out of the process, for messages. */
export function describeAddresses(): string {
  const forms = Object.entries(connectionSchemes).filter(([, { isSecure }]) => !isSecure)
    .map(([scheme, { form }]) => `"${scheme}://${form}"`);
  return ['"udp://HOST:PORT"', '"unix:PATH"', ...forms].join(", ");
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
  return `udp://${authorityOf({ host, port })}`;
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

/**
 * Parses `SCHEME://HOST[:PORT][/PATH]` of a transport that connects. The path is taken as it is: a topic of MQTT may
 * have `#` and `?`, which are no marks of a URL there.
 *
 * A user and a password are refused, because an address is shown in messages, and by the system to everybody who lists
 * the processes.
 *
 * @throws {SyntaxError} If the text is not such an address
 */
function parseConnectionAddress(text: string): ConnectionAddress {
  const [, name = "", rest = ""] = /^([^:]*):\/\/(.*)$/s.exec(text) ?? [];
  const scheme = connectionSchemes[name];
  const [, ipv6, zone, host, digits, path = ""] =
    /^(?:\[([^\]%]+)(%[^\]%]+)?\]|([^[\]/:@\s]+))(?::(\d{1,5}))?(?:\/(.*))?$/s.exec(rest) ?? [];
  const port = digits === undefined ? scheme?.defaultPort ?? 0 : Number(digits);
  const isHost = ipv6 === undefined ? host !== undefined : isIPv6(ipv6);
  if (scheme === undefined || !isHost || port > 65_535) {
    if (rest.includes("@")) {
      throw new SyntaxError(
        `Cannot use "${withoutUser(text)}" as an address: it holds a user or a password, which belong into the ` +
          "environment variables VILLAS_USER and VILLAS_PASSWORD",
      );
    }
    throw new SyntaxError(
      `Cannot parse "${text}" as an address of ${name}: expected "${name}://${scheme?.form}", with a port from 0 to 65535`,
    );
  }
  const shownHost = ipv6 === undefined ? host ?? "" : canonicalIPv6(ipv6) + (zone ?? "");
  const { transport, isSecure, defaultPort } = scheme;
  const authority = authorityOf({ host: shownHost, port });
  const shown = port === defaultPort ? authority.slice(0, authority.lastIndexOf(":")) : authority;
  return { transport, host: shownHost, port, path, isSecure, text: `${name}://${shown}/${path}` };
}

/** Writes a host and a port, as URLs have them. */
export function authorityOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Returns an address of a transport that connects, parsed unless it is already. */
export function toConnectionAddress(address: string | Address, transport: TransportName): ConnectionAddress {
  const parsed = typeof address === "string" ? parseAddress(address) : address;
  const { host, port, path, isSecure } = parsed;
  const isComplete = host !== undefined && port !== undefined && path !== undefined && isSecure !== undefined;
  if (parsed.transport !== transport || !isComplete) throw otherTransport(parsed, transport);
  return { ...parsed, host, port, path, isSecure };
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
