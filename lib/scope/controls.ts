/**
 * The controls of the page: what they may be set to, who holds them, and sending their values to the node.
 *
 * @module
 */

import type { OutgoingSample, Value } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";
import type { Control } from "./protocol.ts";

/** Time in which changes become one sample, in milliseconds: no page makes more than 100 samples per second. */
const changeInterval = 10;

const expected = 'expected NAME:TYPE=VALUE such as "setpoint:0..400=230,breaker:bool,n:int"; the type is float, int, ' +
  "bool or a range";

/**
 * Parses a list of controls.
 *
 * @param text The controls, such as `"setpoint:0..400=230,breaker:bool,n:int"`: names, each with a type (`float`, `int`,
 * `bool`) or the range of a slider (`0..400`; of integers with `int` behind it, `0..10int`), and a value to begin with
 * @returns The controls
 * @throws {SyntaxError} If the text is not such a list
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseControls } from "@villas/client/scope";
 *
 * assertEquals(parseControls("setpoint:0..400=230,breaker:bool"), [
 *   { name: "setpoint", type: "float", range: [0, 400], value: 230 },
 *   { name: "breaker", type: "boolean", value: 0 },
 * ]);
 * ```
 */
export function parseControls(text: string): Control[] {
  const controls = text.split(",").map(parseControl);
  const twice = controls.find(({ name }, index) => controls.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw new SyntaxError(`the name "${twice.name}" occurs twice`);
  return controls;
}

const types: Readonly<Record<string, Control["type"]>> = { float: "float", int: "integer", bool: "boolean" };

function parseControl(text: string): Control {
  const [, name = "", kind = "float", initial] = /^\s*([^:=]+?)\s*(?::([^=]*))?(?:=(.*))?$/.exec(text) ?? [];
  if (name === "") throw new SyntaxError(`"${text.trim()}" is not a control: ${expected}`);
  const [, from, to, suffix] = /^(.+?)\.\.(.+?)(int)?$/.exec(kind.trim()) ?? [];
  const range = from === undefined ? undefined : [toNumber(from), toNumber(to ?? "")] as const;
  const type = range === undefined ? types[kind.trim()] : suffix === undefined ? "float" : "integer";
  if (type === undefined) throw new SyntaxError(`"${kind}" is not a type: ${expected}`);
  if (range !== undefined && !(range[0] < range[1])) {
    throw new SyntaxError(`"${kind}" is not a range: expected two numbers, the smaller one first`);
  }
  const value = initial === undefined ? Math.min(Math.max(0, range?.[0] ?? 0), range?.[1] ?? 0) : toNumber(initial);
  const control: Control = { name, type, ...range === undefined ? {} : { range }, value };
  if (fitControl(control, value) !== value) throw new SyntaxError(`"${initial}" is not a value of "${name}:${kind}"`);
  return control;
}

function toNumber(text: string): number {
  const trimmed = text.trim();
  const number = trimmed === "true" ? 1 : trimmed === "false" ? 0 : trimmed === "" ? NaN : Number(trimmed);
  if (!Number.isFinite(number)) throw new SyntaxError(`"${text}" is not a number: ${expected}`);
  return number;
}

/** Returns the nearest value that a control can have. */
export function fitControl({ type, range }: Control, value: number): number {
  if (type === "boolean") return value === 0 ? 0 : 1;
  const limited = range === undefined ? value : Math.min(Math.max(value, range[0]), range[1]);
  return type === "integer" ? Math.round(Math.min(Math.max(limited, -(2 ** 53)), 2 ** 53)) : limited;
}

/** Returns the value that a control sends. */
function toValue({ type }: Control, value: number): Value {
  return type === "boolean" ? value !== 0 : type === "integer" ? BigInt(value) : value;
}

/** Sends a sample; throws where it does not fit the node. */
export type SendSample = (sample: OutgoingSample) => Promise<unknown>;

/**
 * The desk with the controls. One page holds it at a time. Nothing is sent before a page has taken it; then a sample with all
 * values goes out on each change, or at a fixed rate, also when the page has gone: the node keeps what it was told last.
 */
export class ControlDesk implements Disposable {
  readonly #send: SendSample;
  readonly #rate: number | undefined;
  #controls: readonly Control[];
  #values: readonly number[];
  #revision = 0;
  #holder: object | undefined;
  #sequence = 0n;
  #sent = 0;
  #refusal: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = 0;
  /** Counts changes of any kind, so that pages are told once about each. */
  #changes = 0;

  /**
   * Creates the desk.
   *
   * @param controls The controls
   * @param send Sends a sample to the node, through the guard
   * @param rate Samples per second; default: one for each change
   */
  constructor(controls: readonly Control[], send: SendSample, rate?: number) {
    this.#controls = controls;
    this.#send = send;
    this.#rate = rate;
    this.#values = controls.map(({ value }) => value);
  }

  /** The controls. */
  get controls(): readonly Control[] {
    return this.#controls;
  }

  /** Number of times that values were set elsewhere than in a page, which makes those of the pages stale. */
  get revision(): number {
    return this.#revision;
  }

  /** The values as they are sent. */
  get values(): readonly number[] {
    return this.#values;
  }

  /** The page that holds the desk. */
  get holder(): object | undefined {
    return this.#holder;
  }

  /** Number of samples that were sent. */
  get sent(): number {
    return this.#sent;
  }

  /** The reason why the last sample was not sent, if it was not. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Number of changes of values, holder or refusal. */
  get changes(): number {
    return this.#changes;
  }

  /** Gives the desk to a page, or takes it back from that page. */
  hold(page: object, holds: boolean): void {
    if (holds === (this.#holder === page)) return;
    if (!holds && this.#holder !== page) return;
    this.#holder = holds ? page : undefined;
    this.#changes++;
    if (holds && this.#rate !== undefined && this.#timer === undefined) this.#beginPacing(this.#rate);
  }

  /**
   * Replaces the controls, with the values that they have in the beginning.
   *
   * @param controls The new ones
   */
  replace(controls: readonly Control[]): void {
    this.#controls = controls;
    this.#values = controls.map(({ value }) => value);
    this.#revision++;
    this.#changes++;
  }

  /**
   * Takes a value that was set elsewhere; it is not sent.
   *
   * @param name Name of the control; others are ignored
   * @param value The value
   */
  follow(name: string, value: number): void {
    const index = this.#controls.findIndex((control) => control.name === name);
    if (index < 0 || this.#values[index] === value) return;
    this.#values = this.#values.with(index, value);
    this.#revision++;
    this.#changes++;
  }

  /**
   * Sets the values, if the page holds the desk; they are brought into the ranges of the controls.
   *
   * @param page The page
   * @param values A value for each control
   * @param revision The {@linkcode revision} that the page has seen; values that were set elsewhere since then stay
   */
  set(page: object, values: readonly number[], revision: number = this.#revision): void {
    if (this.#holder !== page || revision !== this.#revision) return;
    const fitted = this.#controls.map((control, index) => fitControl(control, values[index] ?? control.value));
    if (fitted.every((value, index) => value === this.#values[index]) && this.#sent > 0) return;
    this.#values = fitted;
    this.#changes++;
    if (this.#rate !== undefined) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#sendNow();
    }, changeInterval);
  }

  /** Ends the sending. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #beginPacing(rate: number): void {
    this.#due = performance.now();
    const step = () => {
      this.#sendNow();
      // A step that is missed is left out: the node wants the value of now.
      const time = performance.now();
      this.#due = Math.max(this.#due + 1000 / rate, time - 1000 / rate);
      this.#timer = setTimeout(step, Math.max(0, this.#due - time));
    };
    step();
  }

  #sendNow(): void {
    const values = this.#controls.map((control, index) => toValue(control, this.#values[index] ?? 0));
    this.#send({ sequence: this.#sequence, tsOrigin: now(), values }).then(
      () => this.#conclude(undefined),
      (error: Error) => this.#conclude(error.message),
    );
    this.#sequence++;
  }

  #conclude(refusal: string | undefined): void {
    if (refusal === undefined) this.#sent++;
    if (refusal !== this.#refusal) this.#changes++;
    this.#refusal = refusal;
  }
}
