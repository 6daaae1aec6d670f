/**
 * `deno compile` as a user types it, without the project's own script: its executables must have every command.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { longTimeLimit } from "../_time_limits.ts";
import { hasTerminal } from "../commands/_terminal.ts";
import { assertEveryCommandWorks } from "./_every_command.ts";
import { checkout, executableName, findCompiler, makeExecutable, type Making, nameTest } from "./_executable.ts";
import { startRegistry } from "./_registry.ts";

const { path: compiler, flags } = await findCompiler() ?? {};
const ignore = compiler === undefined;
const onTerminal = await hasTerminal();
const installing = "install --global --compile --no-check --unstable-net -A --name villas-client".split(" ");

/** Makes an executable with the Deno whose executables run here. */
async function make(command: (folder: string) => Omit<Making, "deno">) {
  const executable = await makeExecutable((folder) => ({ deno: compiler ?? "", ...command(folder) }));
  assert(executable !== undefined, "the runtime was there before");
  return executable;
}

/** `deno compile` in the checkout, as it is typed. */
function compileCheckout(folder: string) {
  const output = `${folder}/${executableName}`;
  const args = ["compile", "--unstable-net", "-A", "--output", output];
  return { args, cwd: checkout.pathname, output };
}

Deno.test({
  name: nameTest("deno compile cli.ts in a checkout makes an executable that has every command", !ignore),
  ignore,
  timeout: longTimeLimit,
  async fn() {
    await using executable = await make((folder) => {
      const { args, ...others } = compileCheckout(folder);
      return { args: [...args, ...flags ?? [], "cli.ts"], ...others };
    });
    await assertEveryCommandWorks(executable.path);
    if (!onTerminal) return;
    const { stdout } = await new Deno.Command("script", {
      args: ["-qec", `${executable.path} --help`, "/dev/null"],
      stdin: "null",
      clearEnv: true,
    }).output();
    assertStringIncludes(new TextDecoder().decode(stdout), "\x1b[1mCommands:\x1b[22m");
  },
});

Deno.test({
  name: nameTest(
    "deno install --global --compile cli.ts in a checkout makes an executable that has every command",
    !ignore,
  ),
  // It has no --include for a Deno that does not read deno.json's.
  ignore: ignore || flags?.length !== 0,
  timeout: longTimeLimit,
  async fn() {
    await using executable = await make((folder) => ({
      args: [...installing, "--root", folder, "cli.ts"],
      cwd: checkout.pathname,
      output: `${folder}/bin/${executableName}`,
    }));
    await assertEveryCommandWorks(executable.path);
  },
});

Deno.test({
  name: nameTest(
    "deno compile jsr:@villas/client/cli in an empty folder makes an executable that has every command",
    !ignore,
  ),
  ignore,
  timeout: longTimeLimit,
  async fn() {
    await using registry = await startRegistry();
    await using cache = await makeCache();
    await using executable = await make((folder) => ({
      args: ["compile", "--unstable-net", "-A", "--output", executableName, "jsr:@villas/client/cli"],
      cwd: folder,
      output: `${folder}/${executableName}`,
      env: { JSR_URL: registry.url, DENO_DIR: cache.path },
    }));
    await assertEveryCommandWorks(executable.path);
  },
});

Deno.test({
  name: nameTest("deno compile of this Deno embeds all modules of lib/ and the packages behind them", !ignore),
  // Where executables of this Deno run here, the tests above have tried it.
  ignore: ignore || compiler === Deno.execPath(),
  timeout: longTimeLimit,
  async fn() {
    await using executable = await makeExecutable((folder) => {
      const { args, ...others } = compileCheckout(folder);
      return { deno: Deno.execPath(), args: [...args, "--no-check", "cli.ts"], ...others };
    });
    assert(executable !== undefined);
    // What is embedded stands behind the runtime.
    const embedded = new TextDecoder("latin1").decode((await Deno.readFile(executable.path)).subarray(-24_000_000));
    const expected = [
      // The page of the scope ships as one module that is made of these.
      ...await listNames(new URL("lib/", checkout), new URL("lib/scope/page/", checkout)),
      ...["JsHistogram.js", "closest_string.", "levenshtein_distance.", "colors."],
    ];
    assertEquals(expected.filter((name) => !embedded.includes(name)), []);
  },
});

/** The names of all files below a folder, but for one of the folders in it. */
async function listNames(folder: URL, except: URL): Promise<string[]> {
  if (folder.href === except.href) return [];
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const names = entries.map(({ name, isDirectory }) =>
    isDirectory ? listNames(new URL(`${name}/`, folder), except) : [name]
  );
  return (await Promise.all(names)).flat();
}

/** A cache of Deno's for what comes from this machine, to be forgotten with; packages of npm are those that are there. */
async function makeCache(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "villas-cache-" });
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  await Deno.symlink(JSON.parse(new TextDecoder().decode(stdout)).npmCache, `${path}/npm`, { type: "dir" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
