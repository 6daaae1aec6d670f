/**
 * Makes the `jsr:` packages of this project available on a machine that reaches an npm mirror but not JSR.
 *
 * Deno looks for a JSR module in `vendor/jsr.io/` before it asks JSR (`"vendor": true` in deno.json). Where a package is
 * missing there and JSR does not answer, this script fills the folder from `npm:deno-std`, the code of Deno's standard
 * library as plain JavaScript, and adds the type declarations of `.ci/std/`. Where JSR answers it does nothing: Deno
 * then downloads the packages itself. The tasks of deno.json run it first.
 *
 * @module
 */

const source = "npm:deno-std@1.4.0";

interface Package {
  /** A version that the ranges in deno.json and in the sources accept. */
  version: string;
  /** Entry point of JSR to the file of `npm:deno-std`. */
  exports: Record<string, string>;
  /** Folders of `npm:deno-std` that the entry points live in or import from. */
  folders: string[];
}

const packages: Record<string, Package> = {
  assert: { version: "1.0.16", exports: { ".": "assert/mod.js" }, folders: ["assert", "internal"] },
  cli: { version: "1.0.24", exports: { "./parse-args": "cli/parse_args.js" }, folders: ["cli", "internal"] },
  fmt: { version: "1.0.8", exports: { "./colors": "fmt/colors.js" }, folders: ["fmt"] },
  text: {
    version: "1.0.16",
    exports: {
      "./closest-string": "text/closest_string.js",
      "./levenshtein-distance": "text/levenshtein_distance.js",
    },
    folders: ["text"],
  },
};

const root = new URL("../", import.meta.url);
const vendor = new URL("vendor/jsr.io/@std/", root);

/** Whether a file or folder is there. */
async function exists(path: URL | string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function jsrAnswers(): Promise<boolean> {
  try {
    const response = await fetch("https://jsr.io/@std/assert/meta.json", { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Runs this Deno; its standard output as text. */
async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`deno ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** The folder that Deno keeps `npm:deno-std` in, downloaded if it has to be. */
async function locateSource(): Promise<string> {
  const entries = Object.values(packages).flatMap((p) => Object.values(p.exports)).map((file) => `${source}/${file}`);
  await deno("cache", "--no-config", ...entries);
  const { npmCache } = JSON.parse(await deno("info", "--no-config", "--json")) as { npmCache: string };
  const [name, version] = source.slice("npm:".length).split("@");
  for await (const registry of Deno.readDir(npmCache)) {
    const folder = `${npmCache}/${registry.name}/${name}/${version}`;
    if (await exists(folder)) return folder;
  }
  throw new Error(`Cannot find ${source} below ${npmCache}`);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Writes one package below `vendor/jsr.io/@std/` in the layout that JSR serves. */
async function provide(name: string, { version, exports, folders }: Package, from: string): Promise<void> {
  const manifest: Record<string, { size: number; checksum: string }> = {};
  const target = new URL(`${name}/`, vendor);
  const put = async (file: string, text: string) => {
    const bytes = new TextEncoder().encode(text);
    const path = new URL(`${version}/${file}`, target);
    await Deno.mkdir(new URL("./", path), { recursive: true });
    await Deno.writeFile(path, bytes);
    manifest[`/${file}`] = { size: bytes.length, checksum: `sha256-${await sha256(bytes)}` };
  };
  const typed = new Set(Object.values(exports));
  for (const folder of folders) {
    for await (const entry of Deno.readDir(`${from}/${folder}`)) {
      if (!entry.isFile || !entry.name.endsWith(".js")) continue;
      const file = `${folder}/${entry.name}`;
      const code = await Deno.readTextFile(`${from}/${file}`);
      const types = entry.name.replace(/\.js$/, ".d.ts");
      await put(file, typed.has(file) ? `/* @ts-self-types="./${types}" */\n${code}` : code);
    }
  }
  for (const file of typed) {
    const types = file.replace(/\.js$/, ".d.ts");
    await put(types, await Deno.readTextFile(new URL(`std/${types.replace("/", "_")}`, import.meta.url)));
  }
  const entryPoints = Object.fromEntries(Object.entries(exports).map(([entry, file]) => [entry, `./${file}`]));
  await Deno.writeTextFile(new URL(`${version}_meta.json`, target), JSON.stringify({ manifest, exports: entryPoints }));
  // Last, because its presence says that the package is complete.
  const meta = { scope: "std", name, latest: version, versions: { [version]: {} } };
  await Deno.writeTextFile(new URL("meta.json", target), JSON.stringify(meta));
}

const missing: string[] = [];
for (const name of Object.keys(packages)) {
  if (!await exists(new URL(`${name}/meta.json`, vendor))) missing.push(name);
}
if (missing.length > 0 && !await jsrAnswers()) {
  console.error(`JSR does not answer: taking ${missing.map((name) => `@std/${name}`).join(", ")} from ${source}`);
  const from = await locateSource();
  for (const [name, definition] of Object.entries(packages)) {
    if (missing.includes(name)) await provide(name, definition, from);
  }
}
