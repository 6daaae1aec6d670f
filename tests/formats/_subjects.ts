/**
 * What is tried with hostile input: a new format is one line here.
 *
 * @module
 */

import { createFormat } from "@villas/client";
import { c37118 } from "@villas/client/formats";
import { c37Hostile } from "./_c37_hostile.ts";
import { protobufHostile } from "./_protobuf_hostile.ts";
import type { Subject } from "./hostile.ts";

interface Entry extends Omit<Subject, "format" | "corpus"> {
  /** What `createFormat` takes. */
  readonly format: Parameters<typeof createFormat>[0];
  /** Which files of `tests/data` are broken: `folder/` and what their names match. */
  readonly corpus: readonly [folder: string, name: RegExp];
}

const entries: Record<string, Entry> = {
  protobuf: {
    format: { type: "protobuf", ts_received: true },
    corpus: ["datagrams", /\.bin$/],
    special: protobufHostile,
    isLossless: true,
  },
  "villas.binary": { format: "villas.binary", corpus: ["formats", /^float\.villas\.binary$/], isLossless: false },
  "villas.web": { format: "villas.web", corpus: ["formats", /^float\.villas\.web$/], isLossless: false },
  raw: { format: { type: "raw", bits: 64 }, corpus: ["formats", /\.raw\.64\.little$/], isLossless: false },
  gtnet: { format: { type: "gtnet", fake: true }, corpus: ["formats", /\.gtnet\.fake$/], isLossless: false },
  csv: { format: "csv", corpus: ["formats", /^float\.csv$/], isLossless: false },
  tsv: { format: "tsv", corpus: ["formats", /^float\.tsv$/], isLossless: false },
  "villas.human": { format: "villas.human", corpus: ["formats", /^float\.villas\.human$/], isLossless: false },
  json: { format: "json", corpus: ["formats", /^float\.json$/], isLossless: false },
  "c37.118": {
    format: { type: "c37.118", stat_signals: true },
    corpus: ["c37", /\.bin$/],
    special: c37Hostile,
    createFresh: () => c37118({ stat_signals: true }),
    isLossless: false,
  },
  influx: { format: "influx", corpus: ["influx", /\.bin$/], isLossless: false },
  "opal.asyncip": { format: "opal.asyncip", corpus: ["formats", /\.opal\.asyncip$/], isLossless: false },
};

/** The names of what can be tried. */
export const subjectNames: readonly string[] = Object.keys(entries);

/** Loads a format and its files. */
export async function loadSubject(name: string): Promise<Subject> {
  const entry = entries[name];
  if (entry === undefined) throw new TypeError(`Cannot try "${name}": there are ${subjectNames.join(", ")}`);
  const [folder, pattern] = entry.corpus;
  return { ...entry, format: await createFormat(entry.format), corpus: await readFiles(folder, pattern) };
}

async function readFiles(folder: string, pattern: RegExp): Promise<Uint8Array[]> {
  const url = new URL(`../data/${folder}/`, import.meta.url);
  const names = (await Array.fromAsync(Deno.readDir(url), ({ name }) => name)).filter((name) => pattern.test(name));
  return await Promise.all(names.sort().map((name) => Deno.readFile(new URL(name, url))));
}
