/**
 * Samples around events: some time before each of them, and some time after it.
 *
 * @module
 */

import { isComplex, type Sample, type Timestamp } from "../../samples/sample.ts";

/** Default of the most memory for samples before an event, 256 MiB. */
const defaultWindowBytes = 2 ** 28;

/** Memory of a sample without its values, of a float or boolean, and of another value, about. */
const sampleBytes = 400;
const valueBytes = 16;
const objectBytes = 48;

/** Settings of a window. */
export interface EventWindowOptions {
  /** Time before an event, in seconds, 0 or more. */
  before: number;
  /** Time after the last event, in seconds, 0 or more. */
  after: number;
  /** True if each part is whole: it repeats samples of the part before it that belong to both. Default: false. */
  repeats?: boolean;
  /** The most memory for samples that an event may come behind, in bytes, as it is estimated; default 256 MiB. */
  maximumBytes?: number;
}

/** Samples of an event. */
export interface EventPart {
  /** True if an event begins the part; false if it goes on. */
  readonly isFirst: boolean;
  /** True if the part is complete. */
  readonly isLast: boolean;
  /** The samples; none if it is known to be complete only now. */
  readonly samples: readonly Sample[];
}

/** A sample that an event may come behind. */
interface Kept {
  readonly sample: Sample;
  /** Time of the sample, in nanoseconds since the first one. */
  readonly time: number;
  /** Its memory in bytes, about. */
  readonly bytes: number;
}

/**
 * Takes the samples around events out of all samples.
 *
 * Time is that of the timestamps of origin, or of reception where there are no others; where it goes backward, it stands
 * still. An event within the time after another one prolongs that part, and does not begin one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { EventWindow } from "@villas/client/recordings";
 *
 * const window = new EventWindow({ before: 2, after: 1 });
 * const samples = Array.from({ length: 10 }, (_, sec) => ({ tsOrigin: { sec, nsec: 0 }, values: [sec] }));
 * const parts = window.take(samples, ({ values }) => values[0] === 5);
 * assertEquals(parts.map(({ samples }) => samples.map(({ values }) => values[0])), [[3, 4, 5, 6]]);
 * ```
 */
export class EventWindow {
  readonly #before: number;
  readonly #after: number;
  readonly #repeats: boolean;
  readonly #maximumBytes: number;
  /** The samples before the present one, from #first on; those up to #fresh were given already. */
  #kept: (Kept | undefined)[] = [];
  #first = 0;
  #fresh = 0;
  #bytes = 0;
  #time = 0;
  #last: Timestamp | undefined;
  /** End of the present part. */
  #until = -Infinity;
  #isOpen = false;
  #events = 0;
  #shortest = Infinity;

  /** Creates a window that has seen nothing. */
  constructor({ before, after, repeats = false, maximumBytes = defaultWindowBytes }: EventWindowOptions) {
    this.#before = Math.round(before * 1e9);
    this.#after = Math.round(after * 1e9);
    this.#repeats = repeats;
    this.#maximumBytes = maximumBytes;
  }

  /** Number of events so far. */
  get events(): number {
    return this.#events;
  }

  /** The time before an event, in seconds, that fitted into the memory; undefined if all of it did. */
  get shortest(): number | undefined {
    return this.#shortest === Infinity ? undefined : this.#shortest / 1e9;
  }

  /**
   * Takes samples.
   *
   * @param samples The samples that come next
   * @param isEvent Tells whether a sample is an event; it is asked once for each of them, in order
   * @returns The samples that belong to events, in order
   */
  take(samples: readonly Sample[], isEvent: (sample: Sample) => boolean): EventPart[] {
    const parts: EventPart[] = [];
    let isFirst = false;
    let found: Sample[] = [];
    const end = (isLast: boolean) => {
      if (found.length > 0 || isLast) parts.push({ isFirst, isLast, samples: found });
      isFirst = false;
      found = [];
    };
    for (const sample of samples) {
      this.#advance(sample);
      if (this.#isOpen && this.#time > this.#until) {
        this.#isOpen = false;
        end(true);
      }
      if (isEvent(sample)) {
        this.#events++;
        this.#until = this.#time + this.#after;
        if (!this.#isOpen) {
          isFirst = this.#isOpen = true;
          this.#giveKept(found);
        }
      }
      if (this.#isOpen) found.push(sample);
      this.#keep(sample);
    }
    end(false);
    return parts;
  }

  /** Follows the time, and forgets the samples that are too old for any event. */
  #advance({ tsOrigin, tsReceived }: Sample): void {
    const time = tsOrigin ?? tsReceived;
    if (time === undefined) return;
    const { sec, nsec } = this.#last ?? time;
    this.#last = time;
    this.#time += Math.max(0, (time.sec - sec) * 1e9 + (time.nsec - nsec));
    while (this.#first < this.#kept.length && (this.#kept[this.#first]?.time ?? 0) < this.#time - this.#before) {
      this.#forget();
    }
  }

  #giveKept(found: Sample[]): void {
    const start = this.#repeats ? this.#first : Math.max(this.#first, this.#fresh);
    for (let index = start; index < this.#kept.length; index++) {
      const sample = this.#kept[index]?.sample;
      if (sample !== undefined) found.push(sample);
    }
  }

  #keep(sample: Sample): void {
    const bytes = sizeOf(sample);
    this.#kept.push({ sample, time: this.#time, bytes });
    if (this.#isOpen) this.#fresh = this.#kept.length;
    this.#bytes += bytes;
    while (this.#bytes > this.#maximumBytes && this.#first < this.#kept.length - 1) {
      this.#forget();
      this.#shortest = Math.min(this.#shortest, this.#time - (this.#kept[this.#first]?.time ?? 0));
    }
    // What was forgotten leaves the list when it is half of it.
    if (this.#first < 1024 || this.#first * 2 < this.#kept.length) return;
    this.#kept = this.#kept.slice(this.#first);
    this.#fresh = Math.max(0, this.#fresh - this.#first);
    this.#first = 0;
  }

  #forget(): void {
    const kept = this.#kept[this.#first];
    this.#bytes -= kept?.bytes ?? 0;
    this.#kept[this.#first++] = undefined;
  }
}

function sizeOf({ values }: Sample): number {
  let bytes = sampleBytes;
  for (const value of values) bytes += typeof value === "bigint" || isComplex(value) ? objectBytes : valueBytes;
  return bytes;
}
