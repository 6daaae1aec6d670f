/**
 * The executable of `deno task compile` on a machine that has nothing else: another folder, and an empty environment.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { protobuf } from "@villas/client/formats";
import { openUdp, openUnix } from "@villas/client/transports";
import { templates } from "../../lib/controllers/templates/table.ts";
import { longTimeLimit } from "../_time_limits.ts";
import { run as runCheckout, startProgram } from "../commands/_cli.ts";
import { assertStuckIsNoticed } from "../controllers/_stuck.ts";
import { templateTests } from "../controllers/_templates.ts";
import { tryImport, waysToImport } from "../controllers/_ways_to_import.ts";
import { assertEveryCommandWorks } from "./_every_command.ts";
import { byTask, makeExecutable, nameTest } from "./_executable.ts";

const executable = await makeExecutable(byTask);
const ignore = executable === undefined;

const samples = [{ sequence: 0n, tsOrigin: { sec: 1, nsec: 2 }, values: [1.5, -2.5] }];
const datagram = protobuf().encode(samples);

/** A folder to be in. */
const folder = await Deno.makeTempDir({ prefix: "villas-elsewhere-" });

Deno.test.afterAll(async () => {
  await executable?.[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});

function start(...args: string[]) {
  return startProgram(executable?.path ?? "", args, folder);
}

async function run(...args: string[]) {
  await using process = start(...args);
  return await process.finish();
}

Deno.test({
  name: nameTest("the executable has every command, and prints what the checkout prints", executable !== undefined),
  ignore,
  timeout: longTimeLimit,
  async fn() {
    await assertEveryCommandWorks(executable?.path ?? "");
    // These two load all commands.
    assertEquals((await run("man")).stdout, (await runCheckout("man")).stdout);
    assertEquals((await run("completions", "bash")).stdout, (await runCheckout("completions", "bash")).stdout);
  },
});

Deno.test({
  name: nameTest("the executable answers over UDP, and can ask the kernel what it dropped", executable !== undefined),
  ignore,
  timeout: longTimeLimit,
  async fn() {
    using node = await openUdp({ local: "udp://127.0.0.1:0" });
    await using echo = start("echo", "--local", "udp://127.0.0.1:0", "--remote", node.local, "--count", "1");
    const [, local = ""] = await echo.expectError(/Receiving on (udp:\S+),/);
    await node.setRemote(local);
    await node.send([datagram]);
    const [answer = new Uint8Array()] = await node.receive();
    assertEquals(protobuf().decode(answer).map(({ values }) => values), [[1.5, -2.5]]);
    const { code, stdout, stderr } = await echo.finish();
    assertEquals([code, stdout], [0, '{"ts": {"origin": [1, 2]}, "sequence": 0, "data": [1.5, -2.5]}\n']);
    if (Deno.build.os === "linux") assertEquals(stderr.includes("dropped is not known"), false, stderr);
  },
});

Deno.test({
  name: nameTest("the executable answers over unix datagrams", executable !== undefined),
  ignore: ignore || Deno.build.os === "windows",
  timeout: longTimeLimit,
  async fn() {
    const [client, server] = [`unix:${folder}/client.sock`, `unix:${folder}/server.sock`];
    using node = await openUnix({ local: server, remote: client });
    await using echo = start("echo", "unix", "--local", client, "--remote", server, "--count", "1");
    await echo.expectError(/Receiving on unix:/);
    await node.send([datagram]);
    const [answer = new Uint8Array()] = await node.receive();
    assertEquals(protobuf().decode(answer).map(({ values }) => values), [[1.5, -2.5]]);
    assertEquals((await echo.finish()).code, 0);
  },
});

for (const way of waysToImport) {
  const outcome = way.error === undefined ? "runs" : "says what is wrong with";
  Deno.test({
    name: nameTest(`the executable ${outcome} a controller with ${way.name}`, executable !== undefined),
    ignore,
    timeout: longTimeLimit,
    fn: () => tryImport((folder, ...args) => startProgram(executable?.path ?? "", args, folder), way),
  });
}

Deno.test({
  name: nameTest("the executable runs each template of run --new, facing a peer over UDP", executable !== undefined),
  ignore,
  timeout: longTimeLimit,
  async fn() {
    for (const [name, { text }] of Object.entries(templates)) {
      await run("run", "--new", name);
      assertEquals(await Deno.readTextFile(`${folder}/${name}.ts`), text);
    }
    await Promise.all(Object.values(templateTests).map((test) => test(start, folder)));
  },
});

Deno.test({
  name: nameTest(
    "the executable takes over each saved version of a controller with run --watch",
    executable !== undefined,
  ),
  ignore,
  timeout: longTimeLimit,
  async fn() {
    const path = `${folder}/watched.ts`;
    await Deno.writeTextFile(path, "export default (): number[] => [1];\n");
    await using watched = start("run", "--plant", "--watch", "--print", "none", path);
    await watched.expectError(/Running /);
    // The older runtime of some executables refuses to close twice the watcher that the first version has left.
    for (const times of [1, 2]) {
      const save = (value: string) =>
        Deno.writeTextFile(path, `${"\n".repeat(times)}export default (): number[] => [${value}];\n`);
      await save("2 3");
      await watched.expectError(new RegExp(`Keeping the controller that runs: watched\\.ts:${times + 1}:35: `));
      await save("2");
      await watched.expectError(new RegExp(`(?:Replaced the controller by [^]*){${times}}`));
    }
    watched.kill("SIGINT");
    const { code, stderr } = await watched.finish();
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "Replaced the controller twice\n");
  },
});

Deno.test({
  name: nameTest(
    "the executable notices a step that never returns, and sends the safe values",
    executable !== undefined,
  ),
  ignore,
  timeout: longTimeLimit,
  fn: () => assertStuckIsNoticed(start, folder),
});

Deno.test({
  name: nameTest("the executable carries no package that only tests need", executable !== undefined),
  ignore,
  timeout: longTimeLimit,
  async fn() {
    const bytes = await Deno.readFile(executable?.path ?? "");
    // What is embedded stands behind the runtime.
    const names = new TextDecoder("latin1").decode(bytes.subarray(-16_000_000));
    assertStringIncludes(names, "JsHistogram.js");
    for (const file of ["fast-check.js", "protobuf.min.js", "pako.min.js"]) {
      assertEquals(names.includes(file), false, file);
    }
  },
});
