/**
 * The transport `memory`: datagrams between two ends in one process, for the tests of programs that use this package.
 *
 * @module
 */

import { type Address, toMemoryAddress } from "./address.ts";
import { checkLimit, Turns } from "./receiving.ts";
import { checkLengths, maximumUdpLength, noRemote } from "./sending.ts";
import type { DatagramTransport, ReadyOptions, TransportOptions, TransportStats } from "./transport.ts";

/** Length of the queue of a receiver, in datagrams; more are dropped, as a socket does. */
const queueLength = 1024;

const endpoints = new Map<string, MemoryTransport>();
let unnamed = 0;

/**
 * Opens an end in memory. It behaves like a UDP socket, except that nothing leaves the process and no flag or permission is
 * needed.
 *
 * @param options Addresses such as `memory:client`; the default of `local` is a name that nobody else has
 * @returns The open transport
 * @throws {Deno.errors.AddrInUse} If another end has the local address
 * @throws {SyntaxError} If an address cannot be parsed
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
export async function openMemory(options: TransportOptions = {}): Promise<DatagramTransport> {
  const local = toMemoryAddress(options.local ?? `memory:unnamed-${++unnamed}`).text;
  const transport = new MemoryTransport(local, options);
  if (endpoints.has(local)) throw new Deno.errors.AddrInUse(`Cannot open ${local}: the address is in use`);
  endpoints.set(local, transport);
  return transport;
}

class MemoryTransport implements DatagramTransport {
  readonly local: string;
  readonly maximumLength = maximumUdpLength;
  readonly closed: Promise<undefined>;
  readonly #anySource: boolean;
  readonly #onIgnored: TransportOptions["onIgnored"];
  readonly #queue: { datagram: Uint8Array; from: string }[] = [];
  readonly #turns = new Turns();
  readonly #resolveClosed: () => void;
  #remote: string | undefined;
  #ignored = 0;
  #dropped = 0;
  #isClosed = false;
  /** Where the datagrams came from that receive() returned last. */
  readonly #sources: string[] = [];
  /** Ends the wait of a receiver. */
  #wake = () => {};

  constructor(local: string, { remote, anySource = false, onIgnored }: TransportOptions) {
    this.local = local;
    this.#anySource = anySource;
    this.#onIgnored = onIgnored;
    this.#remote = remote === undefined ? undefined : toMemoryAddress(remote).text;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.closed = promise;
    this.#resolveClosed = () => resolve(undefined);
  }

  get remote(): string | undefined {
    return this.#remote;
  }

  async receive(limit = Infinity): Promise<readonly Uint8Array[]> {
    checkLimit(limit);
    if (!this.#turns.take()) await this.#turns.wait();
    try {
      while (!this.#isClosed) {
        const taken = this.#take(limit);
        // An onIgnored() may have closed the transport.
        if (taken.length > 0) return this.#isClosed ? [] : taken;
        if (!this.#isClosed) await new Promise<void>((resolve) => this.#wake = resolve);
      }
      return [];
    } finally {
      this.#turns.pass();
    }
  }

  sourceOf(index: number): string | undefined {
    return this.#sources[index];
  }

  /** Takes the next datagrams from the remote; none where the queue has none. */
  #take(limit: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    this.#sources.length = 0;
    while (taken.length < limit) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      const { datagram, from } = next;
      if (this.#anySource || this.#remote === undefined || from === this.#remote) {
        taken.push(datagram);
        this.#sources.push(from);
      } else {
        this.#ignored++;
        this.#onIgnored?.(from);
      }
    }
    return taken;
  }

  async send(datagrams: readonly Uint8Array[]): Promise<number> {
    const remote = this.#remote; // of the whole batch, whatever is set meanwhile
    if (remote === undefined) throw noRemote(this.local);
    checkLengths(datagrams, maximumUdpLength, remote);
    await Promise.resolve(); // a receiver runs between two sends, as with a socket
    if (this.#isClosed) return 0;
    const peer = endpoints.get(remote);
    if (peer !== undefined) { for (const datagram of datagrams) peer.#deliver(datagram, this.local); }
    return datagrams.length;
  }

  #deliver(datagram: Uint8Array, from: string): void {
    if (this.#queue.length < queueLength) this.#queue.push({ datagram: datagram.slice(), from });
    else this.#dropped++;
    this.#wake();
  }

  // deno-lint-ignore require-await -- errors become rejections, as those of the other transports
  async setRemote(address: string | Address): Promise<void> {
    this.#remote = toMemoryAddress(address).text;
  }

  // deno-lint-ignore require-await -- a reason to end becomes a rejection
  async ready({ signal }: ReadyOptions = {}): Promise<void> {
    signal?.throwIfAborted();
  }

  stats(): TransportStats {
    return { ignored: this.#ignored, kernelDrops: this.#dropped, receiveBuffer: undefined };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    endpoints.delete(this.local);
    this.#wake();
    this.#resolveClosed();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
