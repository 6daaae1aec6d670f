/**
 * Signals to generate, as operands and options of a command describe them.
 *
 * @module
 */

import { parseGeneratedSignal } from "../../generators/parse.ts";
import { type GeneratedSignal, type Shape, shapes } from "../../generators/waveform.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import type { Session } from "../../terminal/command.ts";
import { suggest } from "../../terminal/parse.ts";

/** What the options say of all signals. */
export interface ShapeValues {
  readonly frequency: number;
  readonly amplitude: number;
  readonly stddev: number;
  readonly offset: number;
  readonly phase: number;
  readonly "pulse-width": number;
  readonly "pulse-low": number;
  readonly "pulse-high": number;
  /** Number of signals of each operand. */
  readonly values: number;
  readonly seed: number | undefined;
}

/**
 * Reads the signals that operands describe.
 *
 * @param operands The operands, such as `"sine:name=va,amplitude=325"`
 * @param values What the options say of all of them
 * @throws {InputError} If there is none, one cannot be read, or two have one name
 */
export async function readSignals(operands: readonly string[], values: ShapeValues): Promise<GeneratedSignal[]> {
  if (operands.length === 0) throw new InputError(`SHAPE is missing: expected ${shapes.join(", ")}`);
  const { frequency, amplitude, stddev, offset, phase } = values;
  const common = {
    frequency,
    amplitude,
    stddev,
    offset,
    phase,
    pulse_width: values["pulse-width"],
    pulse_low: values["pulse-low"],
    pulse_high: values["pulse-high"],
  };
  const signals: GeneratedSignal[] = [];
  for (const operand of operands) {
    const signal = { ...common, ...await readSignal(operand) };
    for (let i = 0; i < values.values; i++) {
      // Names are unique: formats with a name beside each value would lose all but one.
      const name = signal.name === undefined || values.values === 1 ? {} : { name: `${signal.name}${i}` };
      signals.push({ ...signal, ...name });
    }
  }
  const names = signals.map(({ name }, index) => name || `signal${index}`);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new InputError(`Cannot generate two signals of the name "${twice}"`);
  return signals;
}

/** Rejects a seed where nothing is random. */
export function checkShapes(
  { seed }: Pick<ShapeValues, "seed">,
  signals: readonly GeneratedSignal[],
  { nameOf }: Session,
): void {
  const isRandom = signals.some(({ signal }) => signal === "random" || signal === "mixed");
  if (seed !== undefined && !isRandom) throw new InputError(`Cannot use ${nameOf("seed")} without random or mixed`);
}

async function readSignal(operand: string): Promise<GeneratedSignal> {
  const shape = operand.replace(/:.*/s, "");
  if (!shapes.includes(shape as Shape)) {
    const nearest = await suggest(shape, shapes);
    throw new InputError(`Unknown shape "${shape}": ${nearest || `expected ${shapes.join(", ")}`}`);
  }
  return await readInput(() => parseGeneratedSignal(operand));
}
