/**
 * Signals of what a controller receives and sends, as one list: that of a recording of both.
 *
 * @module
 */

import type { LinkSignals } from "../samples/directions.ts";
import type { Signal } from "../samples/signals.ts";

/**
 * Joins the signals of all links: first all inputs, then all outputs, as `StepRecord` has the values.
 *
 * @param links Signals of each link by its name
 * @returns The signals, each with a name of its own; undefined where those of a direction are not known
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { joinSignals } from "@villas/client/controllers";
 * import { parseDirections } from "@villas/client/samples";
 *
 * const signals = joinSignals({ node: parseDirections({ in: [{ name: "measured", type: "float" }], out: "f" }) });
 * assertEquals(signals?.map(({ name }) => name), ["measured", "signal0"]);
 * assertEquals(joinSignals({ node: parseDirections("f") })?.map(({ name }) => name), ["in.signal0", "out.signal0"]);
 * ```
 */
export function joinSignals(links: Readonly<Record<string, LinkSignals>>): Signal[] | undefined {
  const isMultiple = Object.keys(links).length > 1;
  const found: { signal: Signal; name: string; direction: string }[] = [];
  for (const direction of ["in", "out"] as const) {
    for (const [link, { [direction]: signals }] of Object.entries(links)) {
      if (signals === undefined || signals === "any") return undefined;
      const prefix = isMultiple ? `${link}.` : "";
      found.push(...signals.map((signal, index) => ({
        signal,
        name: `${prefix}${signal.name ?? `signal${index}`}`,
        direction,
      })));
    }
  }
  const times = Map.groupBy(found, ({ name }) => name);
  return found.map(({ signal, name, direction }) => ({
    ...signal,
    name: (times.get(name)?.length ?? 0) > 1 ? `${direction}.${name}` : name,
  }));
}
