/**
 * The two ends of a UDP connection: host names looked up, matched with each other, and formatted.
 *
 * @module
 */

import { formatUdpAddress, type UdpAddress } from "../address.ts";
import { canonicalIPv6, isIPv4, isIPv6, removeZone, unmapIPv4 } from "./ip.ts";

/** One end of a UDP connection, with its host looked up. */
export interface Endpoint {
  /** An IP address in its canonical form; that of an IPv6 link may have a zone, such as `%eth0`. */
  hostname: string;
  /** Port, 0 to 65535. */
  port: number;
}

/** Local endpoints of VILLASnode's Python client; the second is for a remote with an IPv6 address. */
const defaultLocals = [{ hostname: "0.0.0.0", port: 12_001 }, { hostname: "::", port: 12_001 }];

/**
 * Looks up the hosts to receive on and to send to.
 *
 * Host names are looked up once and here: Deno's `send` would look them up for each datagram. Of several IP addresses of a
 * name, one that fits the other end is taken, IPv4 first, as in VILLASnode.
 *
 * @throws {TypeError} If nothing can be sent from one to the other
 * @throws {Deno.errors.NotFound} If a host name cannot be found
 */
export async function resolveEndpoints(
  localAddress: UdpAddress | undefined,
  remoteAddress: UdpAddress | undefined,
): Promise<{ local: Endpoint; remote: Endpoint | undefined }> {
  const locals = localAddress === undefined ? defaultLocals : await lookUp(localAddress);
  const [firstLocal] = locals;
  if (firstLocal === undefined) throw noAddress(localAddress?.text ?? "");
  if (remoteAddress === undefined) return { local: firstLocal, remote: undefined };
  const remotes = await lookUpRemote(remoteAddress);
  for (const remote of remotes) {
    const local = locals.find((endpoint) => canSend(endpoint, remote));
    if (local !== undefined) return { local, remote };
  }
  throw otherFamily(firstLocal, remotes[0] ?? firstLocal);
}

/**
 * Looks up a host to send to from an open socket.
 *
 * @throws As {@linkcode resolveEndpoints}
 */
export async function resolveRemote(address: UdpAddress, local: Endpoint): Promise<Endpoint> {
  const remotes = await lookUpRemote(address);
  const remote = remotes.find((endpoint) => canSend(local, endpoint));
  if (remote === undefined) throw otherFamily(local, remotes[0] ?? local);
  return remote;
}

/** Formats an endpoint as `udp://HOST:PORT`. */
export function formatEndpoint({ hostname, port }: Endpoint): string {
  return formatUdpAddress(unmapIPv4(hostname), port);
}

/** Returns whether a datagram from one endpoint is from the other one. */
export function isSameEndpoint(from: Endpoint, remote: Endpoint): boolean {
  return from.port === remote.port &&
    (from.hostname === remote.hostname || unmapIPv4(from.hostname) === removeZone(remote.hostname));
}

/** Looks up all IP addresses of a host, those of IPv4 first. */
async function lookUp({ host, port }: UdpAddress): Promise<Endpoint[]> {
  if (host === "*") return [{ hostname: "0.0.0.0", port }, { hostname: "::", port }];
  if (isIPv4(host) || host.includes(":")) return [{ hostname: host, port }];
  try {
    // Only names need this module, and it takes 25 ms to load.
    const { lookup } = await import("node:dns/promises");
    const found = await lookup(host, { all: true });
    return found.sort((a, b) => a.family - b.family).map(({ address, family }) => ({
      hostname: family === 6 && isIPv6(address) ? canonicalIPv6(address) : address,
      port,
    }));
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === "EPERM") {
      throw new Deno.errors.NotCapable(
        `Cannot look up host ${host}: it needs the permission --allow-net=${host}, without a port`,
        { cause: error },
      );
    }
    const reason = code === "ENOTFOUND" ? "there is no such name" : message;
    throw new Deno.errors.NotFound(`Cannot find host ${host}: ${reason}`, { cause: error });
  }
}

async function lookUpRemote(address: UdpAddress): Promise<Endpoint[]> {
  const endpoints = await lookUp(address);
  const [first] = endpoints;
  if (first === undefined) throw noAddress(address.text);
  if (first.port === 0) throw new TypeError(`Cannot send to ${formatEndpoint(first)}: the port must not be 0`);
  if (first.hostname === "0.0.0.0" || first.hostname === "::") {
    throw new TypeError(`Cannot send to ${formatEndpoint(first)}: it stands for any address`);
  }
  return endpoints;
}

/** Returns whether a socket can send to an endpoint: one of any IPv6 address speaks IPv4 too. */
function canSend(local: Endpoint, remote: Endpoint): boolean {
  return isIPv4(local.hostname) === isIPv4(remote.hostname) || local.hostname === "::";
}

function otherFamily(local: Endpoint, remote: Endpoint): TypeError {
  return new TypeError(
    `Cannot send from ${formatEndpoint(local)} to ${formatEndpoint(remote)}: ` +
      `one is an IPv4 address, the other an IPv6 address`,
  );
}

function noAddress(text: string): Error {
  return new Deno.errors.NotFound(`Cannot find host ${text}: it has no address`);
}
