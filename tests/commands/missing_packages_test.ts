/**
 * Commands on a machine that has neither the packages of npm nor a network.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startProgram } from "./_cli.ts";

const root = new URL("../../", import.meta.url).pathname;

const needs: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["hyparquet-writer", ["convert", "tests/data/formats/float.csv", "--output", "FOLDER/a.parquet"]],
  ["sucrase", ["run", "lib/controllers/templates/pi.ts", "--plant", "--duration", "1"]],
  ["mqtt", ["recv", "--local", "mqtt://127.0.0.1:1/a", "--count", "1", "--timeout", "500ms"]],
  ["amqplib", ["recv", "--local", "amqp://127.0.0.1:1/a/b", "--count", "1", "--timeout", "500ms"]],
  ["hdr-histogram-js", ["rtt", "--local", "127.0.0.1:0", "--remote", "127.0.0.1:41", "-l", "1"]],
];

Deno.test("commands name the npm package that is missing without a network, and how to have it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // Nothing listens at port 1, so that no package can be downloaded.
    const env = { DENO_DIR: `${folder}/deno`, NPM_CONFIG_REGISTRY: "http://127.0.0.1:1", NO_COLOR: "1" };
    const config = `--config=${root}deno.json`;
    for (const [name, words] of needs) {
      const args = words.map((word) => word.replace("FOLDER", folder));
      const all = ["run", "-q", "--no-check", "-A", config, "cli.ts", ...args];
      await using process = startProgram(Deno.execPath(), all, root, env);
      const { code, stderr } = await process.finish();
      assertStringIncludes(
        stderr,
        `Cannot load the npm package ${name}: it is not on this machine, and the registry does not answer; where it does, ` +
          '"deno cache cli.ts" downloads all packages',
      );
      assert(stderr.split("\n").every((line) => line === "" || line.startsWith("villas-client: ")), stderr);
      assertEquals(code, args[0] === "recv" ? 124 : 1, stderr);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
