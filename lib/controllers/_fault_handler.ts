/**
 * Answers to faults: the safe values instead of the output, a report of what is new, and the end where it is to be strict.
 *
 * @module
 */

import type { ControlOptions } from "./control_options.ts";
import { ControlError, type ControlFault, describeException, type FaultKind, FaultLog, OutputError } from "./faults.ts";
import type { ControlLinks } from "./_links.ts";
import type { LoopEnding } from "./_loop_ending.ts";
import type { Sample } from "../samples/sample.ts";

/** Handles the faults of one loop. */
export class FaultHandler {
  readonly #links: ControlLinks;
  readonly #options: Pick<ControlOptions, "onFault" | "strict">;
  readonly #ending: LoopEnding;
  readonly #log = new FaultLog();

  /** Creates the handler. */
  constructor(links: ControlLinks, options: Pick<ControlOptions, "onFault" | "strict">, ending: LoopEnding) {
    this.#links = links;
    this.#options = options;
    this.#ending = ending;
  }

  /** Number of faults by kind. */
  get counts(): Readonly<Record<FaultKind, number>> {
    return this.#log.counts;
  }

  /** Forgets what was reported: the controller is another one. */
  reset(): void {
    this.#log.reset();
  }

  /**
   * Counts a fault, prepares the safe values, and reports it where it is new.
   *
   * @param answered The sample that the step answered, if any
   * @param error The exception, if it was one
   */
  handle(kind: FaultKind, message: string, answered: Sample | undefined, error?: unknown): void {
    if (this.#ending.reason === "fault") return;
    const isSafeSent = this.prepareSafe(answered);
    const fault: ControlFault = { kind, message, isSafeSent, ...error === undefined ? {} : { error } };
    const isNew = this.#log.add(kind, message);
    if (isNew) this.#options.onFault?.(fault);
    if (this.#options.strict) this.#ending.fail(new ControlError(fault));
  }

  /** Takes an exception as a fault. */
  handleException(error: unknown, answered?: Sample): void {
    this.handle("exception", describeException(error), answered, error);
  }

  /** Takes an exception that keeps the controller from beginning: it ends the loop, strict or not. */
  handleFatalException(error: unknown): void {
    this.handleException(error);
    this.#ending.fail(
      new ControlError({ kind: "exception", message: describeException(error), error, isSafeSent: false }),
    );
  }

  /** Prepares the safe values; returns whether there are any. */
  prepareSafe(answered?: Sample): boolean {
    try {
      return this.#links.prepareSafe(answered);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      // They were checked, but the format cannot carry them.
      this.#ending.fail(error);
      return false;
    }
  }
}
