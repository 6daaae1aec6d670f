/**
 * Conditions that samples meet, and the events at which they begin to.
 *
 * @module
 */

import { isComplex, type Sample, type Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { type Comparison, type Expression, parseExpression } from "./expression.ts";
import { LevelComparator } from "./level_comparator.ts";

/** Tells whether a part of a condition holds with the next sample; undefined as long as no value has told it. */
type Part = (sample: Sample, isBehindGap: boolean) => boolean | undefined;

/**
 * A condition, such as `"va > 300 and not breaker"`, that finds events in samples.
 *
 * As with the edges of an oscilloscope, an event is the sample with which the condition begins to hold: it did not hold with
 * the sample before, and one that holds from the beginning makes no event. What lasts for one sample only (a change, a mark, a
 * gap) makes an event each time. A value that is NaN, unset or missing leaves
 * the parts of the condition that look at it as they were.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { EventCondition } from "@villas/client/recordings";
 *
 * const condition = new EventCondition("va > 300", parseSignals('[{"name": "va"}]'));
 * const events = [250, 310, 320, NaN, 290, 305].map((value) => condition.update({ values: [value] }));
 * assertEquals(events, [false, true, false, false, false, true]);
 * ```
 */
export class EventCondition {
  readonly #holds: Part;
  #held: boolean | undefined;
  /** True if something has happened with the present sample that lasts no longer than that. */
  #hasHappened = false;

  /**
   * Creates a condition.
   *
   * @param expression The condition as text, or parsed
   * @param signals The signals of the samples, if they are known; else values have only their index, as `signal0`
   * @throws {SyntaxError} If the text is not a condition
   * @throws {RangeError} If there is no such signal
   */
  constructor(expression: string | Expression, signals?: readonly Signal[]) {
    const parsed = typeof expression === "string" ? parseExpression(expression) : expression;
    this.#holds = compile(parsed, {
      find: (name) => findSignal(name, signals),
      happens: (isNow) => {
        this.#hasHappened ||= isNow;
        return isNow;
      },
    });
  }

  /**
   * Takes the next sample.
   *
   * @param sample The sample
   * @param isBehindGap True if others are missing in front of it
   * @returns True if it is an event
   */
  update(sample: Sample, isBehindGap = false): boolean {
    this.#hasHappened = false;
    const holds = this.#holds(sample, isBehindGap);
    if (holds === undefined) return false;
    const isEvent = holds && (this.#held === false || this.#hasHappened);
    this.#held = holds;
    return isEvent;
  }
}

function findSignal(name: string, signals: readonly Signal[] | undefined): number {
  const named = signals?.findIndex((signal) => signal.name === name) ?? -1;
  if (named >= 0) return named;
  const index = Number(/^signal(\d{1,5})$/.exec(name)?.[1] ?? NaN);
  if (index < (signals?.length ?? Infinity)) return index;
  const known = signals?.map((signal, index) => signal.name || `signal${index}`).slice(0, 16).join(", ");
  const reason = known === undefined
    ? "the names are not known without a list of signals; signal0 is the first value"
    : `there are ${known}`;
  throw new RangeError(`there is no signal "${name}": ${reason}`);
}

/** What the parts of a condition need of it. */
interface Compilation {
  /** Finds the index of a signal. */
  readonly find: (name: string) => number;
  /** Takes note of what lasts for one sample only, and returns it. */
  readonly happens: (isNow: boolean) => boolean;
}

function compile(expression: Expression, compilation: Compilation): Part {
  const { find, happens } = compilation;
  switch (expression.kind) {
    case "and":
    case "or": {
      const parts = expression.parts.map((part) => compile(part, compilation));
      const isAnd = expression.kind === "and";
      // Each part follows all samples.
      return (sample, isBehindGap) => {
        let isDecided = false;
        let isUnknown = false;
        for (const part of parts) {
          const holds = part(sample, isBehindGap);
          if (holds === undefined) isUnknown = true;
          else if (holds !== isAnd) isDecided = true;
        }
        return isDecided ? !isAnd : isUnknown ? undefined : isAnd;
      };
    }
    case "not": {
      const part = compile(expression.part, compilation);
      return (sample, isBehindGap) => {
        const holds = part(sample, isBehindGap);
        return holds === undefined ? undefined : !holds;
      };
    }
    case "comparison": {
      const { operator, number, hysteresis } = expression;
      return followNumber(find(expression.signal), compare(operator, number, hysteresis));
    }
    case "true":
      return followNumber(find(expression.signal), (value) => value < 0 || value > 0);
    case "changes":
      return followChanges(find(expression.signal), happens);
    case "new_frame":
      return ({ newFrame = false }) => happens(newFrame);
    case "new_simulation":
      return ({ newSimulation = false }) => happens(newSimulation);
    case "gap":
      return (_, isBehindGap) => happens(isBehindGap);
  }
}

/** Creates the comparison of a number with a fixed one. */
function compare(
  operator: Comparison,
  number: number,
  hysteresis: number,
): (value: number | bigint) => boolean | undefined {
  if (operator === "==") return (value) => value >= number && value <= number;
  if (operator === "!=") return (value) => value < number || value > number;
  const comparator = new LevelComparator({
    side: operator.startsWith(">") ? "above" : "below",
    level: number,
    isInclusive: operator.endsWith("="),
    hysteresis,
  });
  return (value) => {
    comparator.update(value);
    return comparator.isBeyond;
  };
}

/** Follows what is true of a value; where the value tells nothing, it stays what it was. */
function followNumber(index: number, isTrueOf: (value: number | bigint) => boolean | undefined): Part {
  let isTrue: boolean | undefined;
  return ({ values }) => {
    const value = toNumber(values[index] ?? null);
    if (value !== undefined) isTrue = isTrueOf(value);
    return isTrue;
  };
}

function followChanges(index: number, happens: Compilation["happens"]): Part {
  let last: Value = null;
  return ({ values }) => {
    const value = values[index] ?? null;
    if (toNumber(value) === undefined) return false;
    const hasChanged = last !== null && !isEqual(value, last);
    last = value;
    return happens(hasChanged);
  };
}

/** Returns the number by which a value is compared; undefined for NaN and for an unset one. */
function toNumber(value: Value): number | bigint | undefined {
  if (typeof value === "bigint") return value;
  const number = isComplex(value) ? Math.hypot(value.real, value.imag) : value === null ? NaN : Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function isEqual(value: Value, other: Value): boolean {
  if (isComplex(value) && isComplex(other)) return value.real === other.real && value.imag === other.imag;
  return value === other;
}
