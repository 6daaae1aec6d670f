/**
 * Describes a recording in one pass over its samples: times, rate, gaps, and the range of each signal.
 *
 * @module
 */

import type { Sample } from "../samples/sample.ts";
import { createSequenceTracker } from "../samples/sequence.ts";
import type { RecordingReader } from "./file_format.ts";
import type { RecordingInfo } from "./recording_info.ts";
import { SignalObserver } from "./_signal_observer.ts";
import { TimeObserver } from "./_time_observer.ts";

/**
 * Describes a recording.
 *
 * @param batches The samples in batches
 * @returns What is known of it
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeRecording } from "@villas/client/recordings";
 *
 * async function* recording() {
 *   yield [0, 1, 2, 5].map((sec) => ({ tsOrigin: { sec, nsec: 0 }, sequence: BigInt(sec), values: [sec / 2] }));
 * }
 * const info = await describeRecording(recording());
 * assertEquals([info.samples, info.rate, info.gaps.count, info.sequence?.missing], [4, 0.6, 1, 2]);
 * assertEquals([info.signals[0]?.minimum, info.signals[0]?.maximum], [0, 2.5]);
 * ```
 */
export async function describeRecording(batches: AsyncIterable<readonly Sample[]>): Promise<RecordingInfo> {
  const observer = new RecordingObserver();
  for await (const samples of batches) observer.observe(samples);
  return observer.conclude();
}

/**
 * Describes a recording that was opened, in the fastest way that its format has.
 *
 * @param reader The recording, of which nothing was read yet
 * @param onSamples Called with the number of samples so far
 * @returns What is known of it
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createFileFormat, describeReader } from "@villas/client/recordings";
 * import { villasBinary } from "@villas/client/formats";
 *
 * const path = await Deno.makeTempFile({ suffix: ".villas.binary" });
 * await Deno.writeFile(path, villasBinary().encode([{ values: [1.5, NaN] }, { values: [-2, 0] }]));
 * const info = await describeReader(await (await createFileFormat("villas.binary")).open(path));
 * assertEquals(info.signals, [
 *   { types: { float: 2 }, nan: 0, minimum: -2, maximum: 1.5 },
 *   { types: { float: 2 }, nan: 1, minimum: 0, maximum: 0 },
 * ]);
 * await Deno.remove(path);
 * ```
 */
export async function describeReader(
  reader: RecordingReader,
  onSamples: (count: number) => void = () => {},
): Promise<RecordingInfo> {
  if (reader.describe !== undefined) return await reader.describe(onSamples);
  const observer = new RecordingObserver();
  for await (const samples of reader.batches()) {
    observer.observe(samples);
    onSamples(observer.samples);
  }
  return observer.conclude();
}

/** Follows the samples of a recording. */
class RecordingObserver {
  readonly #signals: SignalObserver[] = [];
  readonly #tracker = createSequenceTracker();
  readonly #times = new TimeObserver();
  #samples = 0;
  #numbered = 0;

  /** Number of samples so far. */
  get samples(): number {
    return this.#samples;
  }

  observe(samples: readonly Sample[]): void {
    this.#samples += samples.length;
    for (const sample of samples) {
      if (sample.sequence !== undefined) {
        this.#numbered++;
        this.#tracker.track(sample);
      }
      const time = sample.tsOrigin ?? sample.tsReceived;
      if (time === undefined) this.#times.observeMissing();
      else this.#times.observe(time.sec, time.nsec);
      const { values } = sample;
      while (this.#signals.length < values.length) this.#signals.push(new SignalObserver());
      for (let index = 0; index < values.length; index++) this.#signals[index]?.observe(values[index] ?? null);
    }
  }

  conclude(): RecordingInfo {
    return {
      samples: this.#samples,
      signals: this.#signals.map((signal) => signal.conclude()),
      ...this.#times.conclude(),
      ...this.#numbered > 0 && { sequence: { ...this.#tracker.counters } },
    };
  }
}
