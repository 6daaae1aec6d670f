/**
 * The table of formats: a new format is one file and one line here.
 *
 * @module
 */

import type { Format, FormatOptions } from "./format.ts";

/**
 * Loads a format's file, and with it the packages it needs, only when the format is used. The specifiers are literal,
 * so that `deno compile` sees and embeds them.
 */
const loaders = {
  csv: async () => (await import("./csv.ts")).csv,
  iotagent_ul: async () => (await import("./iotagent_ul.ts")).iotagentUl,
  json: async () => (await import("./json.ts")).json,
  "json.edgeflex": async () => (await import("./json_edgeflex.ts")).jsonEdgeflex,
  "json.kafka": async () => (await import("./json_kafka.ts")).jsonKafka,
  "json.reserve": async () => (await import("./json_reserve.ts")).jsonReserve,
  protobuf: async () => (await import("./protobuf.ts")).protobuf,
  tsv: async () => (await import("./tsv.ts")).tsv,
  value: async () => (await import("./value.ts")).value,
  "villas.human": async () => (await import("./villas_human.ts")).villasHuman,
} satisfies Record<string, () => Promise<(options: FormatOptions) => Format>>;

/** VILLASnode's name of a format. */
export type FormatName = keyof typeof loaders;

/** All formats, by VILLASnode's names. */
export const formatNames: readonly FormatName[] = Object.keys(loaders) as FormatName[];

/** A format as VILLASnode's configuration has it: its name, or an object with `type` and the format's options. */
export type FormatSpecification = FormatName | string | { type: string; [option: string]: unknown };

/**
 * Makes a format from what VILLASnode's configuration says about it.
 *
 * @param specification A name such as `"protobuf"`; a JSON object such as `{"type": "raw", "bits": 64}`, as a text or as
 * such; or a format, which is returned as it is
 * @param defaults Options that the specification does not name, such as the signals
 * @returns The format
 * @throws {TypeError} If there is no such format, or it has no such option
 * @throws {SyntaxError} If the text begins like a JSON object and is none
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
  const { type, ...options } = typeof specification === "string" ? parseSpecification(specification) : specification;
  if (!Object.hasOwn(loaders, type)) {
    throw new TypeError(`Cannot find format "${type}": there are ${formatNames.join(", ")}`);
  }
  const create = await loaders[type as FormatName]();
  return create({ ...defaults, ...options });
}

function parseSpecification(text: string): { type: string; [option: string]: unknown } {
  if (!/^\s*\{/.test(text)) return { type: text };
  let specification: { type?: unknown };
  try {
    specification = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`Cannot parse the format as JSON: ${(error as Error).message}`, { cause: error });
  }
  const { type } = specification;
  if (typeof type !== "string") throw new TypeError(`Cannot find the format's name: the object has no text "type"`);
  return { ...specification, type };
}
