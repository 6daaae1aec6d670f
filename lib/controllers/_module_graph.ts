/**
 * The modules of a controller as `data:` URLs, which every runtime imports: types are removed, and imports rewritten.
 *
 * An executable imports JavaScript of the user's from disk, but neither TypeScript nor `blob:` URLs (findings). A temporary
 * file beside the controller would need a folder that can be written, and stay behind after a crash.
 *
 * @module
 */

import type { FoundImport } from "./_lexer_driver.ts";
import { fileURLToPath, pathToFileURL } from "node:url";
import { InputError } from "../system/input_error.ts";
import { describeSystemError } from "../system/errors.ts";
import { loadPackages } from "../system/packages.ts";

/** Endings of the files that are modules. */
const modulePattern = /\.[mc]?[jt]s$/;
const typesPattern = /\.[mc]?ts$/;

/** The end of each URL says which module it is, because stack traces show its beginning and its end only. */
const markPattern = /data:text\/javascript,[^\s)]*?\/\/villas-(\d+)(?![\d])/g;

/** The next number of a module: each version of a file has one of its own. */
let nextNumber = 1;

/** Modules of one version of a controller. */
export class ModuleGraph {
  /** Paths of all files. */
  readonly files: string[] = [];
  /** Specifiers of imports that are neither files nor modules of this package. */
  readonly externals: string[] = [];
  readonly #ownModules: Readonly<Record<string, string>>;
  readonly #urls = new Map<string, string>();
  readonly #names = new Map<string, string>();

  /**
   * Creates an empty graph.
   *
   * @param ownModules URLs of this package's modules by the part of their names behind `@villas/client`
   */
  constructor(ownModules: Readonly<Record<string, string>>) {
    this.#ownModules = ownModules;
  }

  /**
   * Adds a file and all that it imports.
   *
   * @param path Path of the file, absolute
   * @param importers The files that are being added, of which each imports the next
   * @returns The URL to import it by
   * @throws {InputError} If a file cannot be read or parsed, or imports itself
   */
  async add(path: string, importers: readonly string[] = []): Promise<string> {
    const known = this.#urls.get(path);
    if (known !== undefined) return known;
    const name = showPath(path);
    if (importers.includes(path)) {
      const circle = [...importers.slice(importers.indexOf(path)), path].map(showPath).join(" imports ");
      throw new InputError(`${circle}: move what both need into a file of its own`);
    }
    const code = await this.#readCode(path, name, importers.at(-1));
    const { findImports } = await loadPackages(() => import("./_lexer_driver.ts"));
    let rewritten = code;
    // From the end, so that the places before stay where they are.
    for (const found of (await findImports(code) ?? []).reverse()) {
      rewritten = await this.#rewrite(rewritten, found, path, [...importers, path]);
    }
    const number = String(nextNumber++);
    const result = `data:text/javascript,${encode(`${rewritten}\n`)}//villas-${number}`;
    this.#names.set(number, name);
    this.#urls.set(path, result);
    return result;
  }

  /** Rewrites one import of a module. */
  async #rewrite(code: string, found: FoundImport, path: string, importers: readonly string[]): Promise<string> {
    const { specifier, start, end, statementEnd, kind } = found;
    const url = pathToFileURL(path).href;
    const before = code.slice(0, start);
    if (kind === "meta") return before + describeModule(url, path) + code.slice(end);
    const target = specifier === undefined ? undefined : await this.#resolve(specifier, url, importers);
    if (target === undefined) return code;
    const isDynamic = kind === "dynamic";
    const text = isDynamic ? JSON.stringify(target) : target;
    if (specifier?.endsWith(".json") !== true) return before + text + code.slice(end);
    // What was JSON is a module now, without the attribute of its type.
    return before + text + (isDynamic ? ")" : code[end]) + code.slice(statementEnd);
  }

  /** Replaces the URLs in a text, such as a stack trace, by the names of the files. */
  clarify(text: string): string {
    return text.replace(markPattern, (url, number: string) => this.#names.get(number) ?? url);
  }

  /** Returns the first place of a stack trace that is in one of the files, as in `controller.ts:5:10`. */
  locate(stack: string): string | undefined {
    for (
      const [, number = "", line, column] of stack.matchAll(new RegExp(`${markPattern.source}:(\\d+):(\\d+)`, "g"))
    ) {
      const name = this.#names.get(number);
      if (name !== undefined) return `${name}:${line}:${column}`;
    }
    return undefined;
  }

  async #readText(path: string, importer: string | undefined): Promise<string> {
    try {
      const text = await Deno.readTextFile(path);
      this.files.push(path);
      // A text that some editors of Windows begin with is not part of JSON.
      return text.replace(/^\ufeff/, "");
    } catch (error) {
      throw await explainMissing(path, importer, error);
    }
  }

  /** Checks that there is a file which the runtime itself is to load: its own message has neither place nor way out. */
  async #checkExists(path: string, importer: string | undefined): Promise<void> {
    try {
      const { isFile } = await Deno.stat(path);
      if (!isFile) throw new Deno.errors.IsADirectory();
    } catch (error) {
      throw await explainMissing(path, importer, error);
    }
  }

  /** Reads a module as JavaScript. */
  async #readCode(path: string, name: string, importer: string | undefined): Promise<string> {
    const code = await this.#readText(path, importer);
    if (!typesPattern.test(path)) return code;
    const { removeTypes, TypesError } = await loadPackages(() => import("./_sucrase_driver.ts"));
    try {
      return removeTypes(code);
    } catch (error) {
      if (!(error instanceof TypesError)) throw error;
      throw new InputError(`${name}:${error.line}:${error.column}: ${error.message}`, { cause: error });
    }
  }

  /** Returns what to import instead of a specifier; undefined to leave it as it is. */
  async #resolve(specifier: string, base: string, importers: readonly string[]): Promise<string | undefined> {
    const own = /^(?:jsr:)?@villas\/client(?:@[^/]*)?(\/.*)?$/.exec(specifier);
    if (own !== null) return this.#resolveOwn(specifier, own[1] ?? "", importers);
    if (/^(?:node|data):/.test(specifier)) return undefined;
    if (!/^(?:\.{0,2}\/|file:)/.test(specifier)) {
      this.externals.push(specifier);
      return undefined;
    }
    const url = new URL(specifier, base);
    const path = fileURLToPath(url);
    if (modulePattern.test(path)) return await this.add(path, importers);
    if (!path.endsWith(".json")) {
      await this.#checkExists(path, importers.at(-1));
      return url.href;
    }
    return await this.#addJson(path, importers.at(-1));
  }

  /** Makes a module of a JSON file: by its path, it would stay what it was at the first import. */
  async #addJson(path: string, importer: string | undefined): Promise<string> {
    const text = await this.#readText(path, importer);
    try {
      JSON.parse(text);
    } catch (error) {
      throw new InputError(`Cannot read ${showPath(path)}: ${(error as Error).message}`, { cause: error });
    }
    return `data:text/javascript,${encode(`export default JSON.parse(${JSON.stringify(text)});\n`)}`;
  }

  #resolveOwn(specifier: string, name: string, importers: readonly string[]): string | undefined {
    const url = this.#ownModules[name];
    if (url !== undefined || Object.keys(this.#ownModules).length === 0) return url;
    const names = Object.keys(this.#ownModules).map((name) => `@villas/client${name}`).join(", ");
    const importer = importers.at(-1);
    throw new InputError(
      `${
        importer === undefined ? "" : `${showPath(importer)} imports `
      }"${specifier}", which is not a module of this ` +
        `package: expected ${names}`,
    );
  }
}

/** Explains why a file cannot be read, and finds the one that an import without its ending, or with that of its output, means. */
async function explainMissing(path: string, importer: string | undefined, error: unknown): Promise<InputError> {
  const by = importer === undefined ? "" : ` (imported by ${showPath(importer)})`;
  const stem = path.replace(/\.([mc]?)js$/, "");
  const candidates = [".ts", ".mts", ".js", ".mjs", "/index.ts", "/index.js"].map((ending) => `${stem}${ending}`);
  const isThere = await Promise.all(
    candidates.map((path) => Deno.stat(path).then(({ isFile }) => isFile, () => false)),
  );
  const found = importer === undefined ? undefined : candidates.find((_, index) => isThere[index]);
  const hint = found === undefined ? "" : `; write the whole name of ${showPath(found)}`;
  return new InputError(`Cannot read ${showPath(path)}${by}: ${describeSystemError(error)}${hint}`, { cause: error });
}

/** Encodes text for a URL: brackets, too, which end a URL in a stack trace. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[()]/g, (bracket) => bracket === "(" ? "%28" : "%29");
}

/** Writes an object in the place of `import.meta`, as the file itself has it. */
function describeModule(url: string, path: string): string {
  const [at, filename, dirname] = [url, path, fileURLToPath(new URL(".", url)).replace(/[\\/]$/, "")]
    .map((text) => JSON.stringify(text));
  return `({ url: ${at}, filename: ${filename}, dirname: ${dirname}, main: false, ` +
    `resolve: (name) => new URL(name, ${at}).href })`;
}

/** Writes a path as short as the folder of the process allows. */
export function showPath(path: string): string {
  const folder = `${Deno.cwd()}/`;
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}
