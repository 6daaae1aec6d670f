/**
 * The parameters of a controller that runs, and those of the one that replaces it.
 *
 * @module
 */

import type { Parameter } from "./controller.ts";

/** Parameters with their values. */
export class ParameterSet {
  #values: Record<string, Parameter> = {};
  /** The values that were set, and are not the defaults of the controller. */
  readonly #set = new Map<string, Parameter>();

  /**
   * Takes the parameters of a controller. Those that were set, and are of the same type in the new one, keep their values.
   *
   * @param parameters The defaults; they are changed, unless they are frozen, because the module itself may read them
   * @returns The parameters
   */
  adopt(parameters: Record<string, Parameter> = {}): Record<string, Parameter> {
    this.#values = Object.isFrozen(parameters) ? { ...parameters } : parameters;
    for (const [name, value] of this.#set) {
      if (typeof this.#values[name] === typeof value) this.#values[name] = value;
    }
    return this.#values;
  }

  /**
   * Sets a parameter.
   *
   * @throws {TypeError} If there is no such parameter, or it is of another type
   */
  set(name: string, value: Parameter): void {
    const before = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    if (before === undefined) throw new TypeError(`Unknown parameter "${name}"`);
    const isSameType = typeof value === typeof before;
    if (!isSameType) throw new TypeError(`Cannot set parameter ${name} to ${value}: it is a ${typeof before}`);
    this.#values[name] = value;
    this.#set.set(name, value);
  }
}
