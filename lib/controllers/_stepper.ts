/**
 * Steps of a controller: one at a time, measured, with its output prepared or a fault in its place.
 *
 * @module
 */

import type { StepSurroundings } from "./_context.ts";
import type { ControlOptions } from "./control_options.ts";
import type { Controller } from "./controller.ts";
import type { FaultHandler } from "./_fault_handler.ts";
import { OutputError } from "./faults.ts";
import type { StepMeter } from "./figures.ts";
import type { ControlLinks } from "./_links.ts";
import type { LoopEnding } from "./_loop_ending.ts";
import type { StepDelivery } from "./_step_delivery.ts";
import type { Sample } from "../samples/sample.ts";
import { resolvesWithin } from "../system/wait.ts";

/** Time for the last asynchronous step to end, in milliseconds. */
const lastStepMs = 100;

/** A controller whose types no longer matter. */
export type AnyController = Controller<never, Record<string, unknown>>;

/** The parts of a loop that a step needs. */
export interface StepperParts {
  readonly links: ControlLinks;
  readonly context: StepSurroundings;
  readonly meter: StepMeter;
  readonly faults: FaultHandler;
  readonly delivery: StepDelivery;
  readonly ending: LoopEnding;
  readonly options: Pick<ControlOptions, "count" | "deadline" | "stuckTimeout">;
}

/** Takes the steps of one loop. */
export class Stepper {
  /** The controller whose steps they are. */
  controller: AnyController;
  readonly #parts: StepperParts;
  /** The asynchronous step that is going on, until it has ended. */
  #pending: Promise<void> | undefined;
  /** True from when the last safe values are sent. */
  #isSealed = false;

  /** Creates it. */
  constructor(controller: AnyController, parts: StepperParts) {
    this.controller = controller;
    this.#parts = parts;
  }

  /** The asynchronous step that is going on, if there is one. */
  get pending(): Promise<void> | undefined {
    return this.#pending;
  }

  /** Discards the outputs of steps from now on. */
  seal(): void {
    this.#isSealed = true;
  }

  /**
   * Takes a step.
   *
   * @param answered The sample that is answered; undefined at a fixed rate
   * @param due When it was due, in milliseconds of `performance.now()`
   * @param started The time now
   * @returns The time behind it
   */
  step(answered: Sample | undefined, due: number, started: number): number {
    const { context, delivery, ending, faults, meter, options } = this.#parts;
    if (this.#pending !== undefined) {
      faults.handle("overlap", "A step was due while the one before was still going on", answered);
      return started;
    }
    meter.lateness.record((started - due) / 1000);
    const input = context.enter(meter.steps, answered, started);
    if (++meter.steps === options.count) ending.end("count");
    let output: unknown;
    let hasReturned = false;
    let isAsynchronous = false;
    try {
      output = this.controller.step(input as never, context);
      isAsynchronous = !Array.isArray(output) && isPromise(output);
      hasReturned = true;
    } catch (error) {
      faults.handleException(error, answered);
    }
    if (isAsynchronous) {
      this.#pending = this.#await(output, answered, started, due);
      return performance.now();
    }
    if (hasReturned) this.#finish(output, answered, due, started);
    const ended = performance.now();
    meter.stepTime.record((ended - started) / 1000);
    delivery.record(answered, meter.steps - 1);
    return ended;
  }

  /** Waits a little for the asynchronous step that is going on at the end. */
  async awaitLast(): Promise<void> {
    if (this.#pending !== undefined) await resolvesWithin(lastStepMs, this.#pending);
  }

  /** Waits for an asynchronous step. */
  async #await(
    output: unknown,
    answered: Sample | undefined,
    started: number,
    due: number,
  ): Promise<void> {
    const { delivery, ending, faults, meter, options: { deadline, stuckTimeout } } = this.#parts;
    let isLate = false;
    const late = deadline === undefined ? undefined : setTimeout(() => {
      isLate = true;
      faults.handle("deadline", describeLate(deadline), answered);
      void delivery.flush();
    }, Math.max(0, due + deadline * 1000 - performance.now()));
    const stuck = stuckTimeout === undefined ? undefined : setTimeout(() => ending.end("stuck"), stuckTimeout * 1000);
    try {
      const result = await output;
      if (!isLate) this.#finish(result, answered, due, performance.now());
    } catch (error) {
      faults.handleException(error, answered);
    } finally {
      clearTimeout(late);
      clearTimeout(stuck);
      meter.stepTime.record((performance.now() - started) / 1000);
      this.#pending = undefined;
      delivery.record(answered, meter.steps - 1);
    }
    await delivery.flush();
  }

  /** Prepares the output of a step that has returned. */
  #finish(output: unknown, answered: Sample | undefined, due: number, time: number): void {
    const { faults, links, options: { deadline } } = this.#parts;
    if (this.#isSealed) return;
    if (deadline !== undefined && performance.now() - due > deadline * 1000) {
      faults.handle("deadline", describeLate(deadline), answered);
      return;
    }
    try {
      links.prepare(output, answered, time);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      faults.handle(error.kind, error.message, answered, error.cause);
    }
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function describeLate(deadline: number): string {
  return `A step ended more than ${deadline} s after it was due`;
}
