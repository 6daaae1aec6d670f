/**
 * The signals of samples that a node sends: those of the path that leads to it, as VILLASnode's configuration tells them.
 *
 * @module
 */

import { findChangingHook, signalsFromNode, type ToldSignals } from "./_signals.ts";
import { asGroup } from "./_config_values.ts";
import type { ConfigGroup, ConfigValue } from "./libconfig.ts";
import type { Signal } from "../samples/signals.ts";

/** A path that leads to a node. */
interface Path {
  /** Its place in the configuration, such as `"path 1"`. */
  label: string;
  /** Mappings, each a node or a selection of its signals. */
  sources: readonly ConfigValue[];
  /** Its setting `hooks`. */
  hooks: ConfigValue | undefined;
}

/** The notation of a mapping (`include/villas/mapping.hpp`): a node, and what to take from its samples. */
const mapping = new RegExp(
  String.raw`^(?<node>[a-z0-9_-]{2,32})(?:` +
    [
      String.raw`\.stats\.(?<metric>[a-z]+)\.(?<figure>[a-z]+)`,
      String.raw`\.hdr\.(?<header>sequence|length)`,
      String.raw`\.ts\.(?<time>origin|received)`,
      String.raw`(?:\.data)?\[(?<first>\w+)(?:-(?<last>\w+))?\]`,
      String.raw`\.(?:data\.)?(?<single>\w+)`,
    ].join("|") + ")?$",
);

/** The metrics whose names a mapping can have, and their units (`lib/stats.cpp`). */
const metricUnits: Readonly<Record<string, string>> = {
  skipped: "samples",
  reordered: "samples",
  owd: "seconds",
  age: "seconds",
};

/** What a metric has figures of; all are floats but the total (`lib/stats.cpp`). */
const figures = ["last", "highest", "lowest", "mean", "var", "stddev", "total"];

/** More signals than any datagram can carry: a hostile file must not fill the memory. */
const maximumSignals = 65_536;

/**
 * The signals of the samples that a node sends: the path's sources one after the other, as its mappings select from them.
 *
 * @param config A VILLASnode configuration
 * @param name Name of the node
 * @param node Its settings
 *
 * @see VILLASnode, `Path::prepare` in `lib/path.cpp` and `lib/mapping.cpp`
 */
export function signalsToNode(config: ConfigGroup, name: string, node: ConfigGroup): ToldSignals {
  const [path, ...others] = findPathsTo(config, name);
  if (path === undefined) return { reason: "no enabled path leads to it" };
  if (others.length > 0) {
    const labels = [path, ...others].map(({ label }) => label).join(" and ");
    return { reason: `${labels} lead to it, where VILLASnode takes one` };
  }
  const changing: [string | undefined, string][] = [
    [findChangingHook(path.hooks), path.label],
    [findChangingHook(asGroup(node.out, "out").hooks ?? node.hooks), `node "${name}"`],
  ];
  for (const [hook, place] of changing) {
    if (hook !== undefined) return { reason: `hook "${hook}" of ${place} changes them` };
  }
  const signals: Signal[] = [];
  for (const source of path.sources) {
    const told = signalsOfMapping(config, source, path.label);
    if ("reason" in told) return told;
    if (signals.length + told.signals.length > maximumSignals) {
      return { reason: `${path.label} has more than ${maximumSignals} of them` };
    }
    for (const signal of told.signals) signals.push(signal);
  }
  return { signals };
}

function findPathsTo(config: ConfigGroup, name: string): Path[] {
  if (!Array.isArray(config.paths)) return [];
  return config.paths.flatMap((entry, index) => {
    const path = asGroup(entry, "a path");
    if (path.enabled === false) return [];
    const found: Path = { label: `path ${index + 1}`, sources: [path.in ?? []].flat(), hooks: path.hooks };
    const targets = [path.out ?? []].flat();
    return [
      ...targets.includes(name) ? [found] : [],
      // VILLASnode reverses paths from one node to another one only.
      ...path.reverse === true && path.in === name ? [{ ...found, sources: targets }] : [],
    ];
  });
}

function signalsOfMapping(config: ConfigGroup, source: ConfigValue, label: string): ToldSignals {
  const { node = "", ...selection } = mapping.exec(String(source))?.groups ?? {};
  const unreadable = {
    reason: `${label} takes ${JSON.stringify(source)}, which selects nothing of a node in the file`,
  };
  const nodes = asGroup(config.nodes, "nodes");
  if (!Object.hasOwn(nodes, node)) return unreadable;
  const { metric, figure = "", header, time, first, last, single } = selection;
  if (header !== undefined) return { signals: [{ name: `${node}.hdr.${header}`, type: "integer" }] };
  // A mapping takes one value: the seconds, not the nanoseconds behind them.
  if (time !== undefined) return { signals: [{ name: `${node}.ts.${time}.sec`, unit: "s", type: "integer" }] };
  if (metric !== undefined) {
    const unit = metricUnits[metric];
    if (unit === undefined || !figures.includes(figure)) return unreadable;
    const type = figure === "total" ? "integer" : "float";
    return { signals: [{ name: `${node}.stats.${metric}.${figure}`, unit, type }] };
  }
  const told = signalsFromNode(node, asGroup(nodes[node], node));
  const begin = first ?? single;
  if ("reason" in told || begin === undefined) return told;
  const from = findIndex(told.signals, begin);
  const to = last === undefined ? from : findIndex(told.signals, last);
  return from <= to && to < told.signals.length ? { signals: told.signals.slice(from, to + 1) } : unreadable;
}

/** The index of a signal, by its name or else its number; NaN where it is neither. */
function findIndex(signals: readonly Signal[], text: string): number {
  const index = signals.findIndex(({ name }) => name === text);
  return index >= 0 ? index : /^\d+$/.test(text) ? Number(text) : NaN;
}
