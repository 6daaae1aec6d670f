/**
 * VILLASnode's `json.edgeflex` format: one object a sample, a member a value.
 *
 * @module
 */

import type { Sample } from "../samples/sample.ts";
import { asMilliseconds, createJsonFormat, toMilliseconds, type Unpack } from "./json/json_format.ts";
import { type JsonNode, type JsonOptions, jsonRules } from "./json/json_writer.ts";
import { SignalNames } from "./json/names.ts";
import { checkOptions } from "./options.ts";
import type { Format } from "./format.ts";

const name = "json.edgeflex";

/**
 * Makes the format `json.edgeflex`: `{"NAME": VALUE, ..., "created": MILLISECONDS}`.
 *
 * It carries no sequence number and of the time of origin only the milliseconds, which are always written, whatever
 * `ts_origin` says: VILLASnode takes no datagram without them, and none without a value.
 *
 * Values are read by the names of the signals. Where these have none, as in `2f`, or are not known, the first sample gives
 * the names and their order: later values are put in their places by name, as far as there are signals for them, and
 * `encode` writes these names. A file is read with names of its own. A name that no signal has is ignored beside others that
 * fit; a sample of which no name fits is an error. VILLASnode's `signal_0`, `signal_1`, ... are known too.
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
    findFault,
    pack,
    unpack: createUnpack(signalNames),
    unpackFile: () => createUnpack(signalNames.forFile()),
    unmatchedNames: signalNames.unmatched,
  }, options);
}
