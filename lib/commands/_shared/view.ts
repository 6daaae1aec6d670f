/**
 * The part of the received samples that a command prints, and its form: every n-th sample, some of the values, few digits.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { InputError } from "../../system/input_error.ts";
import { suggest } from "../../terminal/parse.ts";
import type { NamedFormat } from "./options.ts";
import { choosePrintFormat, type PrintFormat } from "./printer.ts";
import { withSignals } from "./signals.ts";
import { viewOptions, type ViewValues } from "./view_options.ts";

/** The part of received samples that is printed. */
export interface View {
  /** The format; undefined if nothing is printed. */
  readonly format: PrintFormat | undefined;
  /** Returns what is to be printed of samples that have just arrived. */
  readonly reduce: (samples: readonly Sample[]) => readonly Sample[];
}

/**
 * Creates the view that the options describe.
 *
 * @param values Values of the options
 * @param specification The format to print in, or one of the name `"none"`
 * @param signals Signals of the received samples, if they are known
 * @param target Where it is printed
 * @throws {InputError} If the options contradict each other, or select what does not exist
 */
export async function createView(
  values: ViewValues,
  specification: NamedFormat,
  signals: readonly Signal[] | undefined,
  target: { isTerminal: boolean; hasStats?: boolean; isFile?: boolean },
): Promise<View> {
  const { digits, time } = values;
  checkView(values, specification);
  const indices = values.select === undefined ? undefined : await parseSelection(values.select, signals);
  const chosen = indices === undefined ? signals : signals && indices.flatMap((index) => signals[index] ?? []);
  const format = await choosePrintFormat(
    digits === undefined ? specification : { ...specification, real_precision: digits },
    withSignals(chosen),
    { ...target, ...time && { time }, ...indices && { indices } },
  );
  if (digits !== undefined && format?.isText === false) {
    throw new InputError(`Cannot use --digits with ${format.name}: it is binary`);
  }
  return { format, reduce: createReduction(values, indices) };
}

function checkView(values: ViewValues, { type }: NamedFormat): void {
  const given = Object.keys(viewOptions).find((name) => values[name as keyof ViewValues] !== undefined);
  if (type === "none" && given !== undefined) {
    throw new InputError(`Cannot use --${given} with --print none: nothing is printed`);
  }
  if (values.time !== undefined && type !== "table") {
    throw new InputError(`Cannot use --time with ${type}, which has its own timestamps: give --print table`);
  }
  if (values.digits === 0 && /^json/.test(type)) {
    throw new InputError(`Cannot use --digits 0 with ${type}: it has significant digits, 1 or more`);
  }
}

/**
 * Parses a list of values.
 *
 * @param list Indices from 0, ranges of them, and names, separated by commas
 * @param signals The signals that have the names, if they are known
 * @returns The indices in the order of the list
 * @throws {InputError} If there is no such value
 */
export async function parseSelection(list: string, signals: readonly Signal[] | undefined): Promise<number[]> {
  const names = signals?.map(({ name }, index) => name ?? `signal${index}`);
  const indices: number[] = [];
  for (const part of list.split(",").map((part) => part.trim())) {
    const named = names?.indexOf(part) ?? -1;
    const [, from, to = from] = named >= 0 ? ["", named, named] : /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from)) {
      const reason = names === undefined
        ? "expected an index or a range such as 0-3 (names need --signals)"
        : await suggest(part, names) || `expected an index, a range such as 0-3, or one of ${names.join(", ")}`;
      throw new InputError(`Cannot select "${part}": ${reason}`);
    }
    if (signals !== undefined && Number(to) >= signals.length) {
      throw new InputError(`Cannot select value ${to}: there are ${signals.length}, from 0 to ${signals.length - 1}`);
    }
    for (let index = Number(from); index <= Number(to); index++) indices.push(index);
  }
  return indices;
}

/** Creates the function that leaves out samples and values. */
function createReduction(
  { every = 1, "max-rate": maximumRate = Infinity }: ViewValues,
  indices: readonly number[] | undefined,
): View["reduce"] {
  if (every === 1 && maximumRate === Infinity && indices === undefined) return (samples) => samples;
  const period = 1000 / maximumRate;
  let count = 0;
  let due = -Infinity;
  const isPrinted = () => {
    if (count++ % every > 0) return false;
    const time = performance.now();
    if (time < due) return false;
    // On a grid, so that samples that come a little early or late do not lower the rate.
    due = time - due < period ? due + period : time + period;
    return true;
  };
  return (samples) => {
    const printed = samples.filter(isPrinted);
    if (indices === undefined) return printed;
    // A value that is missing in a sample leaves its place empty, so that the others keep theirs.
    return printed.map((sample) => ({ ...sample, values: indices.map((index) => sample.values[index] ?? null) }));
  };
}
