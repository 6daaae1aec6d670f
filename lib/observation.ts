/**
 * What is seen on a link: watches what arrives for a while, good or bad.
 *
 * @module
 */

import { DecodeError } from "./formats/errors.ts";
import type { Format } from "./formats/format.ts";
import type { Sample } from "./sample.ts";
import { createSequenceTracker, type SequenceCounters } from "./sequence.ts";
import { findMismatch, type Signal, typeOfValue } from "./signals.ts";
import { now, secondsBetween } from "./timestamp.ts";
import type { Transport } from "./transports/transport.ts";

/** What was seen on a link. */
export interface Evidence {
  /** The address that was watched. */
  local: string;
  /** The address that samples were expected from. */
  remote: string | undefined;
  /** How long it was watched, in seconds. */
  seconds: number;
  /** Datagrams from the remote. */
  datagrams: number;
  /** Samples in them. */
  samples: number;
  /** Datagrams from others, by their addresses. */
  strangers: ReadonlyMap<string, number>;
  /** The first datagrams, as they came. */
  first: readonly Uint8Array[];
  /** Name of the format that was expected. */
  format: string;
  /** Datagrams that were not of the format, and why the first of them was not. */
  refused: { count: number; why?: string };
  /** Samples that a VILLASnode with the given signals would not survive, and why it would not survive the first. */
  fatal: { count: number; why?: string };
  /** The largest number of samples in one datagram. */
  samplesPerDatagram: number;
  /** What the sequence numbers tell. */
  sequence: SequenceCounters & { missing: number };
  /** Time from origin to reception, in seconds, of the samples that have an origin timestamp. */
  delay: { count: number; min: number; max: number };
  /** Datagrams that the kernel dropped; undefined where it does not say. */
  kernelDrops: number | undefined;
}

/** What to expect on a link. */
export interface ObserveOptions {
  /** The format of the datagrams. */
  format: Format;
  /** What the values are. */
  signals?: readonly Signal[];
}

/** How many datagrams are kept as evidence. */
const keptDatagrams = 8;

/**
 * Watches a link until its transport is closed.
 *
 * @param transport An open transport; sources besides its remote are counted, so it should be opened without `anySource`
 * @param strangers Where the transport's `onIgnored` counts other sources
 * @param options What to expect
 * @returns What was seen
 */
export async function observeLink(
  transport: Transport,
  strangers: ReadonlyMap<string, number>,
  options: ObserveOptions,
): Promise<Evidence> {
  const { format, signals } = options;
  const tracker = createSequenceTracker();
  const started = performance.now();
  const evidence = { datagrams: 0, samples: 0, samplesPerDatagram: 0 };
  const first: Uint8Array[] = [];
  const refused: Evidence["refused"] = { count: 0 };
  const fatal: Evidence["fatal"] = { count: 0 };
  const delay = { count: 0, min: Infinity, max: -Infinity };
  let missing = 0;

  function look(sample: Sample): void {
    tracker.track(sample);
    if (sample.sequence === undefined) missing++;
    const why = findFatal(sample, signals);
    if (why !== undefined) {
      fatal.count++;
      fatal.why ??= why;
    }
    if (sample.tsOrigin === undefined) return;
    const seconds = secondsBetween(now(), sample.tsOrigin);
    delay.count++;
    delay.min = Math.min(delay.min, seconds);
    delay.max = Math.max(delay.max, seconds);
  }

  for (;;) {
    const datagrams = await transport.receive();
    if (datagrams.length === 0) break;
    for (const datagram of datagrams) {
      evidence.datagrams++;
      if (first.length < keptDatagrams) first.push(datagram.slice());
      try {
        const samples = format.decode(datagram);
        samples.forEach(look);
        evidence.samples += samples.length;
        evidence.samplesPerDatagram = Math.max(evidence.samplesPerDatagram, samples.length);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        refused.count++;
        refused.why ??= error.message;
      }
    }
  }
  return {
    ...evidence,
    local: transport.local,
    remote: transport.remote,
    seconds: (performance.now() - started) / 1000,
    strangers,
    first,
    format: format.name,
    refused,
    fatal,
    sequence: { ...tracker.counters, missing },
    delay,
    kernelDrops: transport.countKernelDrops(),
  };
}

function findFatal({ type, values }: Sample, signals: readonly Signal[] | undefined): string | undefined {
  if (type !== undefined) return `it is a ${type} mark`;
  const unset = values.findIndex((value) => typeOfValue(value) === "invalid");
  if (unset >= 0) return `value ${unset} is not set`;
  return signals === undefined ? undefined : findMismatch(values, signals);
}
