/**
 * `villas-client node`: a running VILLASnode, seen and controlled over its API.
 *
 * @module
 */

import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { choice, duration, file, flag, text, type Values } from "../terminal/option.ts";
import { lineWidth } from "../terminal/help.ts";
import { InputError } from "../system/input_error.ts";
import { plural } from "../system/text.ts";
import type { NodeAction, NodeApi, RunningNode, RunningPath } from "../villasnode/api/node_api.ts";
import { createNodeOverview, describeStatus } from "./_shared/node_overview.ts";
import { flushAll, openDestination } from "./_shared/output.ts";
import { commonOptions } from "./_shared/common_options.ts";

/** Address where VILLASnode's API answers by default, unless root runs it (`lib/web.cpp`). */
const defaultUrl = "http://127.0.0.1:8080";

const graphFormats = ["svg", "png", "pdf", "dot", "json"] as const;

const options = {
  json: flag({ help: "print JSON instead of tables" }),
  watch: duration({ help: "print the nodes and paths again and again, after each of these times" }),
  force: flag({ help: "do what the node, as far as is known, does not stand, or ask over https" }),
  file: text("PATH", { help: "restart with this configuration file, an absolute path on the VILLASnode's machine" }),
  format: choice("FORMAT", graphFormats, "svg", { short: "f", help: "set the format of the graph" }),
  layout: text("PROGRAM", {
    help: "set the program of Graphviz that lays out the graph, such as dot",
    defaultText: "neato",
  }),
  output: file("FILE", { short: "o", help: "write to this file instead of standard output" }),
  ...commonOptions,
};

type NodeValues = Values<typeof options>;

/** Actions on nodes, and those of them that paths take, too. */
const controls: readonly string[] = ["start", "stop", "pause", "resume", "restart"];
const pathControls: readonly string[] = ["start", "stop"];

/** Actions that only look, and those on the whole daemon. */
const views = ["list", "status", "stats", "config", "graph"];
const actions = [...views, ...controls, "shutdown"];

/** The options that only some actions have. */
const optionActions: Readonly<Record<string, readonly string[]>> = {
  watch: ["list", "stats"],
  force: controls,
  file: ["restart"],
  format: ["graph"],
  layout: ["graph"],
};

/** The command `node`. */
export const nodeCommand: Command<typeof options> = {
  name: "node",
  operands: "[URL] [ACTION [NAME...]]",
  maximumOperands: Infinity,
  operandChoices: actions,
  description: [
    `Shows and controls a running VILLASnode over its API (http in its configuration), at ${defaultUrl} unless an address ` +
    "such as http://lab1:8080 is given. Where VILLASnode found its port taken, it uses one of the next nine; so does this.",
    "list (the default) shows nodes and paths with their types, states and signals, and the rate at which samples come " +
    "where a node has a stats hook. status shows the daemon, stats the statistics of nodes, config the configuration it " +
    "runs with, without passwords, and graph a picture.",
    "start, stop, pause, resume and restart do that with nodes, by name; start and stop with paths, too, by their id or the " +
    "beginning of it. Some types of nodes do not stand some of it: that is refused with the reason, unless --force is " +
    "given. Stop a path before its nodes, and start it after them.",
    "restart without a name restarts the daemon, with --file as its configuration; shutdown ends it.",
  ],
  examples: [
    { what: "Show the nodes and paths of the VILLASnode on this machine", line: "villas-client node" },
    { what: "The same of another machine, every two seconds", line: "villas-client node http://lab1:8080 --watch 2" },
    { what: "Stop a node and start it again", line: "villas-client node restart client" },
    { what: "Draw the graph of nodes and paths", line: "villas-client node graph --layout dot -o lab.svg" },
  ],
  options,
  async run(values, operands, session) {
    const { url, action, names } = parseOperands(operands);
    const isSecure = url.startsWith("https:");
    checkOptions(isSecure ? { ...values, force: false } : values, action, session); // it is for all actions then
    const { openNodeApi } = await import("../villasnode/api/node_api.ts");
    const api = openNodeApi(url, {
      isProxied: values.force,
      onMove: (moved) => session.log.warning(`VILLASnode found the port of ${url} taken and answers at ${moved}`),
    });
    if (controls.includes(action) || action === "shutdown") {
      return await control(api, action, names, values, session);
    }
    await show(api, action, names, values, session);
    return exitStatus.done;
  },
};

/** Tells addresses, actions and names apart: only an address has a colon in front of slashes. */
function parseOperands(operands: readonly string[]): { url: string; action: string; names: readonly string[] } {
  const [first = ""] = operands;
  const isUrl = first.includes("://");
  const [action = "list", ...names] = isUrl ? operands.slice(1) : operands;
  if (!actions.includes(action)) {
    const isAddress = /:\d+$/.test(action);
    throw new InputError(
      `Unknown action "${action}": ` +
        (isAddress ? `did you mean http://${action}?` : `expected ${actions.join(", ")}`),
    );
  }
  // It would be taken for a node of the VILLASnode on this machine, which the user does not mean.
  const late = names.find((name) => name.includes("://"));
  if (late !== undefined) throw new InputError(`Cannot use "${late}" as a name: the address stands before ${action}`);
  const takesNames = action === "stats" || controls.includes(action);
  if (names.length > 0 && !takesNames) throw new InputError(`Cannot use "${names[0]}": ${action} takes no names`);
  if (names.length === 0 && takesNames && action !== "stats" && action !== "restart") {
    throw new InputError(
      `NAME is missing: give names of nodes${pathControls.includes(action) ? ", or ids of paths" : ""}`,
    );
  }
  return { url: isUrl ? first : defaultUrl, action, names };
}

function checkOptions(values: NodeValues, action: string, { nameOf }: Session): void {
  for (const [option, allowed] of Object.entries(optionActions)) {
    const value = values[option as keyof NodeValues];
    const isGiven = value !== undefined && value !== false && value !== options[option as keyof typeof options].default;
    if (isGiven && !allowed.includes(action)) {
      throw new InputError(`Cannot use ${nameOf(option)} with ${action}: it is for ${allowed.join(", ")}`);
    }
  }
}

/** Prints what an action shows, once or again and again. */
async function show(
  api: NodeApi,
  action: string,
  names: readonly string[],
  values: NodeValues,
  session: Session,
): Promise<void> {
  const { watch, output: path = "-" } = values;
  using destination = await openDestination(path, session);
  if (destination === undefined) return;
  const { output } = destination;
  for (;;) {
    output.write(await render(api, action, names, values));
    await flushAll(output, session.ended);
    if (watch === undefined) break;
    await waitFor(watch, session.ended);
    if (session.ended.aborted) break;
    output.write("\n");
  }
  await destination.finish();
}

async function render(
  api: NodeApi,
  action: string,
  names: readonly string[],
  { json, format, layout }: NodeValues,
): Promise<string | Uint8Array> {
  const asJson = (value: unknown) => `${JSON.stringify(value, null, json ? undefined : 2)}\n`;
  switch (action) {
    case "graph":
      return await api.graph(format, layout);
    case "config":
      return asJson(await api.activeConfig());
    case "status": {
      const status = await api.status();
      return json ? asJson(status) : describeStatus(status, api.url);
    }
    case "stats": {
      const chosen = names.length > 0
        ? names
        : (await api.nodes()).filter(({ stats }) => stats).map(({ name }) => name);
      if (chosen.length === 0) {
        throw new Error("Cannot show statistics: no node has a hook of type stats in its in.hooks");
      }
      const stats: Record<string, unknown> = {};
      for (const name of chosen) stats[name] = await api.stats(name);
      return asJson(stats);
    }
    default: {
      const nodes = await api.nodes();
      const paths = await api.paths();
      return json ? asJson({ nodes, paths }) : createNodeOverview(nodes, paths, lineWidth(Deno.stdout));
    }
  }
}

/** Waits for a number of seconds, or until the command is interrupted. */
function waitFor(seconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      ended.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    ended.addEventListener("abort", end, { once: true });
    if (ended.aborted) end();
  });
}

/** Does something with the daemon, nodes or paths. */
async function control(
  api: NodeApi,
  action: string,
  names: readonly string[],
  { force, file }: NodeValues,
  { log }: Session,
): Promise<number> {
  if (action === "shutdown") {
    await api.shutdown();
    log.info(`The VILLASnode at ${api.url} shuts down`);
    return exitStatus.done;
  }
  if (names.length === 0) {
    if (file !== undefined && !file.startsWith("/")) {
      throw new InputError(`Cannot restart with "${file}": expected an absolute path on the VILLASnode's machine`);
    }
    const { url } = api;
    await api.restart(file);
    await waitForRestart(api, url);
    log.info(`The VILLASnode at ${api.url} has restarted${file === undefined ? "" : ` with ${file}`}`);
    return exitStatus.done;
  }
  const { findActionRisk } = await import("../villasnode/api/risks.ts");
  const nodes = await api.nodes();
  let paths = await api.paths();
  // All are looked up first: a wrong name must not leave half of the work done.
  const targets = names.map((name) => findTarget(name, action, nodes, paths));
  for (const target of targets) {
    if (target.kind === "path") {
      await api.controlPath(target.path.uuid, action as "start" | "stop");
      log.info(`Path ${target.path.uuid}: ${action} done`);
      paths = await api.paths();
      continue;
    }
    const { node } = target;
    const risk = findActionRisk(node, action as NodeAction, paths);
    if (risk !== undefined && !force) {
      throw new Error(`Cannot ${action} ${node.name} of type ${node.type}: ${risk} (--force does it all the same)`);
    }
    await api.controlNode(node.name, action as NodeAction);
    const { state } = await api.node(node.name).catch(() => ({ state: undefined }));
    log.info(`Node ${node.name}: ${action} done${state ? `, it is ${state}` : ""}`);
  }
  return exitStatus.done;
}

/** Number of times that a daemon is looked for after its restart, with the pause between them, in seconds. */
const restartLooks = 10;
const restartPause = 1;

/**
 * Waits until a daemon answers after its restart.
 *
 * @throws {Error} If it does not come back
 */
async function waitForRestart(api: NodeApi, url: string): Promise<void> {
  const never = new AbortController().signal;
  for (let look = 1;; look++) {
    await waitFor(restartPause, never);
    try {
      await api.status();
      return;
    } catch (cause) {
      if (look < restartLooks) continue;
      throw new Error(`The VILLASnode at ${url} has not come back after its restart: see its log`, { cause });
    }
  }
}

/** What an action is done with. */
type Target = { readonly kind: "node"; readonly node: RunningNode } | {
  readonly kind: "path";
  readonly path: RunningPath;
};

/** The shortest beginning of a path's id that stands for it. */
const shortestId = 4;

function findTarget(
  name: string,
  action: string,
  nodes: readonly RunningNode[],
  paths: readonly RunningPath[],
): Target {
  const node = nodes.find((node) => node.name === name || node.uuid === name);
  if (node !== undefined) return { kind: "node", node };
  const found = name.length < shortestId ? [] : paths.filter(({ uuid }) => uuid.startsWith(name));
  const [path] = found;
  if (path === undefined) {
    const known = nodes.map((node) => node.name).join(", ");
    throw new Error(
      `Cannot find "${name}": the VILLASnode has ${known === "" ? "no node" : `the nodes ${known}`} and ${
        plural(paths.length, "path")
      }`,
    );
  }
  if (found.length > 1) throw new Error(`Cannot choose a path: the ids of ${found.length} begin with ${name}`);
  if (!pathControls.includes(action)) {
    throw new InputError(`Cannot ${action} a path: VILLASnode can only start and stop it`);
  }
  return { kind: "path", path };
}
