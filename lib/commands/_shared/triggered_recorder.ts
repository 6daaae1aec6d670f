/**
 * The recording of events: samples around them, in one file or in a file for each.
 *
 * @module
 */

import { EventCondition } from "../../recordings/trigger/condition.ts";
import { EventWindow } from "../../recordings/trigger/event_window.ts";
import type { Sample } from "../../samples/sample.ts";
import type { SequenceTracker } from "../../samples/sequence.ts";
import type { Signal } from "../../samples/signals.ts";
import { InputError } from "../../system/input_error.ts";
import type { Log } from "../../terminal/log.ts";
import type { SampleRecorder } from "./recorder.ts";
import { RotatingRecorder } from "./rotation.ts";
import type { TriggerValues } from "./trigger_options.ts";

/**
 * Creates the condition of an event.
 *
 * @param text The condition
 * @param signals Signals of the samples, if they are known
 * @throws {InputError} If it is not a condition, or about a signal that does not exist
 */
export function createCondition(text: string, signals: readonly Signal[] | undefined): EventCondition {
  try {
    return new EventCondition(text, signals);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    throw new InputError(`Cannot set --trigger to "${text}": ${error.message}`, { cause: error });
  }
}

/** Records the samples around events. */
export class TriggeredRecorder implements SampleRecorder {
  readonly #target: SampleRecorder;
  readonly #condition: EventCondition;
  readonly #window: EventWindow;
  readonly #before: number;
  readonly #createTracker: () => SequenceTracker;
  readonly #log: Log;
  /** Finds missing samples; created with the first sample, when the format is known. */
  #tracker: SequenceTracker | undefined;
  #missing = 0;
  #isShortReported = false;

  /**
   * Creates the recorder.
   *
   * @param target Records the samples of the events
   * @param condition Finds the events
   * @param values Times before and after an event
   * @param createTracker Creates what finds missing samples
   * @param log The log
   */
  constructor(
    target: SampleRecorder,
    condition: EventCondition,
    values: TriggerValues,
    createTracker: () => SequenceTracker,
    log: Log,
  ) {
    this.#target = target;
    this.#condition = condition;
    this.#before = values["pre-trigger"];
    this.#window = new EventWindow({
      before: values["pre-trigger"],
      after: values["post-trigger"],
      // Each file is whole; in a single one, no sample is there twice.
      repeats: target instanceof RotatingRecorder,
    });
    this.#createTracker = createTracker;
    this.#log = log;
  }

  get isOpen(): boolean {
    return this.#target.isOpen;
  }

  get written(): number {
    return this.#target.written;
  }

  get refused(): number {
    return this.#target.refused;
  }

  get failure(): string | undefined {
    return this.#target.failure;
  }

  get place(): string {
    return this.#target.place;
  }

  /** Number of events so far. */
  get events(): number {
    return this.#window.events;
  }

  record(arrived: readonly Sample[]): void {
    for (const { samples, isFirst, isLast } of this.#window.take(arrived, (sample) => this.#isEvent(sample))) {
      if (isFirst) this.#divide();
      if (samples.length > 0) this.#target.record(samples);
      if (isLast) this.#divide();
    }
    if (this.#window.shortest !== undefined && !this.#isShortReported) {
      this.#isShortReported = true;
      const seconds = this.#window.shortest.toPrecision(3);
      this.#log.warning(
        `The ${this.#before} s before an event do not fit into 256 MiB of memory: only the last ${seconds} s do`,
      );
    }
  }

  settle(ended: AbortSignal): Promise<void> {
    return this.#target.settle(ended);
  }

  finish(): Promise<void> {
    return this.#target.finish();
  }

  [Symbol.dispose](): void {
    this.#target[Symbol.dispose]();
  }

  #isEvent(sample: Sample): boolean {
    const tracker = this.#tracker ??= this.#createTracker();
    tracker.track(sample);
    // A late sample makes one less of them missing, and is behind no gap.
    const { missing } = tracker.counters;
    const isBehindGap = missing > this.#missing;
    this.#missing = missing;
    return this.#condition.update(sample, isBehindGap);
  }

  #divide(): void {
    if (this.#target instanceof RotatingRecorder) this.#target.divide();
  }
}
