/**
 * Lines of `--interval`, and constants of `send --values`.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { now } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { openUdp } from "@villas/client/transports";
import { run, start } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

const anywhere = ["--local", "udp://127.0.0.1:0"];

for (const command of ["recv", "echo"]) {
  Deno.test(`${command} --interval prints samples, losses, delays and jitter of each interval`, async () => {
    using peer = await openUdp({ local: "udp://127.0.0.1:0" });
    await using process = start(command, ...anywhere, "--remote", peer.local, "--interval", "100ms", "--count", "4");
    const [, address = ""] = await process.expectError(/Receiving on (udp:[^ ,]+)/);
    await peer.setRemote(address);
    const send = (sequence: bigint) => peer.send([protobuf().encode([{ sequence, tsOrigin: now(), values: [1] }])]);
    await send(0n);
    await send(3n);
    await process.expectError(/ 0 samples \(0\.0\/s\), missing 0, refused 0\n/);
    await send(4n);
    await peer.send([new Uint8Array([0x0a, 0x7f])]);
    await send(5n);
    const { code, stderr } = await process.finish();
    assertEquals(code, 0, stderr);
    const sums = { samples: 0, missing: 0, refused: 0 };
    const line = /: \d\.\d\d-\d\.\d\d s: (\d+) samples? \(\d+\.\d\/s\), missing (\d+), refused (\d+)(.*)\n/g;
    for (const [, samples, missing, refused, delays = ""] of stderr.matchAll(line)) {
      sums.samples += Number(samples);
      sums.missing += Number(missing);
      sums.refused += Number(refused);
      assertMatch(delays, samples === "0" ? /^$/ : /^, delay p50 \S+ [µm]?s, max \S+ [µm]?s(, jitter \S+ [µm]?s)?$/);
    }
    assertEquals(sums, { samples: 4, missing: 2, refused: 1 }, stderr);
  });
}

Deno.test("send and signal --interval print what they sent in each interval", async () => {
  using node = await openUdp({ local: "udp://127.0.0.1:0" });
  const link = [...anywhere, "--remote", node.local, "--rate", "50", "--count", "20", "--interval", "100ms"];
  for (const args of [["send", "--values", "1"], ["signal", "sine"]]) {
    const { code, stderr } = await run(...args, ...link);
    assertEquals(code, 0, stderr);
    const lines = [...stderr.matchAll(/ s: (\d+) samples? \(\d+\.\d\/s\), .*undelivered 0\n/g)];
    assert(lines.length >= 2, stderr);
    assertEquals(lines.reduce((sum, [, samples]) => sum + Number(samples), 0), 20, stderr);
  }
});

Deno.test("send --values sends one sample with these values and the time of now, or so many", async () => {
  using node = await openUdp({ local: "udp://127.0.0.1:0" });
  const link = [...anywhere, "--remote", node.local];
  const receive = async () => (await node.receive()).flatMap((datagram) => protobuf().decode(datagram));
  const { code, stderr } = await run("send", "--values", "230.1,7", "-t", "fi", ...link);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "Sent 1 datagram, 1 sample");
  const [sample] = await receive();
  assertEquals([sample?.sequence, sample?.values], [0n, [230.1, 7n]]);
  assert(Math.abs((sample?.tsOrigin?.sec ?? 0) - Date.now() / 1000) < 60);
  assertStringIncludes((await run("send", "--values", "1", "-l", "3", ...link)).stderr, "Sent 3 datagrams, 3 samples");
  const numbers = [];
  while (numbers.length < 3) numbers.push(...(await receive()).map(({ sequence }) => sequence));
  assertEquals(numbers, [0n, 1n, 2n]);
});

Deno.test("send --values sends nothing that the node would not survive", async () => {
  const { code, stderr } = await run("send", "--values", "230.1,7i", ...anywhere);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "give --signals fi if it does");
});

testWrongUsages([
  [["send", "--values", "1", "run1.csv"], "Cannot send run1.csv with --values, which replaces it"],
  [["send", "--values", "1", "--loop"], "Cannot use --loop with --values: it is about files"],
  [["send", "--values", "1,x"], 'Cannot take "x" as value 1: ...'],
  [["signal", "sine", "-q", "--interval", "1s"], "Cannot use --interval with --quiet: nothing would be seen"],
]);
