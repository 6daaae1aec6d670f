/**
 * The end of a command: one request is one, however many signals it takes.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { spawn, start } from "./_cli.ts";

const quiet = ["--local", "udp://127.0.0.1:0"];

Deno.test("recv and rtt take signals that follow each other within half a second for one request, and sum up", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const commands = [
      ["recv", ...quiet, `--stats=${folder}/recv.json`, "-o", `${folder}/recv.csv`],
      ["rtt", ...quiet, "--remote", "udp://127.0.0.1:41", "--svg", `${folder}/rtt.svg`, "--calibration", "0", "--json"],
    ];
    for (const [index, args] of commands.entries()) {
      await using process = start(...args);
      await process.expectError(/eceiving on/);
      process.kill("SIGINT");
      process.kill("SIGTERM");
      process.kill("SIGINT");
      const { code, stdout, stderr } = await process.finish();
      assertEquals(code, 0, stderr);
      if (index === 0) {
        assertMatch(stderr, /Received 0 datagrams/);
        assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/recv.json`)).command, "recv");
      } else {
        assertEquals(JSON.parse(stdout).command, "rtt");
        assertMatch(await Deno.readTextFile(`${folder}/rtt.svg`), /<\/svg>\n$/);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a request that comes more than half a second after the first one ends a command at once", async () => {
  const program = `
    import { main } from "${new URL("../../lib/commands/main.ts", import.meta.url)}";
    const stuck = {
      name: "stuck", operands: "", maximumOperands: 0, description: [], examples: [], options: {},
      run: async (_values, _operands, { log, ended }) => {
        log.info("Ready");
        await new Promise((resolve) => ended.addEventListener("abort", resolve));
        log.info("Asked to end");
        await new Promise((resolve) => setTimeout(resolve, 600));
        log.info("Half a second later");
        await new Promise((resolve) => setTimeout(resolve, 1e9));
      },
    };
    await main(["stuck"], [{ name: "stuck", summary: "", load: () => Promise.resolve(stuck) }]);
  `;
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(path, program);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    await using process = spawn(Deno.execPath(), ["run", "-q", "--no-check", "-A", `--config=${config}`, path]);
    await process.expectError(/Ready/);
    process.kill("SIGINT");
    await process.expectError(/Asked to end/);
    process.kill("SIGINT");
    await process.expectError(/Half a second later/);
    process.kill("SIGINT");
    assertEquals((await process.finish()).code, 130);
  } finally {
    await Deno.remove(path);
  }
});
