/**
 * What a command has done, in figures: as text for a person, as one JSON object for a program.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { Counters } from "../../client/counters.ts";
import type { StatisticsFigures } from "../../timing/statistics.ts";
import type { Session } from "../../terminal/command.ts";
import { describeStatistics, type Meter } from "./statistics.ts";
import { plural, times } from "../../system/text.ts";
import { explainWriting } from "./output.ts";

/** What a command has done. */
export interface Summary extends Counters {
  /** Name of the command. */
  command: string;
  /** The address it received on. */
  local: string;
  /** The address it sent to. */
  remote: string | undefined;
  /** Name of the format. */
  format: string;
  /** How long it took, in seconds. */
  seconds: number;
  /** Number of datagrams that the kernel dropped before they could be received; null where it does not say. */
  kernelDrops: number | null;
  /** What the samples say about the way that they came, where that was measured. */
  statistics?: StatisticsFigures;
}

/** Takes the figures of a client. */
export function summarize(command: string, client: Client, seconds: number, meter?: Pick<Meter, "figures">): Summary {
  const { local, remote, format, counters } = client;
  return {
    command,
    local,
    remote,
    format: format.name,
    seconds,
    ...counters,
    kernelDrops: client.stats().kernelDrops ?? null,
    ...meter && { statistics: meter.figures },
  };
}

/**
 * The figures as lines of text.
 *
 * @param summary The figures
 * @param sends Whether the command sends anything at all
 */
export function describeSummary(summary: Summary, sends = true): string[] {
  const { received, sent, seconds, local, kernelDrops } = summary;
  const rate = seconds > 0 ? ` (${(received.samples / seconds).toFixed(1)} samples/s)` : "";
  const lines = [
    `Received ${amount(received)} in ${seconds.toFixed(1)} s${rate}`,
    ...sends ? [`Sent ${amount(sent)}`] : [],
    `Missing ${received.missing}, duplicate ${received.duplicate}, reordered ${received.reordered}, ` +
    `refused ${received.refused}, ignored ${received.ignored}`,
  ];
  if (received.missing > 0) {
    lines.push("Missing samples were lost, or never sent: decimate and such leave some out");
  }
  if (received.restarts > 0) lines.push(`The sender began anew ${times(received.restarts)}`);
  if (sent.undelivered > 0) lines.push(`The remote was not there for ${plural(sent.undelivered, "datagram")}`);
  if (sent.refused > 0) {
    lines.push(`Not sent, because VILLASnode would not survive it: ${plural(sent.refused, "datagram")}`);
  }
  if (kernelDrops === null && local.startsWith("udp:")) {
    lines.push("How many datagrams the kernel dropped is not known (on Linux, --allow-all or --batch tells)");
  } else if (kernelDrops) {
    lines.push(`The kernel dropped ${plural(kernelDrops, "datagram")}: these figures are not the whole story`);
  }
  if (summary.statistics !== undefined) lines.push(...describeStatistics(summary.statistics));
  return lines;
}

/**
 * Writes the figures as one JSON object on one line.
 *
 * @param file Path of the file, or `"-"` for the end of standard output
 */
export async function writeStats(summary: object, file: string, { output }: Session): Promise<void> {
  const line = `${JSON.stringify(summary)}\n`;
  if (file === "-") {
    output.write(line);
    return;
  }
  try {
    await Deno.writeTextFile(file, line);
  } catch (error) {
    throw explainWriting(error, file);
  }
}

/** A number of datagrams, samples and bytes, in words. */
export function amount({ datagrams, samples, bytes }: { datagrams: number; samples: number; bytes: number }): string {
  return `${plural(datagrams, "datagram")}, ${plural(samples, "sample")}, ${plural(bytes, "byte")}`;
}
