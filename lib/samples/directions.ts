/**
 * Signals of a link by direction: the list of what a client receives and the list of what it sends.
 *
 * @module
 */

import { parseSignals, type Signal, type SignalNotation } from "./signals.ts";

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
