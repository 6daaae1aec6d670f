/**
 * Outputs of a step: from what a controller returns to the values that are sent, checked and limited.
 *
 * @module
 */

import { isComplexValue, type OutputLimits, type PerOutput } from "./controller.ts";
import { OutputError } from "./faults.ts";
import type { LinkSignals } from "../samples/directions.ts";
import type { OutgoingSample, Value } from "../samples/sample.ts";
import type { Signal, SignalType } from "../samples/signals.ts";
import { typeOfValue } from "../samples/value_types.ts";

/** Values as they are sent. */
export type Values = OutgoingSample["values"];

/** Checks the outputs of one link. */
export class OutputChecker {
  readonly #signals: readonly Signal[] | undefined;
  readonly #names: readonly string[] | undefined;
  readonly #isFloats: boolean;
  readonly #limits: readonly (OutputLimits | undefined)[] | undefined;
  /** The values that were sent last, where limits need them. */
  #last: Values | undefined;
  #lastTime = 0;
  /** Number of values that were limited. */
  limited = 0;

  /**
   * Creates the checker.
   *
   * @param signals Signals that the node takes, if they are known
   * @param limits Limits of the outputs
   * @throws {TypeError} If the limits do not fit the signals
   */
  constructor(signals: LinkSignals["out"], limits?: PerOutput<OutputLimits>) {
    this.#signals = signals === "any" ? undefined : signals;
    this.#names = this.#signals?.map(({ name }, index) => name ?? `signal${index}`);
    this.#isFloats = this.#signals?.every(({ type }) => type === "float") ?? true;
    this.#limits = limits === undefined ? undefined : this.#inOrder(limits, "limits").map(checkLimits);
  }

  /**
   * Takes values that are constant, such as the safe ones.
   *
   * @param name What they are called in messages
   * @throws {TypeError} If they do not fit the signals
   */
  takeConstant(values: PerOutput<Value>, name: string): Values {
    try {
      const taken = this.check(this.#inOrder(values, name));
      if (taken === undefined) throw new TypeError(`its ${name} has no values`);
      return taken;
    } catch (error) {
      throw error instanceof OutputError ? new TypeError(`its ${name} does not fit: ${error.message}`) : error;
    }
  }

  /**
   * Turns an output into values.
   *
   * @returns The values; undefined where nothing is to be sent
   * @throws {OutputError} If they cannot be sent
   */
  check(output: unknown): Values | undefined {
    if (output === undefined || output === null) return undefined;
    const list = Array.isArray(output) || output instanceof Float64Array ? output : this.#toList(output);
    if (list.length === 0) return undefined;
    const signals = this.#signals;
    if (signals !== undefined && list.length !== signals.length) {
      throw new OutputError("length", `The output has ${describeCount(list.length)} for ${signals.length}`);
    }
    return this.#isFloats && this.#checkFloats(list) || this.#convert(list);
  }

  /** Limits values; returns them, or others where they exceed the limits. */
  limit(values: Values, time: number): Values {
    const limits = this.#limits;
    if (limits === undefined) return values;
    const last = this.#last;
    const seconds = (time - this.#lastTime) / 1000;
    const limited = Array.from<Value, Value>(values, (value, index) => {
      if (typeof value !== "number" && typeof value !== "bigint") return value;
      const { min = -Infinity, max = Infinity, rate = Infinity } = limits[index] ?? {};
      const before = last?.[index];
      const from = typeof before === "number" || typeof before === "bigint" ? Number(before) : undefined;
      const step = from === undefined || rate === Infinity ? Infinity : rate * seconds;
      const low = Math.max(min, (from ?? 0) - step);
      const high = Math.min(max, (from ?? 0) + step);
      // A value that the limits themselves have left behind moves towards them no faster than it may.
      const within = low > high ? (from ?? 0) < min ? high : low : Math.min(high, Math.max(low, Number(value)));
      if (within === Number(value)) return value;
      this.limited++;
      return typeof value === "bigint" ? BigInt(Math.trunc(within)) : within;
    });
    return limited;
  }

  /** Takes note of what was sent. */
  note(values: Values, time: number): void {
    if (this.#limits === undefined) return;
    this.#last = values;
    this.#lastTime = time;
  }

  /** Takes over what was sent last from the checker before. */
  continueFrom(other: OutputChecker): void {
    this.#last = other.#last;
    this.#lastTime = other.#lastTime;
  }

  /** Brings what is given by names into the order of the signals. */
  #inOrder<T>(given: PerOutput<T>, what: string): (T | undefined)[] {
    if (Array.isArray(given)) {
      if (this.#signals !== undefined && given.length > this.#signals.length) {
        throw new TypeError(`its ${what} has ${given.length} entries for ${this.#signals.length} signals`);
      }
      return [...given];
    }
    const names = this.#names;
    if (names === undefined) throw new TypeError(`its ${what} has names, but the signals of the outputs are not known`);
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new TypeError(`its ${what} has "${unknown}", and there is no such signal: expected ${names.join(", ")}`);
    }
    return names.map((name) => (given as Readonly<Record<string, T>>)[name]);
  }

  /** Checks values that must all be floats; undefined where some are not numbers. */
  #checkFloats(list: readonly unknown[] | Float64Array): Values | undefined {
    for (let index = 0; index < list.length; index++) {
      const value = list[index];
      if (typeof value !== "number") return undefined;
      if (value - value !== 0) throw this.#notFinite(value, index);
    }
    return list as Values;
  }

  #convert(list: readonly unknown[] | Float64Array): Values {
    const values: Value[] = [];
    for (let index = 0; index < list.length; index++) {
      const value = list[index];
      const type = this.#signals?.[index]?.type;
      const taken = type === undefined ? toValue(value) : toType(value, type);
      if (taken === undefined) throw this.#wrongType(value, index, type);
      if (!isFiniteValue(taken)) throw this.#notFinite(value, index);
      values.push(taken);
    }
    return values;
  }

  /** Makes a list of a single value, of a typed array, or of values by the names of the signals. */
  #toList(output: unknown): readonly unknown[] | Float64Array {
    if (ArrayBuffer.isView(output) && !(output instanceof DataView)) {
      return Array.from(output as unknown as Iterable<unknown>);
    }
    if (typeof output === "string" || typeof output === "function" || typeof output === "symbol") {
      throw new OutputError("type", `The output is ${nameType(output)}, not values`);
    }
    if (typeof output !== "object" || output === null || isComplexValue(output)) return [output];
    const names = this.#names;
    if (names === undefined) {
      throw new OutputError("type", "The output has names, but the signals of the outputs are not known");
    }
    const unknown = Object.keys(output).find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new OutputError(
        "type",
        `The output has "${unknown}", and there is no such signal: expected ${names.join(", ")}`,
      );
    }
    const missing = names.find((name) => !(name in output));
    if (missing !== undefined) throw new OutputError("length", `The output lacks "${missing}"`);
    return names.map((name) => (output as Readonly<Record<string, unknown>>)[name]);
  }

  #describe(index: number): string {
    const name = this.#signals?.[index]?.name;
    return name === undefined || name === `signal${index}` ? `Value ${index}` : `Value ${index} (${name})`;
  }

  #notFinite(value: unknown, index: number): OutputError {
    const shown = isComplexValue(value) ? `${value.real}+${value.imag}j` : String(value);
    return new OutputError("value", `${this.#describe(index)} is ${shown}`);
  }

  #wrongType(value: unknown, index: number, expected: SignalType = "float"): OutputError {
    const isKnown = ["number", "bigint", "boolean"].includes(typeof value) || isComplexValue(value);
    const type = isKnown ? `of type ${typeOfValue(value as Value)}` : value === null ? "null" : nameType(value);
    return new OutputError("type", `${this.#describe(index)} is ${type}, not ${expected}`);
  }
}

function nameType(value: unknown): string {
  return value === undefined ? "undefined" : Array.isArray(value) ? "a list" : `a JavaScript ${typeof value}`;
}

function describeCount(count: number): string {
  return count === 1 ? "1 value" : `${count} values`;
}

/** Takes a value whose type nothing prescribes. */
function toValue(value: unknown): Value | undefined {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value;
  return isComplexValue(value) ? value : undefined;
}

/** Takes a value as one of a type, where nothing is lost by it. */
function toType(value: unknown, type: SignalType): Value | undefined {
  switch (type) {
    case "float":
      return typeof value === "number" ? value : undefined;
    case "integer":
      if (typeof value === "bigint") return value;
      return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "complex":
      if (typeof value === "number") return { real: value, imag: 0 };
      return isComplexValue(value) ? value : undefined;
  }
}

function isFiniteValue(value: Value): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return !isComplexValue(value) || Number.isFinite(value.real) && Number.isFinite(value.imag);
}

function checkLimits(limits: OutputLimits | undefined, index: number): OutputLimits | undefined {
  if (limits === undefined) return undefined;
  const { min = -Infinity, max = Infinity, rate = Infinity } = limits;
  if (!(min <= max)) throw new TypeError(`its limits of output ${index} have a min of ${min} and a max of ${max}`);
  if (!(rate > 0)) throw new TypeError(`its limits of output ${index} have a rate of ${rate}: it must be above 0`);
  return limits;
}
