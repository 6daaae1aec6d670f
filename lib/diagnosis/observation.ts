/**
 * Watches a link: what arrives for a while, good or bad.
 *
 * @module
 */

import { DecodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import type { Sample } from "../samples/sample.ts";
import { createSequenceTracker, type SequenceCounters } from "../samples/sequence.ts";
import type { Signal } from "../samples/signals.ts";
import { findMismatch, typeOfValue } from "../samples/value_types.ts";
import { now, secondsBetween } from "../samples/timestamp.ts";
import type { Transport } from "../transports/transport.ts";

/** Everything that was seen on a link. */
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
  /** Datagrams from others, which are ignored, by their addresses. */
  strangers: ReadonlyMap<string, number>;
  /** The first datagrams, as they came. */
  first: readonly Uint8Array[];
  /** Name of the format that was expected. */
  format: string;
  /** Datagrams that were not of the format, and why the first of them was not. */
  refused: { count: number; why?: string };
  /** Samples that no VILLASnode would survive (marks, values that are not set), and why not the first of them. */
  fatal: { count: number; why?: string };
  /** Samples that do not have the expected signals, and why the first of them has not. */
  unfit: { count: number; why?: string };
  /** The largest number of samples in one datagram. */
  samplesPerDatagram: number;
  /** Counters of the sequence numbers, and of the samples that have none. */
  sequence: SequenceCounters & { unnumbered: number };
  /** Time from origin to reception, in seconds, of the samples that have an origin timestamp; 0 (1970) is none. */
  delay: { count: number; min: number; max: number };
  /** Datagrams that the kernel dropped; undefined where it does not say. */
  kernelDrops: number | undefined;
}

/** Expectations on what arrives. */
export interface ObserveOptions {
  /** The format of the datagrams. */
  format: Format;
  /** Signals of the samples that arrive. Without them number and types of values are not judged. */
  signals?: readonly Signal[];
}

/** How many datagrams are kept as evidence: enough to tell the layout of bare numbers. */
const keptDatagrams = 32;

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
  const unfit: Evidence["unfit"] = { count: 0 };
  const delay = { count: 0, min: Infinity, max: -Infinity };
  let unnumbered = 0;

  function look(sample: Sample): void {
    tracker.track(sample);
    if (sample.sequence === undefined) unnumbered++;
    note(fatal, findFatal(sample));
    note(unfit, signals && findMismatch(sample.values, signals, true));
    // VILLASnode writes 0 for an origin time that it does not know (lib/formats/villas_human.cpp).
    if (sample.tsOrigin === undefined || (sample.tsOrigin.sec === 0 && sample.tsOrigin.nsec === 0)) return;
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
        note(refused, error.message);
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
    unfit,
    sequence: { ...tracker.counters, unnumbered },
    delay,
    kernelDrops: transport.countKernelDrops(),
  };
}

/** Counts what has a reason, and keeps the first one. */
function note(counter: { count: number; why?: string }, why: string | undefined): void {
  if (why === undefined) return;
  counter.count++;
  counter.why ??= why;
}

function findFatal({ type, values }: Sample): string | undefined {
  if (type !== undefined) return `it is a ${type} mark`;
  const unset = values.findIndex((value) => typeOfValue(value) === "invalid");
  return unset >= 0 ? `value ${unset} is not set` : undefined;
}
