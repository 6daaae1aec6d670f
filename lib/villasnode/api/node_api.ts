/**
 * The API of a running VILLASnode: what its nodes and paths are and do, and their control.
 *
 * @module
 */

import { ApiRequests, NodeApiError } from "./requests.ts";
import { asGroup, type ConfigGroup, type ConfigValue } from "../libconfig.ts";

/** Status of a VILLASnode: its process and its machine. */
export interface NodeStatus {
  /** `"running"`, or another word of VILLASnode's. */
  readonly state: string;
  /** Version, such as `"1.2.0"`. */
  readonly version: string;
  /** Name of the machine. */
  readonly hostname: string;
  /** Id of this run of the daemon. */
  readonly uuid: string;
  /** Start of the daemon, in seconds since 1970. */
  readonly startTime: number;
  /** Time of its clock, in seconds since 1970. */
  readonly time: number;
}

/** A node of a running VILLASnode. */
export interface RunningNode {
  /** Its name. */
  readonly name: string;
  /** Its type, such as `"socket"`. */
  readonly type: string;
  /** Its id. */
  readonly uuid: string;
  /** State, such as `"running"`, `"stopped"` or `"paused"`; empty while it starts or ends, undefined where it is unknown. */
  readonly state: string | undefined;
  /** Its whole configuration, without passwords. */
  readonly config: ConfigGroup;
  /** Statistics by the name of the metric, where a `stats` hook counts. */
  readonly stats: Readonly<Record<string, ConfigGroup>> | undefined;
}

/** A path of a running VILLASnode. */
export interface RunningPath {
  /** Its id. */
  readonly uuid: string;
  /** State, such as `"running"`. */
  readonly state: string;
  /** Names of the nodes that it reads. */
  readonly in: readonly string[];
  /** Names of the nodes that it writes. */
  readonly out: readonly string[];
  /** Its signals, as VILLASnode resolved them, in front of its hooks. */
  readonly signals: readonly ConfigGroup[];
  /** True if it has hooks, which may change them. */
  readonly hasHooks: boolean;
}

/** Options of {@linkcode openNodeApi}. */
export interface NodeApiOptions {
  /** Called with the address where the daemon answers, if its port was taken when it started and it uses another one. */
  onMove?: (url: string) => void;
  /**
   * Allows `https`: the address is that of a proxy. VILLASnode 1.2.0 itself ends when it has answered over TLS. Default false.
   */
  isProxied?: boolean;
}

/** Actions on a node. */
export type NodeAction = "start" | "stop" | "pause" | "resume" | "restart";

/**
 * Opens the API of a running VILLASnode. Nothing is sent before the first call.
 *
 * Requests go one by one with 0.2 s between them, because VILLASnode loses some that come sooner; each takes 3 s at most,
 * and those that change nothing are sent up to three times. Where the port is not VILLASnode's, the nine behind it are
 * tried, as VILLASnode does when it starts. No proxy is used.
 *
 * @param url Address of the daemon, such as `"http://127.0.0.1:8080"`
 * @param options Callbacks
 * @returns The API
 * @throws {InputError} If the address is not one of HTTP, or is one of HTTPS without `isProxied`
 *
 * @see VILLASnode, `lib/api/requests`; the names are those of its Python package `villas-node` where that has them
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { NodeApiError, openNodeApi } from "@villas/client/villasnode";
 *
 * const api = openNodeApi("http://127.0.0.1:1");
 * await assertRejects(() => api.status(), NodeApiError, "nothing listens there");
 * ```
 */
export function openNodeApi(url: string, { onMove, isProxied = false }: NodeApiOptions = {}): NodeApi {
  return new NodeApi(new ApiRequests(url, { onMove, isProxied }));
}

/** The API of a running VILLASnode; {@linkcode openNodeApi} opens it. Each call throws {@linkcode NodeApiError} if it fails. */
export class NodeApi {
  readonly #requests: ApiRequests;

  /** Creates the API on top of its requests. */
  constructor(requests: ApiRequests) {
    this.#requests = requests;
  }

  /** The address of the daemon, such as `"http://127.0.0.1:8080"`; after the first call, the one where it answers. */
  get url(): string {
    return this.#requests.url;
  }

  /** Returns the status of the daemon. */
  async status(): Promise<NodeStatus> {
    const status = await this.#get("status");
    return {
      state: String(status.state),
      version: String(status.version),
      hostname: String(status.hostname),
      uuid: String(status.uuid),
      startTime: Number(status.time_started),
      time: Number(status.time_now),
    };
  }

  /** Returns the names of the types, formats, hooks and endpoints that the daemon has. */
  async capabilities(): Promise<Readonly<Record<"nodes" | "formats" | "hooks" | "apis", readonly string[]>>> {
    const found = await this.#get("capabilities");
    const list = (name: string) => asList(found[name]).map(String);
    return { nodes: list("nodes"), formats: list("formats"), hooks: list("hooks"), apis: list("apis") };
  }

  /** Returns the configuration that the daemon runs with, without passwords. */
  async activeConfig(): Promise<ConfigGroup> {
    return await this.#get("config");
  }

  /**
   * Returns all nodes. While a statistic has one value only, VILLASnode cannot write them: then they are those of its
   * configuration, in an unknown state.
   */
  async nodes(): Promise<RunningNode[]> {
    try {
      const nodes = toSettings(await this.#requests.json({ path: "nodes" }));
      return asList(nodes).map((node) => toNode(asGroup(node, "a node")));
    } catch (error) {
      if (!(error instanceof NodeApiError) || error.status !== 500) throw error;
      const { nodes } = await this.activeConfig();
      return Object.entries(asGroup(nodes, "nodes")).map(([name, node]) => toNode({ ...asGroup(node, name), name }));
    }
  }

  /**
   * Returns one node.
   *
   * @param name Name or id of the node
   */
  async node(name: string): Promise<RunningNode> {
    return toNode(await this.#get(`node/${encodeURIComponent(name)}`));
  }

  /**
   * Returns the statistics of a node by the name of the metric, in seconds or numbers; it needs a hook `stats` in its
   * `in.hooks`.
   *
   * @param name Name or id of the node
   */
  async stats(name: string): Promise<Readonly<Record<string, ConfigGroup>>> {
    return toStats(await this.#get(`node/${encodeURIComponent(name)}/stats`)) ?? {};
  }

  /** Returns all paths. */
  async paths(): Promise<RunningPath[]> {
    return asList(toSettings(await this.#requests.json({ path: "paths" }))).map((value) => {
      const path = asGroup(value, "a path");
      return {
        uuid: String(path.uuid),
        state: String(path.state),
        in: asList(path.in).map(String),
        out: asList(path.out).map(String),
        signals: asList(path.signals).map((signal) => asGroup(signal, "a signal")),
        hasHooks: asList(path.hooks).length > 0,
      };
    });
  }

  /**
   * Returns a picture of nodes and paths.
   *
   * @param format `"svg"`, `"png"`, `"dot"`, `"json"` or another format of Graphviz
   * @param layout Program of Graphviz that places the nodes, such as `"dot"`; default: VILLASnode's, `"neato"`
   * @returns The bytes of the file
   */
  async graph(format: string, layout?: string): Promise<Uint8Array> {
    const query = layout === undefined ? "" : `?layout=${encodeURIComponent(layout)}`;
    return (await this.#requests.send({ path: `graph.${encodeURIComponent(format)}${query}` })).body;
  }

  /**
   * Does something with a node. Not every type of node takes every action: see `findActionRisk`.
   *
   * @param name Name or id of the node
   * @param action The action
   */
  async controlNode(name: string, action: NodeAction): Promise<void> {
    await this.#post(`node/${encodeURIComponent(name)}/${action}`);
  }

  /**
   * Starts or stops a path.
   *
   * @param uuid Id of the path
   * @param action The action
   */
  async controlPath(uuid: string, action: "start" | "stop"): Promise<void> {
    await this.#post(`path/${encodeURIComponent(uuid)}/${action}`);
  }

  /**
   * Restarts the daemon, which does not answer for some seconds then.
   *
   * @param path Absolute path of a configuration file on the daemon's machine; default: its present configuration
   */
  async restart(path?: string): Promise<void> {
    await this.#requests.json({
      path: "restart",
      method: "POST",
      ...path === undefined ? {} : { body: { config: path } },
    });
    this.#requests.forget();
  }

  /** Ends the daemon. */
  async shutdown(): Promise<void> {
    await this.#post("shutdown");
    this.#requests.forget();
  }

  async #get(path: string): Promise<ConfigGroup> {
    return asGroup(toSettings(await this.#requests.json({ path })), `the answer to ${path}`);
  }

  async #post(path: string): Promise<void> {
    await this.#requests.send({ path, method: "POST" });
  }
}

function asList(value: ConfigValue | undefined): readonly ConfigValue[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function toNode(group: ConfigGroup): RunningNode {
  const { name, type, uuid = "", state, stats, ...config } = group;
  return {
    name: String(name),
    type: String(type),
    uuid: String(uuid),
    state: typeof state === "string" ? state : undefined,
    config: { ...config, type: type ?? "" },
    stats: toStats(stats),
  };
}

function toStats(value: ConfigValue | undefined): Readonly<Record<string, ConfigGroup>> | undefined {
  if (value === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(asGroup(value, "stats")).map(([metric, figures]) => [metric, asGroup(figures, metric)]),
  );
}

/** Settings whose values nobody should see who looks at a node. */
const secretNames = /pass(?:word|wd|phrase)?$|secret|token|private|credential|api_?key/i;

/**
 * Takes an answer as settings: without what is null, which stands for a missing setting there, and without passwords, which
 * VILLASnode shows as they stand in its configuration.
 */
function toSettings(value: unknown): ConfigValue {
  if (Array.isArray(value)) return value.map(toSettings);
  if (typeof value === "string") return value.replace(/^([a-z0-9+.-]+:\/\/[^/@:\s]*):[^/@\s]+@/i, "$1:***@");
  if (typeof value !== "object" || value === null) return value as ConfigValue;
  const settings = Object.entries(value).filter(([, setting]) => setting !== null);
  return Object.fromEntries(
    settings.map(([name, setting]) => [
      name,
      secretNames.test(name) && typeof setting === "string" ? "***" : toSettings(setting),
    ]),
  );
}
