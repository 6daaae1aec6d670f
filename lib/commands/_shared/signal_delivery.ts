/**
 * The way of generated samples: each when it is due, to the node and to the printer.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { Sample } from "../../samples/sample.ts";
import type { Output } from "../../system/output.ts";
import type { BurstLimiter } from "../../timing/burst_limiter.ts";
import type { PaceMeter } from "../../timing/pace_meter.ts";
import type { Step } from "../../timing/pacing.ts";
import type { Printer } from "./printer.ts";

/** Largest number of samples that are sent or printed at once, if they are generated faster than that. */
const batchLength = 64;

/** Destination of the samples. */
export interface SignalDestination {
  /** The node, if there is one. */
  readonly client: Client | undefined;
  /** The printer, which may print nothing. */
  readonly printer: Printer;
  /** Spreads out what is overdue. */
  readonly bursts: BurstLimiter;
  /** Samples per second. */
  readonly rate: number;
  /** Aborted when the command ends. */
  readonly ended: AbortSignal;
}

/** Generates the samples, each when it is due, and hands over together those that are due together. */
export async function deliver(
  steps: AsyncIterable<Step>,
  limit: number,
  sampleOf: (step: number) => Sample,
  meter: PaceMeter,
  { client, printer, bursts, rate, ended }: SignalDestination,
  output: Output,
): Promise<void> {
  let batch: Sample[] = [];
  const handOver = async () => {
    // Sending to the node comes before printing.
    const sending = client?.flush();
    printer.print(batch);
    batch = [];
    await sending;
    // A reader that is slower than the samples slows the generator down, instead of filling the memory.
    if (output.isFull) await output.drain();
  };
  for await (const step of steps) {
    const sample = sampleOf(step.index);
    client?.enqueue([sample]);
    batch.push(sample);
    meter.record(step);
    if (step.index + 1 >= limit) break;
    // Printing overruns nobody, so only what is sent is spread out.
    const isPauseDue = client !== undefined && bursts.add(step.lateness, rate);
    if (!step.more || isPauseDue || batch.length >= batchLength) await handOver();
    if (isPauseDue) await bursts.pause(ended);
  }
  await handOver();
}
