/**
 * Finds the signals of the samples that a node sends: those of the path that leads to it, in VILLASnode's configuration.
 *
 * @module
 */

import { findChangingHook, findSignalsFromNode, type FoundSignals } from "./_signals.ts";
import { asGroup, type ConfigGroup, type ConfigValue } from "./libconfig.ts";
import { findRange, parseMapping } from "./mapping.ts";
import type { Signal } from "../samples/signals.ts";

/** A path that leads to a node. */
interface Path {
  /** Its name in messages, such as `"path 1"`. */
  label: string;
  /** Mappings, each a node or a selection of its signals. */
  sources: readonly ConfigValue[];
  /** Its setting `hooks`. */
  hooks: ConfigValue | undefined;
}

/** The metrics that a mapping can name, and their units (`lib/stats.cpp`). */
const metricUnits: Readonly<Record<string, string>> = {
  skipped: "samples",
  reordered: "samples",
  owd: "seconds",
  age: "seconds",
};

/** The figures of a metric, all floats but the total (`lib/stats.cpp`). */
const figures = ["last", "highest", "lowest", "mean", "var", "stddev", "total"];

/** More signals than any datagram can carry: a hostile file must not fill the memory. */
const maximumSignals = 65_536;

/**
 * Finds the signals of the samples that a node sends: those of the path's sources one after the other, as its mappings
 * select from them.
 *
 * @param config A VILLASnode configuration
 * @param name Name of the node
 * @param node Its settings
 *
 * @see VILLASnode, `Path::prepare` in `lib/path.cpp` and `lib/mapping.cpp`
 */
export function findSignalsToNode(config: ConfigGroup, name: string, node: ConfigGroup): FoundSignals {
  const [path, ...others] = findPathsTo(config, name);
  if (path === undefined) return { reason: "no enabled path leads to it" };
  if (others.length > 0) {
    const labels = [path, ...others].map(({ label }) => label).join(" and ");
    return { reason: `${labels} lead to it, and VILLASnode takes only one` };
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
    const found = signalsOfMapping(config, source, path.label);
    if ("reason" in found) return found;
    if (signals.length + found.signals.length > maximumSignals) {
      return { reason: `${path.label} has more than ${maximumSignals} signals` };
    }
    for (const signal of found.signals) signals.push(signal);
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
      // VILLASnode only reverses paths from one node to one other node.
      ...path.reverse === true && path.in === name ? [{ ...found, sources: targets }] : [],
    ];
  });
}

function signalsOfMapping(config: ConfigGroup, source: ConfigValue, label: string): FoundSignals {
  const unreadable = {
    reason: `${label} takes ${JSON.stringify(source)}, which selects nothing of a node in the file`,
  };
  const mapping = parseMapping(String(source));
  const nodes = asGroup(config.nodes, "nodes");
  if (mapping === undefined || !Object.hasOwn(nodes, mapping.node)) return unreadable;
  const { node, header, time, statistic, first } = mapping;
  if (header !== undefined) return { signals: [{ name: `${node}.hdr.${header}`, type: "integer" }] };
  // A mapping takes one value: the seconds, without the nanoseconds.
  if (time !== undefined) return { signals: [{ name: `${node}.ts.${time}.sec`, unit: "s", type: "integer" }] };
  if (statistic !== undefined) {
    const { metric, figure } = statistic;
    const unit = metricUnits[metric];
    if (unit === undefined || !figures.includes(figure)) return unreadable;
    const type = figure === "total" ? "integer" : "float";
    return { signals: [{ name: `${node}.stats.${metric}.${figure}`, unit, type }] };
  }
  const found = findSignalsFromNode(node, asGroup(nodes[node], node));
  if ("reason" in found || first === undefined) return found;
  const range = findRange(mapping, found.signals.map(({ name }) => name));
  return range === undefined ? unreadable : { signals: found.signals.slice(range.from, range.to + 1) };
}
