/**
 * The signals of a link as the options of a command give them: one list for both directions, or one for each.
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
import { UsageError } from "../../terminal/command.ts";
import type { Option } from "../../terminal/option.ts";

const notation =
  "such as 64f2i (f float, i integer, b boolean, c complex), or a JSON list of objects with name, unit " +
  "and type";

/** Signals of one direction; `"any"` to send samples unchecked. */
type SignalList = readonly Signal[] | "any";

function parseList(given: string): readonly Signal[] {
  const signals = parseSignals(given);
  const names = signals.flatMap(({ name }) => name ? [name] : []);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new SyntaxError(`the name "${twice}" is given twice`);
  return signals;
}

/** Signals of samples that are received or read. */
export function signalList(
  description: Pick<Option<unknown>, "help" | "short" | "env">,
): Option<readonly Signal[] | undefined> {
  return { ...description, value: "TYPES", initial: undefined, parse: parseList };
}

/** Signals of samples that are sent, or `any`. */
function sentSignalList(
  description: Pick<Option<unknown>, "help" | "short" | "env">,
): Option<SignalList | undefined> {
  return {
    ...description,
    value: "TYPES",
    initial: undefined,
    parse: (given) => given === "any" ? given : parseList(given),
  };
}

/** Signals of both directions. */
const both = sentSignalList({
  short: "t",
  env: "VILLAS_SIGNALS",
  help: `signal types of both directions, ${notation}; nothing else is sent then. any sends whatever comes, to a ` +
    "receiver that takes it. Without it, what is sent is up to 64 floats, VILLASnode's default",
});

const received = signalList({
  help: "signal types of received samples, for formats that do not carry them, where they are not those that are sent",
});

const sent = sentSignalList({ help: "signal types that the node takes (its in.signals), or any" });

/** Signals of a command that receives and sends. */
export const linkSignalOptions = { signals: both, "signals-in": received, "signals-out": sent };

/** Signals of a command that only receives. */
export const receivedSignalOptions = {
  signals: {
    ...signalList({
      short: "t",
      env: "VILLAS_SIGNALS",
      help: `signal types, for formats that do not carry them, ${notation}, which go into the header of a file`,
    }),
    // A variable that is set for the commands that send may say `any`.
    parse: (given: string) => given === "any" ? undefined : parseList(given),
  },
  "signals-in": received,
};

/** Signals of a command that only sends. */
export const sentSignalOptions = {
  signals: {
    ...both,
    help: `signal types that the node takes (its in.signals), ${notation}; nothing else is sent then. any sends ` +
      "whatever comes, to a receiver that takes it. Without it, up to 64 floats are sent, VILLASnode's default",
  },
  "signals-out": { ...sent, help: "the same as --signals" },
};

/** What the options of signals are set to; a command has some of them. */
export interface SignalValues {
  readonly signals?: SignalList | undefined;
  readonly "signals-in"?: readonly Signal[] | undefined;
  readonly "signals-out"?: SignalList | undefined;
}

/**
 * Reads the signals of both directions from the options.
 *
 * @throws {UsageError} Where `--signals` stands beside an option for one direction
 */
export function directionsOf(values: SignalValues): LinkSignals {
  const { signals, "signals-in": input, "signals-out": output } = values;
  const single = input !== undefined ? "--signals-in" : "--signals-out";
  if (signals !== undefined && (input ?? output) !== undefined) {
    throw new UsageError(`Cannot use --signals with ${single}: it gives the signals of both directions`);
  }
  const received = signals === "any" ? undefined : signals ?? input;
  const sent = signals ?? output;
  return { ...received === undefined ? {} : { in: received }, ...sent === undefined ? {} : { out: sent } };
}

/** The list of the signals that the node takes, as far as there is one. */
export function sentSignals({ out }: LinkSignals): readonly Signal[] | undefined {
  return out === "any" ? undefined : out;
}

/** The options of a format that say what the values are, if that is known. */
export function withSignals(signals: readonly Signal[] | undefined): FormatOptions {
  return signals === undefined ? {} : { signals };
}

/**
 * Checks that a format carries samples of the signals that are given, before anything is sent or waited for.
 *
 * @throws {UsageError} If it does not
 */
export async function checkCapacity(specification: FormatSpecification, signals: LinkSignals): Promise<void> {
  const lists = [["receive", signals.in], ["send", sentSignals(signals)]] as const;
  for (const [verb, list] of lists) {
    if (list === undefined) continue;
    const format = await createFormat(specification, { signals: list });
    try {
      const { length } = format.encode([createSample(list)]);
      if (length > 65_507) throw new EncodeError(format.name, `it is ${length} bytes long, and UDP carries 65507`, 0);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      const what = formatSignals(list);
      throw new UsageError(`Cannot ${verb} signals ${what} as ${format.name}: ${error.reason}`, { cause: error });
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
 * Describes a sample that was not sent, with the option that would let it pass.
 *
 * @param error Why it was not sent
 */
export function describeUnsent(error: Error): string {
  if (!(error instanceof UnfitSampleError) || !error.isDefault) return error.message;
  const { index, mismatch, fittingSignals } = error;
  return `Cannot send sample ${index}: ${mismatch}, and a VILLASnode takes up to 64 floats unless its in.signals says ` +
    `otherwise: give --signals ${fittingSignals} if it does, or --signals any to send whatever comes`;
}

/**
 * Refuses values that a command would send again and again, before it begins.
 *
 * @param format Name of the format of the datagrams
 * @param values Values of each sample
 * @param signals Signals of the link
 * @throws {Error} If the receiver would not survive them, with the option that would let them pass
 */
export function checkUnsent(format: string, values: readonly Value[], { out }: LinkSignals): void {
  try {
    createGuard(format, out)?.([{ values: [...values] }]);
  } catch (error) {
    throw error instanceof UnfitSampleError ? new Error(describeUnsent(error), { cause: error }) : error;
  }
}

/**
 * Refuses a number of values that the receiver does not take, before a command sends any.
 *
 * @param format Name of the format of the datagrams
 * @param count Number of values of each sample, all of them of the types that the signals have
 * @param signals Signals of the link
 * @throws {UsageError} If it is more than the signals that are given
 * @throws {Error} If it is more than a VILLASnode takes by default, with the option that would let them pass
 */
export function checkNumber(format: string, count: number, signals: LinkSignals): void {
  const list = sentSignals(signals);
  if (list !== undefined && count > list.length) {
    throw new UsageError(`Cannot send ${count} values: the signals that are given are ${list.length}`);
  }
  if (list !== undefined || count <= defaultSignalCount || createGuard(format, signals.out) === undefined) return;
  throw new Error(
    `Cannot send ${count} values: a VILLASnode takes up to ${defaultSignalCount} floats unless its in.signals says ` +
      `otherwise; give --signals ${count}f if it does, or --signals any to send whatever comes`,
  );
}
