/**
 * A demo peer: it behaves as a VILLASnode socket node that a path sends a generator's samples to, for trying the client
 * where there is no VILLASnode.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { createHistogram, type Histogram } from "../timing/histogram.ts";
import { sleep } from "../system/wait.ts";
import { pace } from "../timing/pacing.ts";
import type { Sample, Value } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";

/** Report of {@linkcode runDemoPeer}. */
export interface DemoPeerReport {
  /** Number of samples sent. */
  sent: number;
  /** Number of samples that came back as they were sent. */
  intact: number;
  /** Number of samples that came back with other values, or that were never sent. */
  altered: number;
  /** Times from sending a sample to its return, of those that came back. */
  roundTrips: Histogram;
}

/** Options of running the demo peer. */
export interface DemoPeerOptions {
  /** Samples per second. */
  rate: number;
  /** Values in each sample. */
  values: number;
  /** Duration of sending, in seconds. */
  duration: number;
  /** Ends the sending early. */
  signal: AbortSignal;
}

/** Time to wait for the last samples to come back, in seconds. */
const returnTimeout = 1;

/**
 * Runs the demo peer: it sends samples as a VILLASnode does (one per datagram, with sequence numbers from 0 and origin
 * timestamps of this machine's clock, always to the configured address) and counts what comes back, until the duration is
 * over and all samples have come back, or one second has passed since.
 *
 * @param node The connection of the peer; it is closed at the end
 * @param options What to send, and for how long
 * @returns Counters of what came back
 */
export async function runDemoPeer(node: Client, options: DemoPeerOptions): Promise<DemoPeerReport> {
  const { rate, values, duration, signal } = options;
  const report: DemoPeerReport = { sent: 0, intact: 0, altered: 0, roundTrips: createHistogram() };
  const pending = new Map<bigint, { time: number; values: Value[] }>();
  const receiving = receive(node, pending, report);
  const steps = Math.max(1, Math.round(rate * duration));
  const end = performance.now() + duration * 1000;
  for await (const { index } of pace(rate, signal)) {
    const sample: Sample = { sequence: BigInt(index), tsOrigin: now(), values: threePhase(index / rate, values) };
    pending.set(BigInt(index), { time: performance.now(), values: sample.values });
    await node.send(sample);
    report.sent++;
    // Not at the next step, which may be due long after the end.
    if (index + 1 === steps) break;
  }
  await sleep(Math.max(0, end - performance.now()), signal);
  const deadline = performance.now() + returnTimeout * 1000;
  for await (const _ of pace(100, signal)) {
    if (pending.size === 0 || performance.now() > deadline) break;
  }
  node.close();
  await receiving;
  return report;
}

async function receive(
  node: Client,
  pending: Map<bigint, { time: number; values: Value[] }>,
  report: DemoPeerReport,
): Promise<void> {
  for await (const { sequence = -1n, values } of node) {
    const time = performance.now();
    const sent = pending.get(sequence);
    pending.delete(sequence);
    if (sent === undefined || !isSame(sent.values, values)) {
      report.altered++;
      continue;
    }
    report.intact++;
    report.roundTrips.record((time - sent.time) / 1000);
  }
}

/** Returns the voltages of a 230 V network that is slowed down to 0.5 Hz, phase after phase. */
function threePhase(time: number, values: number): number[] {
  const amplitude = 230 * Math.SQRT2;
  return Array.from({ length: values }, (_, phase) => amplitude * Math.sin(Math.PI * time - phase * 2 * Math.PI / 3));
}

function isSame(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}
