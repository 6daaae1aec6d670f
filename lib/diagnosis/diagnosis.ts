/**
 * Diagnoses a link: what is wrong with it by its observation, in plain words.
 *
 * @module
 */

import type { Damage } from "../client/damage.ts";
import { detectFormat, type FormatCandidate } from "../formats/detect.ts";
import { findPlausibleLayout } from "../formats/detect/layouts.ts";
import { parseSpecification } from "../formats/specification.ts";
import type { FormatSpecification } from "../formats/table.ts";
import type { LinkObservation } from "./observation.ts";
import { plural, times } from "../system/text.ts";
import type { LinkSignals } from "../samples/directions.ts";
import { formatSignals, type Signal } from "../samples/signals.ts";

/** One finding: something that is wrong with a link, or may be. */
export interface Finding {
  /** A short name that stays the same in all versions, such as `"other-format"`. */
  code: string;
  /** `"error"` where it prevents the exchange, `"warning"` where it may. */
  severity: "error" | "warning";
  /** The problem and its reason, in a sentence. */
  cause: string;
  /** The way to fix it, in a sentence. */
  fix: string;
}

/** Expectations on a link. */
export interface Expectations {
  /** Samples per datagram that a VILLASnode which receives the same takes (`in.vectorize`); default 1, as VILLASnode's. */
  vectorize?: number;
  /** The signals by direction; samples that arrive are judged by `in`, where that is known. */
  signals?: LinkSignals;
  /** The format that the datagrams were decoded with, with its options; default: that of the observation, without options. */
  format?: FormatSpecification;
}

/**
 * Finds a format in which the values of datagrams are plausible measurements, where they are tiny or huge numbers in the
 * format that they were decoded with.
 *
 * @param datagrams Datagrams as they arrived
 * @param specification The format that they were decoded with
 * @param signals Types of the values, where they are known
 * @returns The other format, and the values of the first datagram in it; undefined where there is no reason for another
 * one
 */
export type LayoutFinder = (
  datagrams: readonly Uint8Array[],
  specification: FormatSpecification,
  signals?: readonly Signal[],
) => FormatCandidate | undefined;

/** A clock that is behind by more than this, or ahead at all, is reported, in seconds. */
const clockTolerance = 1;

/**
 * Finds what is wrong with a link.
 *
 * @param observation The observation of the link
 * @param expectations What the link should be like
 * @param findLayout Finds another layout of bare numbers
 * @returns The findings, errors before warnings; none where all is well
 *
 * @see VILLASnode's `lib/nodes/socket.cpp` (addresses, vectorize), `lib/hooks/drop.cpp` (sequence numbers)
 *
 * @example Nothing arrives
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { diagnose, observeLink } from "@villas/client/diagnosis";
 * import { protobuf } from "@villas/client/formats";
 * import { openMemory } from "@villas/client/transports";
 *
 * const transport = await openMemory({ local: "memory:here", remote: "memory:there" });
 * const observing = observeLink(transport, new Map(), { format: protobuf() });
 * transport.close();
 * assertEquals(diagnose(await observing).map(({ code }) => code), ["nothing-arrives"]);
 * ```
 */
export function diagnose(
  observation: LinkObservation,
  expectations: Expectations = {},
  findLayout: LayoutFinder = findPlausibleLayout,
): Finding[] {
  if (observation.datagrams === 0) return diagnoseSilence(observation);
  const expected = expectations.format ?? observation.format;
  const other = findLayout(observation.first, expected, expectations.signals?.in);
  return [
    ...diagnoseDamage(observation),
    ...diagnoseFormat(observation, expected, other),
    ...diagnoseLayout(observation, expected, other),
    ...diagnoseSources(observation),
    ...diagnoseValues(observation, expectations),
    ...diagnoseSequence(observation),
    ...diagnoseDrops(observation),
    ...diagnoseClocks(observation),
  ].sort((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
}

function diagnoseSilence({ local, remote, seconds, strangers }: LinkObservation): Finding[] {
  const [stranger] = [...strangers].sort(([, a], [, b]) => b - a);
  if (stranger !== undefined) {
    const [address, count] = stranger;
    return [{
      code: "other-source",
      severity: "error",
      cause: `${plural(count, "datagram")} arrived from ${address}, none from ${remote}`,
      fix: `Give --remote ${address}, or let the VILLASnode send from ${remote} (its in.address)`,
    }];
  }
  const port = /:(\d+)$/.exec(local)?.[1];
  return [{
    code: "nothing-arrives",
    severity: "error",
    cause: `Nothing arrived at ${local} within ${seconds.toFixed(1)} s`,
    fix: `Check that the VILLASnode runs, that its out.address is this machine's ${
      port === undefined ? `path ${local}` : `address with port ${port}`
    }, that a path leads to that node, and that no firewall is in between`,
  }];
}

/** Fixes of what VILLASnode damages. */
const damageFixes: Readonly<Record<Damage, string>> = {
  "foreign-tail":
    "Use protobuf or villas.web, or give the node fewer signals or a slower source: it joins samples that wait",
  "values-left-out":
    "Use protobuf, which carries NaN and infinities, and give the node as many in.signals as it sends values",
  "empty": "Give the node fewer signals, or use protobuf",
};

function diagnoseDamage({ datagrams, damaged = {} }: LinkObservation): Finding[] {
  return Object.entries(damaged).map(([code, { count, why }]) => ({
    code,
    severity: "error",
    cause: `${count} of ${plural(datagrams, "message")} ${count === 1 ? "is" : "are"} damaged: ${why}`,
    fix: damageFixes[code as Damage],
  }));
}

function diagnoseFormat(
  observation: LinkObservation,
  expected: FormatSpecification,
  other: FormatCandidate | undefined,
): Finding[] {
  const { datagrams, refused, first, format, damaged = {} } = observation;
  const damages = Object.values(damaged).reduce((sum, { count }) => sum + count, 0);
  if (refused.count - damages === 0) return [];
  const { format: type, options, reason, candidates } = detectFormat(first);
  if (type !== undefined && !isDetected(expected, { type, ...options })) {
    const likely = show({ type, ...options });
    return [{
      code: "other-format",
      severity: "error",
      cause: `${refused.count} of ${plural(datagrams, "datagram")} ${refused.count === 1 ? "is" : "are"} not ` +
        `${show(expected)}, but ${refused.count === 1 ? "looks" : "look"} like ${likely}: ${reason}`,
      fix: `Give --format ${quote(likely)}, or set format = "${format}" in the VILLASnode's configuration`,
    }];
  }
  const names = [...new Set(candidates.map(({ specification }) => specification.type))];
  const guess = other !== undefined
    ? `; read as ${show(other.specification)}, they are ${other.preview}`
    : names.length > 0
    ? `; it may be ${names.join(" or ")}, whose datagrams do not identify themselves`
    : "";
  return [{
    code: "not-decodable",
    severity: "error",
    cause: `${refused.count} of ${plural(datagrams, "datagram")} cannot be decoded as ${
      show(expected)
    }: ${refused.why}${guess}`,
    fix: "Compare the format setting of the VILLASnode with --format, and --signals with its signals",
  }];
}

function diagnoseLayout(
  { refused }: LinkObservation,
  expected: FormatSpecification,
  other: FormatCandidate | undefined,
): Finding[] {
  if (refused.count > 0 || other === undefined) return [];
  const found = show(other.specification);
  return [{
    code: "layout-suspect",
    severity: "error",
    cause: `Read as ${
      show(expected)
    }, the values are tiny or huge numbers; read as ${found}, they are ${other.preview}`,
    fix: `Give --format ${quote(found)}, or set this format in the VILLASnode's configuration`,
  }];
}

function diagnoseSources({ strangers, remote }: LinkObservation): Finding[] {
  const [most, ...others] = [...strangers].sort(([, a], [, b]) => b - a);
  if (most === undefined) return [];
  const [address, count] = most;
  const rest = others.reduce((sum, [, count]) => sum + count, 0);
  const more = rest === 0 ? "" : `, and ${rest} from ${others.length === 1 ? others[0]?.[0] : "other addresses"},`;
  return [{
    code: "other-sender",
    severity: "warning",
    cause: `${plural(count, "datagram")} from ${address}${more} ${count + rest === 1 ? "was" : "were"} ignored: ` +
      `only those from ${remote} are expected`,
    fix: "End the other sender, or give --any-source to receive from every address",
  }];
}

function diagnoseValues(
  { fatal, unfit, samples, samplesPerDatagram }: LinkObservation,
  { vectorize = 1, signals }: Expectations,
): Finding[] {
  const findings: Finding[] = [];
  if (fatal.count > 0) {
    findings.push({
      code: "fatal-values",
      severity: "error",
      cause: `A VILLASnode 1.2 would not survive ${fatal.count} of ${plural(samples, "sample")}: ${fatal.why}`,
      fix: "Let the sender set all values, and send no start or stop marks",
    });
  }
  if (unfit.count > 0 && signals?.in !== undefined) {
    findings.push({
      code: "other-signals",
      severity: "error",
      cause: `${unfit.count} of ${plural(samples, "sample")} do not have the signals ` +
        `${formatSignals(signals.in)}, which are expected: ${unfit.why}`,
      fix: "Compare --signals-in with the signals of the path that ends in the node",
    });
  }
  if (samplesPerDatagram > vectorize) {
    findings.push({
      code: "several-samples",
      severity: "warning",
      cause:
        `Datagrams hold up to ${samplesPerDatagram} samples; a VILLASnode with in.vectorize = ${vectorize} keeps ` +
        `${vectorize === 1 ? "the first one" : `the first ${vectorize}`} and silently drops the others`,
      fix: `Set in.vectorize = ${samplesPerDatagram} at the node that receives, or send one sample per datagram`,
    });
  }
  return findings;
}

function diagnoseSequence({ samples, sequence }: LinkObservation): Finding[] {
  const { unnumbered, missing, duplicate, reordered, restarts } = sequence;
  const findings: Finding[] = [];
  if (unnumbered > 0) {
    findings.push({
      code: "sequence-missing",
      severity: "warning",
      cause: `${unnumbered} of ${plural(samples, "sample")} have no sequence number: losses cannot be seen`,
      fix: "Leave the option sequence on in the sender's format (raw and gtnet need fake = true)",
    });
  }
  if (duplicate + reordered > 0) {
    findings.push({
      code: "sequence-not-rising",
      severity: 2 * (duplicate + reordered) > samples ? "error" : "warning",
      cause:
        `Sequence numbers do not rise: ${duplicate} arrived twice and ${reordered} out of order; VILLASnode drops these samples`,
      fix: "Let the sender count up by one with each sample, and use this link with one sender only",
    });
  }
  if (missing > 0) {
    findings.push({
      code: "numbers-missing",
      severity: "warning",
      cause:
        `${missing} of ${samples + missing} sequence numbers are missing: their samples were lost on the way, or ` +
        "never sent",
      fix:
        "Check whether a hook of the path (decimate, limit_rate) or a generator that misses steps leaves them out; " +
        "otherwise lower the rate, and look for drops of the kernel and of the network between the machines",
    });
  }
  if (restarts > 0) {
    findings.push({
      code: "restarts",
      severity: "warning",
      cause: `The sender restarted ${times(restarts)}`,
      fix: "Check whether it was restarted on purpose, or whether two senders use this link",
    });
  }
  return findings;
}

function diagnoseDrops({ kernelDrops }: LinkObservation): Finding[] {
  if (!kernelDrops) return [];
  return [{
    code: "kernel-drops",
    severity: "warning",
    cause: `The kernel dropped ${plural(kernelDrops, "datagram")} because they were not received in time`,
    fix: "Lower the rate, send several samples per datagram, or allow a larger receive buffer (on Linux, with " +
      "--allow-ffi: sudo sysctl net.core.rmem_max=67108864)",
  }];
}

function diagnoseClocks({ delay }: LinkObservation): Finding[] {
  if (delay.count === 0) return [];
  const late = delay.min > clockTolerance;
  if (delay.min >= 0 && !late) return [];
  return [{
    code: "clock-offset",
    severity: "warning",
    cause: late
      ? `Samples seem to take at least ${
        delay.min.toFixed(3)
      } s: the sender's clock is behind, or it replays old samples`
      : `Samples seem to arrive ${(-delay.min).toFixed(6)} s before they were sent: the sender's clock is ahead`,
    fix: "Synchronize both clocks (NTP or PTP) before you trust a one-way delay; round trips need no clocks",
  }];
}

/** Returns whether a format is the detected one: of the same name, and csv with the same separator. */
function isDetected(expected: FormatSpecification, detected: { type: string; separator?: unknown }): boolean {
  const { type, separator = "," } = parseSpecification(expected);
  return type === detected.type && separator === (detected.separator ?? ",");
}

/** Writes a format as the option takes it: its name, or a JSON object with its options. */
function show(specification: FormatSpecification): string {
  const { type, ...options } = parseSpecification(specification);
  return Object.keys(options).length === 0 ? type : JSON.stringify({ type, ...options });
}

/** Quotes an argument for a shell. */
function quote(text: string): string {
  return text.startsWith("{") ? `'${text}'` : text;
}
