/**
 * Findings about a link from the VILLASnode at its other end: the daemon says what it does, and the link what comes of it.
 *
 * @module
 */

import type { Finding } from "../../diagnosis/diagnosis.ts";
import type { LinkObservation } from "../../diagnosis/observation.ts";
import { formatSignals, parseSignals } from "../../samples/signals.ts";
import { asGroup, type ConfigGroup, type ConfigValue } from "../../villasnode/libconfig.ts";
import type { NodeApi, RunningNode, RunningPath } from "../../villasnode/api/node_api.ts";

/** What a daemon says of a node. */
export interface DaemonView {
  /** The address of its API. */
  readonly url: string;
  /** The node at the other end of the link. */
  readonly node: RunningNode;
  /** All paths. */
  readonly paths: readonly RunningPath[];
  /** The configuration that it runs with. */
  readonly config: ConfigGroup;
}

/** Hooks that leave out samples (`lib/hooks`). */
const droppingHooks: readonly string[] = ["decimate", "drop", "gate", "limit_rate", "skip_first"];

/**
 * Asks a daemon for its view of a link.
 *
 * @param api The API
 * @param name Name of the node; needed where there are several socket nodes
 * @returns The view; undefined where the node is not among those that run
 */
export async function readDaemonView(api: NodeApi, name: string | undefined): Promise<DaemonView | undefined> {
  const nodes = await api.nodes();
  const sockets = nodes.filter(({ type }) => type === "socket");
  const node = name === undefined
    ? sockets.length === 1 ? sockets[0] : undefined
    : nodes.find((node) => node.name === name);
  if (node === undefined) return undefined;
  return { node, paths: await api.paths(), config: await api.activeConfig(), url: api.url };
}

/**
 * Finds what the daemon does that explains the link.
 *
 * @param view The daemon's view
 * @param observation The observation of the link; undefined where it could not be watched
 * @returns The findings, the cause first; none where the daemon does what it should
 */
export function diagnoseDaemon(view: DaemonView, observation: LinkObservation | undefined): Finding[] {
  const { node: { name, state }, paths, url } = view;
  if (state !== undefined && state !== "running") {
    return [{
      code: "node-not-running",
      severity: "error",
      cause: `Node ${name} of the VILLASnode at ${url} is ${state === "" ? "not started" : state}`,
      fix: state === "paused"
        ? `Resume it: villas-client node ${url} resume ${name}`
        : `Start it: villas-client node ${url} start ${name}`,
    }];
  }
  const leading = paths.filter(({ out }) => out.includes(name));
  if (leading.length === 0) {
    return [{
      code: "path-missing",
      severity: "error",
      cause: `No path of the VILLASnode at ${url} leads to node ${name}, so it sends nothing`,
      fix: `Add a path with out = "${name}" to its configuration`,
    }];
  }
  const stopped = leading.filter((path) => path.state !== "running");
  if (stopped.length === leading.length) {
    return stopped.slice(0, 1).map(({ uuid, state }) => ({
      code: "path-stopped",
      severity: "error",
      cause: `The path that leads to node ${name} is ${state === "" ? "not started" : state}`,
      fix: `Start it: villas-client node ${url} start ${uuid.slice(0, 8)}`,
    }));
  }
  return [...diagnoseHooks(view, leading, observation), ...diagnoseSignals(view, leading, observation)];
}

/** Finds hooks that leave out samples where some are missing or none come. */
function diagnoseHooks(
  { node, config, url }: DaemonView,
  leading: readonly RunningPath[],
  observation: LinkObservation | undefined,
): Finding[] {
  const lacks = observation === undefined || observation.samples === 0 || observation.sequence.missing > 0;
  if (!lacks) return [];
  const sources = new Set(leading.flatMap((path) => path.in));
  const nodes = asGroup(config.nodes, "nodes");
  const places: [place: string, hooks: ConfigValue | undefined][] = [
    [`out.hooks of node ${node.name}`, directionOf(node.config, "out").hooks],
    ...asList(config.paths).filter((path) => leadsTo(path, node.name)).map((
      path,
    ): [string, ConfigValue | undefined] => [
      `the path to node ${node.name}`,
      asGroup(path, "a path").hooks,
    ]),
    ...Object.entries(nodes).filter(([name]) => sources.has(name)).map((
      [name, source],
    ): [string, ConfigValue | undefined] => [
      `in.hooks of node ${name}`,
      directionOf(asGroup(source, name), "in").hooks,
    ]),
  ];
  return places.flatMap(([place, hooks]) =>
    asList(hooks).map((hook) => typeof hook === "string" ? hook : String(asGroup(hook, "a hook").type))
      .filter((type) => droppingHooks.includes(type))
      .map((type): Finding => ({
        code: "hook-drops",
        severity: "warning",
        cause: `Hook ${type} in ${place} of the VILLASnode at ${url} leaves out samples`,
        fix: "If samples are missed that should come, remove the hook or change its settings",
      }))
  );
}

/** Finds out whether samples come with other signals than the path has. */
function diagnoseSignals(
  { node, url }: DaemonView,
  leading: readonly RunningPath[],
  observation: LinkObservation | undefined,
): Finding[] {
  const [path] = leading;
  const isPlain = leading.length === 1 && path !== undefined && !path.hasHooks &&
    directionOf(node.config, "out").hooks === undefined;
  if (!isPlain || observation === undefined || observation.unfit.count === 0) return [];
  return [{
    code: "signals-differ",
    severity: "warning",
    cause: `The path to node ${node.name} of the VILLASnode at ${url} has the signals ${
      formatSignals(parseSignals(path.signals))
    }, and samples come with others: ${observation.unfit.why ?? ""}`,
    fix: "Check that nobody else sends to this address, and that --format is that of the node",
  }];
}

function directionOf(config: ConfigGroup, direction: "in" | "out"): ConfigGroup {
  const group = config[direction];
  return typeof group === "object" && !Array.isArray(group) ? group : {};
}

function leadsTo(path: ConfigValue, name: string): boolean {
  return asList(asGroup(path, "a path").out).includes(name);
}

function asList(value: ConfigValue | undefined): readonly ConfigValue[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
