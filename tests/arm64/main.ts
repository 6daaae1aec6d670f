/**
 * Runs the tests that depend on the processor on ARM64: `deno task test:arm64`, which is not part of `deno task test`.
 *
 * On another Linux machine Debian's `qemu-user` emulates the processor, many times slower than a real one, and Deno comes
 * from its npm package for ARM64. `--quick` leaves out IPv6. On a machine without them nothing is tested, and a line says
 * so.
 *
 * qemu 7.2 lacks two options of sockets, so two features cannot be tested with it: batches of a multicast group
 * (`SO_COOKIE` tells the sockets of one address apart) and the count of datagrams that the kernel dropped
 * (`SO_MEMINFO`).
 *
 * @module
 */

const root = new URL("../../", import.meta.url);
const packages = "qemu-user libc6-arm64-cross libgcc-s1-arm64-cross";
const libraries = "/usr/aarch64-linux-gnu";

/** The reason that nothing can be tested on this machine. */
class Unavailable extends Error {}

/** Longest time that a program may take, in milliseconds: many times what it takes where nothing hangs. */
const timeLimit = 900_000;

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program; a program that is missing makes the tests unavailable. */
async function run(program: string, args: string[], options: Deno.CommandOptions = {}): Promise<Outcome> {
  try {
    const signal = AbortSignal.timeout(timeLimit);
    const command = new Deno.Command(program, { args, cwd: root, env: { NO_COLOR: "1" }, signal, ...options });
    const { code, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Unavailable(`there is no ${program}`);
    throw error;
  }
}

/** The command that runs Deno for ARM64. */
async function findDeno(): Promise<[string, ...string[]]> {
  if (Deno.build.target === "aarch64-unknown-linux-gnu") return [Deno.execPath()];
  if (Deno.build.os !== "linux") throw new Unavailable("qemu-user emulates Linux programs on Linux only");
  const emulator = "qemu-aarch64";
  await run(emulator, ["--version"]);
  const command: [string, ...string[]] = [emulator, "-L", libraries, await providePackage()];
  const { code, stderr } = await run(emulator, [...command.slice(1), "--version"]);
  if (code !== 0) throw new Unavailable(stderr.trim());
  return command;
}

/** The path of Deno for ARM64, downloaded from npm once. */
async function providePackage(): Promise<string> {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  const folder = `${cache}/villas-client/deno-${Deno.version.deno}-arm64`;
  try {
    await Deno.stat(folder);
  } catch {
    const name = `@deno/linux-arm64-glibc@${Deno.version.deno}`;
    await Deno.mkdir(`${cache}/villas-client`, { recursive: true });
    const download = await Deno.makeTempDir({ dir: `${cache}/villas-client` });
    try {
      const { code, stdout, stderr } = await run("npm", ["pack", "--silent", name], { cwd: download });
      if (code !== 0) throw new Unavailable(`npm cannot download ${name} ${stderr.trim()}`);
      await run("tar", ["xzf", stdout.trim()], { cwd: download });
      // Its presence says that it is complete.
      await Deno.rename(`${download}/package`, folder);
    } finally {
      await Deno.remove(download, { recursive: true });
    }
  }
  return `${folder}/deno`;
}

/** Runs the tests, and returns true if all of them passed. */
async function main(args: readonly string[]): Promise<boolean> {
  const [program, ...first] = await findDeno();
  const flags = ["-A", "--no-check"];
  const file = new URL("transports.ts", import.meta.url).pathname;
  const testing = new Deno.Command(program, {
    args: [...first, "test", ...flags, file, "--", ...args],
    cwd: root,
    stdin: "null",
    signal: AbortSignal.timeout(timeLimit),
  }).spawn();
  // Beside the tests, which leave a second processor idle.
  const showing = run(program, [...first, "run", ...flags, "cli.ts", "demo", "--duration", "3"]);
  const [tests, demo] = await Promise.all([testing.status, showing]);
  const [summary, back] = /The peer sent \d+ samples; (\d+) came back, \d+ were lost, 0 altered/.exec(demo.stderr) ??
    [];
  // Some are lost where the emulator takes longer than the demo waits.
  const demoPassed = Number(back) > 0;
  console.log(demoPassed ? `demo: ${summary}` : `demo FAILED with status ${demo.code}:\n${demo.stdout}${demo.stderr}`);
  return tests.code === 0 && demoPassed;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args) ? 0 : 1);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.warn(`SKIPPED: nothing was tested on ARM64: ${error.message} (Debian: apt-get install ${packages})`);
  }
}
