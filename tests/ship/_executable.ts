/**
 * Makes executables in the ways that users make them, if this machine can.
 *
 * @module
 */

/** The checkout. */
export const checkout = new URL("../../", import.meta.url);

/** Name of the executable. */
export const executableName = `villas-client${Deno.build.os === "windows" ? ".exe" : ""}`;

/** An executable in a folder of its own. */
export interface Executable extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
}

/** A command line of Deno that makes an executable. */
export interface Making {
  /** Which Deno. */
  readonly deno: string;
  readonly args: readonly string[];
  /** The folder that it is typed in. */
  readonly cwd: string;
  /** The executable that it makes. */
  readonly output: string;
  /** Variables besides those of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Makes an executable in a temporary folder.
 *
 * @param command Gives the command line for a folder
 * @returns The executable; undefined where the runtime for it can be neither downloaded nor found by `DENORT_BIN`
 */
export async function makeExecutable(command: (folder: string) => Making): Promise<Executable | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "villas-executable-" });
  const { deno, args, cwd, output, env } = command(folder);
  const { success, stderr } = await new Deno.Command(deno, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
  }).output();
  if (success) return { path: output, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  await Deno.remove(folder, { recursive: true });
  const reason = new TextDecoder().decode(stderr).trim();
  if (Deno.env.has("DENORT_BIN") || !/download|error sending request|dns error|base binary/i.test(reason)) {
    throw new Error(reason);
  }
  return undefined;
}

/**
 * Names a test that needs executables. Where they cannot be made the name says so: what a test file writes to the
 * console before its tests begin, `deno test --quiet` does not show.
 */
export function nameTest(words: string, isPossible: boolean): string {
  return isPossible
    ? words
    : `${words} (NOT TESTED: deno compile has no runtime; set DENORT_BIN and DENO_COMPILE where it cannot be downloaded)`;
}

/** The command line of `deno task compile`. */
export function byTask(folder: string): Making {
  const script = new URL(".ci/compile.ts", checkout).pathname;
  const config = `--config=${new URL("deno.json", checkout).pathname}`;
  const output = `${folder}/${executableName}`;
  const args = ["run", "-q", "-A", config, script, output];
  return { deno: Deno.execPath(), args, cwd: checkout.pathname, output };
}

/** A Deno whose executables run here. */
export interface Compiler {
  /** Its path. */
  readonly path: string;
  /**
   * Flags that it needs besides those that a user types. A Deno before 2.7.10 reads no `compile.include` of deno.json,
   * and does not know all types that the sources use.
   */
  readonly flags: readonly string[];
}

/**
 * Finds the Deno that `DENO_COMPILE` names, because it fits the runtime of `DENORT_BIN`; else this one.
 *
 * @returns The Deno; undefined where there is no runtime for its executables
 */
export async function findCompiler(): Promise<Compiler | undefined> {
  const path = Deno.env.get("DENO_COMPILE") ?? Deno.execPath();
  await using probe = await makeExecutable((folder) => {
    Deno.writeTextFileSync(`${folder}/probe.ts`, "");
    const args = ["compile", "--output", "probe", "probe.ts"];
    return { deno: path, args, cwd: folder, output: `${folder}/probe` };
  });
  if (probe === undefined) return undefined;
  const { stdout } = await new Deno.Command(path, { args: ["--version"], env: { NO_COLOR: "1" } }).output();
  const [, major, minor, patch] = /(\d+)\.(\d+)\.(\d+)/.exec(new TextDecoder().decode(stdout)) ?? [];
  if (Number(major) * 1e6 + Number(minor) * 1e3 + Number(patch) >= 2_007_010) return { path, flags: [] };
  const { compile } = JSON.parse(await Deno.readTextFile(new URL("deno.json", checkout)));
  const list = (flag: string, paths: readonly string[]) => paths.flatMap((path) => [flag, path]);
  const flags = ["--no-check", ...list("--include", compile.include), ...list("--exclude", compile.exclude)];
  return { path, flags };
}
