/**
 * Sends the samples of a replay: into datagrams, with the numbers and times that the receiver is to see.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { EncodeError } from "../formats/errors.ts";
import { UnfitSampleError } from "../client/guard.ts";
import type { ReplayStep } from "./replay.ts";
import type { Sample } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";

/** What to send of the samples. */
export interface SendOptions {
  /** Samples a datagram; the last datagram may have fewer. Default 1. */
  vectorize?: number;
  /**
   * Sequence numbers: from 0 on without gaps (`"renumber"`), those of the samples (`"keep"`), or none (`"none"`). Default
   * `"renumber"`, because VILLASnode drops without a word what does not rise, and takes a 0 for a new beginning.
   */
  numbering?: "renumber" | "keep" | "none";
  /** Whether the origin timestamp becomes the time of sending; default false. */
  restamp?: boolean;
  /** Ends the sending after this number of samples. */
  count?: number;
  /**
   * Called with what cannot be sent, because the format cannot carry it, the receiver would not survive it, or the
   * datagram would be too long. It is left out. The error's `index` counts from the first sample of the replay.
   */
  onEncodeError?: (error: EncodeError | RangeError) => void;
  /** Ends the sending; samples that wait for others of their datagram are not sent then. */
  signal?: AbortSignal;
}

/** How the sending went, besides what the client counts. */
export interface SendReport {
  /** Samples of the replay, sent or not. */
  samples: number;
  /** Samples that could not be sent. */
  refused: number;
  /** Samples that came more than a millisecond after they were due. */
  late: number;
  /** How long after it was due the latest sample came, in seconds. */
  maximumDelay: number;
}

/** How many datagrams are prepared before they are sent. */
const maximumBatch = 64;

/**
 * Sends samples, each when a replay gives it. No more is prepared than a few datagrams: where the receiver or the system is
 * slow, this waits.
 *
 * @param client Where to send
 * @param steps The samples, such as those of `replay`
 * @param options What to send of them
 * @param report Where to count, for who wants to see it while it goes on
 * @returns How it went
 * @throws {EncodeError} If the format cannot carry several samples a datagram, and is asked to
 * @throws {Error} If the system refuses to send, or a sample is refused and `onEncodeError` is not given
 *
 * @example A recording is replayed as fast as it can be, with new numbers
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect } from "@villas/client";
 * import { replay, sendSteps } from "@villas/client/recordings";
 *
 * await using node = await connect({ local: "memory:n", remote: "memory:c" });
 * await using client = await connect({ local: "memory:c", remote: "memory:n" });
 * async function* recording() {
 *   yield [{ sequence: 7n, values: [1] }, { sequence: 9n, values: [2] }];
 * }
 * const report = await sendSteps(client, replay(recording, { timing: "fast" }), { vectorize: 2 });
 * assertEquals(report, { samples: 2, refused: 0, late: 0, maximumDelay: 0 });
 * assertEquals(await node.receive(), [[{ sequence: 0n, values: [1] }, { sequence: 1n, values: [2] }]]);
 * ```
 */
export async function sendSteps(
  client: Client,
  steps: AsyncIterable<ReplayStep>,
  options: SendOptions = {},
  report: SendReport = createSendReport(),
): Promise<SendReport> {
  const { vectorize = 1, numbering = "renumber", restamp = false, count = Infinity, signal } = options;
  const onEncodeError = options.onEncodeError ?? raise;
  /** The samples of the next datagram, and the place of each in the replay. */
  let group: Sample[] = [];
  let places: number[] = [];
  /** The number of the first sample of the group. */
  let nextNumber = 0n;
  let prepared = 0;

  function numbered(sample: Sample, index: number): Sample {
    if (numbering === "renumber") return { ...sample, sequence: BigInt.asUintN(64, nextNumber + BigInt(index)) };
    if (numbering === "keep" || sample.sequence === undefined) return sample;
    const { sequence: _, ...rest } = sample;
    return rest;
  }

  /** Prepares a datagram of the group; where a sample cannot be sent, the next one takes its place. */
  function prepare(): void {
    const samples = numbering === "keep" ? group : group.map(numbered);
    try {
      client.enqueue(samples);
      nextNumber += BigInt(group.length);
      prepared++;
    } catch (error) {
      if (error instanceof EncodeError) return refuse(error, samples);
      if (!(error instanceof RangeError)) throw error;
      refuseAll(error);
    }
    group = [];
    places = [];
  }

  function refuse(error: EncodeError, samples: readonly Sample[]): void {
    const { index } = error;
    const sample = samples[index];
    // Where the sample is fine by itself, it is the number of samples that the format cannot carry.
    const isFine = samples.length > 1 && !(error instanceof UnfitSampleError) && sample && isSendable(client, sample);
    if (sample === undefined || isFine) throw error;
    report.refused++;
    onEncodeError(error.withIndex(places[index] ?? 0));
    group.splice(index, 1);
    places.splice(index, 1);
  }

  function refuseAll(error: RangeError): void {
    report.refused += group.length;
    onEncodeError(error);
    group = [];
  }

  for await (const { samples, late, delay } of steps) {
    if (signal?.aborted) break;
    report.late += late;
    if (delay > report.maximumDelay) report.maximumDelay = delay;
    for (let i = 0; i < samples.length && report.samples < count; i++) {
      const sample = samples[i];
      if (sample === undefined) continue;
      group.push(restamp ? restamped(sample) : sample);
      places.push(report.samples++);
      if (group.length === vectorize) prepare();
      if (prepared === maximumBatch) {
        prepared = 0;
        await client.flush();
        if (signal?.aborted) return report;
      }
    }
    if (prepared > 0) {
      prepared = 0;
      await client.flush();
    }
    if (report.samples === count) break;
  }
  if (signal?.aborted) return report;
  while (group.length > 0) prepare();
  await client.flush();
  return report;
}

/** What has been sent when nothing has. */
export function createSendReport(): SendReport {
  return { samples: 0, refused: 0, late: 0, maximumDelay: 0 };
}

function raise(error: Error): never {
  throw error;
}

function isSendable({ format }: Client, sample: Sample): boolean {
  try {
    format.encode([sample]);
    return true;
  } catch {
    return false;
  }
}

/** The same sample, of now. What it says of its reception would be before that. */
function restamped({ tsReceived: _, ...sample }: Sample): Sample {
  return { ...sample, tsOrigin: now() };
}
