/**
 * Modules that commands load before they are of use: each costs about 0.2 ms of every start, so that none comes back
 * unnoticed.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

const lib = new URL("../../lib/", import.meta.url);

/** Longest time to wait for the program, in milliseconds. */
const limitMs = 30_000;

/** Lists the modules that a command line has loaded when it writes its first line. */
async function listLoaded(...args: string[]): Promise<string[]> {
  const script = new URL("./_loaded_modules.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--no-check", script, ...args],
    signal: AbortSignal.timeout(limitMs),
  });
  const { success, stdout, stderr } = await command.output();
  assert(success, new TextDecoder().decode(stderr) || `it did not end within ${limitMs / 1000} s`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Checks that modules are no more than a command may load, in number and in bytes of source. */
async function assertFew(modules: readonly string[], most: { number: number; bytes: number }): Promise<void> {
  const sizes = await Promise.all(modules.map(async (path) => (await Deno.stat(new URL(path, lib))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert(
    modules.length <= most.number && bytes <= most.bytes,
    `${modules.length} modules of ${bytes} bytes, but expected at most ${most.number} of ${most.bytes}:\n` +
      modules.join("\n"),
  );
}

Deno.test("recv loads few modules before it listens, and what takes datagrams apart only behind that", async () => {
  const modules = await listLoaded("recv", "--local", "udp://127.0.0.1:0");
  await assertFew(modules, { number: 56, bytes: 262_000 });
  assert(modules.includes("transports/udp/transport.ts"), "it listens");
  const rooms = ["client", "timing", "roundtrips", "villasnode"];
  assertEquals(modules.filter((path) => rooms.includes(path.split("/")[0] ?? "")), []);
});

Deno.test("--version loads no command, and what reads the arguments of one no more", async () => {
  const modules = await listLoaded("--version");
  await assertFew(modules, { number: 11, bytes: 42_000 });
  assertEquals(modules.filter((path) => /^(commands\/_shared|formats|transports)\//.test(path)), []);
});
