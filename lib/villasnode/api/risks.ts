/**
 * Actions that a node does not stand: VILLASnode's API does what it is asked to, and some of its nodes do not come back.
 *
 * @see VILLASnode 1.2.0, by running it; `lib/api/requests/node_action.cpp`
 *
 * @module
 */

import type { NodeAction, RunningNode, RunningPath } from "./node_api.ts";

/** Types of nodes that stand every action. */
const robustTypes: readonly string[] = ["socket", "file", "nanomsg"];

/** Actions of other types that they do not stand, with the reasons; the others they do. */
const risks: Readonly<Record<string, Partial<Readonly<Record<NodeAction, string>>>>> = {
  websocket: {
    restart: "stop it and start it again instead",
    pause: "whether it stands that is not known",
    resume: "whether it stands that is not known",
  },
  mqtt: {
    restart: "it would stay dead until VILLASnode is restarted; stop it and start it again instead",
    pause: "it would stay dead after that",
    resume: "it would stay dead after that",
  },
  zeromq: {
    stop: "it could not be started again until VILLASnode is restarted",
    start: "it does not start a second time until VILLASnode is restarted",
    restart: "it would stay dead until VILLASnode is restarted",
    pause: "it refuses that",
    resume: "it refuses that",
  },
  "c37.118": {
    stop: "it would not listen again until VILLASnode is restarted",
    start: "it would say that it runs, and not listen, until VILLASnode is restarted",
    restart: "it would not listen again until VILLASnode is restarted",
    pause: "it would have no effect",
    resume: "it would have no effect",
  },
  "signal.v2": {
    restart: "it would say that it runs, and give no more samples; stop it and start it again instead",
    pause: "it would have no effect",
    resume: "it would have no effect",
  },
};

/** Types of nodes that must not be stopped under a path that reads them, with what would happen. */
const neededByPaths: Readonly<Record<string, string>> = {
  websocket: "would take a whole processor and fill the log",
  mqtt: "would take a whole processor and fill the log",
  socket: "would keep its address taken, so that VILLASnode would end when the node starts again",
};

/**
 * Finds out whether an action on a node may leave VILLASnode in a state that only its restart ends.
 *
 * @param node The node
 * @param action The action
 * @param paths All paths
 * @returns The reason not to do it, as the end of a sentence; undefined where the action is safe
 *
 * @example
 * ```ts
 * import { assertEquals, assertMatch } from "@std/assert";
 * import { findActionRisk, type RunningNode } from "@villas/client/villasnode";
 *
 * const node: RunningNode = { name: "web", type: "websocket", uuid: "", state: "running", config: {}, stats: undefined };
 * const path = { uuid: "1-2", state: "running", in: ["web"], out: [], signals: [], hasHooks: false };
 * assertEquals(findActionRisk(node, "stop", []), undefined);
 * assertMatch(findActionRisk(node, "stop", [path]) ?? "", /stop path 1-2 first/);
 * ```
 */
export function findActionRisk(
  { name, type, state }: RunningNode,
  action: NodeAction,
  paths: readonly RunningPath[],
): string | undefined {
  if (action === "start" && (state === "running" || state === "paused")) {
    return state === "paused"
      ? "it is paused, and VILLASnode would end because its address is in use: resume it"
      : "it runs already, and VILLASnode would end because its address is in use";
  }
  const feeding = paths.filter((path) => path.state === "running" && path.in.includes(name));
  const danger = Object.hasOwn(neededByPaths, type) ? neededByPaths[type] : undefined;
  const isStopping = action === "stop" || action === "restart";
  if (danger !== undefined && feeding.length > 0 && (isStopping || (action === "start" && type === "socket"))) {
    const list = feeding.map(({ uuid }) => uuid).join(" and ");
    return `${feeding.length === 1 ? "a path that reads" : "paths that read"} it ${danger}: stop path ${list} first`;
  }
  if (robustTypes.includes(type)) {
    return action === "resume" && state === "stopped"
      ? "it is stopped, and would only say that it runs: start it"
      : undefined;
  }
  const known = Object.hasOwn(risks, type) ? risks[type] : undefined;
  if (known === undefined) return `how a node of type ${type} takes that is not known`;
  return known[action];
}
