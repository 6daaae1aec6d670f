/**
 * Follows the values of one signal of a recording: their types and their range.
 *
 * @module
 */

import { isComplex, type Value } from "../samples/sample.ts";
import type { SignalFigures } from "./recording_info.ts";

/** Follows the values of one signal. Most are floats, which are the fast path. */
export class SignalObserver {
  #floats = 0;
  #nan = 0;
  #minimum = Infinity;
  #maximum = -Infinity;
  #integers = 0;
  #minimumInteger: bigint | undefined;
  #maximumInteger: bigint | undefined;
  #booleans = 0;
  #complex = 0;
  #unset = 0;

  /** Takes the next value. */
  observe(value: Value): void {
    if (typeof value === "number") {
      this.#floats++;
      if (value < this.#minimum) this.#minimum = value;
      if (value > this.#maximum) this.#maximum = value;
      if (value !== value) this.#nan++;
    } else if (typeof value === "bigint") {
      this.#integers++;
      if (this.#minimumInteger === undefined || value < this.#minimumInteger) this.#minimumInteger = value;
      if (this.#maximumInteger === undefined || value > this.#maximumInteger) this.#maximumInteger = value;
    } else if (typeof value === "boolean") {
      this.#booleans++;
    } else if (isComplex(value)) {
      this.#complex++;
    } else {
      this.#unset++;
    }
  }

  /** Returns what is known at the end. */
  conclude(): SignalFigures {
    const counts = {
      float: this.#floats,
      integer: this.#integers,
      boolean: this.#booleans,
      complex: this.#complex,
      invalid: this.#unset,
    };
    const figures: SignalFigures = {
      types: Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
      nan: this.#nan,
    };
    // A negative zero is not smaller than the other one.
    const least = smaller(this.#minimumInteger, this.#floats > this.#nan ? this.#minimum + 0 : undefined);
    const most = larger(this.#maximumInteger, this.#floats > this.#nan ? this.#maximum + 0 : undefined);
    if (least !== undefined) figures.minimum = least;
    if (most !== undefined) figures.maximum = most;
    return figures;
  }
}

function smaller(one: bigint | undefined, other: number | undefined): bigint | number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}

function larger(one: bigint | undefined, other: number | undefined): bigint | number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}
