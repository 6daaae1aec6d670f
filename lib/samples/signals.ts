/**
 * What the values of a sample mean: names, units and types, in VILLASnode's notations.
 *
 * @module
 */

import { isComplex, type Value } from "./sample.ts";

/** VILLASnode's names of the signal types. */
export type SignalType = "float" | "integer" | "boolean" | "complex";

/** One signal: what VILLASnode's configuration says about one value of a sample. */
export interface Signal {
  /** Name, such as `"va"`; formats that need one take `signal0`, `signal1`, ... where it is missing. */
  name?: string;
  /** Unit, such as `"V"`. */
  unit?: string;
  /** Type of the value. */
  type: SignalType;
}

/** A signal list as it may be given: VILLASnode's `"64f2i"`, a JSON list of objects, or such a list itself. */
export type SignalNotation = string | readonly Signal[];

/**
 * The signals of a link by direction, as the client sees them: `in` is what it receives, `out` what it sends. A VILLASnode
 * takes its `in.signals`, which are the client's `out`; what it sends has the signals of the path that ends in the node.
 */
export interface SignalDirections {
  /** The signals of received samples. Without it, formats that carry no types or names cannot tell them. */
  in?: SignalNotation;
  /** The signals that the node takes, or `"any"` to send samples unchecked. Default: up to 64 floats. */
  out?: SignalNotation;
}

/** The signals of a link, read: see {@linkcode parseDirections}. */
export interface LinkSignals {
  /** The signals of received samples, if they are known. */
  readonly in?: readonly Signal[];
  /** The signals that the node takes, if they are known; `"any"` where the receiver takes everything. */
  readonly out?: readonly Signal[] | "any";
}

/** Number of values that a VILLASnode without `in.signals` takes, all of them floats (`lib/node_direction.cpp`). */
export const defaultSignalCount = 64;

/** The letters of VILLASnode's `64f2i` notation (`lib/signal_type.cpp`). */
const letters: Record<string, SignalType> = { f: "float", i: "integer", b: "boolean", c: "complex" };

/** More signals than any datagram can carry: a typing error such as `6400000f` is refused instead of filling memory. */
const maximumSignals = 65_536;

/**
 * Reads a signal list in one of VILLASnode's notations: `64f2i`, a JSON list of objects, or such a list itself.
 *
 * In the short notation each letter `f` (float), `i` (integer), `b` (boolean) or `c` (complex) may follow a count, and
 * the names are `signal0`, `signal1`, ... (`lib/signal_list.cpp`). In a list each object has `name`, `unit` and `type`,
 * all optional; the type is float where it is missing (`lib/signal.cpp`).
 *
 * @param notation The signals, such as `"64f2i"` or `[{"name": "va", "unit": "V"}]`
 * @returns One entry a signal
 * @throws {SyntaxError} Where the notation cannot be read
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 *
 * assertEquals(parseSignals("f2i").map(({ name, type }) => `${name} ${type}`), [
 *   "signal0 float",
 *   "signal1 integer",
 *   "signal2 integer",
 * ]);
 * assertEquals(parseSignals('[{"name": "va", "unit": "V"}]'), [{ name: "va", unit: "V", type: "float" }]);
 * ```
 */
export function parseSignals(notation: string | readonly unknown[]): Signal[] {
  if (typeof notation !== "string") return notation.map(signalFromObject);
  if (/^\s*\[/.test(notation)) {
    let list: unknown;
    try {
      list = JSON.parse(notation);
    } catch (error) {
      throw new SyntaxError(`Cannot parse the signal list as JSON: ${(error as Error).message}`, { cause: error });
    }
    return (list as unknown[]).map(signalFromObject);
  }
  return signalsFromLetters(notation);
}

function signalsFromLetters(notation: string): Signal[] {
  const signals: Signal[] = [];
  const part = /([0-9]*)([a-z])/y;
  while (part.lastIndex < notation.length) {
    const position = part.lastIndex;
    const [, count = "", letter = ""] = part.exec(notation) ?? [];
    const type = letters[letter];
    if (type === undefined) {
      throw new SyntaxError(
        `Cannot parse "${notation}" as a signal list at "${notation.slice(position)}": ` +
          `expected counts and letters such as "64f2i", with f (float), i (integer), b (boolean), c (complex)`,
      );
    }
    const times = count === "" ? 1 : Number(count);
    if (signals.length + times > maximumSignals) {
      throw new SyntaxError(`Cannot parse "${notation}" as a signal list: more than ${maximumSignals} signals`);
    }
    for (let i = 0; i < times; i++) signals.push({ name: `signal${signals.length}`, type });
  }
  return signals;
}

function signalFromObject(entry: unknown, index: number): Signal {
  const fail = (why: string): never => {
    throw new SyntaxError(`Cannot take entry ${index} of the signal list as a signal: ${why}`);
  };
  if (typeof entry !== "object" || entry === null) return fail("expected an object with name, unit and type");
  const { name, unit, type = "float" } = entry as Record<string, unknown>;
  const signal: Signal = { type: type as SignalType };
  if (!Object.values(letters).includes(signal.type)) {
    fail(`its type is ${JSON.stringify(type)}, not float, integer, boolean or complex`);
  }
  if (name !== undefined) signal.name = typeof name === "string" ? name : fail("its name is no string");
  if (unit !== undefined) signal.unit = typeof unit === "string" ? unit : fail("its unit is no string");
  return signal;
}

/**
 * Reads the signals of a link: one list for both directions, or one for each.
 *
 * @param signals A list, `"any"` to send samples unchecked, or `{ in, out }`
 * @returns The lists by direction
 * @throws {SyntaxError} Where a list cannot be read
 *
 * @example Two floats are received, one is sent
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseDirections } from "@villas/client/samples";
 *
 * const { in: received, out: sent } = parseDirections({ in: "2f", out: "f" });
 * assertEquals([received?.length, sent?.length], [2, 1]);
 * assertEquals(parseDirections("any"), { out: "any" });
 * ```
 */
export function parseDirections(signals: SignalNotation | SignalDirections = {}): LinkSignals {
  const isOneList = typeof signals === "string" || Array.isArray(signals);
  const { in: received, out: sent } = isOneList ? { in: signals, out: signals } : signals as SignalDirections;
  return {
    ...received === undefined || received === "any" ? {} : { in: parseSignals(received) },
    ...sent === undefined ? {} : { out: sent === "any" ? sent : parseSignals(sent) },
  };
}

/**
 * Writes the types of a signal list in VILLASnode's short notation, the shortest one.
 *
 * @param signals The signals; names and units are not part of the notation
 * @returns Such as `"64f2i"`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatSignals, parseSignals } from "@villas/client";
 *
 * assertEquals(formatSignals(parseSignals("ffi1b")), "2fib");
 * ```
 */
export function formatSignals(signals: readonly Signal[]): string {
  const types = signals.map((signal) => signal.type.charAt(0)).join("");
  return types.replace(/(.)\1+/g, (run, letter) => `${run.length}${letter}`);
}

/**
 * The type of the signal that a value belongs to.
 *
 * @param value A value of a sample
 * @returns VILLASnode's name of the type; `"invalid"` for a value that is not set
 */
export function typeOfValue(value: Value): SignalType | "invalid" {
  switch (typeof value) {
    case "number":
      return "float";
    case "bigint":
      return "integer";
    case "boolean":
      return "boolean";
    default:
      return isComplex(value) ? "complex" : "invalid";
  }
}

/**
 * What is wrong with the values of a sample for a VILLASnode that has these signals, or nothing.
 *
 * VILLASnode 1.2 dies on a value of another type than its signal's and on more values than it has signals. Fewer values
 * are fine: it keeps the last ones.
 *
 * @param values The values of a sample
 * @param signals The signals of the receiving node
 * @param unsetFits Whether a value that is not set fits any signal; default false, because VILLASnode dies on it too
 * @returns What is wrong, as the end of a sentence, or undefined
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { findMismatch } from "@villas/client/samples";
 *
 * assertEquals(findMismatch([1.5, 2n], parseSignals("fi")), undefined);
 * assertEquals(findMismatch([1.5, 2], parseSignals("fi")), "value 1 is of type float, signal1 of type integer");
 * ```
 */
export function findMismatch(
  values: readonly Value[],
  signals: readonly Signal[],
  unsetFits = false,
): string | undefined {
  if (values.length > signals.length) return `it has ${values.length} values for ${signals.length} signals`;
  for (let i = 0; i < values.length; i++) {
    const signal = signals[i];
    const type = typeOfValue(values[i] ?? null);
    if (type === "invalid" && unsetFits) continue;
    if (signal !== undefined && type !== signal.type) {
      return `value ${i} is of type ${type}, ${signal.name ?? `signal${i}`} of type ${signal.type}`;
    }
  }
  return undefined;
}

/**
 * Casts a float to another type, as VILLASnode does (`lib/signal_data.cpp`): an integer is cut towards zero, a boolean is
 * whether it is not 0, a complex number has no imaginary part.
 *
 * @param value The float
 * @param type Type to cast to
 * @returns The value; an integer beyond 64 bits is the nearest one, and 0 for NaN
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { castFloat } from "@villas/client/samples";
 *
 * assertEquals([castFloat(-2.7, "integer"), castFloat(0.5, "boolean")], [-2n, true]);
 * ```
 */
export function castFloat(value: number, type: SignalType): Value {
  switch (type) {
    case "float":
      return value;
    case "integer":
      if (Number.isNaN(value)) return 0n;
      if (value >= 2 ** 63) return 2n ** 63n - 1n;
      return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value));
    case "boolean":
      return value !== 0;
    case "complex":
      return { real: value, imag: 0 };
  }
}
