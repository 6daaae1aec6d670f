/**
 * The parameters of a controller that runs, and those of the one that replaces it.
 *
 * @module
 */

import type { Controller, Parameter, ParameterRange } from "./controller.ts";

type Declarations = Pick<Controller<never, never>, "parameters" | "ranges">;

/** Parameters with their values. */
export class ParameterSet {
  #values: Record<string, Parameter> = {};
  #ranges: Readonly<Record<string, ParameterRange>> = {};
  /** The values that were set, and are not the defaults of the controller. */
  readonly #set = new Map<string, Parameter>();

  /** The parameters. */
  get values(): Readonly<Record<string, Parameter>> {
    return this.#values;
  }

  /** The ranges of those that have one. */
  get ranges(): Readonly<Record<string, ParameterRange>> {
    return this.#ranges;
  }

  /**
   * Takes the parameters of a controller. Those that were set keep their values, where these fit the new one.
   *
   * @param declarations The defaults and ranges, which {@linkcode checkRanges} has checked; the defaults are changed, unless
   * they are frozen, because the module itself may read them
   * @returns The parameters
   */
  adopt({ parameters = {}, ranges = {} }: Declarations): Record<string, Parameter> {
    this.#values = Object.isFrozen(parameters) ? { ...parameters } : parameters;
    this.#ranges = ranges;
    for (const [name, value] of this.#set) {
      const fits = typeof this.#values[name] === typeof value && isWithin(value, ranges[name]);
      if (fits) this.#values[name] = value;
    }
    return this.#values;
  }

  /**
   * Sets a parameter.
   *
   * @throws {TypeError} If there is no such parameter, or the value is of another type or outside of its range
   */
  set(name: string, value: Parameter): void {
    const before = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    if (before === undefined) throw new TypeError(`Unknown parameter "${name}"`);
    const isSameType = typeof value === typeof before;
    if (!isSameType) throw new TypeError(`Cannot set parameter ${name} to ${value}: it is a ${typeof before}`);
    const range = this.#ranges[name];
    if (!isWithin(value, range)) {
      throw new TypeError(`Cannot set parameter ${name} to ${value}: its range is ${range?.join(" to ")}`);
    }
    this.#values[name] = value;
    this.#set.set(name, value);
  }
}

/**
 * Checks that the ranges of a controller fit its parameters.
 *
 * @throws {TypeError} If one is not a range, or not that of a number, or the default is outside
 */
export function checkRanges({ parameters = {}, ranges = {} }: Declarations): void {
  for (const [name, range] of Object.entries<unknown>(ranges)) {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (typeof value !== "number") {
      throw new TypeError(`its ranges have "${name}", and there is no such number among its parameters`);
    }
    if (!isRange(range)) {
      throw new TypeError(`its range of ${name} is not a list of two numbers, the smaller one first`);
    }
    if (!isWithin(value, range)) {
      throw new TypeError(`its parameter ${name} is ${value}, which is outside of its range ${range.join(" to ")}`);
    }
  }
}

function isRange(range: unknown): range is ParameterRange {
  if (!Array.isArray(range) || range.length !== 2 || !range.every(Number.isFinite)) return false;
  return range[0] < range[1];
}

function isWithin(value: Parameter, range: ParameterRange | undefined): boolean {
  return range === undefined || typeof value !== "number" || (value >= range[0] && value <= range[1]);
}
