/**
 * The table of formats: a new format is one file, and one line here.
 *
 * @module
 */

import { type FormatSpecification, parseSpecification } from "./specification.ts";
import type { Format, FormatOptions } from "./format.ts";

export type { FormatSpecification };

/**
 * The loaders of all formats: a format's file is loaded only when the format is used. The specifiers are literal, so
 * that `deno compile` sees and embeds them.
 */
const loaders: Readonly<Record<string, () => Promise<(options: FormatOptions) => Format>>> = {
  protobuf: async () => (await import("./protobuf.ts")).protobuf,
  "villas.binary": async () => (await import("./villas_binary.ts")).villasBinary,
  "villas.web": async () => (await import("./villas_web.ts")).villasWeb,
  "villas.human": async () => (await import("./villas_human.ts")).villasHuman,
  json: async () => (await import("./json.ts")).json,
  csv: async () => (await import("./csv.ts")).csv,
  tsv: async () => (await import("./tsv.ts")).tsv,
  raw: async () => (await import("./raw.ts")).raw,
  gtnet: async () => (await import("./gtnet.ts")).gtnet,
  "opal.asyncip": async () => (await import("./opal_asyncip.ts")).opalAsyncip,
  "json.kafka": async () => (await import("./json_kafka.ts")).jsonKafka,
  "json.edgeflex": async () => (await import("./json_edgeflex.ts")).jsonEdgeflex,
  "json.reserve": async () => (await import("./json_reserve.ts")).jsonReserve,
  iotagent_ul: async () => (await import("./iotagent_ul.ts")).iotagentUl,
  value: async () => (await import("./value.ts")).value,
  "c37.118": async () => (await import("./c37_118.ts")).c37118,
  influx: async () => (await import("./influx.ts")).influx,
};

/** Names of all formats, those of VILLASnode as it names them. */
export const formatNames: readonly string[] = Object.keys(loaders);

/**
 * Creates a format from its specification, as in VILLASnode's configuration.
 *
 * @param specification A name such as `"protobuf"`; a JSON object such as `{"type": "raw", "bits": 64}`, as text or as
 * an object; or a format, which is returned unchanged
 * @param defaults Options for which the specification has no value, such as the signals
 * @returns The format
 * @throws {TypeError} If the format or an option does not exist, or an option does not accept its value
 * @throws {SyntaxError} If text that begins like a JSON object is not one
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createFormat } from "@villas/client";
 *
 * const format = await createFormat({ type: "protobuf", sequence: false });
 * assertEquals(format.decode(format.encode([{ sequence: 1n, values: [] }])), [{ values: [] }]);
 * ```
 */
export async function createFormat(
  specification: FormatSpecification | Format,
  defaults: FormatOptions = {},
): Promise<Format> {
  if (typeof specification === "object" && "decode" in specification) return specification as Format;
  const { type, ...options } = parseSpecification(specification as FormatSpecification);
  const load = Object.hasOwn(loaders, type) ? loaders[type] : undefined;
  if (load === undefined) throw new TypeError(`Cannot find format "${type}": there are ${formatNames.join(", ")}`);
  const create = await load();
  return create({ ...defaults, ...options });
}
