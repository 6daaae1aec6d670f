/**
 * Addresses on the command line: parsed once, where they enter.
 *
 * @module
 */

import type { Description, Option } from "../../terminal/option.ts";
import { type Address, addressPrefixes, describeAddresses, parseAddress } from "../../transports/address.ts";

/** Declares an option that takes an address; a port alone is one of this machine. */
export function address(description: Description): Option<Address | undefined> {
  return addressAt("127.0.0.1", description);
}

/** Declares an option that takes an address to receive on; a port alone is one on all interfaces. */
export function localAddress(description: Description): Option<Address | undefined> {
  return addressAt("0.0.0.0", description);
}

function addressAt(host: string, description: Description): Option<Address | undefined> {
  return {
    ...description,
    value: "ADDRESS",
    completes: { prefixes: addressPrefixes },
    default: undefined,
    parse: (given) => parseReachable(/^\d+$/.test(given) ? `${host}:${given}` : given),
  };
}

/** Parses an address that leads out of this process. */
function parseReachable(text: string): Address {
  const isKnown = addressPrefixes.some((prefix) => text.startsWith(prefix)) || /^[^/]*:\d+$/.test(text);
  if (!isKnown || text.startsWith("memory:")) throw new SyntaxError(`expected ${describeAddresses()} or a port`);
  return parseAddress(text);
}

/** Returns an address with a free port to send to a remote from; undefined for a transport without ports. */
export function freeLocal({ transport, text }: Address): Address | undefined {
  if (transport !== "udp") return undefined;
  if (text.includes("[")) return parseAddress("udp://[::]:0");
  // A name may have only an IPv6 address: the lookup decides.
  return { transport, host: "*", port: 0, text: "udp://*:0" };
}

/** Returns the address at which a client on this machine is reached: on the loopback if it receives on all interfaces. */
export function reachableAddress(local: string): string {
  return local.replace(/^(udp:\/\/)?(0\.0\.0\.0|\*)(?=:)/, "$1127.0.0.1").replace("[::]", "[::1]");
}
