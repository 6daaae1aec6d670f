/**
 * What a client sends: samples become datagrams in memory that is used again, and go to the transport in batches.
 *
 * @module
 */

import type { SentCounters } from "./counters.ts";
import type { Format } from "../formats/format.ts";
import type { Guard } from "./guard.ts";
import type { Sample } from "../samples/sample.ts";
import { noRemote, tooLong } from "../transports/send.ts";
import type { Transport } from "../transports/transport.ts";

/** Memory for the datagrams of one batch; what does not fit gets memory of its own. */
const arenaLength = 262_144;

/** Datagrams that go to the system at once. */
interface Batch {
  readonly arena: Uint8Array;
  /** Where the first datagram goes, which is the only one most of the time. */
  readonly start: Uint8Array;
  /** How much of the arena is taken. */
  used: number;
  datagrams: Uint8Array[];
  /** How many samples each of the datagrams holds. */
  samples: number[];
}

/** Turns samples into datagrams. */
export interface Encoder {
  /** The format of the datagrams. */
  readonly format: Format;
  /** Refuses what the receiver would not survive; everything is sent without it. */
  readonly guard?: Guard | undefined;
  /** Gives samples the sequence numbers that the format needs. */
  readonly number?: ((samples: readonly Sample[]) => readonly Sample[]) | undefined;
}

/** Sends samples; what the functions promise is said at the `Client` of `client.ts`. */
export interface Outgoing {
  /** What was sent so far; the counters go on changing. */
  readonly counters: Readonly<SentCounters>;
  /** Prepares a datagram. */
  enqueue(samples: readonly Sample[], encoder: Encoder): void;
  /** Sends the datagrams that are prepared. */
  flush(): Promise<void>;
}

/**
 * Makes what sends.
 *
 * @param transport Where to
 */
export function createOutgoing(transport: Transport): Outgoing {
  const { maximumLength } = transport;
  const counters: SentCounters = { datagrams: 0, bytes: 0, samples: 0, undelivered: 0, refused: 0 };
  // One batch is filled while the other one is sent.
  let filling = createBatch(transport);
  let sending = createBatch(transport);
  /** Whether a flush is going on, or one is about to begin. */
  let isFlushing = false;
  /** The flush that begins when that one has ended; it takes all that is prepared until then. */
  let next: { begin: () => void; flushed: Promise<void> } | undefined;

  function encode(samples: readonly Sample[], { format, guard }: Encoder): Uint8Array {
    guard?.(samples);
    const { arena, used, start } = filling;
    if (arena.length - used >= maximumLength) {
      try {
        const room = used === 0 ? start : arena.subarray(used, used + maximumLength);
        const length = format.encodeInto(samples, room);
        filling.used += length;
        return arena.subarray(used, used + length);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        // The datagram is too long; how long, shows where there is room for it.
      }
    }
    const datagram = format.encode(samples);
    if (datagram.length > maximumLength) throw tooLong(datagram.length, maximumLength, transport.remote ?? "");
    return datagram;
  }

  function transmit(): Promise<void> {
    isFlushing = true;
    const batch = filling;
    filling = sending;
    sending = batch;
    const { datagrams } = batch;
    return (datagrams.length === 0 ? Promise.resolve(0) : transport.send(datagrams)).then(settle, abandon);
  }

  /** Ends a flush of which so many datagrams were taken. */
  function settle(taken: number): void {
    const { datagrams, samples } = sending;
    counters.datagrams += taken;
    counters.undelivered += datagrams.length - taken;
    for (let index = 0; index < taken; index++) {
      counters.bytes += datagrams[index]?.length ?? 0;
      counters.samples += samples[index] ?? 0;
    }
    clear();
  }

  /** Ends a flush that has failed. */
  function abandon(error: unknown): void {
    clear();
    throw error;
  }

  function clear(): void {
    sending.used = 0;
    sending.datagrams = [];
    sending.samples = [];
    if (next === undefined) isFlushing = false;
    else next.begin();
    next = undefined;
  }

  /** Makes a flush that begins later. */
  function prepareFlush() {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { begin: resolve, flushed: promise.then(transmit) };
  }

  return {
    counters,
    enqueue(samples, encoder) {
      if (transport.remote === undefined) throw noRemote(transport.local);
      if (samples.length === 0) return;
      try {
        filling.datagrams.push(encode(encoder.number?.(samples) ?? samples, encoder));
        filling.samples.push(samples.length);
      } catch (error) {
        counters.refused++;
        throw error;
      }
    },
    flush() {
      // Most of the time nothing is on its way, and this begins at once.
      if (!isFlushing) return transmit();
      next ??= prepareFlush();
      return next.flushed;
    },
  };
}

function createBatch({ maximumLength }: Transport): Batch {
  const arena = new Uint8Array(Math.max(arenaLength, 2 * maximumLength));
  return { arena, start: arena.subarray(0, maximumLength), used: 0, datagrams: [], samples: [] };
}
