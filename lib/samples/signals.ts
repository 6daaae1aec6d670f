/**
 * Signal lists: names, units and types of the values of a sample, in VILLASnode's notations.
 *
 * @module
 */

/** VILLASnode's names of the signal types. */
export type SignalType = "float" | "integer" | "boolean" | "complex";

/** One signal: the name, unit and type of one value of a sample, as in VILLASnode's configuration. */
export interface Signal {
  /** Name, such as `"va"`; formats that need one use `signal0`, `signal1`, ... if it is missing. */
  name?: string;
  /** Unit, such as `"V"`. */
  unit?: string;
  /** Type of the value. */
  type: SignalType;
}

/**
 * A signal list as users write it: VILLASnode's short notation such as `"64f2i"`, a JSON array of objects, or the list.
 */
export type SignalNotation = string | readonly Signal[];

/** Number of values, all of them floats, that a VILLASnode accepts without `in.signals` (`lib/node_direction.cpp`). */
export const defaultSignalCount = 64;

/** The letters of VILLASnode's `64f2i` notation (`lib/signal_type.cpp`). */
const letters: Record<string, SignalType> = { f: "float", i: "integer", b: "boolean", c: "complex" };

/** More signals than any datagram can carry: a typo such as `6400000f` is refused instead of filling the memory. */
const maximumSignals = 65_536;

/**
 * Parses a signal list in one of VILLASnode's notations: `64f2i`, a JSON array of objects, or that array itself.
 *
 * In the short notation a count may precede each letter `f` (float), `i` (integer), `b` (boolean) or `c` (complex), and
 * the names are `signal0`, `signal1`, ... (`lib/signal_list.cpp`). In an array each object has a `name`, a `unit` and a
 * `type`, all optional; the default type is float (`lib/signal.cpp`).
 *
 * @param notation The signals, such as `"64f2i"` or `[{"name": "va", "unit": "V"}]`
 * @returns One entry per signal
 * @throws {SyntaxError} If the notation cannot be parsed
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
  if (name !== undefined) signal.name = typeof name === "string" ? name : fail("its name is not a string");
  if (unit !== undefined) signal.unit = typeof unit === "string" ? unit : fail("its unit is not a string");
  return signal;
}

/**
 * Formats the types of a signal list in VILLASnode's short notation, as short as possible.
 *
 * @param signals The signals; the notation has no names and units
 * @returns The notation, such as `"64f2i"`
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
