/**
 * Signals of a link on the command line: one list for both directions, or one for each.
 *
 * @module
 */

import type { FormatOptions } from "../../formats/format.ts";
import type { LinkSignals } from "../../samples/directions.ts";
import { parseSignals, type Signal } from "../../samples/signals.ts";
import { InputError } from "../../system/input_error.ts";
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
