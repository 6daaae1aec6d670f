import { assertEquals, assertStringIncludes } from "@std/assert";
import { protobuf } from "@villas/client/formats";
import { openUdp } from "@villas/client/transports";
import { countProcessors } from "../../lib/transports/udp/libc.ts";
import { run, start } from "./_cli.ts";

const ignore = Deno.build.os !== "linux" || countProcessors() < 2;
if (ignore) console.warn("SKIPPED: polling needs Linux and two processor cores");
const test = (words: string, fn: () => Promise<void>) => Deno.test({ name: words, ignore, fn });

for (const option of ["--busy-poll", "--busy-poll=1ms"]) {
  test(`echo ${option} returns what comes at once and what comes after a pause, and ends at an interrupt`, async () => {
    using peer = await openUdp({ local: "127.0.0.1:0" });
    await using echo = start("echo", option, "-p", "none", "--local", "127.0.0.1:0", "--remote", peer.local);
    const [, address = ""] = await echo.expectError(/Receiving on (\S+),/);
    await peer.setRemote(address);
    for (let round = 0; round < 3; round++) {
      const sent = Array.from(
        { length: 50 },
        (_, index) => protobuf().encode([{ sequence: BigInt(50 * round + index), values: [index / 8] }]),
      );
      assertEquals(await peer.send(sent), 50);
      const received: Uint8Array[] = [];
      while (received.length < 50) received.push(...(await peer.receive()).map((datagram) => datagram.slice()));
      assertEquals(received, sent);
      await new Promise((resolve) => setTimeout(resolve, 30)); // longer than one of the times, shorter than the other
    }
    echo.kill("SIGINT");
    const { code, stderr } = await echo.finish();
    assertEquals(code, 0);
    assertStringIncludes(stderr, "Sent 150 datagrams, 150 samples");
  });
}

test("echo --busy-poll ends after --duration without any datagram", async () => {
  const { code, stderr } = await run("echo", "--busy-poll=1h", "--local", "127.0.0.1:0", "--duration", "50ms");
  assertEquals(code, 0);
  assertStringIncludes(stderr, "Received 0 datagrams");
});

test("run --busy-poll answers each sample, and sends the safe values at the end", async () => {
  const path = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const lines = [
      'export const signals = "f";',
      "export const safe = [-1];",
      "export default ([value]) => [2 * value];",
    ];
    await Deno.writeTextFile(path, lines.join("\n"));
    using peer = await openUdp({ local: "127.0.0.1:0" });
    const link = ["--local", "127.0.0.1:0", "--remote", peer.local];
    await using control = start("run", path, "--busy-poll", "-p", "none", ...link, "--count", "2");
    const [, address = ""] = await control.expectError(/receiving on (\S+),/);
    await peer.setRemote(address);
    await peer.send([1, 2].map((value) => protobuf().encode([{ sequence: BigInt(value), values: [value] }])));
    const answers: unknown[] = [];
    while (answers.length < 3) {
      for (const datagram of await peer.receive()) answers.push(protobuf().decode(datagram)[0]?.values[0]);
    }
    assertEquals(answers, [2, 4, -1]);
    assertEquals((await control.finish()).code, 0);
  } finally {
    await Deno.remove(path);
  }
});

test("rtt --busy-poll measures an echo, and its own overhead in the same way", async () => {
  const free = await openUdp({ local: "127.0.0.1:0" });
  const { local } = free;
  free.close();
  await using echo = start("echo", "--busy-poll", "-p", "none", "--local", "127.0.0.1:0", "--remote", local);
  const [, remote = ""] = await echo.expectError(/Receiving on (\S+),/);
  // Two processes that poll have two cores to themselves at best: answers may be late.
  const times = ["--warmup", "0", "--cooldown", "2", "--calibration", "0.1"];
  const { code, stdout } = await run(
    "rtt",
    "--busy-poll",
    "--json",
    "--count",
    "50",
    "--rate",
    "500",
    "--local",
    local,
    "--remote",
    remote,
    ...times,
  );
  assertEquals(code, 0);
  const [{ sent, received, clientOverhead }] = JSON.parse(stdout).cases;
  assertEquals([sent, received], [50, 50]);
  assertEquals(clientOverhead.count > 0, true);
});

for (
  const [args, message] of [
    [["echo", "unix", "--busy-poll"], "Cannot poll for datagrams over unix instead of waiting: only udp can"],
    [["echo", "--busy-poll", "--no-batch"], "Cannot use --busy-poll with --no-batch"],
    [["echo", "--busy-poll=0"], 'Cannot set --busy-poll to "0": expected a time above 0 and below 24 days'],
    [["recv", "--busy-poll"], "Unknown option --busy-poll: it is an option of echo, run and rtt"],
  ] as const
) {
  Deno.test(`${args.join(" ")} is a wrong use`, async () => {
    const { code, stdout, stderr } = await run(...args);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, message);
  });
}
