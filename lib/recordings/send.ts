/**
 * Sends the samples of a replay in datagrams, with the sequence numbers and timestamps that the receiver is to see.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { EncodeError } from "../formats/errors.ts";
import { UnfitSampleError } from "../client/guard.ts";
import type { ReplayStep } from "./replay.ts";
import { BurstLimiter, isOverdue } from "../timing/burst_limiter.ts";
import type { Sample } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";

/** Options of sending the samples of a replay. */
export interface SendOptions {
  /** Samples per datagram; the last datagram may have fewer. Default 1. */
  vectorize?: number;
  /**
   * Leaves out the last samples where they are fewer than `vectorize`: VILLASnode's `mqtt` node adds samples without values
   * to them (`lib/nodes/mqtt.cpp`). They count as refused. Default false.
   */
  isExact?: boolean;
  /**
   * Sequence numbers: from 0 on without gaps (`"renumber"`), those of the samples (`"keep"`), or none (`"none"`). Default
   * `"renumber"`, because VILLASnode silently drops a sample whose number does not rise, and takes a 0 for a restart.
   */
  numbering?: "renumber" | "keep" | "none";
  /** Replaces the origin timestamp by the time of sending; default false. */
  restamp?: boolean;
  /** Ends the sending after this number of samples. */
  count?: number;
  /**
   * Called with each sample that cannot be sent, because the format cannot carry it, the receiver would not survive it, or
   * the datagram would be too long. It is left out. The error's `index` counts from the first sample of the replay.
   */
  onEncodeError?: (error: EncodeError | RangeError) => void;
  /** Ends the sending; samples of a datagram that is not complete are not sent then. */
  signal?: AbortSignal;
}

/** Counters of sending a replay, besides those of the client. */
export interface SendReport {
  /** Samples of the replay, sent or not. */
  samples: number;
  /** Samples that could not be sent. */
  refused: number;
  /** Samples that the replay gave more than 1 ms after they were due. */
  lateCount: number;
  /** The longest time that a sample was given after it was due, in seconds. */
  maximumLateness: number;
  /** Datagrams that were overdue and went in bursts, with short pauses between them; omitted if there were none. */
  bursts?: { datagrams: number; longest: number };
}

/** The most datagrams that are prepared before they are sent. */
const maximumBatch = 64;

/** The same for those that are overdue, which would overrun the receiver. */
const overdueBatch = 8;

/**
 * Sends samples, each when a replay gives it. No more than 64 datagrams are prepared: where the receiver or the system is
 * slow, this waits.
 *
 * @param client The client that sends them
 * @param steps The samples, such as those of `replay`
 * @param options What to send of them
 * @param report The counters; give them to see them while the sending goes on
 * @returns The counters
 * @throws {EncodeError} If `vectorize` is above 1 and the format cannot carry several samples per datagram, or a sample
 * cannot be sent and `onEncodeError` is not given
 * @throws {RangeError} If a datagram would be too long and `onEncodeError` is not given
 * @throws {Error} If the system refuses to send
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
 * assertEquals(report, { samples: 2, refused: 0, lateCount: 0, maximumLateness: 0 });
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
  /** The samples of the next datagram, and the index of each in the replay. */
  let group: Sample[] = [];
  let indices: number[] = [];
  /** Sequence number of the first sample of the group. */
  let nextNumber = 0n;
  let prepared = 0;
  const bursts = new BurstLimiter();
  const begun = performance.now();

  /** Sends what is prepared. Where it is overdue, a pause follows each burst of it. */
  async function flush(lateness: number): Promise<void> {
    // Rate of a sender that is in time.
    const rate = report.samples / vectorize / Math.max((performance.now() - begun) / 1000 - lateness, 1e-3);
    let isPauseDue = false;
    for (; prepared > 0; prepared--) isPauseDue = bursts.add(lateness, rate) || isPauseDue;
    await client.flush();
    if (isPauseDue) await bursts.pause(signal);
    if (bursts.figures.datagrams > 0) report.bursts = bursts.figures;
  }

  function numbered(sample: Sample, index: number): Sample {
    if (numbering === "renumber") return { ...sample, sequence: BigInt.asUintN(64, nextNumber + BigInt(index)) };
    if (numbering === "keep" || sample.sequence === undefined) return sample;
    const { sequence: _, ...rest } = sample;
    return rest;
  }

  /** Prepares a datagram of the group, or removes the sample of it that cannot be sent: the next one takes its place. */
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
    indices = [];
  }

  function refuse(error: EncodeError, samples: readonly Sample[]): void {
    const { index } = error;
    const sample = samples[index];
    // Where the sample can be sent alone, it is the number of samples that the format cannot carry.
    const isSendableAlone = samples.length > 1 && !(error instanceof UnfitSampleError) && sample &&
      isSendable(client, sample);
    if (sample === undefined || isSendableAlone) throw error;
    report.refused++;
    onEncodeError(error.withIndex(indices[index] ?? 0));
    group.splice(index, 1);
    indices.splice(index, 1);
  }

  function refuseAll(error: RangeError): void {
    report.refused += group.length;
    onEncodeError(error);
    group = [];
  }

  for await (const { samples, lateCount, lateness } of steps) {
    if (signal?.aborted) break;
    report.lateCount += lateCount;
    if (lateness > report.maximumLateness) report.maximumLateness = lateness;
    for (let i = 0; i < samples.length && report.samples < count; i++) {
      const sample = samples[i];
      if (sample === undefined) continue;
      group.push(restamp ? restamped(sample) : sample);
      indices.push(report.samples++);
      if (group.length === vectorize) prepare();
      if (prepared === (isOverdue(lateness) ? overdueBatch : maximumBatch)) {
        await flush(lateness);
        if (signal?.aborted) return report;
      }
    }
    if (prepared > 0) await flush(lateness);
    if (report.samples === count) break;
  }
  if (signal?.aborted) return report;
  if (options.isExact && group.length > 0) {
    refuseAll(
      new RangeError(
        `Cannot send the last ${
          group.length === 1 ? "sample" : `${group.length} samples`
        }: the receiver takes exactly ` +
          `${vectorize} per message`,
      ),
    );
  }
  while (group.length > 0) prepare();
  await client.flush();
  return report;
}

/** Creates the counters of a replay of which nothing has been sent yet. */
export function createSendReport(): SendReport {
  return { samples: 0, refused: 0, lateCount: 0, maximumLateness: 0 };
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

/** Returns the same sample with the time of now, and without its reception, which would be before that. */
function restamped({ tsReceived: _, ...sample }: Sample): Sample {
  return { ...sample, tsOrigin: now() };
}
