/**
 * Delivery of what steps have prepared: to the nodes first, and then to whoever records or shows the steps.
 *
 * @module
 */

import type { ControlOptions, StepRecord } from "./control_options.ts";
import type { ControlLinks } from "./_links.ts";
import type { LoopEnding } from "./_loop_ending.ts";
import type { Sample } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";

/** Delivers what the steps of one loop have prepared. */
export class StepDelivery {
  readonly #links: ControlLinks;
  readonly #onStep: ControlOptions["onStep"];
  readonly #ending: LoopEnding;
  /** Steps since the last time that they were reported. */
  #records: StepRecord[] = [];

  /** Creates the delivery. */
  constructor(links: ControlLinks, { onStep }: Pick<ControlOptions, "onStep">, ending: LoopEnding) {
    this.#links = links;
    this.#onStep = onStep;
    this.#ending = ending;
  }

  /**
   * Takes note of a step that has ended, where somebody wants to know.
   *
   * @param answered The sample that it answered; undefined at a fixed rate
   * @param index Number of the step
   */
  record(answered: Sample | undefined, index: number): void {
    if (this.#onStep === undefined) return;
    this.#records.push({
      sequence: answered === undefined ? BigInt(index) : answered.sequence ?? 0n,
      tsOrigin: answered === undefined ? now() : answered.tsOrigin,
      inputs: this.#links.list.flatMap((link) => link.inputValues),
      outputs: this.#links.list.flatMap((link) => link.outputValues),
    });
  }

  /** Sends what is prepared, and reports the steps that it came from; returns a promise only where sending takes time. */
  flush(): Promise<void> | undefined {
    const sending = this.#links.flush();
    // What is on its way to the node matters more than what is printed about it.
    if (this.#records.length > 0) {
      const records = this.#records;
      this.#records = [];
      for (const record of records) this.#onStep?.(record);
    }
    return sending?.then(() => {}, (error) => this.#ending.fail(error));
  }
}
