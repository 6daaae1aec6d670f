/**
 * What is known of a recording: its times, gaps and sequence numbers, and the range of each signal.
 *
 * @module
 */

import type { Timestamp } from "../samples/sample.ts";
import type { SequenceCounters } from "../samples/sequence.ts";
import type { SignalType } from "../samples/signals.ts";

/** Figures of one signal. */
export interface SignalFigures {
  /** Types of its values, and how many have each; `"invalid"` are those that are not set. */
  types: Partial<Record<SignalType | "invalid", number>>;
  /** The smallest and the largest number; exact for integers. Missing where there is none. */
  minimum?: number | bigint;
  /** The largest number. */
  maximum?: number | bigint;
  /** Number of values that are NaN. */
  nan: number;
}

/** What is known of a recording. */
export interface RecordingInfo {
  /** Number of samples. */
  samples: number;
  /** Figures of each signal. */
  signals: SignalFigures[];
  /** The earliest and the latest timestamp of origin, or of reception where there is none of origin. */
  start?: Timestamp;
  /** The latest timestamp. */
  end?: Timestamp;
  /** Samples per second from the first to the last timestamp. */
  rate?: number;
  /** The usual interval between samples in seconds: the median of the first 1000. */
  interval?: number;
  /** Number of intervals that are more than half longer than the usual one, and the longest of them in seconds. */
  gaps: { count: number; longest: number; longestAt?: Timestamp };
  /** Number of samples without a timestamp, with the timestamp of the one before, and with an earlier one. */
  times: { missing: number; repeated: number; backward: number };
  /** Figures of the sequence numbers; undefined where no sample has one. */
  sequence?: SequenceCounters;
}
