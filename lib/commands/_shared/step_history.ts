/**
 * The history of a controller, as the scope shows it: inputs, outputs and parameters as the signals of one source.
 *
 * @module
 */

import type { StepRecord } from "../../controllers/control_options.ts";
import type { Parameter } from "../../controllers/controller.ts";
import type { Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { now } from "../../samples/timestamp.ts";
import { typeOfValue } from "../../samples/value_types.ts";
import { SampleHistory } from "../../scope/history.ts";
import type { ScopeSource } from "../../scope/source.ts";

/** A parameter that a page can show and set. */
export type ShownParameter = readonly [name: string, value: number | boolean];

/** Returns the parameters that a page can show: all but texts. */
export function shownParameters(parameters: Readonly<Record<string, Parameter>>): ShownParameter[] {
  return Object.entries(parameters).filter((entry): entry is [string, number | boolean] =>
    typeof entry[1] !== "string"
  );
}

/** Signals of a controller, as far as they are known before it runs. */
export interface StepSignals {
  /** Inputs and behind them outputs, each with a name of its own; undefined where those of a direction are not known. */
  readonly signals: readonly Signal[] | undefined;
  /** Number of the inputs among them. */
  readonly inputs: number;
}

/** The steps of a controller, as a source of the scope. */
export class StepHistory implements ScopeSource {
  readonly name: string;
  readonly isLive = true;
  readonly #memory: number;
  readonly #signals: readonly Signal[] | undefined;
  #inputs: number;
  #outputs: number;
  /** The parameters that have columns, with their types. */
  #parameters: string;
  #history: SampleHistory;

  /**
   * Creates the source.
   *
   * @param name Name of the source
   * @param known The signals that are known
   * @param parameters The parameters
   * @param memory The most bytes that the samples may take
   */
  constructor(name: string, known: StepSignals, parameters: readonly ShownParameter[], memory: number) {
    this.name = name;
    this.#memory = memory;
    this.#signals = known.signals;
    this.#inputs = known.signals === undefined ? 0 : known.inputs;
    this.#outputs = (known.signals?.length ?? 0) - this.#inputs;
    this.#parameters = keyOf(parameters);
    this.#history = this.#layOut([], [], parameters);
  }

  /** The samples; others when the signals turn out to be others. */
  get history(): SampleHistory {
    return this.#history;
  }

  /** Adds a step. */
  record({ sequence, tsOrigin, inputs, outputs }: StepRecord, parameters: readonly ShownParameter[]): void {
    if (this.#signals === undefined) this.#learn(inputs, outputs);
    if (this.#inputs + this.#outputs === 0) return; // nothing is known of the signals, and nothing has come or was sent
    const key = keyOf(parameters);
    if (key !== this.#parameters) {
      this.#parameters = key;
      this.#history = this.#layOut(inputs, outputs, parameters);
    }
    const received = now();
    this.#history.push([{
      sequence,
      tsOrigin: tsOrigin ?? received,
      tsReceived: received,
      values: [
        ...fit(inputs, this.#inputs),
        ...fit(outputs, this.#outputs),
        ...parameters.map(([, value]) => value),
      ],
    }]);
  }

  /** Makes room for more values than there were in any step before. */
  #learn({ length: inputs }: readonly Value[], { length: outputs }: readonly Value[]): void {
    if (inputs <= this.#inputs && outputs <= this.#outputs) return;
    this.#inputs = Math.max(this.#inputs, inputs);
    this.#outputs = Math.max(this.#outputs, outputs);
    this.#parameters = ""; // no layout is for these
  }

  #layOut(
    inputs: readonly Value[],
    outputs: readonly Value[],
    parameters: readonly ShownParameter[],
  ): SampleHistory {
    const signals = this.#signals ?? [
      ...guess(inputs, this.#inputs, "in"),
      ...guess(outputs, this.#outputs, "out"),
    ];
    const names = new Set(signals.map(({ name }) => name));
    const set = parameters.map(([name, value]): Signal => ({
      name: names.has(name) ? `parameter.${name}` : name,
      type: typeof value === "boolean" ? "boolean" : "float",
    }));
    return new SampleHistory({ memory: this.#memory, signals: signals.length === 0 ? [] : [...signals, ...set] });
  }
}

function keyOf(parameters: readonly ShownParameter[]): string {
  return JSON.stringify(parameters.map(([name, value]) => [name, typeof value]));
}

/** Names signals that nothing names, with the types of values. */
function guess(values: readonly Value[], count: number, direction: string): Signal[] {
  return Array.from({ length: count }, (_, index) => {
    const type = typeOfValue(values[index] ?? null);
    return { name: `${direction}.signal${index}`, type: type === "invalid" ? "float" : type };
  });
}

/** Brings values to a number: what is missing is not there. */
function fit(values: readonly Value[], count: number): readonly Value[] {
  if (values.length === count) return values;
  return Array.from({ length: count }, (_, index) => values[index] ?? null);
}
