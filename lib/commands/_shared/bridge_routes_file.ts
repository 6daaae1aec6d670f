/**
 * Files of routes, in the words of VILLASnode's configuration.
 *
 * @module
 */

import { createEnd, type End, endSettings, parseEnd } from "./bridge_ends.ts";
import { readHooks } from "./bridge_hooks.ts";
import { type InputEntry, readInputs } from "./bridge_merge.ts";
import { numberings, type RouteDescription } from "./bridge_routes.ts";
import { ConfigPlaces } from "./config_places.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import { durationOrZero } from "../../terminal/option.ts";
import type { ConfigGroup, ConfigValue } from "../../villasnode/libconfig.ts";
import { parseMapping } from "../../villasnode/mapping.ts";

/** Settings of a path. */
const pathKeys: readonly string[] = [
  ...["name", "in", "out", "mode", "mask", "hooks", "reverse", "rate", "enabled", "sequence", "original_sequence_no"],
  ...["vectorize", "linger"],
];

/**
 * Reads the routes of a file: `paths`, each with `in`, `out`, `mode`, `mask`, `hooks`, `reverse`, `rate` and `enabled` as
 * those of VILLASnode, and with `name`, `sequence`, `vectorize` and `linger`; and `nodes`, ends that have a name. It is JSON
 * if its name ends in `.json`, and libconfig otherwise.
 *
 * @param path Path of the file
 * @param onWarning Called with a sentence for each key that means nothing
 * @throws {InputError} If it cannot be read; the message has the file, and the line or the place in it
 */
export async function readRoutes(path: string, onWarning: (message: string) => void): Promise<RouteDescription[]> {
  const { readNodeConfig } = await import("../../villasnode/node_config.ts");
  const config = await readInput(() => readNodeConfig(path, { onWarning }));
  const reader = new RoutesReader(new ConfigPlaces(path, onWarning));
  const routes = await reader.read(config);
  if (routes.length === 0) throw new InputError(`Cannot use ${path}: it has no path that is enabled`);
  const twice = routes.find(({ name }, index) => routes.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw new InputError(`Cannot use ${path}: two paths have the name "${twice.name}"`);
  return routes;
}

/** Reads one file. */
class RoutesReader {
  readonly #places: ConfigPlaces;
  /** Ends that have a name. */
  readonly #nodes = new Map<string, End>();

  constructor(places: ConfigPlaces) {
    this.#places = places;
  }

  async read(config: ConfigGroup): Promise<RouteDescription[]> {
    const places = this.#places;
    await places.checkKeys(config, ["nodes", "paths"], "the file");
    const { nodes = {}, paths } = config;
    for (const [name, node] of Object.entries(places.group(nodes, "nodes"))) await this.#addNode(name, node);
    if (!Array.isArray(paths)) return places.fail("paths", "expected a list of paths");
    const routes: RouteDescription[] = [];
    for (const [index, path] of paths.entries()) {
      const place = `paths[${index}]`;
      const group = places.group(path, place);
      await places.checkKeys(group, pathKeys, place);
      if (places.boolean(group.enabled, true, `${place}.enabled`)) routes.push(await this.#route(group, index, place));
    }
    return routes;
  }

  async #addNode(name: string, node: ConfigValue): Promise<void> {
    const place = `nodes.${name}`;
    if (parseMapping(name)?.node !== name) {
      this.#places.fail(place, "expected a name of 2 to 32 small letters, digits, - and _, as VILLASnode does");
    }
    this.#nodes.set(name, await this.#end(node, place));
  }

  async #route(group: ConfigGroup, index: number, place: string): Promise<RouteDescription> {
    const places = this.#places;
    const { in: input, out, hooks = [], sequence, rate, name = `path ${index}` } = group;
    if (input === undefined) places.fail(place, "it has no in");
    if (out === undefined) places.fail(place, "it has no out");
    const numbering = places.choice(sequence, numberings, "keep", `${place}.sequence`);
    if (typeof name !== "string") return places.fail(`${place}.name`, "expected text");
    const steps = await readHooks(hooks, `${place}.hooks`, places);
    const entries: InputEntry[] = [];
    for (const [entry, entryPlace] of entriesOf(input, `${place}.in`)) {
      entries.push(await this.#entry(entry, entryPlace));
    }
    if (entries.length === 0) places.fail(`${place}.in`, "expected an input");
    const to: End[] = [];
    for (const [entry, entryPlace] of entriesOf(out, `${place}.out`)) {
      const named = this.#nodes.get(String(entry));
      to.push(this.#withMessages(named ?? await this.#end(entry, entryPlace), group, place));
    }
    return {
      name,
      ...readInputs(entries, group, place, places),
      to,
      steps,
      sequence: numbering,
      // VILLASnode takes 0 for no rate.
      rate: rate === undefined || rate === 0 ? undefined : places.positive(rate, `${place}.rate`),
      isReversed: places.boolean(group.reverse, false, `${place}.reverse`),
    };
  }

  /** Returns an output with what its route says of messages, where it does not say it itself. */
  #withMessages(end: End, { vectorize, linger }: ConfigGroup, place: string): End {
    // Several samples are one piece of a file in any case.
    if (end.path !== undefined) return end;
    const number = vectorize === undefined ? undefined : this.#places.count(vectorize, `${place}.vectorize`);
    const time = linger === undefined ? undefined : this.#duration(linger, `${place}.linger`);
    if (time !== undefined && (end.vectorize ?? number) === undefined) {
      this.#places.fail(`${place}.linger`, "it has no effect without vectorize");
    }
    return { ...end, vectorize: end.vectorize ?? number, linger: end.linger ?? time };
  }

  #duration(value: ConfigValue, place: string): number {
    try {
      return durationOrZero({ help: "" }, 0).parse(String(value));
    } catch (error) {
      return this.#places.fail(place, (error as Error).message);
    }
  }

  /** Reads an entry of `in`: a node of the file or a part of its samples, or an end. */
  async #entry(value: ConfigValue, place: string): Promise<InputEntry> {
    const mapping = typeof value === "string" ? parseMapping(value) : undefined;
    const named = mapping && this.#nodes.get(mapping.node);
    if (mapping !== undefined && named !== undefined) return { end: named, name: mapping.node, mapping, place };
    if (mapping !== undefined && /\.(?:data|hdr|ts|stats)\b|\[/.test(String(value))) {
      this.#places.fail(place, `there is no node ${mapping.node}${this.#listNodes()}`);
    }
    const end = await this.#end(value, place);
    return { end, name: end.name, mapping: undefined, place };
  }

  #listNodes(): string {
    return this.#nodes.size === 0 ? ": nodes has none" : ` in nodes, but ${[...this.#nodes.keys()].join(", ")}`;
  }

  async #end(value: ConfigValue | undefined, place: string): Promise<End> {
    const { path } = this.#places;
    if (typeof value === "string") {
      return await parseEnd(value).catch((error) => {
        throw new InputError(`${path}, ${place}: ${(error as Error).message}`, { cause: error });
      });
    }
    const { address, file, ...others } = this.#places.group(value, place, "an address, the path of a file, or a group");
    const target = address ?? file ?? "";
    if (typeof target !== "string") return this.#places.fail(`${place}.address`, "expected text");
    const texts = Object.fromEntries(
      Object.entries(others).map(([name, setting]) => [
        name,
        typeof setting === "object" ? JSON.stringify(setting) : String(setting),
      ]),
    );
    const settings = endSettings(target, texts, true);
    await this.#places.checkKeys(others, settings, place, ["address", "file"]);
    const known = Object.fromEntries(Object.entries(texts).filter(([name]) => settings.includes(name)));
    return createEnd(target, known, (name) => `${path}, ${place}.${name}`);
  }
}

/** Returns the entries of a setting that is one or a list, with their places. */
function entriesOf(value: ConfigValue | undefined, place: string): (readonly [ConfigValue, string])[] {
  if (Array.isArray(value)) return value.map((entry, index) => [entry, `${place}[${index}]`] as const);
  return value === undefined ? [] : [[value, place]];
}
