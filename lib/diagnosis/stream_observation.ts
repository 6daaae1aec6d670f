/**
 * Observes a stream of synchrophasors: what a PMU says of itself, and whether its data keeps to it.
 *
 * @module
 */

import { decodeHeaderText } from "../formats/c37_118/command.ts";
import { type Configuration, framesPerSecond } from "../formats/c37_118/configuration.ts";
import { ConfigurationError, ConfigurationReader } from "../formats/c37_118/configuration_reader.ts";
import { DataLayout } from "../formats/c37_118/data_layout.ts";
import { decodeTimeQuality, frameTypes, readHeader, toTimestamp, typeOfFrame } from "../formats/c37_118/frame.ts";
import type { FrameCounters } from "../formats/c37_118/frame_splitter.ts";
import { decodeStatus } from "../formats/c37_118/status.ts";
import { TimeTracker } from "../formats/c37_118/time_tracker.ts";
import type { Timestamp } from "../samples/sample.ts";
import type { SequenceCounters } from "../samples/sequence.ts";
import { now, secondsBetween } from "../samples/timestamp.ts";
import type { Transport } from "../transports/transport.ts";

/** Version of frames, and whether a PMU answers commands of it. */
export interface AnsweredVersion {
  /** The version of the commands that it answers. */
  readonly version: number;
  /** The versions of commands that it did not answer. */
  readonly unanswered: readonly number[];
}

/** Frames whose status says something, by what it says. */
export interface StatusCounts {
  /** Frames with data that the PMU says is wrong, absent or of a test. */
  dataError: number;
  /** Frames of a PMU that is not in sync with UTC. */
  notSynchronized: number;
  /** Frames that a PDC has modified. */
  modified: number;
  /** Frames with a trigger. */
  trigger: number;
  /** Frames that announce a change of the configuration. */
  changing: number;
}

/** Observation of a stream. */
export interface StreamObservation {
  /** Address of the PMU. */
  address: string;
  /** Identifier in our commands. */
  idcode: number;
  /** True if the address names it. */
  isIdcodeGiven: boolean;
  /** Duration of the observation, in seconds. */
  seconds: number;
  /** The version of commands that it answers; undefined where it answers none. */
  answered: AnsweredVersion | undefined;
  /** Reasons why there was no connection, in their order. */
  failures: readonly string[];
  /** The last configuration. */
  configuration: Configuration | undefined;
  /** Reason why a configuration cannot be read. */
  unreadable: string | undefined;
  /** Text of its header frame. */
  header: string | undefined;
  /** Number of data frames. */
  dataFrames: number;
  /** Data frames of another length than the configuration says, and the length of the first one. */
  unfitting: { count: number; length: number };
  /** Data frames of another stream than that of the configuration. */
  strangers: { count: number; idcode: number };
  /** Counters of frames, good and damaged. */
  frames: FrameCounters;
  /** Missing, repeated and late frames, by time and rate. */
  sequence: SequenceCounters;
  /** Frames per second by their own times; undefined below 2 of them. */
  rate: number | undefined;
  /** Time from the time of a frame to its arrival, in seconds. */
  latency: { count: number; min: number; max: number; sum: number };
  /** Counts by status. */
  status: StatusCounts;
  /** The largest error of the time that frames admit, in seconds; infinite where the clock has failed. */
  maximumTimeError: number;
  /** Times that the connection was made and lost. */
  connects: number;
  /** Times that the connection was lost. */
  losses: number;
}

/** What an observer is told of a stream before it looks at frames. */
export type StreamCircumstances = Pick<
  StreamObservation,
  "address" | "idcode" | "isIdcodeGiven" | "answered" | "failures"
>;

/**
 * Observes a stream until its transport is closed.
 *
 * @param transport A PDC that is open
 * @param circumstances What is known of it; the list of failures may go on growing
 * @returns The observation
 */
export async function observeStream(
  transport: Transport,
  circumstances: StreamCircumstances,
): Promise<StreamObservation> {
  const started = performance.now();
  const observer = new StreamObserver();
  for (;;) {
    const frames = await transport.receive();
    if (frames.length === 0) break;
    const time = now();
    for (const frame of frames) observer.add(frame, time);
  }
  const { link, frames } = transport.stats();
  return {
    ...circumstances,
    ...observer.result,
    seconds: (performance.now() - started) / 1000,
    frames: frames ?? { frames: 0, badChecksums: 0, lostSyncs: 0, skippedBytes: 0 },
    connects: link?.connects ?? 0,
    losses: link?.losses ?? 0,
  };
}

type ObservedFrames = Omit<StreamObservation, keyof StreamCircumstances | "seconds" | "frames" | "connects" | "losses">;

class StreamObserver {
  readonly #reader = new ConfigurationReader();
  readonly #tracker = new TimeTracker(() => framesPerSecond(this.#result.configuration?.dataRate ?? 0));
  #layout: DataLayout | undefined;
  #first: Timestamp | undefined;
  #last: Timestamp | undefined;
  readonly #result: Omit<ObservedFrames, "sequence" | "rate"> = {
    configuration: undefined,
    unreadable: undefined,
    header: undefined,
    dataFrames: 0,
    unfitting: { count: 0, length: 0 },
    strangers: { count: 0, idcode: 0 },
    latency: { count: 0, min: Infinity, max: -Infinity, sum: 0 },
    status: { dataError: 0, notSynchronized: 0, modified: 0, trigger: 0, changing: 0 },
    maximumTimeError: 0,
  };

  get result(): ObservedFrames {
    return { ...this.#result, sequence: { ...this.#tracker.counters }, rate: this.#rate };
  }

  /** Frames per second: those that came, and those that are missing in between, are as far apart as their times. */
  get #rate(): number | undefined {
    const { count } = this.#result.latency;
    if (this.#first === undefined || this.#last === undefined || count < 2) return undefined;
    const span = secondsBetween(this.#last, this.#first);
    return span > 0 ? (count - 1) / span : undefined;
  }

  add(frame: Uint8Array, received: Timestamp): void {
    switch (typeOfFrame(frame)) {
      case frameTypes.data:
        return this.#addData(frame, received);
      case frameTypes.header:
        this.#result.header = decodeHeaderText(frame);
        return;
      case frameTypes.configuration1:
      case frameTypes.configuration2:
      case frameTypes.configuration3:
        this.#addConfiguration(frame);
    }
  }

  #addConfiguration(frame: Uint8Array): void {
    try {
      const configuration = this.#reader.read(frame);
      if (configuration === undefined) return;
      this.#result.configuration = configuration;
      this.#layout = new DataLayout(configuration);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      this.#result.unreadable ??= error.message;
    }
  }

  #addData(frame: Uint8Array, received: Timestamp): void {
    const result = this.#result;
    result.dataFrames++;
    const { configuration } = result;
    const layout = this.#layout;
    if (configuration === undefined || layout === undefined) return;
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const header = readHeader(view);
    if (header.idcode !== configuration.idcode && result.strangers.count++ === 0) {
      result.strangers.idcode = header.idcode;
    }
    if (frame.length !== layout.frameLength) {
      if (result.unfitting.count++ === 0) result.unfitting.length = frame.length;
      return;
    }
    this.#addTime(toTimestamp(header, configuration.timeBase), received);
    const { maximumError } = decodeTimeQuality(header.timeQuality);
    result.maximumTimeError = Math.max(result.maximumTimeError, maximumError);
    this.#addStatus(layout.readStatus(view));
  }

  #addTime(time: Timestamp, received: Timestamp): void {
    const { latency } = this.#result;
    const seconds = secondsBetween(received, time);
    latency.count++;
    latency.sum += seconds;
    latency.min = Math.min(latency.min, seconds);
    latency.max = Math.max(latency.max, seconds);
    this.#first ??= time;
    this.#last = time;
    this.#tracker.track({ tsOrigin: time, values: [] });
  }

  #addStatus(stats: readonly number[]): void {
    const counts = this.#result.status;
    const statuses = stats.map(decodeStatus);
    counts.dataError += Number(statuses.some(({ dataError }) => dataError !== "none"));
    counts.notSynchronized += Number(statuses.some(({ isSynchronized }) => !isSynchronized));
    counts.modified += Number(statuses.some(({ isModified }) => isModified));
    counts.trigger += Number(statuses.some(({ trigger }) => trigger !== undefined));
    counts.changing += Number(statuses.some(({ isConfigurationChanging }) => isConfigurationChanging));
  }
}
