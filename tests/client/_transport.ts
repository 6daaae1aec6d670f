/**
 * Transports that behave otherwise than they do, for tests of what is built on them.
 *
 * @module
 */

import type { DatagramTransport } from "@villas/client/transports";

/** Replaces methods of a transport. */
export function overlay(transport: DatagramTransport, methods: Partial<DatagramTransport>): DatagramTransport {
  return new Proxy(transport, {
    get(target, key) {
      const own: unknown = Reflect.get(methods, key);
      const value: unknown = own ?? Reflect.get(target, key, target);
      return own === undefined && typeof value === "function" ? value.bind(target) : value;
    },
  });
}
