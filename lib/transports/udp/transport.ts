/**
 * The open UDP socket, whether its datagrams go one by one or in batches.
 *
 * @module
 */

import { listenDatagram } from "../_listen.ts";
import { type Address, toUdpAddress } from "../address.ts";
import { checkLimit, copyDatagrams, Turns } from "../receiving.ts";
import { createSender, maximumUdpLength, noRemote } from "../sending.ts";
import type { DatagramTransport, ReadyOptions, Transport, TransportOptions, TransportStats } from "../transport.ts";
import { createBuffers, DatagramBatchReader } from "./batch_reader.ts";
import { type Endpoint, formatEndpoint, isSameEndpoint, resolveRemote } from "./endpoint.ts";
import { isGroup } from "./ip.ts";
import type { MulticastOptions } from "./multicast.ts";
import type { BusyPoller, Pollable } from "./busy_poller.ts";
import type { NativeBatches, SockAddr } from "./native_batches.ts";

/** A buffer as long as any datagram: a shorter one would cut datagrams without a word. */
const receiveBufferLength = 65_536;

/** Number of datagrams that are taken in a row from Deno before they are handed over. */
const burstLength = 32;

/** Number of batches that are taken in a row past Deno, whose own calls let timers and signals have their turn. */
const batchesInRow = 16;

/**
 * A limit of datagrams that no batch reaches. A poll passes it on some hundred thousand times a second: a small integer takes
 * no memory then, and infinity would.
 */
const largestLimit = 2 ** 30;

/** Opens the socket. */
export function listenUdp(local: Endpoint, multicast: MulticastOptions | undefined): Deno.DatagramConn {
  return listenDatagram({
    transport: "udp",
    ...local,
    // Several receivers of one group on one machine share its port.
    reuseAddress: multicast !== undefined,
    // Deno switches this off, and the system on: who sends to a group without being in it should reach this machine.
    loopback: multicast === undefined || multicast.loop === true,
  }, formatEndpoint(local));
}

/** The way to the remote and the source to receive from. */
interface Route {
  readonly remote: string;
  readonly send: Transport["send"];
  readonly sendNow: ((datagrams: readonly Uint8Array[]) => number) | undefined;
  /** The remote in the system's form, for batches. */
  readonly sockAddr: SockAddr | undefined;
  /** The only source to receive from; undefined for all. */
  readonly source: Endpoint | undefined;
}

/** Parts of the socket that not every one has, and that only those load which do. */
export interface UdpParts {
  /** The way past Deno. */
  readonly batches?: NativeBatches | undefined;
  /** Creates what polls instead of waiting; only where there is a way past Deno. */
  readonly createPoller?: ((source: Pollable) => BusyPoller) | undefined;
  /** Counts what the kernel dropped, where the way past Deno does not. */
  readonly countDrops?: ((bound: Endpoint) => number | undefined) | undefined;
}

/** The open socket. */
export class UdpTransport implements DatagramTransport {
  readonly local: string;
  readonly maximumLength = maximumUdpLength;
  readonly closed: Promise<undefined>;
  readonly #resolveClosed: (reason: undefined) => void;
  readonly #conn: Deno.DatagramConn;
  readonly #bound: Deno.NetAddr;
  readonly #anySource: boolean;
  readonly #onIgnored: TransportOptions["onIgnored"];
  readonly #batches: NativeBatches | undefined;
  readonly #dropTable: UdpParts["countDrops"];
  readonly #reader: DatagramBatchReader;
  readonly #poller: BusyPoller | undefined;
  readonly #turns = new Turns();
  /**
   * The list that receive() returns: the first {@linkcode #count} of it, until it is cut to them. A list that is emptied
   * loses its memory, and one that is overwritten does not.
   */
  readonly #received: Uint8Array[] = [];
  /** Where they came from, or where their batch has it. */
  readonly #sources: (Endpoint | number)[] = [];
  #count = 0;
  #route: Route | undefined;
  #takenInRow = 0;
  /** The largest number of datagrams that the call of receive() in its turn takes. */
  #limit = largestLimit;
  /** What deals with datagrams in the turn of a poll. */
  #handle: ((datagrams: readonly Uint8Array[]) => boolean) | undefined;
  #ignored = 0;
  #isClosed = false;
  #hasNoRoute = false;
  #finalDrops: number | undefined;

  /**
   * Creates the transport of a socket that nobody else receives from.
   *
   * @param conn The socket
   * @param remote The remote, if there is one
   * @param options What to receive
   * @param parts What there is besides
   */
  constructor(
    conn: Deno.DatagramConn,
    remote: Endpoint | undefined,
    { anySource = false, onIgnored }: TransportOptions,
    { batches, createPoller, countDrops }: UdpParts = {},
  ) {
    this.#conn = conn;
    this.#bound = conn.addr as Deno.NetAddr;
    this.#anySource = anySource;
    this.#onIgnored = onIgnored;
    this.#batches = batches;
    this.#dropTable = countDrops;
    this.#reader = new DatagramBatchReader(
      conn,
      batches ? [batches.buffer] : createBuffers(burstLength, receiveBufferLength),
    );
    this.#poller = createPoller?.({ take: () => this.#takeBatch(this.#limit, true), isClosed: () => this.#isClosed });
    this.local = formatEndpoint(this.#bound);
    ({ promise: this.closed, resolve: this.#resolveClosed } = Promise.withResolvers<undefined>());
    if (remote !== undefined) this.#route = this.#createRoute(remote);
  }

  get remote(): string | undefined {
    return this.#route?.remote;
  }

  async receive(
    limit = Infinity,
    handle?: (datagrams: readonly Uint8Array[]) => boolean,
  ): Promise<readonly Uint8Array[]> {
    checkLimit(limit);
    if (!this.#turns.take()) await this.#turns.wait();
    this.#count = 0;
    this.#limit = Math.min(limit, largestLimit);
    this.#handle = handle;
    try {
      while (!this.#isClosed && this.#count === 0) {
        if (this.#poller === undefined ? this.#takeInRow() : await this.#poller.poll(this.#handlePolled)) continue;
        try {
          for (const [datagram, from] of await this.#reader.read(limit)) {
            this.#take(datagram, from as Deno.NetAddr);
          }
        } catch (error) {
          // Windows reports here that an earlier datagram found no receiver.
          if (!this.#isClosed && !(error instanceof Deno.errors.ConnectionReset)) throw error;
        }
        this.#takeBatch(limit); // what came with it
        this.#poller?.resume();
      }
      if (this.#isClosed) this.#count = 0;
      const received = this.#listReceived();
      return this.#turns.isAwaited ? copyDatagrams(received) : received;
    } finally {
      this.#turns.pass();
    }
  }

  /** Hands datagrams over in the turn of the poll; returns whether they are dealt with. */
  readonly #handlePolled = (): boolean => {
    // Nobody may keep a call that waits for its turn from it.
    if (this.#handle === undefined || this.#turns.isAwaited || !this.#handle(this.#listReceived())) return false;
    this.#count = 0;
    return true;
  };

  /** Returns the list of what was received. */
  #listReceived(): readonly Uint8Array[] {
    const received = this.#received;
    if (received.length !== this.#count) received.length = this.#count;
    return received;
  }

  /** Takes datagrams that are there, as long as it is not time for the rest of the program; returns whether there were any. */
  #takeInRow(): boolean {
    if (++this.#takenInRow <= batchesInRow && this.#takeBatch(this.#limit)) return true;
    this.#takenInRow = 0;
    return false;
  }

  #take(datagram: Uint8Array, from: Endpoint): void {
    const source = this.#route?.source;
    if (source === undefined || isSameEndpoint(from, source)) {
      this.#received[this.#count] = datagram;
      this.#sources[this.#count] = from;
      this.#count++;
    } else {
      this.#ignore(from);
    }
  }

  /** Takes datagrams that are there, without waiting, until there are `limit`; returns whether there were any. */
  #takeBatch(limit: number, isPolling = false): boolean {
    const room = limit - this.#count;
    if (this.#batches === undefined || this.#isClosed || room <= 0) return false;
    const source = this.#route?.source === undefined ? undefined : this.#route.sockAddr;
    const end = this.#batches.receive(
      this.#received,
      this.#sources,
      this.#count,
      room,
      source,
      this.#ignore,
      isPolling,
    );
    if (end < 0) return false;
    this.#count = end;
    return true;
  }

  sourceOf(index: number): string | undefined {
    const source = this.#sources[index];
    const from = typeof source === "number" ? this.#batches?.sourceOf(source) : source;
    return from && formatEndpoint(from);
  }

  readonly #ignore = (from: Endpoint): void => {
    this.#ignored++;
    this.#onIgnored?.(formatEndpoint(from));
  };

  send(datagrams: readonly Uint8Array[]): Promise<number> {
    // The route is that of the whole batch, whatever is set meanwhile.
    return this.#route === undefined ? Promise.reject(noRemote(this.local)) : this.#route.send(datagrams);
  }

  sendNow(datagrams: readonly Uint8Array[]): number {
    return this.#route?.sendNow?.(datagrams) ?? 0;
  }

  #createRoute(endpoint: Endpoint): Route {
    const conn = this.#conn;
    const batches = this.#batches;
    const remote = formatEndpoint(endpoint);
    const destination: Deno.NetAddr = { transport: "udp", ...endpoint };
    const sockAddr = batches?.sockAddrFor(endpoint);
    const sendMany = batches && sockAddr &&
      ((datagrams: readonly Uint8Array[], start = 0) => this.#isClosed ? 0 : batches.send(datagrams, start, sockAddr));
    const send = createSender({
      remote,
      maximumLength: maximumUdpLength,
      sendOne: (datagram) => conn.send(datagram, destination),
      sendMany,
      isClosed: () => this.#isClosed,
      onNoRoute: () => this.#hasNoRoute = true,
    });
    const source = this.#anySource || isGroup(endpoint.hostname) ? undefined : endpoint;
    // Where several links share a process and wait, each gets more datagrams at once when the others have their turn first.
    const sendNow = this.#poller && sendMany;
    return { remote, send, sendNow, sockAddr, source };
  }

  async setRemote(address: string | Address): Promise<void> {
    this.#route = this.#createRoute(await resolveRemote(toUdpAddress(address), this.#bound));
  }

  // deno-lint-ignore require-await -- a reason to end becomes a rejection
  async ready({ signal }: ReadyOptions = {}): Promise<void> {
    signal?.throwIfAborted();
  }

  stats(): TransportStats {
    const kernelDrops = () => this.#isClosed ? this.#finalDrops : this.#countDrops();
    return {
      ignored: this.#ignored,
      hasNoRoute: this.#hasNoRoute,
      receiveBuffer: this.#batches?.receiveBuffer,
      get kernelDrops() {
        return kernelDrops();
      },
    };
  }

  #countDrops(): number | undefined {
    return this.#dropTable === undefined ? this.#batches?.countDrops() : this.#dropTable(this.#bound);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#finalDrops = this.#countDrops();
    this.#isClosed = true;
    this.#conn.close();
    this.#resolveClosed(undefined);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
