/**
 * Reads a recording several times, and makes one of it that goes on: its clock, its timestamps, its sequence numbers.
 *
 * @module
 */

import type { Sample, Timestamp } from "../samples/sample.ts";

/** Opens a recording: its samples, some at a time. It is told which loop this is, 0 being the first one. */
export type OpenRecording = (loop: number) => AsyncIterable<readonly Sample[]>;

/**
 * What may be strange about the timestamps of a recording: there are none, one is earlier than the one before it, a pause
 * is long, no time passes at all. `replay` says how it deals with it.
 */
export type TimingFault = "missing" | "backward" | "pause" | "standstill";

/** Samples of a recording that is read several times. */
export interface LoopedSamples {
  /** The samples, at least one; those of later loops with later timestamps and higher sequence numbers. */
  readonly samples: readonly Sample[];
  /** Nanoseconds from the first sample of all to each of these, by their timestamps; they never fall. */
  readonly elapsed: readonly number[];
}

/** A timestamp that is earlier than the one before it by more than this is a new beginning, in nanoseconds. */
const newBeginning = 1e9;

/** A pause that is worth a word, in nanoseconds. */
const longPause = 60e9;

/** Reads a recording several times; once where it has no samples. */
export async function* loopRecording(
  open: OpenRecording,
  loops: number,
  onFault: (fault: TimingFault) => void = () => {},
): AsyncGenerator<LoopedSamples, void, undefined> {
  const clock = createClock(onFault);
  let sequenceShift = 0n;
  for (let loop = 0; loop < loops; loop++) {
    const timeShift = clock.beginLoop();
    const numbers = createNumberRange();
    let isEmpty = true;
    for await (const samples of open(loop)) {
      if (samples.length === 0) continue;
      isEmpty = false;
      numbers.take(samples);
      const elapsed = samples.map(clock.tick);
      yield {
        samples: loop === 0 ? samples : samples.map((sample) => shift(sample, timeShift, sequenceShift)),
        elapsed,
      };
    }
    if (isEmpty) return;
    sequenceShift += numbers.length;
  }
}

/** Follows the timestamps of a recording, in nanoseconds: exact up to 104 days. */
function createClock(onFault: (fault: TimingFault) => void) {
  /** From the first sample of all to the last one so far. */
  let elapsed = 0;
  /** What `elapsed` was when this loop began. */
  let loopStart = 0;
  /** Samples of this loop that have a timestamp. */
  let timed = 0;
  /** The timestamp that others are compared with, and what `elapsed` was then. */
  let anchor: Timestamp | undefined;
  let anchorElapsed = 0;
  const faults = new Set<TimingFault>();

  function report(fault: TimingFault): void {
    if (faults.has(fault)) return;
    faults.add(fault);
    onFault(fault);
  }

  return {
    /** Begins a loop, one mean interval after the last one; how far its samples are shifted. */
    beginLoop(): number {
      if (anchor !== undefined) {
        const span = elapsed - loopStart;
        if (span === 0) report("standstill");
        elapsed += timed > 1 ? Math.round(span / (timed - 1)) : 0;
      }
      loopStart = elapsed;
      anchor = undefined;
      timed = 0;
      return elapsed;
    },
    /** Takes the next sample; what has elapsed then. */
    tick({ tsOrigin, tsReceived }: Sample): number {
      const time = tsOrigin ?? tsReceived;
      if (time === undefined) {
        report("missing");
        return elapsed;
      }
      timed++;
      if (anchor === undefined) {
        anchor = time;
        anchorElapsed = elapsed;
      }
      const now = anchorElapsed + (time.sec - anchor.sec) * 1e9 + (time.nsec - anchor.nsec);
      if (now >= elapsed) {
        if (now - elapsed >= longPause) report("pause");
        elapsed = now;
        return now;
      }
      report("backward");
      if (elapsed - now > newBeginning) {
        anchor = time;
        anchorElapsed = elapsed;
      }
      return elapsed;
    },
  };
}

/** Finds out how many sequence numbers the samples of a loop take. */
function createNumberRange() {
  let lowest: bigint | undefined;
  let highest = 0n;
  return {
    take(samples: readonly Sample[]): void {
      for (const { sequence } of samples) {
        if (sequence === undefined) continue;
        if (lowest === undefined || sequence < lowest) lowest = sequence;
        if (sequence > highest) highest = sequence;
      }
    },
    get length(): bigint {
      return lowest === undefined ? 0n : highest - lowest + 1n;
    },
  };
}

/** The same sample, later by some nanoseconds and with a higher sequence number. */
function shift(sample: Sample, nanoseconds: number, numbers: bigint): Sample {
  const shifted = { ...sample };
  if (sample.sequence !== undefined) shifted.sequence = BigInt.asUintN(64, sample.sequence + numbers);
  if (sample.tsOrigin !== undefined) shifted.tsOrigin = later(sample.tsOrigin, nanoseconds);
  if (sample.tsReceived !== undefined) shifted.tsReceived = later(sample.tsReceived, nanoseconds);
  return shifted;
}

function later({ sec, nsec }: Timestamp, nanoseconds: number): Timestamp {
  const sum = nsec + nanoseconds % 1e9;
  const carry = Math.floor(sum / 1e9);
  return { sec: sec + Math.floor(nanoseconds / 1e9) + carry, nsec: sum - carry * 1e9 };
}
