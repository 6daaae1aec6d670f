/**
 * A client and a real VILLASnode, which meet at a broker with what `config` prints: samples both ways.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Client, connect, parseSignals } from "@villas/client";
import { clientSettingsForNode, createNodeConfig, type NodeConfigOptions } from "@villas/client/villasnode";
import { spawn } from "../commands/_cli.ts";
import { hasMosquitto, startMosquitto } from "./_mosquitto.ts";
import { hasRabbitMq, startRabbitMq } from "./_rabbitmq.ts";

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to test with");

/** How long VILLASnode may take for what is done in a moment, in milliseconds. */
const patience = 60_000;

/** Runs a VILLASnode that generates two signals for the client and prints what the client sends, and tries both. */
async function exchange(settings: NodeConfigOptions, check: (client: Client, printed: Printed) => Promise<void>) {
  const config = createNodeConfig(settings);
  // What a user adds: a source of samples, and a path from it to the client.
  const signals = [{ name: "va", signal: "sine" }, { name: "ramp", signal: "ramp" }];
  Object.assign(config.nodes as object, { gen: { type: "signal.v2", rate: 20, in: { signals } } });
  config.paths = [{ in: "gen", out: "client" }, ...config.paths as []];
  const { format, signals: directions, notes } = clientSettingsForNode(config, "client");
  assertEquals(notes, undefined);

  const file = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(file, JSON.stringify(config));
  await using running = spawn(node ?? "", ["-d", "debug", file]);
  const timer = setTimeout(() => running.kill("SIGKILL"), patience);
  try {
    await running.expectError(/Starting path client/);
    const { local = "", remote = "", amqp } = settings;
    await using client = await connect({ local, remote, format, signals: directions ?? "", ...amqp && { amqp } });
    await client.ready();
    await check(client, { expect: (pattern) => running.expectError(pattern) });
  } finally {
    clearTimeout(timer);
    await Deno.remove(file);
  }
}

/** Output of a VILLASnode. */
interface Printed {
  expect(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Receives generated samples, sends some, and receives again: the VILLASnode has survived them. */
async function tryBothWays(client: Client, printed: Printed): Promise<void> {
  const [first] = (await client.receive()).flat();
  assertEquals(first?.values.length, 2);
  assertEquals(first?.values.every((value) => typeof value === "number"), true);
  await client.send({ sequence: 0n, values: [0.5, 7n] });
  await client.send({ sequence: 1n, values: [-2.25, -42n] });
  await printed.expect(/\s0\.50000000000000000\s+7[^]*\s-2\.25000000000000000\s+-42/);
  assertEquals((await client.receive()).flat()[0]?.values.length, 2);
}

for (const format of ["json", "protobuf"]) {
  Deno.test(`VILLASnode exchanges samples with a client over mqtt in ${format}`, {
    ignore: node === undefined || !hasMosquitto,
  }, async () => {
    await using broker = await startMosquitto();
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const ends = { local: `${url}/from/node`, remote: `${url}/to/node` };
    await exchange({ ...ends, format, signals: { out: parseSignals("fi") } }, tryBothWays);
  });
}

Deno.test("VILLASnode takes exactly in.vectorize samples per message over mqtt", {
  ignore: node === undefined || !hasMosquitto,
}, async () => {
  await using broker = await startMosquitto();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const ends = { local: `${url}/from/node`, remote: `${url}/to/node` };
  const settings = { ...ends, format: "json", signals: { out: parseSignals("f") }, vectorize: 3 };
  await exchange(settings, async (client, printed) => {
    await client.send([0, 1, 2].map((number) => ({ sequence: BigInt(number), values: [number + 0.5] })));
    await printed.expect(/\s0\.50000000000000000[^]*\s1\.50000000000000000[^]*\s2\.50000000000000000/);
  });
});

Deno.test("VILLASnode exchanges samples with a client over amqp, whose names end in a zero byte", {
  ignore: node === undefined || !hasRabbitMq,
}, async () => {
  await using broker = await startRabbitMq();
  const address = `amqp://127.0.0.1:${broker.port}/lab/measured`;
  const ends = { local: address, remote: address };
  // Two floats both ways: the node hears what it sends itself, and would not survive other types than in.signals.
  await exchange({ ...ends, format: "json", signals: { out: parseSignals("2f") } }, async (client, printed) => {
    assertEquals((await client.receive()).flat()[0]?.values.length, 2);
    // Above the numbers that the node hears from itself, or its hook `drop` takes the sample for an old one.
    await client.send({ sequence: 1_000_000n, values: [1234.5, -5432.25] });
    await printed.expect(/\s1234\.50000000000000000\s+-5432\.25000000000000000/);
    const received = (await client.receive()).flat();
    assertEquals(received.length > 0 && received.every(({ values: [first] }) => first !== 1234.5), true);
  });
});
