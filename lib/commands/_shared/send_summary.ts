/**
 * The progress and the summary of `send`.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import { plural } from "../../system/text.ts";
import type { Connection } from "./connection.ts";
import type { Totals } from "./intervals.ts";
import type { Conclusion } from "./run_connected.ts";
import type { SendSource, SendState } from "./send_source.ts";
import { amount, describeBursts, describeDropped, describeLink, findUnroutable } from "./summary.ts";

/** Returns how far the sending is. */
export function progressOf(
  { what, length }: SendSource,
  loops: number,
  { bytes, report }: SendState,
  { client }: Connection,
) {
  const progress = {
    what: `Sending ${what}`,
    samples: client.counters.sent.samples,
    note: `${report.lateCount} late`,
  };
  return length && Number.isFinite(loops) ? { ...progress, fraction: bytes / (length * loops) } : progress;
}

/** Returns the counts of the intervals. */
export function totalsOf({ unreadable, report }: SendState, { client }: Connection): Totals {
  const { samples, undelivered } = client.counters.sent;
  return { samples, counts: { late: report.lateCount, skipped: unreadable + report.refused, undelivered } };
}

function whyUndelivered(client: Client): string {
  const remote = findUnroutable(client);
  return remote === undefined ? "while the remote was unreachable" : `because no route leads to ${remote}`;
}

/** Sums up what was sent, and what was skipped. */
export function concludeSending(
  { unreadable, report }: SendState,
  { client, ending }: Connection,
  seconds: number,
): Conclusion {
  const { local, remote, format, counters: { sent } } = client;
  const { samples, refused, lateCount, maximumLateness } = report;
  const lines = [`Sent ${amount(sent)} in ${seconds.toFixed(1)} s (${(sent.samples / seconds).toFixed(1)} samples/s)`];
  if (lateCount > 0) {
    const most = (maximumLateness * 1000).toFixed(1);
    lines.push(`${lateCount} of ${plural(samples, "sample")} more than 1 ms late, at most ${most} ms`);
  }
  if (report.bursts !== undefined) lines.push(describeBursts(report.bursts));
  const { link } = client.stats();
  if (link !== undefined) lines.push(...describeLink(link));
  const skipped = [
    ...unreadable > 0 ? [`${plural(unreadable, "record")} that could not be read`] : [],
    ...refused > 0 ? [`${plural(refused, "sample")} that could not be sent`] : [],
    // Whatever ends the sending cuts off what is on its way.
    ...sent.undelivered > 0 && ending === undefined
      ? [`${plural(sent.undelivered, "datagram")} ${whyUndelivered(client)}`]
      : [],
  ];
  const dropped = link === undefined || ending !== undefined ? [] : describeDropped(link);
  return {
    lines,
    figures: {
      ...{ command: "send", local, remote, format: format.name, seconds, sent, unreadable, ...report },
      ...link && { link },
    },
    failure: skipped.length === 0 ? dropped[0] : `Skipped ${skipped.join(", and ")}`,
  };
}
