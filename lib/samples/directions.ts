/**
 * Signals of a link by direction: the list of what a client receives and the list of what it sends.
 *
 * @module
 */

import { parseSignals, type Signal, type SignalNotation } from "./signals.ts";

/**
 * The signals of a link by direction, as the client sees them: `in` is what it receives, `out` what it sends. A
 * VILLASnode accepts its own `in.signals`, which are the client's `out`; it sends the signals of the path that ends in
 * the node.
 */
export interface SignalDirections {
  /** The signals of received samples. Formats that carry no types or names need them to tell what the values are. */
  in?: SignalNotation;
  /** The signals that the node accepts, or `"any"` to send samples unchecked. Default: up to 64 floats. */
  out?: SignalNotation;
}

/** The parsed signals of a link: see {@linkcode parseDirections}. */
export interface LinkSignals {
  /** The signals of received samples, if they are known. */
  readonly in?: readonly Signal[];
  /** The signals that the node accepts, if they are known; `"any"` if it accepts everything. */
  readonly out?: readonly Signal[] | "any";
}

/**
 * Parses the signals of a link: one list for both directions, or one for each.
 *
 * @param signals A list, `"any"` to send samples unchecked, or `{ in, out }`
 * @returns The lists by direction
 * @throws {SyntaxError} If a list cannot be parsed
 *
 * @example Receive two floats and send one
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
