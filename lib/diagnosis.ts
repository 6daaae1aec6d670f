/**
 * What is wrong with a link, in plain words, judged by what was seen on it.
 *
 * @module
 */

import { detectFormat } from "./formats/detect.ts";
import type { Evidence } from "./observation.ts";
import { formatSignals, type Signal } from "./signals.ts";

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

/** What a link should be like. */
export interface Expectations {
  /** How many samples the VILLASnode that receives the same takes from a datagram; default 1, as VILLASnode's. */
  vectorize?: number;
  /** What the values are. */
  signals?: readonly Signal[];
}

/** A clock that is behind by this much, or ahead by any, is named, in seconds. */
const clockTolerance = 1;

/**
 * Says what is wrong with a link.
 *
 * @param evidence What was seen
 * @param expectations What it should be like
 * @returns What is wrong, the worst first; nothing where all is well
 *
 * @see VILLASnode's `lib/nodes/socket.cpp` (addresses, vectorize), `lib/hooks/drop.cpp` (sequence numbers)
 *
 * @example Nothing comes
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { diagnose, observeLink, openMemory, protobuf } from "@villas/client";
 *
 * const transport = await openMemory({ local: "memory:here", remote: "memory:there" });
 * const observing = observeLink(transport, new Map(), { format: protobuf() });
 * transport.close();
 * assertEquals(diagnose(await observing).map(({ code }) => code), ["nothing-arrives"]);
 * ```
 */
export function diagnose(evidence: Evidence, expectations: Expectations = {}): Finding[] {
  if (evidence.datagrams === 0) return diagnoseSilence(evidence);
  return [
    ...diagnoseFormat(evidence),
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

function diagnoseFormat({ datagrams, refused, first, format }: Evidence): Finding[] {
  if (refused.count === 0) return [];
  const { format: likely, reason, candidates } = detectFormat(first);
  if (likely !== undefined && likely !== format) {
    return [{
      code: "other-format",
      severity: "error",
      cause: `${refused.count} of ${
        plural(datagrams, "datagram")
      } are no ${format}, and look like ${likely}: ${reason}`,
      cure: `Give --format ${likely}, or set format = "${format}" in the VILLASnode's configuration`,
    }];
  }
  const names = [...new Set(candidates.map(({ specification }) => specification.type))];
  const guess = names.length === 0
    ? ""
    : `; it may be ${names.join(" or ")}, whose datagrams say nothing about themselves`;
  return [{
    code: "not-decodable",
    severity: "error",
    cause: `${refused.count} of ${
      plural(datagrams, "datagram")
    } cannot be decoded as ${format}: ${refused.why}${guess}`,
    cure: "Compare the format setting of the VILLASnode with --format, and --signals with its signals",
  }];
}

function diagnoseValues(
  { fatal, samples, samplesPerDatagram }: Evidence,
  { vectorize = 1, signals }: Expectations,
): Finding[] {
  const findings: Finding[] = [];
  if (fatal.count > 0) {
    const given = signals === undefined ? "" : ` with signals ${formatSignals(signals)}`;
    findings.push({
      code: "fatal-values",
      severity: "error",
      cause: `A VILLASnode 1.2${given} would not survive ${fatal.count} of ${plural(samples, "sample")}: ${fatal.why}`,
      cure:
        "Send values of the types that the receiving node's signals have, no more of them, and no start or stop marks",
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
  const { missing, lost, duplicate, reordered, restarts } = sequence;
  const findings: Finding[] = [];
  if (missing > 0) {
    findings.push({
      code: "sequence-missing",
      severity: "warning",
      cause: `${missing} of ${plural(samples, "sample")} have no sequence number: losses cannot be seen`,
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
  if (lost > 0) {
    findings.push({
      code: "lost",
      severity: "warning",
      cause: `${lost} of ${samples + lost} samples were lost on the way`,
      cure: "Lower the rate, or look for the kernel's drops and for the network between the machines",
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

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
