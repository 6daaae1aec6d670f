/**
 * VILLASnode's format `json.edgeflex`: one object per sample, one member per value.
 *
 * @module
 */

import type { Sample } from "../samples/sample.ts";
import { asMilliseconds, createJsonFormat, toMilliseconds, type Unpack } from "./json/json_format.ts";
import { type JsonNode, type JsonOptions, jsonRules } from "./json/json_writer.ts";
import { SignalNames } from "./json/signal_names.ts";
import { checkOptions } from "./options.ts";
import type { Format } from "./format.ts";

const name = "json.edgeflex";

/**
 * Creates the format `json.edgeflex`: `{"NAME": VALUE, ..., "created": MILLISECONDS}`.
 *
 * It carries no sequence number, and only the milliseconds of the origin timestamp, which are always written, whatever
 * `ts_origin` says: VILLASnode accepts no datagram without them, and none without a value.
 *
 * Values are read by the names of the signals. If these have none, as in `2f`, or are not known, the first sample
 * teaches the names and their order: later values are ordered by name, as far as there are signals for them, and
 * `encode` writes these names. Each file has names of its own. A name that no signal has is ignored if others match; a
 * sample none of whose names match is an error. VILLASnode's `signal_0`, `signal_1`, ... are known as well.
 *
 * @param options The signals, whose names are those of the members, and the style
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value, if two signals have the same name, or
 * if one is named `created`
 *
 * @see VILLASnode's `lib/formats/json_edgeflex.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { jsonEdgeflex } from "@villas/client/formats";
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
  const signalNames = new SignalNames(name, signals, ["created"]);

  function findProblem({ tsOrigin, values }: Sample): string | undefined {
    if (tsOrigin === undefined) return "it has no origin timestamp, without which VILLASnode does not accept it";
    return values.length > 0 && withData ? undefined : "it has no value, without which VILLASnode does not accept it";
  }

  function pack({ tsOrigin, values }: Sample): JsonNode {
    const object = new Map<string, JsonNode>();
    if (withData) values.forEach((value, index) => object.set(signalNames.at(index), value));
    if (tsOrigin !== undefined) object.set("created", toMilliseconds(tsOrigin));
    return object;
  }

  function createUnpack(signalNames: SignalNames): Unpack {
    return (object, place) => {
      const { names, items, places } = object;
      const sample: Sample = { values: signalNames.collect(object, place) };
      const index = names.lastIndexOf("created");
      if (index >= 0) sample.tsOrigin = asMilliseconds(name, items[index] ?? null, places[index] ?? place);
      return sample;
    };
  }

  return createJsonFormat({
    name,
    findProblem,
    pack,
    unpack: createUnpack(signalNames),
    unpackFile: () => createUnpack(signalNames.forFile()),
    unmatchedNames: signalNames.unmatched,
  }, options);
}
