/**
 * Signals of a link on the command line: one list for both directions, or one for each; and checks against them.
 *
 * @module
 */

import { EncodeError } from "../../formats/errors.ts";
import type { FormatOptions } from "../../formats/format.ts";
import { createFormat, type FormatSpecification } from "../../formats/table.ts";
import { createGuard, UnfitSampleError } from "../../client/guard.ts";
import type { Sample, Value } from "../../samples/sample.ts";
import type { LinkSignals } from "../../samples/directions.ts";
import {
  defaultSignalCount,
  formatSignals,
  parseSignals,
  type Signal,
  type SignalType,
} from "../../samples/signals.ts";
import { parseValues } from "../../samples/values.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import type { Description, Option } from "../../terminal/option.ts";

const notation =
  "such as 64f2i (f float, i integer, b boolean, c complex), or a JSON list of objects with name, unit " +
  "and type";

/** Signals of one direction; `"any"` to send samples unchecked. */
type SignalList = readonly Signal[] | "any";

function parseList(given: string): readonly Signal[] {
  const signals = parseSignals(given);
  const names = signals.flatMap(({ name }) => name ? [name] : []);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new SyntaxError(`the name "${twice}" occurs twice`);
  return signals;
}

/** Declares an option that takes the signals of received samples, or of those in a file. */
export function signalList(
  description: Description,
): Option<readonly Signal[] | undefined> {
  return { ...description, value: "TYPES", default: undefined, parse: parseList };
}

/** Declares an option that takes the signals of sent samples, or `any`. */
function sentSignalList(
  description: Description,
): Option<SignalList | undefined> {
  return {
    ...description,
    value: "TYPES",
    default: undefined,
    parse: (given) => given === "any" ? given : parseList(given),
  };
}

/** Signals of both directions. */
const both = sentSignalList({
  short: "t",
  env: "VILLAS_SIGNALS",
  help:
    `set the signal types of both directions, ${notation}, and send nothing else; or any, to send samples unchecked ` +
    "to a receiver that accepts them",
  defaultText: "up to 64 floats are sent, as VILLASnode expects",
});

const received = signalList({
  help:
    "set the signal types of received samples, for formats that do not carry them, if they differ from the sent ones",
});

const sent = sentSignalList({ help: "set the signal types that the node accepts (its in.signals), or any" });

/** Signals of a command that receives and sends. */
export const linkSignalOptions = { signals: both, "signals-in": received, "signals-out": sent };

/** Signals of a command that only receives. */
export const receivedSignalOptions = {
  signals: {
    ...signalList({
      short: "t",
      env: "VILLAS_SIGNALS",
      help: `set the signal types, for formats that do not carry them, ${notation}; names go into the header of a file`,
    }),
    // The variable may be `any` for the sake of commands that send.
    parse: (given: string) => given === "any" ? undefined : parseList(given),
  },
  "signals-in": received,
};

/** Signals of a command that only sends. */
export const sentSignalOptions = {
  signals: {
    ...both,
    help:
      `set the signal types that the node accepts (its in.signals), ${notation}, and send nothing else; or any, to ` +
      "send samples unchecked to a receiver that accepts them",
  },
  "signals-out": { ...sent, help: "set the same as --signals" },
};

/** Values of the options of signals; a command has some of them. */
export interface SignalValues {
  readonly signals?: SignalList | undefined;
  readonly "signals-in"?: readonly Signal[] | undefined;
  readonly "signals-out"?: SignalList | undefined;
}

/**
 * Derives the signals of both directions from the options.
 *
 * @param values Values of the options
 * @param nameOf Names an option as it was given
 * @throws {InputError} If `--signals` is given together with an option for one direction
 */
export function directionsOf(values: SignalValues, nameOf = (option: string) => `--${option}`): LinkSignals {
  const { signals, "signals-in": input, "signals-out": output } = values;
  const single = input !== undefined ? "signals-in" : "signals-out";
  if (signals !== undefined && (input ?? output) !== undefined) {
    const options = `${nameOf("signals")} with ${nameOf(single)}`;
    throw new InputError(`Cannot use ${options}: it sets the signals of both directions`);
  }
  const received = signals === "any" ? undefined : signals ?? input;
  const sent = signals ?? output;
  return { ...received === undefined ? {} : { in: received }, ...sent === undefined ? {} : { out: sent } };
}

/** Returns the list of the signals that the node accepts, if there is one. */
export function sentSignals({ out }: LinkSignals): readonly Signal[] | undefined {
  return out === "any" ? undefined : out;
}

/** Returns the options of a format with these signals, if they are known. */
export function withSignals(signals: readonly Signal[] | undefined): FormatOptions {
  return signals === undefined ? {} : { signals };
}

/**
 * Checks that a format carries samples of the signals that are given, before anything is sent or awaited.
 *
 * @throws {InputError} If it does not
 */
export async function checkCapacity(specification: FormatSpecification, signals: LinkSignals): Promise<void> {
  const lists = [["receive", signals.in], ["send", sentSignals(signals)]] as const;
  for (const [verb, list] of lists) {
    if (list === undefined) continue;
    const format = await readInput(() => createFormat(specification, { signals: list }));
    try {
      const { length } = format.encode([createSample(list)]);
      if (length > 65_507) throw new EncodeError(format.name, `it is ${length} bytes long; UDP carries 65507`, 0);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      const what = formatSignals(list);
      throw new InputError(`Cannot ${verb} signals ${what} as ${format.name}: ${error.reason}`, { cause: error });
    }
  }
}

const someValues: Readonly<Record<SignalType, Value>> = {
  float: 1.5,
  integer: 1n,
  boolean: true,
  complex: { real: 1.5, imag: 0.5 },
};

function createSample(signals: readonly Signal[]): Sample {
  return { sequence: 1n, tsOrigin: { sec: 1, nsec: 1 }, values: signals.map(({ type }) => someValues[type]) };
}

/**
 * Describes a sample that was not sent, and names the option that would let it pass.
 *
 * @param error The reason
 */
export function describeUnsent(error: Error): string {
  if (!(error instanceof UnfitSampleError) || !error.isDefault) return error.message;
  const { index, mismatch, fittingSignals } = error;
  return `Cannot send sample ${index}: ${mismatch}; a VILLASnode accepts up to 64 floats unless its in.signals says ` +
    `otherwise: give --signals ${fittingSignals} if it does, or --signals any to send samples unchecked`;
}

/**
 * Rejects values that a command would send again and again, before it begins.
 *
 * @param format Name of the format of the datagrams
 * @param values Values of each sample
 * @param signals Signals of the link
 * @throws {Error} If the receiver would not survive them; the message names the option that would let them pass
 */
export function checkUnsent(format: string, values: readonly Value[], { out }: LinkSignals): void {
  try {
    createGuard(format, out)?.([{ values: [...values] }]);
  } catch (error) {
    throw error instanceof UnfitSampleError ? new Error(describeUnsent(error), { cause: error }) : error;
  }
}

/**
 * Reads values that a command would send again and again, and rejects those that the node would not survive.
 *
 * @param text Values separated by commas, such as `"230.1,7i"`
 * @param format Name of the format of the datagrams
 * @param signals Signals of the link
 * @throws {InputError} If they cannot be parsed, or do not fit the signals that are given
 * @throws {Error} If the receiver would not survive them
 */
export async function readSentValues(text: string, format: string, signals: LinkSignals): Promise<Value[]> {
  const values = await readInput(() => parseValues(text, sentSignals(signals)));
  checkUnsent(format, values, signals);
  return values;
}

/**
 * Rejects a number of values that the receiver does not accept, before a command sends any.
 *
 * @param format Name of the format of the datagrams
 * @param count Number of values of each sample, all of them of the types that the signals have
 * @param signals Signals of the link
 * @throws {InputError} If it exceeds the signals that are given
 * @throws {Error} If it exceeds what a VILLASnode accepts by default; the message names the option that would let them pass
 */
export function checkNumber(format: string, count: number, signals: LinkSignals): void {
  const list = sentSignals(signals);
  if (list !== undefined && count > list.length) {
    throw new InputError(`Cannot send ${count} values: ${list.length} signals are given`);
  }
  if (list !== undefined || count <= defaultSignalCount || createGuard(format, signals.out) === undefined) return;
  throw new Error(
    `Cannot send ${count} values: a VILLASnode accepts up to ${defaultSignalCount} floats unless its in.signals says ` +
      `otherwise: give --signals ${count}f if it does, or --signals any to send samples unchecked`,
  );
}
