/**
 * Merging the samples of several senders into those of one, as a path of VILLASnode with several inputs does.
 *
 * @module
 */

import type { BridgeSource } from "./bridge.ts";
import type { Sample, Value } from "../samples/sample.ts";

/** Some values of a merged sample, and where they come from. */
export interface MergePart {
  /** Index of the input, from 0. */
  readonly input: number;
  /**
   * The values to take from its samples, by their indices from 0; or the sequence number, the number of values, or the whole
   * seconds of a timestamp, as an integer.
   */
  readonly take: readonly number[] | "sequence" | "length" | "origin" | "received";
}

/** Options of {@linkcode createMerge}. */
export interface MergeOptions {
  /**
   * When there is a merged sample: with each sample of any input, beside the newest values of the others (`"any"`, the
   * default), or when each input has sent one since the last time (`"all"`).
   */
  mode?: "any" | "all";
  /** Indices of the inputs that count for the mode; the others only give their newest values. Default: all. */
  mask?: readonly number[];
  /** Keeps the sequence number of the sample that completes a merged one; by default they count from 0. */
  keepSequence?: boolean;
  /** Called once, where some inputs send and these have sent nothing for 5 s, so that there are no merged samples. */
  onWait?: (inputs: readonly number[]) => void;
}

/** Samples of several inputs as one source. */
export interface Merge extends BridgeSource {
  /** Numbers of messages and samples that have come from each input, in their order. */
  readonly received: readonly { readonly messages: number; readonly samples: number }[];
  /** Number of those that have completed no merged sample. */
  readonly merged: number;
}

/** Time without a sample of an input, while others send, after which that is worth a word, in milliseconds. */
const silenceMs = 5000;

/**
 * Merges the samples of several sources.
 *
 * A merged sample has the timestamps and marks of the sample that completes it, and values of all inputs. The first one comes
 * when each input has sent something: no value is made up. (VILLASnode sends shorter samples until then, and what lies in its
 * memory for inputs in between.) A value that a sample lacks stays as it was, as there. With `"all"`, only the last sample of
 * a message counts, as there; numbers have no gaps. (VILLASnode counts samples that complete nothing, too, which looks like
 * losses.)
 *
 * The merge ends when no input is left that could complete a sample.
 *
 * @param sources The sources
 * @param parts The values of a merged sample, in their order
 * @param options When there is a merged sample, and its number
 * @returns The source of the merged samples
 * @throws {RangeError} If a part or the mask names an input that does not exist, or there is no part
 *
 * @see VILLASnode, `PathSource::read` in `lib/path_source.cpp` and `lib/mapping.cpp`
 *
 * @example The second value of one sender, and all of another one
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type BridgeSource, createMerge } from "@villas/client/client";
 *
 * const script = (...values: number[][]): BridgeSource => ({
 *   receive: () => Promise.resolve(values.splice(0, 1).map((values) => [{ values }])),
 * });
 * const merge = createMerge([script([1, 2], [1, 3]), script([7])], [{ input: 0, take: [1] }, { input: 1, take: [0] }]);
 * const merged = [];
 * for (let messages; (messages = await merge.receive()).length > 0;) merged.push(...messages.flat());
 * assertEquals(merged.at(-1), { sequence: 1n, values: [3, 7] });
 * ```
 */
export function createMerge(
  sources: readonly BridgeSource[],
  parts: readonly MergePart[],
  options: MergeOptions = {},
): Merge {
  return new RunningMerge(sources, parts, options);
}

/** Values of an input, and their places in a merged sample. */
interface Placed {
  readonly take: MergePart["take"];
  readonly start: number;
}

class RunningMerge implements Merge {
  readonly received: { messages: number; samples: number }[];
  merged = 0;
  readonly #sources: readonly BridgeSource[];
  readonly #isAny: boolean;
  readonly #keepsSequence: boolean;
  readonly #onWait: MergeOptions["onWait"];
  /** Inputs that complete samples. */
  readonly #mask: ReadonlySet<number>;
  /** Values of each input. */
  readonly #placed: readonly (readonly Placed[])[];
  /** The newest values of all inputs. */
  readonly #values: Value[];
  /** Inputs that give values and have not sent any yet. */
  readonly #awaited: Set<number>;
  /** Inputs that have sent something since the last merged sample. */
  readonly #arrived = new Set<number>();
  /** Inputs that will not send any more. */
  readonly #ended = new Set<number>();
  #next = 0n;
  #messages: Sample[][] = [];
  #failure: { readonly error: unknown } | undefined;
  #isStarted = false;
  #firstTime: number | undefined;
  /** Wakes the call that waits for messages. */
  #wake = () => {};
  /** Wakes the inputs that wait until their messages are taken. */
  #taken = Promise.withResolvers<void>();

  constructor(sources: readonly BridgeSource[], parts: readonly MergePart[], options: MergeOptions) {
    const { mode = "any", mask = [...sources.keys()], keepSequence = false, onWait } = options;
    for (const input of [...parts.map(({ input }) => input), ...mask]) {
      if (sources[input] === undefined) {
        throw new RangeError(`Cannot merge input ${input}: there are ${sources.length}, counted from 0`);
      }
    }
    if (parts.length === 0 || mask.length === 0) throw new RangeError("Cannot merge nothing: a part is needed");
    this.received = sources.map(() => ({ messages: 0, samples: 0 }));
    this.#sources = sources;
    this.#isAny = mode === "any";
    this.#keepsSequence = keepSequence;
    this.#onWait = onWait;
    this.#mask = new Set(mask);
    this.#awaited = new Set(parts.map(({ input }) => input));
    const placed: Placed[][] = sources.map(() => []);
    let start = 0;
    for (const { input, take } of parts) {
      placed[input]?.push({ take, start });
      start += typeof take === "string" ? 1 : take.length;
    }
    this.#placed = placed;
    this.#values = new Array<Value>(start).fill(null);
  }

  async receive({ limit = Infinity }: { limit?: number } = {}): Promise<readonly (readonly Sample[])[]> {
    if (!this.#isStarted) {
      this.#isStarted = true;
      for (const [input, source] of this.#sources.entries()) void this.#read(input, source);
    }
    while (this.#messages.length === 0 && this.#failure === undefined && !this.#hasEnded) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const messages = this.#messages.splice(0, limit);
    if (messages.length === 0 && this.#failure !== undefined) throw this.#failure.error;
    if (this.#messages.length === 0) {
      this.#taken.resolve();
      this.#taken = Promise.withResolvers();
    }
    return messages;
  }

  /** True when no sample can be completed any more. */
  get #hasEnded(): boolean {
    const left = [...this.#mask].filter((input) => !this.#ended.has(input));
    return this.#isAny ? left.length === 0 : left.length < this.#mask.size;
  }

  /** Reads an input to its end. What it has sent waits to be taken before more is read: queues are elsewhere. */
  async #read(input: number, source: BridgeSource): Promise<void> {
    try {
      for (;;) {
        const messages = await source.receive();
        if (messages.length === 0) break;
        for (const message of messages) this.#take(input, message);
        this.#wake();
        if (this.#messages.length > 0) await this.#taken.promise;
      }
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#ended.add(input);
    this.#wake();
  }

  #take(input: number, message: readonly Sample[]): void {
    const count = this.received[input];
    if (count !== undefined) {
      count.messages++;
      count.samples += message.length;
    }
    const data = message.filter(({ type }) => type === undefined);
    const merged: Sample[] = [];
    for (const sample of this.#isAny ? data : data.slice(-1)) {
      this.#update(input, sample);
      if (this.#completes(input)) merged.push(this.#merge(sample));
    }
    this.merged += message.length - merged.length;
    if (merged.length > 0) this.#messages.push(merged);
    else if (this.#awaited.size > 0) this.#watchSilence();
  }

  /** Keeps the values of a sample. */
  #update(input: number, sample: Sample): void {
    this.#awaited.delete(input);
    this.#arrived.add(input);
    for (const { take, start } of this.#placed[input] ?? []) {
      if (typeof take === "string") this.#values[start] = describeSample(sample, take);
      else {
        for (const [offset, index] of take.entries()) {
          const value = sample.values[index];
          if (value !== undefined) this.#values[start + offset] = value;
        }
      }
    }
  }

  /** Tells whether a sample of an input completes a merged one. */
  #completes(input: number): boolean {
    if (this.#awaited.size > 0 || !this.#mask.has(input)) return false;
    return this.#isAny || this.#mask.isSubsetOf(this.#arrived);
  }

  #merge(sample: Sample): Sample {
    this.#arrived.clear();
    const { sequence: _, ...rest } = sample;
    const sequence = this.#keepsSequence ? sample.sequence : this.#next++;
    return { ...rest, ...sequence !== undefined && { sequence }, values: [...this.#values] };
  }

  /** Reports inputs that nothing comes from, once. */
  #watchSilence(): void {
    const time = performance.now();
    this.#firstTime ??= time;
    if (time - this.#firstTime < silenceMs || this.#onWait === undefined) return;
    this.#firstTime = Infinity;
    this.#onWait([...this.#awaited]);
  }
}

/** Returns what a mapping takes of a sample besides its values; null where the sample does not have it. */
function describeSample(
  { sequence, values, tsOrigin, tsReceived }: Sample,
  take: Exclude<MergePart["take"], readonly number[]>,
): Value {
  switch (take) {
    case "sequence":
      return sequence ?? null;
    case "length":
      return BigInt(values.length);
    default: {
      const time = take === "origin" ? tsOrigin : tsReceived;
      return time === undefined ? null : BigInt(time.sec);
    }
  }
}
