/**
 * The summary of a command in figures: as text for a person, as one JSON object for a program.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { Counters } from "../../client/counters.ts";
import type { BurstFigures } from "../../timing/burst_limiter.ts";
import type { StatisticsFigures } from "../../timing/statistics.ts";
import { plural, times } from "../../system/text.ts";
import type { Session } from "../../terminal/command.ts";
import type { FrameCounters } from "../../formats/c37_118/frame_splitter.ts";
import { lineWidth } from "../../terminal/help.ts";
import { logPrefix } from "../../terminal/log.ts";
import type { LinkStats } from "../../transports/link/connection.ts";
import { describeOmissions } from "./omissions.ts";
import type { StatsReporter } from "./stats_reporter.ts";
import { describeStatistics } from "./statistics_text.ts";
import { explainWriting } from "./output.ts";

/** Figures of a command. */
export interface Summary extends Counters {
  /** Name of the command. */
  command: string;
  /** The address it received on. */
  local: string;
  /** The address it sent to. */
  remote: string | undefined;
  /** Name of the format. */
  format: string;
  /** Duration, in seconds. */
  seconds: number;
  /** Number of datagrams that the kernel dropped before they could be received; null if unknown. */
  kernelDrops: number | null;
  /** The remote, if no route leads to it. */
  noRouteTo?: string;
  /** Names in received samples that match no signal, of formats with names. */
  unmatchedNames?: readonly string[];
  /** Values that were left out of what was sent, by the reason, of a format that has no place for them. */
  omitted?: Readonly<Record<string, number>>;
  /** Figures of the connection, of a transport that connects. */
  link?: LinkStats;
  /** Counters of frames, good and damaged, of a stream of synchrophasors. */
  frames?: FrameCounters;
  /** Statistics of the received samples, if they were measured. */
  statistics?: StatisticsFigures;
}

/** Collects the figures of a client. */
export function summarize(
  command: string,
  client: Client,
  seconds: number,
  reporter?: Pick<StatsReporter, "figures">,
): Summary {
  const { local, remote, format, counters } = client;
  const noRouteTo = findUnroutable(client);
  const { kernelDrops = null, link, frames } = client.stats();
  return {
    command,
    local,
    remote,
    format: format.name,
    seconds,
    ...counters,
    kernelDrops,
    ...link && { link },
    ...frames && { frames },
    ...noRouteTo !== undefined && { noRouteTo },
    ...format.unmatchedNames?.size && { unmatchedNames: [...format.unmatchedNames] },
    ...format.omitted?.size && { omitted: Object.fromEntries(format.omitted) },
    ...reporter && { statistics: { ...reporter.figures, ...countersOf(client) } },
  };
}

/** Returns the counters of a format that finds missing samples by itself, not by their sequence numbers. */
function countersOf({ format, counters: { received } }: Client): Partial<StatisticsFigures> {
  if (format.createTracker === undefined) return {};
  const { missing, duplicate, reordered, restarts } = received;
  return { missing, duplicate, reordered, restarts };
}

/**
 * Writes the figures as lines of text.
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
    lines.push("Missing samples were lost or never sent: hooks such as decimate skip some");
    // Seen with mosquitto 2.0: each message of a burst is acknowledged, and those beyond max_queued_messages are dropped.
    if (/^mqtts?:/.test(local)) {
      lines.push("An MQTT broker drops messages of a slow or absent subscriber, even acknowledged ones at qos 1");
    }
  }
  if (received.restarts > 0) lines.push(`The sender restarted ${times(received.restarts)}`);
  if (sent.undelivered > 0) lines.push(describeUndelivered(sent.undelivered, summary.noRouteTo));
  if (sent.refused > 0) {
    lines.push(
      `${plural(sent.refused, "datagram")} not sent: VILLASnode would not survive ${
        sent.refused === 1 ? "it" : "them"
      }`,
    );
  }
  if (kernelDrops === null && local.startsWith("udp:")) {
    lines.push("Datagrams dropped by the kernel: unknown (on Linux, --allow-all or --allow-ffi counts them)");
  } else if (kernelDrops) {
    lines.push(`The kernel dropped ${plural(kernelDrops, "datagram")}: these figures are not the whole story`);
  }
  if (summary.link !== undefined) lines.push(...describeLink(summary.link));
  if (summary.frames !== undefined) lines.push(...describeFrames(summary.frames));
  const { unmatchedNames } = summary;
  if (unmatchedNames !== undefined) {
    const what = unmatchedNames.length === 1 ? "1 name that matches" : `${unmatchedNames.length} names that match`;
    lines.push(`Ignored the values of ${what} no signal: ${unmatchedNames.join(", ")}`);
  }
  if (summary.omitted !== undefined) {
    lines.push(describeOmissions({ name: summary.format, omitted: new Map(Object.entries(summary.omitted)) }) ?? "");
  }
  if (summary.statistics !== undefined) {
    lines.push(...describeStatistics(summary.statistics, lineWidth(Deno.stderr) - logPrefix.length));
  }
  return lines;
}

/**
 * Writes the figures as one JSON object on one line.
 *
 * @param summary The figures
 * @param file Path of the file, or `"-"` for the end of standard output
 * @param session The session
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

/** Writes a number of datagrams, samples and bytes in words. */
export function amount({ datagrams, samples, bytes }: { datagrams: number; samples: number; bytes: number }): string {
  return `${plural(datagrams, "datagram")}, ${plural(samples, "sample")}, ${plural(bytes, "byte")}`;
}

/** Describes datagrams that could not be delivered. */
export function describeUndelivered(count: number, noRouteTo?: string): string {
  const reason = noRouteTo === undefined ? "the remote was unreachable" : `no route leads to ${noRouteTo}`;
  return `${plural(count, "datagram")} could not be delivered: ${reason}`;
}

/** Describes what happened to a connection, as far as it is worth a word. */
export function describeLink(link: LinkStats): string[] {
  const { connects, losses, droppedUnread, peers } = link;
  const lines: string[] = [];
  if (peers !== undefined) {
    lines.push(connects === 0 ? "No client connected" : `${plural(connects, "client")} connected`);
  } else if (connects === 0) lines.push("The connection was never made");
  else if (losses > 0) lines.push(`The connection was lost ${times(losses)}, and made ${times(connects)}`);
  lines.push(...describeDropped(link));
  if (droppedUnread > 0) {
    lines.push(
      `${
        plural(droppedUnread, "message")
      } arrived faster than they were read and were dropped: these figures are not ` +
        "the whole story",
    );
  }
  return lines;
}

/** Describes damaged frames; nothing where there were none. */
function describeFrames({ badChecksums, lostSyncs, skippedBytes }: FrameCounters): string[] {
  if (badChecksums + lostSyncs === 0) return [];
  const bytes = plural(skippedBytes, "byte");
  return [
    `${plural(badChecksums, "frame")} had a wrong checksum; the start of a frame was lost ${times(lostSyncs)}, and ` +
    `${bytes} skipped`,
  ];
}

/** Describes the messages that a connection did not deliver. */
export function describeDropped(link: LinkStats): string[] {
  const { droppedWhileDown, droppedBySlowPeers, droppedByFormat = 0, returned, unsent } = link;
  return [
    ...droppedWhileDown > 0 ? [`${were(droppedWhileDown)} dropped while the connection was down`] : [],
    ...droppedBySlowPeers > 0 ? [`${were(droppedBySlowPeers)} dropped because a peer was too slow to take them`] : [],
    ...droppedByFormat > 0 ? [`${were(droppedByFormat)} not sent to clients whose format cannot carry them`] : [],
    ...returned > 0 ? [`${were(returned)} dropped by the broker: nobody received them, or it refused them`] : [],
    ...unsent > 0 ? [`${were(unsent)} not delivered before the end`] : [],
  ];
}

function were(count: number): string {
  return `${plural(count, "message")} ${count === 1 ? "was" : "were"}`;
}

/** Returns the remote of a client if no route leads to it. */
export function findUnroutable(client: Client): string | undefined {
  return client.stats().hasNoRoute ? client.remote : undefined;
}

/** Describes overdue datagrams that went in bursts. */
export function describeBursts({ datagrams, longest }: BurstFigures): string {
  return `${plural(datagrams, "overdue datagram")} went in bursts of up to ${longest}`;
}
