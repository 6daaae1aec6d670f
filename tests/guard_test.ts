/**
 * What a client refuses to send, and what it lets pass.
 *
 * @module
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  connect,
  echo,
  EncodeError,
  protobuf,
  type Sample,
  type SignalDirections,
  UnfitSampleError,
  type Value,
} from "@villas/client";

let pairs = 0;

/** A client and a peer that sends and takes everything. */
async function withPair(
  format: string,
  signals: string | SignalDirections | undefined,
  run: (pair: { client: Awaited<ReturnType<typeof connect>>; peer: typeof pair.client }) => Promise<void>,
): Promise<void> {
  const name = `memory:guard-${pairs++}`;
  await using peer = await connect({ local: `${name}-peer`, remote: name, format, signals: "any" });
  await using client = await connect({
    local: name,
    remote: `${name}-peer`,
    format,
    ...signals === undefined ? {} : { signals },
  });
  const pair = { client, peer };
  await run(pair);
}

const floats = (count: number): Value[] => Array.from({ length: count }, () => 1.5);
const strict = ["protobuf", "json", "csv", "tsv", "villas.human", "raw", "gtnet", "opal.asyncip"];
const tolerant = ["villas.binary", "villas.web", "json.kafka", "json.edgeflex", "json.reserve"];
const otherTypes: [Value, string, string][] = [
  [7n, "integer", "fi"],
  [true, "boolean", "fb"],
  [{ real: 1, imag: 2 }, "complex", "fc"],
];

for (const format of strict) {
  Deno.test(`send() takes 64 floats and nothing else as ${format} where no signals are given`, () =>
    withPair(format, undefined, async ({ client }) => {
      await client.send({ values: floats(64) });
      const tooMany = await assertRejects(() => client.send({ values: floats(65) }), UnfitSampleError);
      assertEquals(
        tooMany.message,
        `Cannot encode sample 0 as ${format}: it has 65 values, and a VILLASnode takes up to 64 floats unless its ` +
          `in.signals says otherwise: give the signals that it has, or "any" to send whatever comes`,
      );
      assertEquals([tooMany.fittingSignals, tooMany.isDefault], ["65f", true]);
      for (const [value, type, fitting] of otherTypes) {
        const error = assertThrows(() => client.enqueue([{ values: [1, value] }]), UnfitSampleError);
        assertEquals([error.mismatch, error.fittingSignals], [`value 1 is of type ${type}`, fitting]);
      }
      assertEquals(client.counters.sent, {
        datagrams: 1,
        bytes: client.counters.sent.bytes,
        samples: 1,
        undelivered: 0,
        refused: 4,
      });
    }));
}

for (const format of tolerant) {
  Deno.test(`send() leaves the number of values to the receiver as ${format}, which is not strict`, () =>
    withPair(format, undefined, async ({ client }) => {
      await client.send({ tsOrigin: { sec: 1, nsec: 0 }, values: floats(65) });
      assertEquals(client.counters.sent.samples, 1);
    }));
}

Deno.test("send() takes what the signals of its direction say, whatever is received", () =>
  withPair("protobuf", { in: "2f", out: "ib" }, async ({ client }) => {
    await client.send({ values: [1n, true] });
    const error = await assertRejects(() => client.send({ values: [1.5, 2.5] }), UnfitSampleError);
    assertEquals(
      error.message,
      "Cannot encode sample 0 as protobuf: value 0 is of type float, signal0 of type integer",
    );
    assertEquals(error.isDefault, false);
  }));

Deno.test('send() takes everything with the signals "any", but for what no VILLASnode survives', () =>
  withPair("protobuf", "any", async ({ client }) => {
    await client.send({ values: [1n, true, { real: 1, imag: 2 }, ...floats(100)] });
    await assertRejects(() => client.send({ values: [null] }), EncodeError, "value 0 is not set");
  }));

Deno.test("send() names the first sample of a datagram that does not fit", () =>
  withPair("protobuf", undefined, async ({ client }) => {
    const samples: Sample[] = [{ values: [1] }, { values: [2n] }, { values: [true] }];
    assertEquals((await assertRejects(() => client.send(samples), UnfitSampleError)).index, 1);
  }));

Deno.test("send() guards a format that is given as such", async () => {
  await using client = await connect({ local: `memory:guard-${pairs++}`, remote: "memory:nobody", format: protobuf() });
  await assertRejects(() => client.send({ values: [1n] }), UnfitSampleError);
});

Deno.test("connect() takes the signals among the options of a format for both directions", async () => {
  const format = { type: "raw", bits: 64, signals: [{ type: "integer" }] };
  const name = `memory:guard-${pairs++}`;
  await using peer = await connect({ local: `${name}-peer`, remote: name, format });
  await using client = await connect({ local: name, remote: `${name}-peer`, format });
  await client.send({ values: [-7n] });
  assertEquals(await peer.receive(), [[{ values: [-7n] }]]);
});

for (const [format, received] of [["raw", [1, 2]], ["gtnet", [1, 2]], ["csv", [1, 2]]] as const) {
  Deno.test(`receive() reads ${format} by the signals of its direction, not by those that are sent`, () =>
    withPair(format, { in: "2f", out: "i" }, async ({ client, peer }) => {
      await peer.send({ sequence: 0n, tsOrigin: { sec: 1_700_000_000, nsec: 0 }, values: [...received] });
      assertEquals((await client.receive())[0]?.[0]?.values, [...received]);
      await client.send({ sequence: 0n, tsOrigin: { sec: 1_700_000_000, nsec: 0 }, values: [3n] });
      assertEquals(client.counters.sent.samples, 1);
    }));
}

Deno.test("echo() gives back the same message, whatever its types, where no signals are given", () =>
  withPair("protobuf", undefined, async ({ client, peer }) => {
    const sample: Sample = { sequence: 3n, values: [1n, true, { real: 1, imag: 2 }, ...floats(70)] };
    await peer.send(sample);
    await echo(client, { count: 1 });
    assertEquals(await peer.receive(), [[sample]]);
  }));

Deno.test("echo() is guarded where the signals are given, and always with values of its own", () =>
  withPair("protobuf", { out: "f" }, async ({ client, peer }) => {
    const refused: Error[] = [];
    await peer.send({ values: [1n] });
    await echo(client, { count: 1, onUnsendable: (error) => refused.push(error) });
    assertEquals(refused.length, 1);
    await peer.send({ values: [1n] });
    await echo(client, { count: 1, reply: [2n], onUnsendable: (error) => refused.push(error) });
    assertEquals([refused.length, client.counters.sent.refused], [2, 2]);
  }));
