/**
 * The executable on a machine that has nothing else: another folder, and an empty environment.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { formatNames, version } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { openUdp, openUnix } from "@villas/client/transports";
import { run as runCheckout, startProgram } from "../commands/_cli.ts";
import { commands } from "../../lib/commands/table.ts";
import { makeExecutable } from "./_executable.ts";

const executable = await makeExecutable();
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
  name: "the executable says its version",
  ignore,
  async fn() {
    const { code, stdout, stderr } = await run("--version");
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, new RegExp(`^villas-client ${version} \\(Deno `));
  },
});

Deno.test({
  name: "the executable shows the demo",
  ignore,
  async fn() {
    const { code, stdout, stderr } = await run("demo", "--duration", "200ms");
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^\{"ts": \{"origin": \[\d+, \d+\]\}, "sequence": 0, "data": \[/);
    assertMatch(stderr, /The peer sent 2 samples; 2 came back, 0 were lost, 0 altered\n/);
  },
});

Deno.test({
  name: "the executable answers over UDP, and can ask the kernel what it dropped",
  ignore,
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
  name: "the executable answers over unix datagrams",
  ignore: ignore || Deno.build.os === "windows",
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

Deno.test({
  name: "the executable has every command",
  ignore,
  async fn() {
    for (const { name } of commands) {
      const { code, stdout, stderr } = await run(name, "--help");
      assertEquals([name, code, stderr], [name, 0, ""]);
      assertStringIncludes(stdout, `Usage: villas-client ${name}`);
    }
    // These two load all of them; what they print is what the checkout prints.
    assertEquals((await run("man")).stdout, (await runCheckout("man")).stdout);
    assertEquals((await run("completions", "bash")).stdout, (await runCheckout("completions", "bash")).stdout);
  },
});

Deno.test({
  name: "the executable names the nearest command",
  ignore,
  async fn() {
    const { code, stderr } = await run("ecko");
    assertEquals(code, 2);
    assertStringIncludes(stderr, "Unknown command ecko: did you mean echo?");
  },
});

/** Converts two values, or one for the format that has only one, and back; what has come back. */
async function convertAndBack(format: string): Promise<unknown> {
  const [first, second, third] = [`${folder}/${format}.in`, `${folder}/${format}.x`, `${folder}/${format}.out`];
  const data = format === "value" ? [1.5] : [1.5, -2.5];
  await Deno.writeTextFile(first, JSON.stringify({ ts: { origin: [1, 2] }, sequence: 0, data }));
  const signals = ["--signals", `${data.length}f`];
  const there = await run("convert", "-i", "json", "-o", format, ...signals, "--output", second, first);
  assertEquals([format, there.code], [format, 0], there.stderr);
  const back = await run("convert", "-i", format, "-o", "json", ...signals, "--output", third, second);
  assertEquals([format, back.code], [format, 0], back.stderr);
  return JSON.parse(await Deno.readTextFile(third)).data;
}

Deno.test({
  name: "the executable converts samples to every format and back",
  ignore,
  async fn() {
    const results = await Promise.all(formatNames.map(convertAndBack));
    assertEquals(results, formatNames.map((format) => format === "value" ? [1.5] : [1.5, -2.5]));
  },
});

Deno.test({
  name: "the executable carries no package that only tests need",
  ignore,
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
