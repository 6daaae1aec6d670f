/**
 * Silence of a link: no sample for the time of the controller's watchdog, until one comes again.
 *
 * @module
 */

import { IdleWatch } from "./_idle_watch.ts";
import type { ControlLink } from "./_link.ts";
import type { Stepper, StepperParts } from "./_stepper.ts";
import type { ControlOptions } from "./control_options.ts";

/** The parts of a loop that answer a silence. */
export interface SilenceParts extends Pick<StepperParts, "delivery" | "ending" | "faults" | "links"> {
  readonly options: Pick<ControlOptions, "onRecovery">;
}

/** Watches the links of one loop for silence. */
export class Silence {
  /** True while no step is taken because of it. */
  isGoingOn = false;
  readonly #stepper: Stepper;
  readonly #parts: SilenceParts;

  /** Creates it for the controller of a stepper, whose watchdog says how long a link may be silent. */
  constructor(stepper: Stepper, parts: SilenceParts) {
    this.#stepper = stepper;
    this.#parts = parts;
  }

  /** Watches until it is stopped. */
  watch(): IdleWatch {
    return new IdleWatch(this.#parts.links.list, () => this.#stepper.controller.watchdog, (link) => this.#begin(link));
  }

  /** Ends it, if the sample that has come was the last one that was awaited. */
  end({ name }: ControlLink): void {
    const { links, options } = this.#parts;
    const { watchdog = Infinity } = this.#stepper.controller;
    if (links.list.some(({ age, isWithoutInputs }) => age > watchdog && !isWithoutInputs)) return;
    this.isGoingOn = false;
    options.onRecovery?.(name);
  }

  #begin({ name }: ControlLink): void {
    const { delivery, ending, faults, links } = this.#parts;
    if (ending.isReached) return;
    const where = links.isMultiple ? ` from ${name}` : "";
    faults.handle("silence", `No sample came${where} for ${this.#stepper.controller.watchdog} s`, undefined);
    this.isGoingOn = true;
    void delivery.flush();
  }
}
