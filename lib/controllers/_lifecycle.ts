/**
 * Calls of a controller's `init` and `stop`, neither of which may keep the loop from its end.
 *
 * @module
 */

import type { StepSurroundings } from "./_context.ts";
import type { AnyController, StepperParts } from "./_stepper.ts";
import type { ControlOptions } from "./control_options.ts";
import { resolvesWithin, unlessAborted } from "../system/wait.ts";

/** Longest time that a controller is waited for where no other is given, in seconds. */
const defaultLimit = 2;

/** The parts of a loop that the calls need. */
export interface LifecycleParts extends Pick<StepperParts, "ending" | "faults"> {
  readonly context: StepSurroundings;
  readonly options: Pick<ControlOptions, "stuckTimeout">;
}

/** Calls what the controllers of one loop do at their beginning and their end. */
export class Lifecycle {
  readonly #parts: LifecycleParts;
  /** Longest time that `stop`, or the `init` of a controller that takes over, may take, in seconds. */
  readonly #limit: number;

  /** Creates it. */
  constructor(parts: LifecycleParts) {
    this.#parts = parts;
    this.#limit = parts.options.stuckTimeout ?? defaultLimit;
  }

  /** Calls the `init` of the first controller; one that cannot begin is not run. Whatever ends the loop ends the wait for it. */
  async begin(controller: AnyController): Promise<void> {
    const { ending, faults } = this.#parts;
    try {
      await unlessAborted(this.#call(controller, "init"), ending.signal);
    } catch (error) {
      faults.handleFatalException(error);
    }
  }

  /**
   * Calls the `init` of a controller that takes over: no step is taken meanwhile.
   *
   * @throws What it throws, or that it has not ended in time
   */
  async takeOver(controller: AnyController): Promise<void> {
    if (await this.#endsInTime(controller, "init")) return;
    throw new Error(`its init has not ended after ${this.#limit} s`);
  }

  /** Calls the `stop` of a controller: the safe values must not wait for it for ever. */
  async end(controller: AnyController): Promise<void> {
    const { faults } = this.#parts;
    try {
      if (await this.#endsInTime(controller, "stop")) return;
      faults.handle("deadline", `Its stop has not ended after ${this.#limit} s`, undefined);
    } catch (error) {
      faults.handleException(error);
    }
  }

  #call(controller: AnyController, part: "init" | "stop"): Promise<void> {
    // What is thrown becomes a rejection.
    return Promise.try(() => controller[part]?.(this.#parts.context));
  }

  #endsInTime(controller: AnyController, part: "init" | "stop"): Promise<boolean> {
    return resolvesWithin(this.#limit * 1000, this.#call(controller, part));
  }
}
