/**
 * Controllers as their authors write them: one function a step, and declarations of what it needs.
 *
 * @module
 */

import type { SignalDirections } from "../samples/directions.ts";
import type { Complex, Sample, Value } from "../samples/sample.ts";
import type { SignalNotation } from "../samples/signals.ts";

/** A parameter of a controller: its default also says its type. */
export type Parameter = number | boolean | string;

/** The smallest and the largest value of a parameter. */
export type ParameterRange = readonly [from: number, to: number];

/** The output for one link: values in the order of the signals, or by their names; or a single value. */
export type LinkOutput =
  | Value
  | readonly Value[]
  | Float64Array
  | Float32Array
  | Int32Array
  | BigInt64Array
  | Readonly<Record<string, Value>>;

/**
 * The result of a step: the output of the link, or with several links an object that has one for each link to send to.
 * Nothing is sent for `undefined`, `null` and an empty list.
 */
export type StepOutput = LinkOutput | Readonly<Record<string, LinkOutput | undefined>> | undefined | null | void;

/** The newest sample of a link, and its age. */
export interface LinkInput {
  /** The newest sample; undefined until there is one. */
  readonly sample: Sample | undefined;
  /** Time since it came, in seconds; infinite until there is one. */
  readonly age: number;
}

/** The surroundings of a step. The object is the same one in all steps: keep its values, not the object. */
export interface StepContext<State = Record<string, unknown>> {
  /**
   * Time since the step before, in seconds; 0 in the first one. At a fixed rate it is a whole number of periods: more than
   * one where steps were left out. Else it is the time between the origin timestamps of the two samples, or between their
   * arrivals where they have none.
   */
  readonly dt: number;
  /** Sum of all `dt`, in seconds: 0 in the first step. */
  readonly time: number;
  /** Number of the step, from 0. */
  readonly index: number;
  /** Sequence number of the newest sample; 0n where it has none. */
  readonly sequence: bigint;
  /** Time since the newest sample came, in seconds. */
  readonly age: number;
  /** The newest sample, with its timestamps. With several links, the one that came last of all. */
  readonly sample: Sample;
  /** Values of the newest sample by the names of the signals; `signal0`, `signal1`, ... where they have none. */
  readonly named: Readonly<Record<string, Value>>;
  /** Name of the link that the newest sample came from; `"node"` where there is only one. */
  readonly link: string;
  /** The newest sample of each link, by the names of the links. */
  readonly links: Readonly<Record<string, LinkInput>>;
  /** An object for what the controller keeps from step to step; it outlives a reload. */
  readonly state: State;
  /** The parameters as they are now. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** True where the controller replaced another one that was running: `state` is what that one left. */
  readonly isReloaded: boolean;
}

/**
 * One step of a controller.
 *
 * Its first argument has the values of the newest sample in the order of the signals; with several links, an object that
 * has those of each link by its name, undefined until there are any. A step may be asynchronous. It is never called again
 * before it has ended: what comes meanwhile is a fault of the kind `"overlap"`.
 */
export type Step<Input = readonly number[], State = Record<string, unknown>> = (
  input: Input,
  context: StepContext<State>,
) => StepOutput | Promise<StepOutput>;

/** Limits of one output; what exceeds them is limited and counted, and is not a fault. */
export interface OutputLimits {
  /** The smallest value. */
  readonly min?: number;
  /** The largest value. */
  readonly max?: number;
  /** The largest change per second, in the unit of the output: from the last value that was sent, whatever sent it. */
  readonly rate?: number;
}

/** Something for each output of a link: in the order of the signals, or by their names. */
export type PerOutput<T> = readonly (T | undefined)[] | Readonly<Record<string, T>>;

/** Something for a link, or with several links for each of them by its name. */
export type PerLink<T> = T | Readonly<Record<string, T>>;

/** One of several links of a controller, as `connect` of this package takes it. */
export interface LinkDescription {
  /** Address to receive on. */
  readonly local?: string;
  /** Address to send to. */
  readonly remote?: string;
  /** Format of the datagrams: a name, or an object with options; default `"protobuf"`. */
  readonly format?: string | { readonly type: string; readonly [option: string]: unknown };
  /** Signals of the link. */
  readonly signals?: SignalNotation | SignalDirections;
}

/**
 * A controller. A module is one whose default export is the step, and whose other exports have these names.
 *
 * @typeParam Input What the step gets: a tuple such as `[number, number]`
 * @typeParam State What it keeps
 */
export interface Controller<Input = readonly number[], State = Record<string, unknown>> {
  /** One step. */
  readonly step: Step<Input, State>;
  /** Signals: what it receives and what it sends. `villas-client run` takes them for the connection, too. */
  readonly signals?: SignalNotation | SignalDirections;
  /** Links by their names, where there is more than one. */
  readonly links?: Readonly<Record<string, LinkDescription>>;
  /** Steps per second; without it, there is one step for each sample. */
  readonly rate?: number;
  /** Values that are sent instead of an output that is missing or wrong, and as the last ones. Default: nothing is sent. */
  readonly safe?: PerLink<PerOutput<Value>>;
  /** Longest time without a sample, in seconds; then the safe values go out, and no step is taken until one comes. */
  readonly watchdog?: number;
  /** Limits of the outputs. */
  readonly limits?: PerLink<PerOutput<OutputLimits>>;
  /** Parameters and their defaults. They are changed in this object, unless it is frozen. */
  readonly parameters?: Record<string, Parameter>;
  /** Ranges of parameters that are numbers: nothing sets one to a value outside, and `run --scope` has sliders for them. */
  readonly ranges?: Readonly<Record<string, ParameterRange>>;
  /** Called before the first step. */
  readonly init?: (context: StepContext<State>) => void | Promise<void>;
  /** Called after the last step, before the safe values go out. */
  readonly stop?: (context: StepContext<State>) => void | Promise<void>;
}

/** Exports of a module that are parts of a controller, and their types as messages name them. */
const parts: Readonly<Record<string, readonly [name: string, accepts: (value: unknown) => boolean]>> = {
  rate: ["a number of steps per second above 0", isPositive],
  watchdog: ["a number of seconds above 0", isPositive],
  signals: ['signals such as "2f" or { in: "2f", out: "f" }', (value) => typeof value === "string" || isObject(value)],
  links: ["an object with a link for each name", isRecord],
  safe: ["a list of values, or an object by signal names", isObject],
  limits: ["a list of { min, max, rate }, or an object by signal names", isObject],
  parameters: [
    "an object of numbers, booleans and texts",
    (value) =>
      isRecord(value) &&
      Object.values(value as object).every((entry) => ["number", "boolean", "string"].includes(typeof entry)),
  ],
  ranges: ["an object with a range [from, to] for each name", isRecord],
  init: ["a function", isFunction],
  stop: ["a function", isFunction],
};

/**
 * Takes the exports of a module as a controller.
 *
 * @param module The exports: the step by default, and the other parts by their names
 * @returns The controller
 * @throws {TypeError} If the default export is not a function, or another part is not what it must be
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { controllerFromModule } from "@villas/client/controllers";
 *
 * const { rate } = controllerFromModule({ default: () => [230], rate: 100 });
 * assertEquals(rate, 100);
 * ```
 */
export function controllerFromModule(module: Readonly<Record<string, unknown>>): Controller {
  const { default: step } = module;
  if (!isFunction(step)) {
    const found = step === undefined ? "it has no default export" : "its default export is not a function";
    throw new TypeError(`${found}: expected the step, as in export default ([measured], { dt }) => [...]`);
  }
  const found: Record<string, unknown> = { step };
  for (const [part, [expected, accepts]] of Object.entries(parts)) {
    const value = module[part];
    if (value === undefined) continue;
    if (!accepts(value)) throw new TypeError(`its ${part} is not ${expected}`);
    found[part] = value;
  }
  return found as unknown as Controller; // each part was checked above
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isPositive(value: unknown): boolean {
  return typeof value === "number" && value > 0 && value < Infinity;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isRecord(value: unknown): boolean {
  return isObject(value) && !Array.isArray(value);
}

/** Tells whether a value that a controller gave is a complex number. */
export function isComplexValue(value: unknown): value is Complex {
  return typeof value === "object" && value !== null && "real" in value && "imag" in value &&
    typeof value.real === "number" && typeof value.imag === "number";
}
