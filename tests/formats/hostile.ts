/**
 * Feeds a format with datagrams that nobody means well with, and counts what comes of it: a list of samples or the
 * library's own error is right, anything else is not.
 *
 * @module
 */

import { DecodeError, EncodeError, type Format, type Sample } from "@villas/client";
import { type Random, seededRandom } from "../_random.ts";
import { sameSamples } from "../_samples.ts";
import { join } from "./_wire.ts";

/** The most that UDP over IPv4 carries. */
export const maximumDatagram = 65_507;

/** What a format is tried with. */
export interface Subject {
  /** The format. */
  readonly format: Format;
  /** Datagrams that are right, to be broken. */
  readonly corpus: readonly Uint8Array[];
  /** Makes a format for what is encoded again, where the format remembers what it has decoded. */
  readonly createFresh?: () => Format;
  /** Makes datagrams that aim at this format's weak places. */
  readonly special?: (random: Random) => Uint8Array;
  /**
   * Whether samples that were decoded are the same after they have been encoded and decoded again. Formats that leave
   * things out are only asked not to throw anything but {@linkcode EncodeError}.
   */
  readonly isLossless: boolean;
}

/** What came of it. */
export interface Outcome {
  datagrams: number;
  bytes: number;
  /** Datagrams that were decoded, and the samples and values in them. */
  decoded: number;
  samples: number;
  values: number;
  /** Datagrams that were decoded, encoded, and decoded again. */
  encoded: number;
  /** Datagrams that were refused, by what was said of them. */
  refused: Map<string, number>;
  /** Time of all `decode` calls. */
  milliseconds: number;
  /** Time of the slowest one, the best of three tries, and the length of what it was given. */
  slowest: { milliseconds: number; bytes: number };
  /** The most memory that the process had, in bytes. */
  peakMemory: number;
}

/** Returns the memory of this test's own heap in bytes: that of the process is shared with tests that run beside it. */
export function usedMemory(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/**
 * Tries a format with hostile datagrams.
 *
 * @param subject The format and what to try it with
 * @param count How many datagrams
 * @param seed What decides which ones
 * @returns The count of outcomes
 * @throws {Error} With the bytes and the seed, at the first datagram that is treated wrongly
 */
export function tryHostile(subject: Subject, count: number, seed: number): Outcome {
  const random = seededRandom(seed);
  const outcome: Outcome = {
    datagrams: 0,
    bytes: 0,
    decoded: 0,
    samples: 0,
    values: 0,
    encoded: 0,
    refused: new Map(),
    milliseconds: 0,
    slowest: { milliseconds: 0, bytes: 0 },
    peakMemory: 0,
  };
  for (let i = 0; i < count; i++) {
    const datagram = hostileDatagram(random, subject);
    try {
      tryOne(subject, datagram, outcome);
    } catch (error) {
      const shown = datagram.subarray(0, 512).toHex();
      throw new Error(`Datagram ${i} of seed ${seed} is treated wrongly: ${shown} (${datagram.length} bytes)`, {
        cause: error,
      });
    }
    if (i % 1000 === 0) outcome.peakMemory = Math.max(outcome.peakMemory, usedMemory());
  }
  return outcome;
}

function tryOne(subject: Subject, datagram: Uint8Array, outcome: Outcome): void {
  const { format, isLossless } = subject;
  outcome.datagrams++;
  outcome.bytes += datagram.length;
  let samples: Sample[] | undefined;
  const start = performance.now();
  try {
    samples = format.decode(datagram);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (error.offset !== undefined && !(error.offset >= 0 && error.offset <= datagram.length)) throw error;
    const kind = kindOf(error);
    outcome.refused.set(kind, (outcome.refused.get(kind) ?? 0) + 1);
  }
  const milliseconds = performance.now() - start;
  outcome.milliseconds += milliseconds;
  if (milliseconds > outcome.slowest.milliseconds) {
    const again = Math.min(milliseconds, timeOf(format, datagram), timeOf(format, datagram));
    if (again > outcome.slowest.milliseconds) outcome.slowest = { milliseconds: again, bytes: datagram.length };
  }
  if (samples === undefined) return;
  outcome.decoded++;
  outcome.samples += samples.length;
  for (const { values } of samples) outcome.values += values.length;
  if (samples.every(isSendable)) encodeAgain(subject.createFresh?.() ?? format, isLossless, samples, outcome);
}

/** How long decoding takes, tried again because the first time something else may have had the processor. */
function timeOf(format: Format, datagram: Uint8Array): number {
  const start = performance.now();
  try {
    format.decode(datagram);
  } catch {
    // It was looked at the first time.
  }
  return performance.now() - start;
}

function encodeAgain(format: Format, isLossless: boolean, samples: readonly Sample[], outcome: Outcome): void {
  let again: Uint8Array;
  try {
    again = format.encode(samples);
  } catch (error) {
    if (isLossless || !(error instanceof EncodeError)) throw error;
    return;
  }
  const decoded = format.decode(again);
  if (isLossless && !sameSamples(samples, decoded)) throw new Error("It is not the same after encoding and decoding");
  outcome.encoded++;
}

/** Whether a VILLASnode would survive the sample. */
function isSendable({ type, values }: Sample): boolean {
  return type === undefined && !values.includes(null);
}

/** What an error says, without the numbers and quotations in it. */
function kindOf({ reason }: DecodeError): string {
  return reason.replace(/"[^"]*"/g, '"..."').replace(/\d[\d.]*/g, "N").replace(/,$/, "");
}

/** One hostile datagram. */
export function hostileDatagram(random: Random, subject: Pick<Subject, "corpus" | "special">): Uint8Array {
  const { corpus, special } = subject;
  if (random.chance(0.1)) return random.bytes(random.small(400));
  if (special !== undefined && random.chance(0.3)) {
    const datagram = special(random);
    return random.chance(0.5) ? datagram : mutate(random, datagram, corpus);
  }
  return mutate(random, random.pick(corpus), corpus);
}

/** Breaks a datagram in one to four places. */
function mutate(random: Random, datagram: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array {
  let bytes = datagram;
  for (let left = 1 + random.small(4); left > 0; left--) bytes = random.pick(mutations)(random, bytes, corpus);
  return bytes.length > maximumDatagram ? bytes.subarray(0, maximumDatagram) : bytes;
}

type Mutation = (random: Random, bytes: Uint8Array, corpus: readonly Uint8Array[]) => Uint8Array;

/** Bytes that mean much in many formats: limits of numbers, varints that go on, digits, brackets, line ends. */
const telling = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x0b, 0x0c, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x5b, 0x5d, 0x65, 0x7b];

const mutations: readonly Mutation[] = [
  function flipBits(random, bytes) {
    const copy = bytes.slice();
    for (let left = 1 + random.small(8); left > 0 && copy.length > 0; left--) {
      const i = random.below(copy.length);
      copy[i] = (copy[i] ?? 0) ^ 1 << random.below(8);
    }
    return copy;
  },
  function setByte(random, bytes) {
    const copy = bytes.slice();
    if (copy.length > 0) copy[random.below(copy.length)] = random.pick(telling);
    return copy;
  },
  function cutEnd(random, bytes) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function cutOut(random, bytes) {
    const from = random.below(bytes.length + 1);
    return join(bytes.subarray(0, from), bytes.subarray(from + 1 + random.small(20)));
  },
  function insert(random, bytes) {
    const at = random.below(bytes.length + 1);
    const what = random.chance(0.5) ? random.bytes(1 + random.small(12)) : [random.pick(telling)];
    return join(bytes.subarray(0, at), what, bytes.subarray(at));
  },
  function repeat(random, bytes) {
    const from = random.below(bytes.length + 1);
    const piece = bytes.subarray(from, from + random.small(64));
    return join(bytes.subarray(0, from), ...Array(1 + random.small(8)).fill(piece), bytes.subarray(from));
  },
  function splice(random, bytes, corpus) {
    const other = random.pick(corpus);
    return join(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1)));
  },
  function append(random, bytes, corpus) {
    return join(bytes, random.pick(corpus));
  },
];
