/**
 * The transport `memory`: datagrams between two ends in one process, for the tests of programs that use this package.
 *
 * @module
 */

import { toMemoryAddress } from "./address.ts";
import { checkLengths, maximumUdpLength, noRemote } from "./send.ts";
import type { ReadyOptions, Transport, TransportOptions } from "./transport.ts";

/** How many datagrams wait for a receiver; what comes on top of that is dropped, as a socket does. */
const queueLength = 1024;

interface Endpoint {
  deliver(datagram: Uint8Array, from: string): void;
}

const endpoints = new Map<string, Endpoint>();
let unnamed = 0;

/**
 * Opens an end in memory. It behaves as a UDP socket does, except that nothing leaves the process and no flag or
 * permission is needed.
 *
 * @param options Addresses such as `memory:client`; a name of its own is the default of `local`
 * @returns The open transport
 * @throws {Deno.errors.AddrInUse} If another end has the local address
 * @throws {SyntaxError} If an address cannot be read
 * @throws {TypeError} If a multicast group is asked for
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openMemory } from "@villas/client/transports";
 *
 * using a = await openMemory({ local: "memory:a", remote: "memory:b" });
 * using b = await openMemory({ local: "memory:b", remote: "memory:a" });
 * await a.send([new Uint8Array([1, 2, 3])]);
 * assertEquals(await b.receive(), [new Uint8Array([1, 2, 3])]);
 * ```
 */
// deno-lint-ignore require-await -- errors become rejections, as those of the other transports
export async function openMemory(options: TransportOptions = {}): Promise<Transport> {
  const { anySource = false, onIgnored } = options;
  const local = toMemoryAddress(options.local ?? `memory:unnamed-${++unnamed}`).text;
  let remote = options.remote === undefined ? undefined : toMemoryAddress(options.remote).text;
  if (options.multicast !== undefined) throw new TypeError("Cannot join a multicast group in memory");
  if (endpoints.has(local)) throw new Deno.errors.AddrInUse(`Cannot open ${local}: the address is in use`);
  const queue: { datagram: Uint8Array; from: string }[] = [];
  let ignored = 0;
  let dropped = 0;
  let closed = false;
  let wake = () => {};

  endpoints.set(local, {
    deliver(datagram, from) {
      if (queue.length < queueLength) queue.push({ datagram: datagram.slice(), from });
      else dropped++;
      wake();
    },
  });

  /** The next datagrams from the remote; none where the queue has none. */
  function take(limit: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    while (taken.length < limit) {
      const next = queue.shift();
      if (next === undefined) break;
      const { datagram, from } = next;
      if (anySource || remote === undefined || from === remote) {
        taken.push(datagram);
      } else {
        ignored++;
        onIgnored?.(from);
      }
    }
    return taken;
  }

  const transport: Transport = {
    local,
    get remote() {
      return remote;
    },
    maximumLength: maximumUdpLength,
    get ignored() {
      return ignored;
    },
    async receive(limit = Infinity) {
      for (;;) {
        const taken = closed ? [] : take(limit);
        // An onIgnored() may have closed the transport.
        if (closed || taken.length > 0) return closed ? [] : taken;
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
    async send(datagrams) {
      if (remote === undefined) throw noRemote(local);
      checkLengths(datagrams, maximumUdpLength, remote);
      const to = remote; // of the whole batch, whatever is set meanwhile
      await Promise.resolve(); // a receiver runs between two sends, as with a socket
      if (closed) return 0;
      for (const datagram of datagrams) endpoints.get(to)?.deliver(datagram, local);
      return datagrams.length;
    },
    // deno-lint-ignore require-await -- errors become rejections, as those of the other transports
    async setRemote(address) {
      remote = toMemoryAddress(address).text;
    },
    // deno-lint-ignore require-await -- a reason to end becomes a rejection
    async ready({ signal }: ReadyOptions = {}) {
      signal?.throwIfAborted();
    },
    countKernelDrops: () => dropped,
    close() {
      if (closed) return;
      closed = true;
      endpoints.delete(local);
      wake();
    },
    [Symbol.dispose]() {
      transport.close();
    },
  };
  return transport;
}
