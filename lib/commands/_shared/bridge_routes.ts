/**
 * Routes of a bridge: from the options of one, or from a file of several in the words of VILLASnode's paths.
 *
 * @module
 */

import { createEnd, type End, endSettings, isConnection, parseEnd } from "./bridge_ends.ts";
import type { CastStep, LimitRateStep, ShapeStep, SignalReference } from "../../client/shape.ts";
import type { SignalType } from "../../samples/signals.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import { suggest } from "../../terminal/parse.ts";
import type { Address } from "../../transports/address.ts";
import { type ConfigGroup, type ConfigValue, isGroup } from "../../villasnode/libconfig.ts";

/** Numbering of what a route sends. */
export const numberings = ["keep", "renumber"] as const;

/** One route of a bridge. */
export interface RouteDescription {
  /** The name, for messages. */
  readonly name: string;
  /** The end that samples come from. */
  readonly from: End;
  /** The ends that they go to. */
  readonly to: readonly End[];
  /** Steps of shaping the samples. */
  readonly steps: readonly ShapeStep[];
  /** Numbering of what is sent. */
  readonly sequence: typeof numberings[number];
  /** The newest sample so many times per second; undefined for all. */
  readonly rate: number | undefined;
  /** True if samples go back, too. */
  readonly isReversed: boolean;
}

/** Transports whose local address takes the connections of others, so that it can be sent to without a remote one. */
const servingTransports: readonly string[] = ["ws", "c37.118"];

/** Types of signals. */
const signalTypes: readonly string[] = ["float", "integer", "boolean", "complex"] satisfies SignalType[];

/**
 * Reads the routes of a file: `paths`, each with `in`, `out`, `hooks`, `reverse`, `rate` and `enabled` as those of
 * VILLASnode, and `sequence` and `name`. It is JSON if its name ends in `.json`, and libconfig otherwise.
 *
 * @param path Path of the file
 * @param onWarning Called with a sentence for each key that means nothing
 * @throws {InputError} If it cannot be read; the message has the file, and the line or the place in it
 */
export async function readRoutes(path: string, onWarning: (message: string) => void): Promise<RouteDescription[]> {
  const { readNodeConfig } = await import("../../villasnode/node_config.ts");
  const { explainSystemError } = await import("../../system/errors.ts");
  const config = await readInput(() => readNodeConfig(path, { onWarning })).catch((error) => {
    throw error instanceof InputError ? error : explainSystemError(error, `Cannot read ${path}`);
  });
  const reader = new RoutesReader(path, onWarning);
  const routes = await reader.read(config);
  if (routes.length === 0) throw new InputError(`Cannot use ${path}: it has no path that is enabled`);
  const twice = routes.find(({ name }, index) => routes.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw new InputError(`Cannot use ${path}: two paths have the name "${twice.name}"`);
  return routes;
}

/**
 * Checks that the ends of a route can be what they are to be.
 *
 * @throws {InputError} If they cannot
 */
export function checkRoute(route: RouteDescription): void {
  const { name, from, to, isReversed } = route;
  const fail = (why: string): never => {
    throw new InputError(`Cannot bridge ${name}: ${why}`);
  };
  if (to.length === 0) fail("it has no output");
  if (from.path === undefined && from.timing !== undefined) fail("only a file has a timing");
  const files = [...from.path === undefined ? [] : [from], ...to.filter(({ path }) => path !== undefined)];
  for (const end of [from, ...to]) {
    const isFile = end.path !== undefined;
    const other = [end.local, end.remote].find((address) =>
      address && end.address &&
      address.transport !== end.address.transport
    );
    if (other) fail(`${other.text} and ${end.name} belong to different transports`);
    if (isFile && (end.local ?? end.remote ?? end.multicast) !== undefined) fail(`${end.name} is a file`);
    if (!isFile && end.append) fail(`${end.name} is not a file, so nothing can be appended to it`);
    if (isFile && end.format?.type === "auto") {
      fail(`the format of ${end.name} cannot be detected: only datagrams tell it`);
    }
  }
  const names = to.map((end) => (end.remote ?? end.address ?? end.local)?.text ?? end.name);
  const twice = names.find((target, index) => names.indexOf(target) < index);
  if (twice !== undefined) fail(`${twice} is given twice`);
  for (const end of to) {
    if (end.linger !== undefined && (end.vectorize ?? 1) === 1) {
      fail(`linger of ${end.name} has no effect without vectorize`);
    }
    if (end.format?.type === "auto" && !isReversed) fail(`nothing comes from ${end.name} that would tell its format`);
    const isServed = end.local !== undefined && servingTransports.includes(end.local.transport);
    if (end.path === undefined && (end.address ?? end.remote) === undefined && !isServed) {
      fail(`${end.name} has no address to send to`);
    }
  }
  if (!isReversed) return;
  const [first] = to;
  if (files.length > 0 || to.length !== 1 || first === undefined) fail("both ways need two ends that are not files");
  else {
    if (from.address && !isConnection(from.address) && !from.remote) {
      fail(`${from.name} needs remote=, to send back to`);
    }
    if (first.address && !isConnection(first.address) && !first.local) {
      fail(`${first.name} needs local=, to receive on`);
    }
  }
}

/**
 * Checks that no route leads back to where it begins, by itself or over others: a sample would go round for ever.
 *
 * @throws {InputError} If one does
 */
export function checkLoops(routes: readonly RouteDescription[]): void {
  const ways = routes.flatMap(({ name, from, to, isReversed }) => [
    { name, receives: receivingAddress(from), sends: to.map(sendingAddress) },
    ...isReversed ? [{ name, receives: to[0]?.local && placeOf(to[0].local), sends: [sendingAddress(from)] }] : [],
  ]);
  const visit = (sends: readonly (string | undefined)[], chain: readonly string[], start: string): void => {
    for (const { name, receives, sends: next } of ways) {
      if (receives === undefined || !sends.includes(receives)) continue;
      if (receives === start) {
        const round = [...chain, chain[0]].join(" > ");
        throw new InputError(`Cannot bridge ${round}: what is sent to ${receives} would go round for ever`);
      }
      if (!chain.includes(name)) visit(next, [...chain, name], start);
    }
  };
  for (const { name, receives, sends } of ways) {
    if (receives !== undefined) visit(sends, [name], receives);
  }
}

/** Returns the address that an input receives on, if it is one of datagrams. */
function receivingAddress({ address, local }: End): string | undefined {
  const own = local ?? (address && !isConnection(address) ? address : undefined);
  return own && placeOf(own);
}

function sendingAddress({ address, remote }: End): string | undefined {
  const target = remote ?? address;
  return target && placeOf(target);
}

/** Returns the text of an address, the same for those that lead to one place on this machine. */
function placeOf({ text }: Address): string {
  return text.replace(/^udp:\/\/(?:0\.0\.0\.0|localhost|127\.\d+\.\d+\.\d+|\[::1?\])(?=:\d+$)/, "udp://127.0.0.1");
}

/** Reads one file, and names the place in it. */
class RoutesReader {
  readonly #path: string;
  readonly #onWarning: (message: string) => void;

  constructor(path: string, onWarning: (message: string) => void) {
    this.#path = path;
    this.#onWarning = onWarning;
  }

  async read(config: ConfigGroup): Promise<RouteDescription[]> {
    await this.#checkKeys(config, ["paths"], "the file");
    const { paths } = config;
    if (!Array.isArray(paths)) return this.#fail("paths", "expected a list of paths");
    const routes: RouteDescription[] = [];
    for (const [index, path] of paths.entries()) {
      const place = `paths[${index}]`;
      const group = this.#group(path, place);
      await this.#checkKeys(group, ["name", "in", "out", "hooks", "reverse", "rate", "enabled", "sequence"], place);
      if (this.#boolean(group.enabled, true, `${place}.enabled`)) routes.push(await this.#route(group, index, place));
    }
    return routes;
  }

  async #route(group: ConfigGroup, index: number, place: string): Promise<RouteDescription> {
    const { in: input, out, hooks = [], sequence = "keep", rate, name = `path ${index}` } = group;
    const inputs = Array.isArray(input) ? input : [input];
    if (inputs.length !== 1) this.#fail(`${place}.in`, "expected one input: write a path for each");
    if (input === undefined) this.#fail(place, "it has no in");
    if (out === undefined) this.#fail(place, "it has no out");
    const outputs = Array.isArray(out) ? out : [out];
    const numbering = numberings.find((known) => known === sequence);
    if (numbering === undefined) this.#fail(`${place}.sequence`, `expected ${numberings.join(" or ")}`);
    if (typeof name !== "string") this.#fail(`${place}.name`, "expected text");
    const steps: ShapeStep[] = [];
    for (const [step, hook] of (Array.isArray(hooks) ? hooks : [hooks]).entries()) {
      const hookPlace = `${place}.hooks[${step}]`;
      const read = await this.#step(this.#group(hook, hookPlace), hookPlace);
      if (read !== undefined) steps.push(read);
    }
    const to: End[] = [];
    for (const [output, end] of outputs.entries()) {
      to.push(await this.#end(end, Array.isArray(out) ? `${place}.out[${output}]` : `${place}.out`));
    }
    return {
      name: name as string,
      from: await this.#end(inputs[0], `${place}.in`),
      to,
      steps,
      sequence: numbering ?? "keep",
      // VILLASnode takes 0 for no rate.
      rate: rate === undefined || rate === 0 ? undefined : this.#positive(rate, `${place}.rate`),
      isReversed: this.#boolean(group.reverse, false, `${place}.reverse`),
    };
  }

  async #end(value: ConfigValue | undefined, place: string): Promise<End> {
    if (typeof value === "string") {
      return await parseEnd(value).catch((error) => {
        throw new InputError(`${this.#path}, ${place}: ${(error as Error).message}`, { cause: error });
      });
    }
    const { address, file, ...others } = this.#group(value, place, "an address, the path of a file, or a group");
    const target = address ?? file ?? "";
    if (typeof target !== "string") return this.#fail(`${place}.address`, "expected text");
    const texts = Object.fromEntries(
      Object.entries(others).map(([name, setting]) => [
        name,
        typeof setting === "object" ? JSON.stringify(setting) : String(setting),
      ]),
    );
    const settings = endSettings(target, texts, true);
    await this.#checkKeys(others, settings, place, ["address", "file"]);
    const known = Object.fromEntries(Object.entries(texts).filter(([name]) => settings.includes(name)));
    return createEnd(target, known, (name) => `${this.#path}, ${place}.${name}`);
  }

  async #step(hook: ConfigGroup, place: string): Promise<ShapeStep | undefined> {
    const { type, enabled, priority: _, ...settings } = hook;
    const keys = hookKeys[String(type)];
    if (keys === undefined) {
      const nearest = await suggest(String(type), Object.keys(hookKeys));
      this.#fail(`${place}.type`, `"${type}" is not a hook of a bridge: ${nearest || `there are ${hookNames}`}`);
    }
    await this.#checkKeys(settings, keys ?? [], place, ["type", "enabled", "priority"]);
    if (!this.#boolean(enabled, true, `${place}.enabled`)) return undefined;
    const signals = this.#signals(settings, place);
    if (keys?.includes("signals") && signals.length === 0) this.#fail(place, "it has no signals");
    switch (type) {
      case "select":
        return { type, signals };
      case "scale":
        return {
          type,
          signals,
          scale: this.#number(settings.scale ?? 1, `${place}.scale`),
          offset: this.#number(settings.offset ?? 0, `${place}.offset`),
        };
      case "cast":
        return this.#cast(settings, signals, place);
      case "decimate": {
        const ratio = this.#positive(settings.ratio, `${place}.ratio`);
        if (!Number.isSafeInteger(ratio)) this.#fail(`${place}.ratio`, "expected a whole number, 1 or greater");
        return { type, ratio, renumber: this.#boolean(settings.renumber, false, `${place}.renumber`) };
      }
      default: {
        const { mode = "local" } = settings;
        const modes = ["local", "origin", "received"];
        if (!modes.includes(String(mode))) this.#fail(`${place}.mode`, `expected ${modes.join(", ")}`);
        const rate = this.#positive(settings.rate, `${place}.rate`);
        return { type: "limit_rate", rate, mode: mode as NonNullable<LimitRateStep["mode"]> };
      }
    }
  }

  #cast(settings: ConfigGroup, signals: readonly SignalReference[], place: string): CastStep {
    const { new_type: newType, new_name: newName, new_unit: newUnit } = settings;
    if (newType !== undefined && !signalTypes.includes(String(newType))) {
      this.#fail(`${place}.new_type`, `expected ${signalTypes.join(", ")}`);
    }
    return {
      type: "cast",
      signals,
      ...newType !== undefined && { newType: newType as SignalType },
      ...newName !== undefined && { newName: String(newName) },
      ...newUnit !== undefined && { newUnit: String(newUnit) },
    };
  }

  #signals({ signal, signals = signal ?? [] }: ConfigGroup, place: string): SignalReference[] {
    return (Array.isArray(signals) ? signals : [signals]).map((entry) =>
      typeof entry === "string" || typeof entry === "number"
        ? entry
        : this.#fail(`${place}.signals`, "expected names of signals, or indices from 0")
    );
  }

  #number(value: ConfigValue | undefined, place: string): number {
    return typeof value === "number" ? value : this.#fail(place, "expected a number");
  }

  #positive(value: ConfigValue | undefined, place: string): number {
    const number = this.#number(value, place);
    return number > 0 ? number : this.#fail(place, "expected a number above 0");
  }

  #boolean(value: ConfigValue | undefined, initial: boolean, place: string): boolean {
    if (value === undefined) return initial;
    return typeof value === "boolean" ? value : this.#fail(place, "expected true or false");
  }

  #group(value: ConfigValue | undefined, place: string, expected = "a group"): ConfigGroup {
    return value !== undefined && isGroup(value) ? value : this.#fail(place, `expected ${expected}`);
  }

  /** Warns about keys that mean nothing, as VILLASnode ignores them. */
  async #checkKeys(group: ConfigGroup, known: readonly string[], place: string, others: readonly string[] = []) {
    for (const key of Object.keys(group)) {
      if (known.includes(key)) continue;
      const nearest = await suggest(key, [...known, ...others]);
      this.#onWarning(
        `${this.#path}, ${place}: ignoring "${key}": ${nearest || `expected ${[...others, ...known].join(", ")}`}`,
      );
    }
  }

  #fail(place: string, why: string): never {
    throw new InputError(`Cannot use ${this.#path}, ${place}: ${why}`);
  }
}

/** Settings of each hook that a bridge has. */
const hookKeys: Readonly<Record<string, readonly string[]>> = {
  select: ["signal", "signals"],
  scale: ["signal", "signals", "scale", "offset"],
  cast: ["signal", "signals", "new_type", "new_name", "new_unit"],
  decimate: ["ratio", "renumber"],
  limit_rate: ["rate", "mode"],
};

const hookNames = Object.keys(hookKeys).join(", ");
