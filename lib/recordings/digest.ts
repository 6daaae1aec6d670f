/**
 * Digests of frames of samples, as VILLASnode's hook `digest` writes them: two ends that have the same ones saw the same data.
 *
 * @module
 */

import { isComplex, type Sample, type Timestamp, type Value } from "../samples/sample.ts";

/** A sample as a digest names it. */
export interface DigestMark {
  /** Its origin timestamp; 0 where it has none. */
  readonly time: Timestamp;
  /** Its sequence number; 0 where it has none. */
  readonly sequence: bigint;
}

/** Digest of the samples of one frame. */
export interface FrameDigest {
  /** The first sample of the frame. */
  readonly first: DigestMark;
  /** The last sample of the frame. */
  readonly last: DigestMark;
  /** Name of the algorithm, as OpenSSL has it, such as `"sha256"`. */
  readonly algorithm: string;
  /** The digest, in upper-case hexadecimal digits. */
  readonly digest: string;
}

/**
 * Beginnings of frames: at samples that are marked so (`newFrame`), at each multiple of a number of samples or of a time as
 * VILLASnode's hook `frame` has it (`lib/hooks/frame.cpp`), or where other digests begin. Samples between those are left out.
 */
export type Frames =
  | { readonly trigger: "flags" }
  | { readonly trigger: "sequence"; readonly interval: number }
  | { readonly trigger: "timestamp"; readonly interval: number }
  | { readonly trigger: "digests"; readonly digests: readonly FrameDigest[] };

/** Options of {@linkcode createDigester}. */
export interface DigestOptions {
  /** Name of the algorithm, as OpenSSL has it; default `"sha256"`. */
  algorithm?: string;
  /**
   * Beginnings of frames. The interval of `"sequence"` is a number of samples, that of `"timestamp"` a time in seconds, to
   * the millisecond. Default: where samples are marked, or each second if the first sample is not.
   */
  frames?: Frames;
}

/** Computes the digests of the frames of a stream of samples. */
export interface Digester {
  /**
   * Adds samples.
   *
   * @param samples The next samples
   * @returns Digests of the frames that have ended with them
   * @throws {TypeError} If a value is not set, of which VILLASnode has no digest either
   */
  add(samples: readonly Sample[]): FrameDigest[];
  /**
   * Ends the stream.
   *
   * @returns Digest of the last frame, which VILLASnode does not write; undefined if there is none
   */
  end(): FrameDigest | undefined;
}

/** The part of a hash that is needed. */
interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(encoding: "hex"): string;
}

/**
 * Creates what computes digests of frames.
 *
 * Of each sample, the seconds, nanoseconds and sequence number enter as 64 bits, then the values: a float as 64 bits, an
 * integer as 64 bits, a boolean as a byte, a complex number as two floats of 32 bits; all little endian, each NaN the same. What
 * a sample does not have is left out. Samples in front of the first marked frame enter its digest, as in VILLASnode.
 *
 * @param options The algorithm, and where frames begin
 * @returns The digester
 * @throws {TypeError} If there is no such algorithm
 * @throws {RangeError} If an interval is not above 0
 *
 * @see VILLASnode, `lib/hooks/digest.cpp`
 *
 * @example Two frames of two samples; the second one ends with the stream
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createDigester, formatDigest } from "@villas/client/recordings";
 *
 * const digester = await createDigester({ frames: { trigger: "sequence", interval: 2 } });
 * const sample = (index: number) => ({ sequence: BigInt(index), tsOrigin: { sec: 5, nsec: index }, values: [index / 2] });
 * const [frame, ...others] = digester.add([0, 1, 2, 3].map(sample));
 * assertEquals(
 *   frame && formatDigest(frame),
 *   "5.000000000-0 5.000000001-1 sha256 5FA322C8757D08CAD113222941022CBC6B5B8054DA0A1C5CF175FA6F76378CD6",
 * );
 * assertEquals([others.length, digester.end()?.last.sequence], [0, 3n]);
 * ```
 */
export async function createDigester(options: DigestOptions = {}): Promise<Digester> {
  const { algorithm = "sha256", frames } = options;
  if ((frames?.trigger === "sequence" || frames?.trigger === "timestamp") && !(frames.interval > 0)) {
    throw new RangeError(`Cannot make frames of ${frames.interval}: the interval must be above 0`);
  }
  // Of the platforms' libraries, only this one hashes piece by piece.
  const { createHash } = await import("node:crypto");
  const create = (): Hash => {
    try {
      return createHash(algorithm);
    } catch (error) {
      throw new TypeError(`Cannot find the algorithm "${algorithm}": expected a name such as sha256`, { cause: error });
    }
  };
  create();
  return new FrameDigester(algorithm, create, frames);
}

class FrameDigester implements Digester {
  readonly #algorithm: string;
  readonly #create: () => Hash;
  readonly #bytes = new SampleBytes();
  #frames: Frames | undefined;
  /** Ends of the frames that other digests name, by their beginnings. */
  readonly #ends: ReadonlyMap<string, string> | undefined;
  #hash: Hash | undefined;
  #first: DigestMark | undefined;
  #last: DigestMark | undefined;
  #previous: Sample | undefined;

  constructor(algorithm: string, create: () => Hash, frames: Frames | undefined) {
    this.#algorithm = algorithm;
    this.#create = create;
    this.#frames = frames;
    if (frames?.trigger === "digests") {
      this.#ends = new Map(frames.digests.map(({ first, last }) => [keyOf(first), keyOf(last)]));
    }
  }

  add(samples: readonly Sample[]): FrameDigest[] {
    const digests: FrameDigest[] = [];
    for (const sample of samples) {
      const mark = markOf(sample);
      if (this.#begins(sample, mark)) {
        const digest = this.#finish();
        if (digest !== undefined) digests.push(digest);
        this.#first = mark;
      }
      this.#previous = sample;
      if (this.#first === undefined && this.#ends !== undefined) continue;
      this.#hash ??= this.#create();
      this.#hash.update(this.#bytes.write(sample));
      this.#last = mark;
      if (this.#first === undefined || this.#ends?.get(keyOf(this.#first)) !== keyOf(mark)) continue;
      const digest = this.#finish();
      if (digest !== undefined) digests.push(digest);
    }
    return digests;
  }

  end(): FrameDigest | undefined {
    return this.#finish();
  }

  #begins(sample: Sample, mark: DigestMark): boolean {
    const frames = this.#frames ??= { trigger: sample.newFrame ? "flags" : "timestamp", interval: 1 };
    const previous = this.#previous;
    switch (frames.trigger) {
      case "flags":
        return sample.newFrame === true;
      case "digests":
        return this.#ends?.has(keyOf(mark)) ?? false;
      case "sequence":
        return previous === undefined || sample.newSimulation === true ||
          indexBySequence(sample, frames.interval) !== indexBySequence(previous, frames.interval);
      case "timestamp":
        return previous === undefined || sample.newSimulation === true ||
          indexByTime(sample, frames.interval) !== indexByTime(previous, frames.interval);
    }
  }

  /** Ends a frame; before the first one, nothing is thrown away, as VILLASnode does not begin anew either. */
  #finish(): FrameDigest | undefined {
    const [first, last, hash] = [this.#first, this.#last, this.#hash];
    if (first === undefined || last === undefined || hash === undefined) return undefined;
    this.#first = this.#last = this.#hash = undefined;
    return { first, last, algorithm: this.#algorithm, digest: hash.digest("hex").toUpperCase() };
  }
}

function indexBySequence({ sequence = 0n }: Sample, interval: number): bigint {
  return sequence / BigInt(Math.ceil(interval));
}

/** Counts in milliseconds, as VILLASnode does. */
function indexByTime({ tsOrigin }: Sample, interval: number): number {
  const { sec = 0, nsec = 0 } = tsOrigin ?? {};
  return Math.floor((sec * 1000 + Math.floor(nsec / 1e6)) / Math.max(1, Math.round(interval * 1000)));
}

function markOf({ tsOrigin, sequence }: Sample): DigestMark {
  return { time: tsOrigin ?? { sec: 0, nsec: 0 }, sequence: sequence ?? 0n };
}

/** Returns a text that two marks share if they are of the same sample. */
function keyOf({ time: { sec, nsec }, sequence }: DigestMark): string {
  return `${sec}.${nsec}-${sequence}`;
}

/** The bytes of a sample that enter a digest, in memory that is used again. */
class SampleBytes {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  /** Returns the bytes of a sample, which are valid until the next call. */
  write({ tsOrigin, sequence, values }: Sample): Uint8Array {
    const room = 24 + 8 * values.length;
    if (room > this.#bytes.length) {
      this.#bytes = new Uint8Array(2 * room);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#used = 0;
    if (tsOrigin !== undefined) {
      this.#putInteger(BigInt(tsOrigin.sec));
      this.#putInteger(BigInt(tsOrigin.nsec));
    }
    if (sequence !== undefined) this.#putInteger(sequence);
    for (let index = 0; index < values.length; index++) this.#putValue(values[index] ?? null, index);
    return this.#bytes.subarray(0, this.#used);
  }

  #putValue(value: Value, index: number): void {
    if (typeof value === "number") {
      if (Number.isNaN(value)) this.#putInteger(0x7ff8_0000_0000_0000n);
      else {
        this.#view.setFloat64(this.#used, value, true);
        this.#used += 8;
      }
    } else if (typeof value === "bigint") {
      this.#putInteger(value);
    } else if (typeof value === "boolean") {
      this.#bytes[this.#used++] = value ? 1 : 0;
    } else if (isComplex(value)) {
      this.#putFloat32(value.real);
      this.#putFloat32(value.imag);
    } else {
      throw new TypeError(`Cannot compute the digest of a sample: its value ${index} is not set`);
    }
  }

  #putInteger(value: bigint): void {
    this.#view.setBigUint64(this.#used, BigInt.asUintN(64, value), true);
    this.#used += 8;
  }

  #putFloat32(value: number): void {
    if (Number.isNaN(value)) this.#view.setUint32(this.#used, 0x7fc0_0000, true);
    else this.#view.setFloat32(this.#used, value, true);
    this.#used += 4;
  }
}

/**
 * Writes a digest as VILLASnode does, without the line end.
 *
 * @param digest The digest of a frame
 * @returns The line: first and last sample as `SECONDS.NANOSECONDS-SEQUENCE`, the algorithm and the digest
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatDigest, parseDigest } from "@villas/client/recordings";
 *
 * const line = "5.000000007-0 5.100000000-1 md5 D41D8CD98F00B204E9800998ECF8427E";
 * assertEquals(formatDigest(parseDigest(line)), line);
 * ```
 */
export function formatDigest({ first, last, algorithm, digest }: FrameDigest): string {
  return `${formatMark(first)} ${formatMark(last)} ${algorithm} ${digest}`;
}

function formatMark({ time: { sec, nsec }, sequence }: DigestMark): string {
  return `${sec}.${String(nsec).padStart(9, "0")}-${sequence}`;
}

const digestPattern =
  /^(\d{1,16})\.(\d{1,9})-(\d{1,20}) (\d{1,16})\.(\d{1,9})-(\d{1,20}) ([\w./-]{1,64}) ([\dA-Fa-f]{2,256})$/;

/**
 * Reads a digest as VILLASnode or its Python package writes it: that one leaves the zeros in front of nanoseconds out.
 *
 * @param line The line, without the line end
 * @returns The digest
 * @throws {SyntaxError} If it is not one
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseDigest } from "@villas/client/recordings";
 *
 * const { first } = parseDigest("5.7-0 5.100000000-1 md5 D41D8CD98F00B204E9800998ECF8427E");
 * assertEquals(first, { time: { sec: 5, nsec: 7 }, sequence: 0n });
 * ```
 */
export function parseDigest(line: string): FrameDigest {
  const [, sec, nsec, sequence = "", lastSec, lastNsec, lastSequence = "", algorithm = "", digest = ""] =
    digestPattern.exec(line) ?? [];
  if (sec === undefined || digest.length % 2 !== 0) {
    const shown = line.length > 80 ? `${line.slice(0, 80)}...` : line;
    // As JSON, so that a file cannot send escape sequences to the terminal.
    throw new SyntaxError(
      `Cannot read ${JSON.stringify(shown)} as a digest: expected SEC.NSEC-SEQ SEC.NSEC-SEQ ALGORITHM HEX`,
    );
  }
  return {
    first: { time: { sec: Number(sec), nsec: Number(nsec) }, sequence: BigInt(sequence) },
    last: { time: { sec: Number(lastSec), nsec: Number(lastNsec) }, sequence: BigInt(lastSequence) },
    algorithm,
    digest: digest.toUpperCase(),
  };
}
