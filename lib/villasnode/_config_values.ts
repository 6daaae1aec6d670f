/**
 * Values of VILLASnode's configuration that several readers of it need.
 *
 * @module
 */

import type { ConfigGroup, ConfigValue } from "./libconfig.ts";

/**
 * Takes a value as a group of settings.
 *
 * @param value The value; a missing one is an empty group
 * @param what What it is, for the message
 * @throws {TypeError} If it is something else
 */
export function asGroup(value: ConfigValue | undefined, what: string): ConfigGroup {
  if (value === undefined) return {};
  // JSON has null, which no setting takes.
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new TypeError(`Cannot take ${what} as a group of settings: it is ${JSON.stringify(value)}`);
}

/**
 * Tells whether a host is the IPv4 address of a multicast group.
 *
 * @see RFC 5771
 */
export function isMulticast(host: string): boolean {
  return /^(22[4-9]|23\d)\./.test(host);
}
