/**
 * The summary of `signal`, and what it warns of.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { Session } from "../../terminal/command.ts";
import type { PaceMeter } from "../../timing/pace_meter.ts";
import { plural } from "../../system/text.ts";
import type { Connection } from "./connection.ts";
import type { Totals } from "./intervals.ts";
import { describePace } from "./pace_summary.ts";
import type { SignalValues } from "./signal_options.ts";
import { amount, describeDropped, describeLink, describeUndelivered, findUnroutable } from "./summary.ts";

/** More missed deadlines than this, and than this fraction of all, are worth a warning. */
const worryingCount = 10;
const worryingFraction = 0.01;

/** Rate above which there is no time to sleep anyway, in samples per second. */
const busyWaitRate = 3000;

/** Returns the counts of the intervals. */
export function totalsOf({ steps, missed }: PaceMeter, client: Client | undefined): Totals {
  const counts = { "missed deadlines": missed };
  return { samples: steps, counts: client ? { ...counts, undelivered: client.counters.sent.undelivered } : counts };
}

/** Tells why datagrams were not delivered, unless what ended the command cut them off. */
export function findFailure({ client, ending }: Connection): string | undefined {
  if (ending !== undefined) return undefined;
  const { undelivered } = client.counters.sent;
  if (undelivered > 0) return describeUndelivered(undelivered, findUnroutable(client));
  const { link } = client.stats();
  return link && describeDropped(link)[0];
}

/** Warns where so many samples were late that something is wrong. */
export function warnOfMissedDeadlines(meter: PaceMeter, values: SignalValues, { log }: Session): void {
  if (meter.missed <= worryingCount || meter.missed <= worryingFraction * meter.steps) return;
  log.warning(
    "Many samples missed their deadline: this machine is too slow for the rate, or too busy" +
      (values["busy-wait"] || values.rate > busyWaitRate ? "" : " (--busy-wait may help)"),
  );
}

/** Writes the summary. */
export function describeSignal(
  meter: PaceMeter,
  seconds: number,
  isFree: boolean,
  client: Client | undefined,
): string[] {
  const missed = `${plural(meter.missed, "missed deadline")}`;
  const lines = [`Generated ${plural(meter.steps, "sample")} in ${seconds.toFixed(3)} s${isFree ? "" : `, ${missed}`}`];
  if (client !== undefined) {
    const { sent } = client.counters;
    lines.push(`Sent ${amount(sent)}`);
    const { link } = client.stats();
    if (link !== undefined) lines.push(...describeLink(link));
  }
  return isFree ? lines : [...lines, ...describePace(meter)];
}
