/**
 * Makes the executable: `deno task compile` for this machine, `deno task compile:all` for every machine that Deno knows,
 * with their sha256 sums.
 *
 * `deno compile` downloads a runtime for each machine. Where it cannot, that executable is left out with a word about
 * it, and the exit status is 1. `DENORT_BIN` names a runtime for this machine that is there already, `DENO_COMPILE` a
 * Deno that fits it.
 *
 * @module
 */

const root = new URL("../", import.meta.url);
const compiler = Deno.env.get("DENO_COMPILE") ?? Deno.execPath();

const targets = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
  "aarch64-pc-windows-msvc",
] as const;

/** Packages of which nothing is loaded: sucrase needs these for its command line only. */
function packagesOf(...names: string[]): Record<string, string[]> {
  return Object.fromEntries(names.map((name) => [name, ["."]]));
}

/** What packages carry for browsers, compilers and their own tests; the executable never loads it. */
const unused: Readonly<Record<string, readonly string[]>> = {
  "hdr-histogram-js": ["dist/bench", "dist/hdrhistogram.umd.js"],
  pako: ["dist"],
  sucrase: ["dist/esm", "dist/types", "bin"],
  ...packagesOf("commander", "foreground-child", "glob", "jackspeak", "minipass", "mz", "path-scurry", "pirates"),
};

/**
 * The permissions of the executable. It needs the network, files and environment variables by themselves. Linux's count
 * of dropped datagrams (`/proc/net/udp`), `/dev/stderr` as a file and what a shell makes of `<(...)` (`/dev/fd/63`) Deno
 * gives only to who has all of them.
 */
const permissions = ["--allow-all", "--no-prompt"];

/**
 * Flags that stand for deno.json. Its `lazy-dynamic-imports`, for a quick start, would leave out all modules that are
 * imported dynamically; its `compile.include` embeds them, but `DENO_COMPILE` may be a Deno before 2.7.10, which does not
 * read that.
 */
const resolution = ["--no-config", "--vendor", "--node-modules-dir=none", "--no-lock"];

/** Runs the compiler in the checkout; whether it ended well, and its output. */
async function deno(args: readonly string[], env: Record<string, string> = Deno.env.toObject()) {
  const { success, stdout, stderr } = await new Deno.Command(compiler, {
    args: [...args],
    cwd: root,
    clearEnv: true,
    env: { ...env, NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Paths of what need not be embedded, as they are on this machine. */
async function findUnused(): Promise<string[]> {
  await deno(["cache", ...resolution, "cli.ts"]);
  const { npmCache } = JSON.parse((await deno(["info", "--json"])).stdout) as { npmCache: string };
  const paths: string[] = [];
  for await (const registry of Deno.readDir(npmCache)) {
    for (const [name, parts] of Object.entries(unused)) {
      for (const version of await list(`${npmCache}/${registry.name}/${name}`)) {
        paths.push(...parts.map((part) => `${npmCache}/${registry.name}/${name}/${version}/${part}`));
      }
    }
  }
  return paths;
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).filter(({ isDirectory }) => isDirectory).map(({ name }) =>
      name
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Makes one executable; whether it could be made. */
async function compile(file: string, target: string | undefined, exclude: readonly string[]): Promise<boolean> {
  const args = ["compile", "--no-check", "--unstable-net", ...resolution, ...permissions];
  args.push(...exclude.flatMap((path) => ["--exclude", path]));
  if (target !== undefined) args.push("--target", target);
  const env = Deno.env.toObject();
  // The runtime that is there already is one for this machine.
  if (target !== undefined && target !== Deno.build.target) delete env.DENORT_BIN;
  const { success, stderr } = await deno([...args, "--output", file, "cli.ts"], env);
  if (success) {
    const { size } = await Deno.stat(new URL(file, root));
    console.log(`${file}: ${(size / 1e6).toFixed(1)} MB`);
  } else {
    // The error and what caused it, without the stack behind it.
    const [reason = ""] = stderr.slice(Math.max(0, stderr.indexOf("error:"))).split(/\n\n *(?:Stack|tip|Usage|\[)/);
    console.error(`${file}: could not be made: ${reason.replace(/\s+/g, " ").trim()}`);
  }
  return success;
}

async function sha256(file: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(new URL(file, root)));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Makes the executables; whether all could be made. */
async function main(what: string | undefined): Promise<boolean> {
  const exclude = await findUnused();
  if (what !== "all") {
    const file = what ?? `dist/villas-client${Deno.build.os === "windows" ? ".exe" : ""}`;
    return await compile(file, undefined, exclude);
  }
  const { version } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root))) as { version: string };
  const made: string[] = [];
  for (const target of targets) {
    const file = `villas-client-${version}-${target}${target.includes("windows") ? ".exe" : ""}`;
    if (await compile(`dist/${file}`, target, exclude)) made.push(file);
  }
  const sums = await Promise.all(made.map(async (file) => `${await sha256(`dist/${file}`)}  ${file}\n`));
  if (made.length > 0) await Deno.writeTextFile(new URL("dist/SHA256SUMS", root), sums.join(""));
  return made.length === targets.length;
}

if (import.meta.main) Deno.exit(await main(Deno.args[0]) ? 0 : 1);
