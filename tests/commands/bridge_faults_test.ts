/**
 * What does not fit, is not there or goes away while `villas-client bridge` runs: said, counted, and of no harm to the rest.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect } from "@villas/client";
import { openUdp, openUnix } from "@villas/client/transports";
import { anyAddress, listen, range, receivingAddress, take, writeRoutes } from "./_bridge.ts";
import { run, start, startFed } from "./_cli.ts";
import { withFolder } from "../_folders.ts";

Deno.test("bridge refuses what an output would not survive, and names the setting that lets it pass", async () => {
  await using far = await listen({ format: "json" });
  await using bridge = start("bridge", anyAddress, far.local, "--count", "1");
  await using near = await connect({ local: anyAddress, remote: await receivingAddress(bridge), signals: "any" });
  await near.send({ sequence: 0n, values: [1.5, 7n] });
  const { stderr } = await bridge.finish();
  assertStringIncludes(stderr, `Cannot send to ${far.local}: value 1 is of type integer`);
  assertStringIncludes(stderr, `give ${far.local},signals=fi if it does`);
  assertStringIncludes(stderr, `Sent 0 samples in 0 messages to ${far.local}, refused 1\n`);
});

Deno.test("bridge delivers to one output while another one is not there, and counts what that one missed", async () => {
  await withFolder(async (folder) => {
    await using far = await listen();
    await using bridge = start("bridge", anyAddress, `unix:${folder}/nobody.sock`, far.local, "--count", "3");
    await using near = await connect({ local: anyAddress, remote: await receivingAddress(bridge) });
    for (const sample of range(0, 3)) await near.send(sample);
    assertEquals((await take(far, 3)).length, 3);
    const { code, stderr } = await bridge.finish();
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, `Sent 0 samples in 0 messages to unix:${folder}/nobody.sock, undelivered 3\n`);
  });
});

Deno.test("bridge delivers again to an output that comes back, and counts what it missed meanwhile", async () => {
  await withFolder(async (folder) => {
    const place = `unix:${folder}/peer.sock`;
    await using bridge = start("bridge", anyAddress, place);
    await using near = await connect({ local: anyAddress, remote: await receivingAddress(bridge) });
    let sent = 0;
    let received = 0;
    for (let times = 0; times < 3; times++) {
      using peer = await openUnix({ local: place });
      const first = peer.receive();
      let hasCome = false;
      void first.then(() => hasCome = true);
      while (!hasCome) {
        await near.send(range(sent, ++sent));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      received++;
      peer.close();
      await near.send(range(sent, ++sent));
    }
    bridge.kill("SIGINT");
    const { code, stderr } = await bridge.finish();
    assertEquals(code, 0, stderr);
    const [, delivered, missed = "0"] = /Sent (\d+) samples? in .*?sock(?:, undelivered (\d+))?\n/.exec(stderr) ?? [];
    assert(Number(delivered) >= received, stderr);
    const [, arrived] = /Received (\d+) samples? from/.exec(stderr) ?? [];
    assertEquals(Number(delivered) + Number(missed), Number(arrived), stderr);
  });
});

Deno.test("bridge reports a route that ends by an error, goes on with the others, and fails in the end", async () => {
  await withFolder(async (folder) => {
    await using far = await listen();
    const file = `${folder}/routes.json`;
    const unknown = { name: "fails", in: `${anyAddress},format=auto`, out: far.local };
    await writeRoutes(file, { name: "lives", in: anyAddress, out: far.local }, unknown);
    await using bridge = start("bridge", file);
    const [, first = "", second = ""] = await bridge.expectError(/Receiving on (\S+),[^]*Receiving on (\S+),/);
    // Bare numbers may be anything.
    await using stranger = await connect({ local: anyAddress, remote: second, format: "raw" });
    for (let times = 0; times < 8; times++) await stranger.send({ values: [1.5, 2.5] });
    await bridge.expectError(/error: fails has ended: Cannot tell the format .*; give it as format=\n/);
    await using near = await connect({ local: anyAddress, remote: first });
    for (const sample of range(0, 2)) await near.send(sample);
    assertEquals(await take(far, 2), range(0, 2));
    bridge.kill("SIGINT");
    assertEquals((await bridge.finish()).code, 1);
  });
});

Deno.test("bridge skips what it cannot read of a file or a pipe, goes on, and fails in the end", async () => {
  await using bridge = startFed("bridge", "-,format=json", "-");
  await bridge.write('nothing\n{"sequence": 1, "data": [1.5]}\n');
  await bridge.expectOutput(/^\{"sequence": 1, "data": \[1\.5\]\}\n/);
  await bridge.endInput();
  const { code, stderr } = await bridge.finish();
  assertEquals(code, 1);
  assertMatch(stderr, /warning: -: Cannot decode text as json at line 1/);
  assertStringIncludes(stderr, "error: Skipped 1 record of - that could not be read\n");
});

Deno.test("bridge goes on where one file cannot be written, says so, and counts what is lost", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/in.json`, '{"sequence": 0, "data": [1.5]}\n{"sequence": 1, "data": [2.5]}\n');
    const { code, stderr } = await run("bridge", `${folder}/in.json`, "/dev/full,format=json", `${folder}/out.csv`);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "error: Cannot write /dev/full any more\n");
    assertStringIncludes(stderr, "Sent 0 samples in 2 messages to /dev/full, undelivered 2\n");
    assertStringIncludes(stderr, "error: Cannot write /dev/full: the disk is full; 0 samples are safe in it");
    assertEquals((await Deno.readTextFile(`${folder}/out.csv`)).trimEnd().split("\n").length, 3);
  });
});

Deno.test("bridge --timeout ends with status 124 where nothing comes", async () => {
  const { code, stderr } = await run("bridge", anyAddress, "udp://127.0.0.1:9", "--timeout", "0.1");
  assertEquals(code, 124);
  assertStringIncludes(stderr, "error: No sample arrived for 0.1 s\n");
});

Deno.test("bridge names who has an address that is in use", async () => {
  using taken = await openUdp({ local: anyAddress });
  const { code, stderr } = await run("bridge", taken.local, "udp://127.0.0.1:9");
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^villas-client: error: Cannot open udp:\/\/127\.0\.0\.1:\d+: the address is in use(, by .*)?\n$/,
  );
});
