import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "@villas/client";
import { openUdp } from "@villas/client/transports";
import { run, start, startPipeline } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

Deno.test("demo prints samples, what came back and the round-trip times, and ends with status 0", async () => {
  const { code, stdout, stderr } = await run("demo", "--rate", "100", "--values", "2", "--duration", "300ms");
  assertEquals(code, 0);
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ sequence }) => sequence), [0, 10, 20]);
  assertEquals(lines[0].data.length, 2);
  assertMatch(stderr, /The peer sent 30 samples; 30 came back, 0 were lost, 0 altered\n/);
  assertMatch(stderr, /Round trip in µs: min \d+, p50 \d+, mean \d+, p99 \d+, max \d+\n/);
});

Deno.test("demo ends at once with status 0 when it is interrupted", async () => {
  await using demo = start("demo", "--duration", "1h");
  await demo.expectOutput(/"sequence": 1/);
  demo.kill("SIGINT");
  const { code, stderr } = await demo.finish();
  assertEquals(code, 0);
  assertMatch(stderr, /0 altered/);
});

Deno.test("demo prints in every text format", async () => {
  const { code, stdout } = await run("demo", "--duration", "0.1", "--print", "tsv");
  assertEquals(code, 0);
  assertMatch(stdout, /^# secs\tnsecs\toffset\tsequence\tsignal0\tsignal1\tsignal2\n\d+\t\d{9}\tnan\t0\t/);
});

/** Starts the plant for a client, both on free ports. */
async function startPlant(...args: string[]) {
  const client = await openUdp({ local: "udp://127.0.0.1:0" });
  const plant = start("demo", "plant", "--local", client.local, "--remote", "udp://127.0.0.1:0", ...args);
  const [, address = ""] = await plant.expectError(/A plant on (\S+) sends/);
  return { client, plant, address };
}

Deno.test("demo plant is controlled by a client, prints how, and says how well", async () => {
  const { client, plant, address } = await startPlant("--duration", "4.5");
  await using _ = plant;
  await client.setRemote(address);
  await using controller = await connect({ transport: client });
  const controlling = (async () => {
    for await (const { values: [setpoint], ...sample } of controller) {
      await controller.send({ ...sample, values: [Number(setpoint) / 0.8] });
    }
  })();
  const { code, stdout, stderr } = await plant.finish();
  controller.close();
  await controlling;
  assertEquals(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ sequence }) => sequence), Array.from({ length: 45 }, (_, index) => 10 * index));
  assertEquals(lines.at(-1).data[0], 210);
  assertEquals(lines[0].data.length, 3);
  const [, error = NaN] = /the measured value was off the setpoint by ([\d.]+) /.exec(stderr) ?? [];
  assert(Number(error) < 1, stderr);
});

Deno.test("demo plant says that no controller answered, with status 1", async () => {
  const { client, plant } = await startPlant("--duration", "50ms", "--print", "villas.human");
  await using _ = plant;
  client.close();
  const { code, stdout, stderr } = await plant.finish();
  assertEquals(code, 1);
  assertMatch(stdout, /^# seconds\.nanoseconds\+offset\(sequence\)\tsetpoint\tmeasured\tactuation\n/);
  assertMatch(stderr, /The plant sent 5 samples and received 0\nvillas-client: No controller answered/);
});

Deno.test("demo plant survives what a VILLASnode would not, and an interrupt ends it with its summary", async () => {
  const { client, plant, address } = await startPlant();
  await using _ = plant;
  await client.setRemote(address);
  await using controller = await connect({ transport: client, signals: "any" });
  await controller.receive();
  await controller.send({ sequence: 0n, values: [1n, 2] });
  await plant.expectError(/A VILLASnode|a VILLASnode/);
  plant.kill("SIGINT");
  const { code, stderr } = await plant.finish();
  assertEquals(code, 0);
  assertMatch(stderr, /received 0, refused 1\n/);
});

Deno.test("demo plant ends with status 0 when nobody reads any more what it prints", async () => {
  await using plant = startPipeline(
    "| head -n 1",
    "demo",
    "plant",
    "--local",
    "udp://127.0.0.1:9",
    "--remote",
    "udp://127.0.0.1:0",
  );
  const { code, stdout } = await plant.finish();
  assertEquals(code, 0);
  assertMatch(stdout, /^\{.*"sequence": 0.*\}\n$/);
});

testWrongUsages([
  [["demo", "motor"], 'Unknown peer "motor": expected plant'],
  [["demo", "plant", "--values", "3"], "Cannot use --values with plant: it always sends 2 values"],
  [["demo", "plant", "--local", "nowhere"], 'Cannot set --local to "nowhere": ...'],
]);
