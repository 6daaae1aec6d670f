/**
 * The surroundings of steps: one object for all of them, so that a step costs no memory.
 *
 * @module
 */

import type { LinkInput, Parameter, StepContext } from "./controller.ts";
import type { ControlLinks } from "./_links.ts";
import type { Sample, Value } from "../samples/sample.ts";
import { secondsBetween } from "../samples/timestamp.ts";

/** Placeholder until a sample has come. */
const noSample: Sample = { values: [] };

/** The surroundings of the steps of one loop. */
export class StepSurroundings implements StepContext {
  dt = 0;
  time = 0;
  index = 0;
  isReloaded = false;
  parameters: Record<string, Parameter> = {};
  readonly state: Record<string, unknown> = {};
  readonly links: Readonly<Record<string, LinkInput>>;
  /** Time since the step before at a fixed rate, in seconds. */
  period = 0;
  readonly #links: ControlLinks;
  #previous: Sample | undefined;
  #previousTime: number | undefined;

  /** Creates the surroundings. */
  constructor(links: ControlLinks) {
    this.links = Object.fromEntries(links.list.map((link) => [link.name, link]));
    this.#links = links;
  }

  get sample(): Sample {
    return this.#links.newest?.sample ?? noSample;
  }

  get sequence(): bigint {
    return this.sample.sequence ?? 0n;
  }

  get age(): number {
    return this.#links.newest?.age ?? Infinity;
  }

  get link(): string {
    return this.#links.newest?.name ?? "";
  }

  get named(): Readonly<Record<string, Value>> {
    return this.#links.newest?.named ?? {};
  }

  /**
   * Begins a step.
   *
   * @param index Number of the step
   * @param answered The sample that it answers; undefined at a fixed rate
   * @param now The time, in milliseconds of `performance.now()`
   * @returns The first argument of the step
   */
  enter(index: number, answered: Sample | undefined, now: number): unknown {
    this.index = index;
    this.dt = this.#measureStep(answered, now);
    this.time += this.dt;
    this.#previous = answered;
    this.#previousTime = now;
    if (!this.#links.isMultiple) return this.sample.values;
    return Object.fromEntries(Object.entries(this.links).map(([name, { sample }]) => [name, sample?.values]));
  }

  #measureStep(answered: Sample | undefined, now: number): number {
    if (this.#previousTime === undefined) return 0;
    if (answered === undefined) return this.period;
    // Samples of several links have different clocks.
    const { tsOrigin: before } = this.#previous ?? {};
    const { tsOrigin: time } = answered;
    const apart = this.#links.isMultiple || before === undefined || time === undefined
      ? 0
      : secondsBetween(time, before);
    return apart > 0 ? apart : (now - this.#previousTime) / 1000;
  }
}
