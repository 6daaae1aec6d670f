/**
 * Nodes and paths of a running VILLASnode as tables for eyes.
 *
 * @module
 */

import { formatSignals, parseSignals } from "../../samples/signals.ts";
import { formatDuration } from "../../timing/durations.ts";
import type { ConfigGroup, ConfigValue } from "../../villasnode/libconfig.ts";
import type { NodeStatus, RunningNode, RunningPath } from "../../villasnode/api/node_api.ts";

const unknown = "-";

/**
 * Writes the status of a daemon.
 *
 * @param status The status
 * @param url Where it answers
 */
export function describeStatus({ state, version, hostname, uuid, startTime, time }: NodeStatus, url: string): string {
  const upTime = Math.max(0, time - startTime);
  return [
    `VILLASnode ${version} on ${hostname}, at ${url}`,
    `State ${state}, for ${upTime < 120 ? formatDuration(upTime) : `${Math.round(upTime / 60)} min`}`,
    `Instance ${uuid}`,
    "",
  ].join("\n");
}

/**
 * Writes nodes and paths as two tables.
 *
 * @param nodes The nodes
 * @param paths The paths
 * @param width Length of the longest line, in characters: the last column gives way
 */
export function createNodeOverview(
  nodes: readonly RunningNode[],
  paths: readonly RunningPath[],
  width: number,
): string {
  const nodeRows = nodes.map((node) => [
    node.name,
    node.type,
    node.state === undefined ? "unknown" : node.state === "" ? "(none)" : node.state,
    describeRate(node),
    describeSignals(node.config.in),
  ]);
  const pathRows = paths.map(({ uuid, state, in: input, out, signals }) => [
    uuid.slice(0, 8),
    state === "" ? "(none)" : state,
    `${input.join(", ")} -> ${out.length === 0 ? "(nothing)" : out.join(", ")}`,
    formatTypes(signals),
  ]);
  return [
    ...alignRows([["NODE", "TYPE", "STATE", "SAMPLES/S", "SIGNALS IN"], ...nodeRows], width),
    "",
    ...alignRows([["PATH", "STATE", "WAY", "SIGNALS"], ...pathRows], width),
    "",
  ].join("\n");
}

/** Returns the rate at which samples came, from the mean gap between them. */
function describeRate({ stats }: RunningNode): string {
  const mean = stats?.gap_received?.mean;
  return typeof mean === "number" && mean > 0 ? (1 / mean).toPrecision(4) : unknown;
}

/** Describes the signals that a node takes: VILLASnode gives them as text, as a list, or not at all. */
function describeSignals(input: ConfigValue | undefined): string {
  const signals = typeof input === "object" && !Array.isArray(input) ? input.signals : undefined;
  return typeof signals === "string" ? signals : Array.isArray(signals) ? formatTypes(signals) : unknown;
}

function formatTypes(signals: readonly ConfigValue[]): string {
  if (signals.length === 0) return unknown;
  try {
    const list = parseSignals(signals.map((signal) => ({ type: (signal as ConfigGroup).type ?? "float" })));
    const names = signals.map((signal) => (signal as ConfigGroup).name).filter((name) => typeof name === "string");
    return `${formatSignals(list)}${names.length === 0 ? "" : ` (${names.join(", ")})`}`;
  } catch {
    return unknown;
  }
}

/** Writes rows with their columns aligned to the left; lines that are too long lose their end. */
function alignRows(rows: readonly (readonly string[])[], width: number): string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from(
    { length: columns },
    (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) => {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd();
    return line.length <= width ? line : `${line.slice(0, width - 3)}...`;
  });
}
