/**
 * Files of controllers: JavaScript and TypeScript, loaded in the same way by every runtime, an executable included.
 *
 * @module
 */

import { resolve } from "node:path";
import { type Controller, controllerFromModule } from "./controller.ts";
import { ModuleGraph, showPath } from "./_module_graph.ts";
import { InputError } from "../system/input_error.ts";

/** Options of {@linkcode loadController}. */
export interface LoadOptions {
  /**
   * URLs of this package's modules by the part of their names behind `@villas/client`, such as `""` and `"/formats"`:
   * what a controller imports by these names, or with `jsr:` before them. Default: the names are left to the runtime.
   */
  ownModules?: Readonly<Record<string, string>>;
}

/** A controller that was loaded from a file. */
export interface LoadedController {
  /** The controller. */
  readonly controller: Controller;
  /** Paths of all files that it was loaded from, absolute. */
  readonly files: readonly string[];
  /** Place of the step, as in `controller.ts:4`. */
  readonly place: string;
  /** Returns the place in the files where an error was thrown, as in `controller.ts:5:10`; undefined where there is none. */
  locate(error: unknown): string | undefined;
}

/**
 * Loads a controller from a file, as it is now: another call gives another version.
 *
 * It may be JavaScript (`.js`, `.mjs`) or TypeScript (`.ts`, `.mts`; types are removed and not checked), and import files
 * relative to it, JSON with `with { type: "json" }`, `node:` modules, and this package. Packages and URLs work where the
 * runtime can load them, which an executable cannot.
 *
 * @param path Path of the file
 * @param options Where this package's modules are
 * @returns The controller
 * @throws {InputError} If a file cannot be read or parsed, an import cannot be resolved, the module throws, or it is not a
 * controller; the message says the place
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadController } from "@villas/client/controllers";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/gain.ts`, "export default ([value]: [number]) => [2 * value];");
 * const { controller } = await loadController(`${folder}/gain.ts`);
 * await Deno.remove(folder, { recursive: true });
 * assertEquals(controller.step.length, 1);
 * ```
 */
export async function loadController(path: string, options: LoadOptions = {}): Promise<LoadedController> {
  const absolute = resolve(path);
  const name = showPath(absolute);
  if (!/\.m?[jt]s$/.test(path)) {
    throw new InputError(`Cannot load ${name}: expected a module, a file that ends in .ts, .mts, .js or .mjs`);
  }
  const graph = new ModuleGraph(options.ownModules ?? {});
  const url = await graph.add(absolute);
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(url);
  } catch (error) {
    throw new InputError(`Cannot load ${name}: ${explain(error, name, graph)}`, { cause: error });
  }
  try {
    const controller = controllerFromModule(module);
    const locate = (error: unknown) => error instanceof Error ? graph.locate(error.stack ?? "") : undefined;
    return { controller, files: graph.files, place: await findStep(absolute, name), locate };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InputError(`Cannot use ${name}: ${error.message}`, { cause: error });
  }
}

/** Ways out by what messages of the runtimes say. */
const hints: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [
    /^(?:module|exports|require) is not defined$/,
    "; a controller is a module, with import and export instead of require and module.exports",
  ],
  [
    /not a dependency and not in import map|cannot-be-a-base/,
    "; import() finds a file only where its name is written there as a text",
  ],
  [
    /is not a valid module type|import attribute type/,
    "; read the file instead: Deno.readFile(new URL(NAME, import.meta.url))",
  ],
];

/** Explains why a module could not be imported. */
function explain(error: unknown, name: string, graph: ModuleGraph): string {
  if (!(error instanceof Error)) return `it throws ${String(error)}`;
  const external = graph.externals.find((specifier) => error.message.includes(nameOf(specifier)));
  if (external !== undefined) {
    const reason = Deno.build.standalone
      ? "an executable has no modules but its own"
      : graph.clarify(error.message).split("\n", 1)[0]?.replace(/\.+$/, "");
    return `Cannot import "${external}": ${reason}. Bundle the controller (deno bundle -o bundled.js ` +
      `"--external=@villas/client*" ${name}), or run it with Deno: deno run -A --unstable-net jsr:@villas/client/cli run ${name}`;
  }
  const text = graph.clarify(error.message);
  const [, reason = text.split("\n", 1)[0] ?? "", place] = /^(.*?)(?:\n.*)?\s+at (\S+:\d+:\d+)$/s.exec(text) ?? [];
  const short = reason.split("\n", 1)[0]?.replace(/^SyntaxError: /, "") ?? "";
  const hint = hints.find(([pattern]) => pattern.test(short))?.[1] ?? "";
  if (place !== undefined) return `${place}: ${short}${hint}`;
  const at = graph.locate(error.stack ?? "");
  return `${at === undefined ? "" : `${at}: `}${error.name}: ${short}${hint}`;
}

/** Returns the part of a specifier that the runtime's messages have in any case: without `npm:`, version and path. */
function nameOf(specifier: string): string {
  return /^(?:npm|jsr):\/?(@?[^@]+)/.exec(specifier)?.[1] ?? specifier;
}

/** Finds the line of the default export. */
async function findStep(path: string, name: string): Promise<string> {
  const lines = (await Deno.readTextFile(path)).split("\n");
  const line = lines.findIndex((line) => /^\s*export\s+default\b|\bas\s+default\b/.test(line));
  return line < 0 ? name : `${name}:${line + 1}`;
}
