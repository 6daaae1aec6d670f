/**
 * Inputs of a bridge's route that are merged, in the words of VILLASnode's paths: mappings, `mode` and `mask`.
 *
 * @module
 */

import type { End } from "./bridge_ends.ts";
import type { MergeDescription } from "./bridge_routes.ts";
import type { ConfigPlaces } from "./config_places.ts";
import type { MergePart } from "../../client/merge.ts";
import type { Signal } from "../../samples/signals.ts";
import type { ConfigGroup } from "../../villasnode/libconfig.ts";
import { findRange, type Mapping } from "../../villasnode/mapping.ts";

/** One entry of `in`: an end, or a part of the samples of one. */
export interface InputEntry {
  /** The end. */
  readonly end: End;
  /** Name of the node, or else the end's. */
  readonly name: string;
  /** Part of its samples; undefined for all of them. */
  readonly mapping: Mapping | undefined;
  /** Place in the file. */
  readonly place: string;
}

/** The inputs of a route, and how they are merged. */
interface Inputs {
  readonly inputs: readonly End[];
  readonly merge: MergeDescription | undefined;
}

/** When a merged sample is sent. */
const modes = ["any", "all"] as const;

/**
 * Derives the inputs of a route from the entries of its `in`, `mode`, `mask` and `original_sequence_no`.
 *
 * @param entries The entries; several of them may take parts of one node
 * @param group The route
 * @param place Place of the route in the file
 * @param places Checks of the file
 * @throws {InputError} If a part is not there, or its place among the values cannot be told
 */
export function readInputs(
  entries: readonly InputEntry[],
  group: ConfigGroup,
  place: string,
  places: ConfigPlaces,
): Inputs {
  const names = [...new Set(entries.map(({ name }) => name))];
  const inputs = names.flatMap((name) => entries.find((entry) => entry.name === name)?.end ?? []);
  const mode = places.choice(group.mode, modes, "any", `${place}.mode`);
  const mask = readMask(group, names, `${place}.mask`, places);
  // As VILLASnode decides it, unless a setting does.
  const keepsSequence = places.boolean(
    group.original_sequence_no,
    group.sequence === "keep" || inputs.length === 1,
    `${place}.original_sequence_no`,
  );
  if (entries.every(({ mapping }) => isWhole(mapping)) && entries.length === 1) return { inputs, merge: undefined };
  const parts = entries.map((entry) => readPart(entry, names.indexOf(entry.name), places));
  const signals = parts.map(({ input, take }, index) => signalsOfPart(take, inputs[input], entries[index]));
  return {
    inputs,
    merge: {
      parts,
      mode,
      mask,
      keepsSequence,
      signals: signals.includes(undefined) ? undefined : signals.flatMap((list) => list ?? []),
    },
  };
}

function isWhole(mapping: Mapping | undefined): boolean {
  if (mapping === undefined) return true;
  const { first, header, time, statistic } = mapping;
  return first === undefined && header === undefined && time === undefined && statistic === undefined;
}

function readMask({ mask }: ConfigGroup, names: readonly string[], place: string, places: ConfigPlaces): number[] {
  if (mask === undefined) return [...names.keys()];
  if (!Array.isArray(mask) || mask.length === 0) return places.fail(place, `expected a list of ${names.join(", ")}`);
  return mask.map((entry, index) => {
    const input = names.indexOf(String(entry));
    return input >= 0 ? input : places.fail(`${place}[${index}]`, `expected one of ${names.join(", ")}`);
  });
}

function readPart({ end, name, mapping, place }: InputEntry, input: number, places: ConfigPlaces): MergePart {
  const { first, header, time, statistic } = mapping ?? {};
  if (statistic !== undefined) return places.fail(place, "a bridge has no statistics of nodes to send");
  if (header !== undefined) return { input, take: header };
  if (time !== undefined) return { input, take: time };
  const signals = listOf(end);
  if (first === undefined) {
    if (signals !== undefined) return { input, take: [...signals.keys()] };
    return places.fail(
      place,
      `give the signals of ${name}, such as signals = "2f", or what to take of it: they say where the values of the next ` +
        "input begin",
    );
  }
  const range = findRange(mapping ?? {}, signals?.map((signal, index) => signal.name ?? `signal${index}`));
  if (range === undefined) {
    const known = signals === undefined
      ? "its signals are not known, so only indices are"
      : `it has ${signals.length} signals`;
    return places.fail(place, `${name} has no such values: ${known}`);
  }
  return { input, take: Array.from({ length: range.to - range.from + 1 }, (_, index) => range.from + index) };
}

/** Returns the signals of a part; undefined where those of the input are not known. */
function signalsOfPart(
  take: MergePart["take"],
  end: End | undefined,
  entry: InputEntry | undefined,
): readonly Signal[] | undefined {
  if (typeof take === "string") {
    const isTime = take === "origin" || take === "received";
    const name = `${entry?.name}.${isTime ? `ts.${take}.sec` : `hdr.${take}`}`;
    return [{ name, ...isTime && { unit: "s" }, type: "integer" }];
  }
  const list = end && listOf(end);
  return list && take.flatMap((index) => list[index] ?? []);
}

function listOf({ signals }: End): readonly Signal[] | undefined {
  return signals === "any" ? undefined : signals;
}
