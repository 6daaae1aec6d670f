/**
 * Loops of a recording: read several times, it becomes one that goes on, with its timestamps and sequence numbers.
 *
 * @module
 */

import type { Sample, Timestamp } from "../samples/sample.ts";

/** Opens a recording, and returns its samples in batches. It is given the number of the loop, from 0. */
export type OpenRecording = (loop: number) => AsyncIterable<readonly Sample[]>;

/**
 * A flaw of the timestamps of a recording: one is missing, one is earlier than the one before it (`"backward"`), a pause
 * is longer than a minute, or no time passes at all (`"standstill"`). `replay` says how it deals with each.
 */
export type TimingIssue = "missing" | "backward" | "pause" | "standstill";

/** Samples of a recording that is read several times. */
export interface LoopedSamples {
  /** The samples, at least one; those of later loops have later timestamps and higher sequence numbers. */
  readonly samples: readonly Sample[];
  /** Nanoseconds from the first sample of the recording to each of these, by their timestamps; they never decrease. */
  readonly elapsed: readonly number[];
}

/** A timestamp that is earlier than the one before it by more than this is a restart, in nanoseconds. */
const restartThreshold = 1e9;

/** A pause of at least this length is reported, in nanoseconds. */
const longPause = 60e9;

/** Reads a recording several times; once where it has no samples. */
export async function* loopRecording(
  open: OpenRecording,
  loops: number,
  onTimingIssue: (issue: TimingIssue) => void = () => {},
): AsyncGenerator<LoopedSamples, void, undefined> {
  const clock = new RecordingClock(onTimingIssue);
  let sequenceShift = 0n;
  for (let loop = 0; loop < loops; loop++) {
    const timeShift = clock.beginLoop();
    const range = new SequenceRange();
    let isEmpty = true;
    for await (const samples of open(loop)) {
      if (samples.length === 0) continue;
      isEmpty = false;
      range.add(samples);
      const elapsed = samples.map((sample) => clock.advance(sample));
      yield {
        samples: loop === 0 ? samples : samples.map((sample) => shift(sample, timeShift, sequenceShift)),
        elapsed,
      };
    }
    if (isEmpty) return;
    sequenceShift += range.length;
  }
}

/** The clock of a recording: follows its timestamps, in nanoseconds; exact up to 104 days. */
class RecordingClock {
  readonly #onTimingIssue: (issue: TimingIssue) => void;
  readonly #reported = new Set<TimingIssue>();
  /** Time from the first sample of the recording to the last one so far. */
  #elapsed = 0;
  /** `#elapsed` at the start of this loop. */
  #loopStart = 0;
  /** Number of samples of this loop that have a timestamp. */
  #timedSamples = 0;
  /** The timestamp that others are compared with, and `#elapsed` at that time. */
  #anchor: Timestamp | undefined;
  #anchorElapsed = 0;

  constructor(onTimingIssue: (issue: TimingIssue) => void) {
    this.#onTimingIssue = onTimingIssue;
  }

  /** Begins a loop, one mean interval after the last one; returns how far its samples are shifted. */
  beginLoop(): number {
    if (this.#anchor !== undefined) {
      const span = this.#elapsed - this.#loopStart;
      if (span === 0) this.#report("standstill");
      this.#elapsed += this.#timedSamples > 1 ? Math.round(span / (this.#timedSamples - 1)) : 0;
    }
    this.#loopStart = this.#elapsed;
    this.#anchor = undefined;
    this.#timedSamples = 0;
    return this.#elapsed;
  }

  /** Advances to the next sample; returns the time that has elapsed by then. */
  advance({ tsOrigin, tsReceived }: Sample): number {
    const time = tsOrigin ?? tsReceived;
    if (time === undefined) {
      this.#report("missing");
      return this.#elapsed;
    }
    this.#timedSamples++;
    const anchor = this.#anchor ?? this.#moveAnchor(time);
    const now = this.#anchorElapsed + (time.sec - anchor.sec) * 1e9 + (time.nsec - anchor.nsec);
    if (now >= this.#elapsed) {
      if (now - this.#elapsed >= longPause) this.#report("pause");
      this.#elapsed = now;
      return now;
    }
    this.#report("backward");
    if (this.#elapsed - now > restartThreshold) this.#moveAnchor(time);
    return this.#elapsed;
  }

  #moveAnchor(time: Timestamp): Timestamp {
    this.#anchor = time;
    this.#anchorElapsed = this.#elapsed;
    return time;
  }

  #report(issue: TimingIssue): void {
    if (this.#reported.has(issue)) return;
    this.#reported.add(issue);
    this.#onTimingIssue(issue);
  }
}

/** The range of the sequence numbers of a loop. */
class SequenceRange {
  #lowest: bigint | undefined;
  #highest = 0n;

  /** Number of numbers that the range spans. */
  get length(): bigint {
    return this.#lowest === undefined ? 0n : this.#highest - this.#lowest + 1n;
  }

  add(samples: readonly Sample[]): void {
    for (const { sequence } of samples) {
      if (sequence === undefined) continue;
      if (this.#lowest === undefined || sequence < this.#lowest) this.#lowest = sequence;
      if (sequence > this.#highest) this.#highest = sequence;
    }
  }
}

/** Returns the same sample, later by some nanoseconds and with a higher sequence number. */
function shift(sample: Sample, nanoseconds: number, numbers: bigint): Sample {
  const shifted = { ...sample };
  if (sample.sequence !== undefined) shifted.sequence = BigInt.asUintN(64, sample.sequence + numbers);
  if (sample.tsOrigin !== undefined) shifted.tsOrigin = addNanoseconds(sample.tsOrigin, nanoseconds);
  if (sample.tsReceived !== undefined) shifted.tsReceived = addNanoseconds(sample.tsReceived, nanoseconds);
  return shifted;
}

function addNanoseconds({ sec, nsec }: Timestamp, nanoseconds: number): Timestamp {
  const sum = nsec + nanoseconds % 1e9;
  const carry = Math.floor(sum / 1e9);
  return { sec: sec + Math.floor(nanoseconds / 1e9) + carry, nsec: sum - carry * 1e9 };
}
