/**
 * VILLASnode's `json.edgeflex` format: one object a sample, a member a value.
 *
 * @module
 */

import type { Sample } from "../sample.ts";
import { asMilliseconds, createJsonFormat, toMilliseconds } from "./_json_format.ts";
import type { JsonObject, Place } from "./_json_tree.ts";
import { type JsonNode, type JsonOptions, jsonRules } from "./_json_writer.ts";
import { createCollector, createNames } from "./_names.ts";
import { checkOptions } from "./_options.ts";
import type { Format } from "./format.ts";

const name = "json.edgeflex";

/**
 * Makes the format `json.edgeflex`: `{"NAME": VALUE, ..., "created": MILLISECONDS}`.
 *
 * It carries no sequence number and of the time of origin only the milliseconds, which are always written, whatever
 * `ts_origin` says: VILLASnode takes no datagram without them, and none without a value. Values are read by the names of
 * the signals, in their order of appearance where there are no signals; VILLASnode's `signal_0`, `signal_1`, ... are
 * known too.
 *
 * @param options The signals, whose names are the members', and the style
 * @returns The format
 * @throws {TypeError} If two signals have the same name, or one is named `created`
 *
 * @see VILLASnode's `lib/formats/json_edgeflex.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { jsonEdgeflex, parseSignals } from "@villas/client";
 *
 * const format = jsonEdgeflex({ signals: parseSignals("fi") });
 * const datagram = format.encode([{ tsOrigin: { sec: 1, nsec: 5_000_000 }, values: [230.5, -1n] }]);
 * assertEquals(new TextDecoder().decode(datagram), `[{"signal0": 230.5, "signal1": -1, "created": 1005}]`);
 * assertEquals(format.decode(datagram), [{ values: [230.5, -1n], tsOrigin: { sec: 1, nsec: 5_000_000 } }]);
 * ```
 */
export function jsonEdgeflex(options: JsonOptions = {}): Format {
  checkOptions(name, options, jsonRules);
  const { signals, data: withData = true } = options;
  const signalNames = createNames(name, signals, ["created"]);

  function findFault({ tsOrigin, values }: Sample): string | undefined {
    if (tsOrigin === undefined) return "it has no origin timestamp, without which VILLASnode does not take it";
    return values.length > 0 && withData ? undefined : "it has no value, without which VILLASnode does not take it";
  }

  function pack({ tsOrigin, values }: Sample): JsonNode {
    const object = new Map<string, JsonNode>();
    if (withData) values.forEach((value, index) => object.set(signalNames.at(index), value));
    if (tsOrigin !== undefined) object.set("created", toMilliseconds(tsOrigin));
    return object;
  }

  function unpack({ names, items, places }: JsonObject, place: Place): Sample {
    const { values, add } = createCollector(name, signals, signalNames);
    const sample: Sample = { values };
    for (let i = 0; i < names.length; i++) {
      const item = items[i] ?? null;
      const at = places[i] ?? place;
      if (names[i] === "created") sample.tsOrigin = asMilliseconds(name, item, at);
      else add(names[i] ?? "", item, at);
    }
    return sample;
  }

  return createJsonFormat({ name, findFault, pack, unpack }, options);
}
