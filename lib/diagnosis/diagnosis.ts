/**
 * Judges a link by what was seen on it, in plain words.
 *
 * @module
 */

import { detectFormat, type FormatCandidate } from "../formats/detect.ts";
import { findPlausibleLayout } from "../formats/detect/layouts.ts";
import { parseSpecification } from "../formats/specification.ts";
import type { FormatSpecification } from "../formats/table.ts";
import type { Evidence } from "./observation.ts";
import type { LinkSignals } from "../samples/directions.ts";
import { formatSignals, type Signal } from "../samples/signals.ts";

/** One thing that is wrong with a link, or may be. */
export interface Finding {
  /** A short name that does not change, such as `"other-format"`. */
  code: string;
  /** Whether it prevents the exchange, or only may. */
  severity: "error" | "warning";
  /** What is wrong and why, in a sentence. */
  cause: string;
  /** What to do about it, in a sentence. */
  cure: string;
}

/** Expectations on a link. */
export interface Expectations {
  /** Number of samples that the VILLASnode which receives the same takes from a datagram; default 1, as VILLASnode's. */
  vectorize?: number;
  /** The signals by direction; what arrives is judged by `in`, and only where that is known. */
  signals?: LinkSignals;
  /** The format that the datagrams were read with, with its options; default: that of the evidence, without any. */
  format?: FormatSpecification;
}

/**
 * Finds a format in which the values of datagrams read as measurements, where they are tiny or huge numbers in the one
 * that they were read with.
 *
 * @param datagrams Datagrams as they came
 * @param specification The format that they were read with
 * @param signals Types of the values, where they are known
 * @returns The other format, and what the first datagram reads as, or undefined where there is no reason for another one
 */
export type LayoutFinder = (
  datagrams: readonly Uint8Array[],
  specification: FormatSpecification,
  signals?: readonly Signal[],
) => FormatCandidate | undefined;

/** A clock that is behind by this much, or ahead by any, is named, in seconds. */
const clockTolerance = 1;

/**
 * Finds what is wrong with a link.
 *
 * @param evidence What was seen
 * @param expectations What it should be like
 * @param findLayout Finds another layout of numbers that say nothing about themselves
 * @returns What is wrong, the worst first; nothing where all is well
 *
 * @see VILLASnode's `lib/nodes/socket.cpp` (addresses, vectorize), `lib/hooks/drop.cpp` (sequence numbers)
 *
 * @example Nothing comes
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
  evidence: Evidence,
  expectations: Expectations = {},
  findLayout: LayoutFinder = findPlausibleLayout,
): Finding[] {
  if (evidence.datagrams === 0) return diagnoseSilence(evidence);
  const expected = expectations.format ?? evidence.format;
  const other = findLayout(evidence.first, expected, expectations.signals?.in);
  return [
    ...diagnoseFormat(evidence, expected, other),
    ...diagnoseLayout(evidence, expected, other),
    ...diagnoseSources(evidence),
    ...diagnoseValues(evidence, expectations),
    ...diagnoseSequence(evidence),
    ...diagnoseDrops(evidence),
    ...diagnoseClocks(evidence),
  ].sort((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
}

function diagnoseSilence({ local, remote, seconds, strangers }: Evidence): Finding[] {
  const [stranger] = [...strangers].sort(([, a], [, b]) => b - a);
  if (stranger !== undefined) {
    const [address, count] = stranger;
    return [{
      code: "other-source",
      severity: "error",
      cause: `${plural(count, "datagram")} came from ${address}, none from ${remote}`,
      cure: `Give --remote ${address}, or let the VILLASnode send from ${remote} (its in.address)`,
    }];
  }
  const port = /:(\d+)$/.exec(local)?.[1];
  return [{
    code: "nothing-arrives",
    severity: "error",
    cause: `Nothing came to ${local} within ${seconds.toFixed(1)} s`,
    cure: `Check that the VILLASnode runs, that its out.address is this machine's ${
      port === undefined ? `path ${local}` : `address with port ${port}`
    }, that a path leads to that node, and that no firewall is between`,
  }];
}

function diagnoseFormat(
  evidence: Evidence,
  expected: FormatSpecification,
  other: FormatCandidate | undefined,
): Finding[] {
  const { datagrams, refused, first, format } = evidence;
  if (refused.count === 0) return [];
  const { format: type, options, reason, candidates } = detectFormat(first);
  if (type !== undefined && !isDetected(expected, { type, ...options })) {
    const likely = show({ type, ...options });
    return [{
      code: "other-format",
      severity: "error",
      cause: `${refused.count} of ${plural(datagrams, "datagram")} are no ${
        show(expected)
      }, and look like ${likely}: ${reason}`,
      cure: `Give --format ${quote(likely)}, or set format = "${format}" in the VILLASnode's configuration`,
    }];
  }
  const names = [...new Set(candidates.map(({ specification }) => specification.type))];
  const guess = other !== undefined
    ? `; read as ${show(other.specification)}, they are ${other.preview}`
    : names.length > 0
    ? `; it may be ${names.join(" or ")}, whose datagrams say nothing about themselves`
    : "";
  return [{
    code: "not-decodable",
    severity: "error",
    cause: `${refused.count} of ${plural(datagrams, "datagram")} cannot be decoded as ${
      show(expected)
    }: ${refused.why}${guess}`,
    cure: "Compare the format setting of the VILLASnode with --format, and --signals with its signals",
  }];
}

function diagnoseLayout(
  { refused }: Evidence,
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
    cure: `Give --format ${quote(found)}, or set this format in the VILLASnode's configuration`,
  }];
}

function diagnoseSources({ strangers, remote }: Evidence): Finding[] {
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
    cure: "End the other sender, or give --any-source to receive from every address",
  }];
}

function diagnoseValues(
  { fatal, unfit, samples, samplesPerDatagram }: Evidence,
  { vectorize = 1, signals }: Expectations,
): Finding[] {
  const findings: Finding[] = [];
  if (fatal.count > 0) {
    findings.push({
      code: "fatal-values",
      severity: "error",
      cause: `A VILLASnode 1.2 would not survive ${fatal.count} of ${plural(samples, "sample")}: ${fatal.why}`,
      cure: "Let the sender set all values, and send no start or stop marks",
    });
  }
  if (unfit.count > 0 && signals?.in !== undefined) {
    findings.push({
      code: "other-signals",
      severity: "error",
      cause: `${unfit.count} of ${plural(samples, "sample")} do not have the signals ` +
        `${formatSignals(signals.in)}, which are expected: ${unfit.why}`,
      cure: "Compare --signals-in with the signals of the path that ends in the node",
    });
  }
  if (samplesPerDatagram > vectorize) {
    findings.push({
      code: "several-samples",
      severity: "warning",
      cause:
        `Datagrams hold up to ${samplesPerDatagram} samples; a VILLASnode with in.vectorize = ${vectorize} keeps ` +
        `${vectorize === 1 ? "the first one" : `the first ${vectorize}`} and drops the others without a word`,
      cure: `Set in.vectorize = ${samplesPerDatagram} at the node that receives, or send one sample a datagram`,
    });
  }
  return findings;
}

function diagnoseSequence({ samples, sequence }: Evidence): Finding[] {
  const { unnumbered, missing, duplicate, reordered, restarts } = sequence;
  const findings: Finding[] = [];
  if (unnumbered > 0) {
    findings.push({
      code: "sequence-missing",
      severity: "warning",
      cause: `${unnumbered} of ${plural(samples, "sample")} have no sequence number: losses cannot be seen`,
      cure: "Leave sequence switched on in the sender's format (raw and gtnet need fake = true)",
    });
  }
  if (duplicate + reordered > 0) {
    findings.push({
      code: "sequence-not-rising",
      severity: 2 * (duplicate + reordered) > samples ? "error" : "warning",
      cause:
        `Sequence numbers do not rise: ${duplicate} came twice and ${reordered} late; VILLASnode drops these samples`,
      cure: "Let the sender count up by one with each sample, and only one sender use this link",
    });
  }
  if (missing > 0) {
    findings.push({
      code: "numbers-missing",
      severity: "warning",
      cause:
        `${missing} of ${samples + missing} sequence numbers are missing: their samples were lost on the way, or ` +
        "never sent",
      cure:
        "Check whether a hook of the path (decimate, limit_rate) or a generator that misses steps leaves them out; " +
        "otherwise lower the rate, and look for drops of the kernel and of the network between the machines",
    });
  }
  if (restarts > 0) {
    findings.push({
      code: "restarts",
      severity: "warning",
      cause: `The sender began anew ${restarts === 1 ? "once" : `${restarts} times`}`,
      cure: "Check whether it was restarted, or whether two senders use this link",
    });
  }
  return findings;
}

function diagnoseDrops({ kernelDrops }: Evidence): Finding[] {
  if (!kernelDrops) return [];
  return [{
    code: "kernel-drops",
    severity: "warning",
    cause: `The kernel dropped ${plural(kernelDrops, "datagram")} because they were not received in time`,
    cure: "Lower the rate, send several samples a datagram, or receive with --batch",
  }];
}

function diagnoseClocks({ delay }: Evidence): Finding[] {
  if (delay.count === 0) return [];
  const late = delay.min > clockTolerance;
  if (delay.min >= 0 && !late) return [];
  return [{
    code: "clock-offset",
    severity: "warning",
    cause: late
      ? `Samples seem to take ${
        delay.min.toFixed(3)
      } s at least: the sender's clock is behind, or it replays old samples`
      : `Samples seem to arrive ${(-delay.min).toFixed(6)} s before they were sent: the sender's clock is ahead`,
    cure: "Synchronise both clocks (NTP or PTP) before you trust a one-way delay; round trips need no clocks",
  }];
}

/** Whether a format is the one that was detected: of the same name, and csv with the same separator. */
function isDetected(expected: FormatSpecification, detected: { type: string; separator?: unknown }): boolean {
  const { type, separator = "," } = parseSpecification(expected);
  return type === detected.type && separator === (detected.separator ?? ",");
}

/** A format as the option has it: its name, or a JSON object with its options. */
function show(specification: FormatSpecification): string {
  const { type, ...options } = parseSpecification(specification);
  return Object.keys(options).length === 0 ? type : JSON.stringify({ type, ...options });
}

/** An argument as a shell takes it. */
function quote(text: string): string {
  return text.startsWith("{") ? `'${text}'` : text;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
