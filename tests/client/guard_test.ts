/**
 * The guard: samples that a client refuses to send, and samples that it lets pass.
 *
 * @module
 */

import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  connect,
  echo,
  EncodeError,
  formatNames,
  type Sample,
  type SignalDirections,
  UnfitSampleError,
  type Value,
} from "@villas/client";
import { protobuf } from "@villas/client/formats";

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
/** Formats that carry one value, that VILLASnode does not read, and that are only for others. */
const others: readonly string[] = ["value", "iotagent_ul", "influx"];
const formats = formatNames.filter((name) => !others.includes(name));
const origin = { sequence: 0n, tsOrigin: { sec: 1_700_000_000, nsec: 0 } };
const otherTypes: [Value, string, string][] = [
  [7n, "integer", "fi"],
  [true, "boolean", "fb"],
  [{ real: 1, imag: 2 }, "complex", "fc"],
];

for (const format of formats) {
  Deno.test(`send() takes 64 floats and nothing else as ${format} where no signals are given`, () =>
    withPair(format, undefined, async ({ client }) => {
      await client.send({ ...origin, values: floats(64) });
      const tooMany = await assertRejects(() => client.send({ ...origin, values: floats(65) }), UnfitSampleError);
      assertEquals(
        tooMany.message,
        `Cannot encode sample 0 as ${format}: it has 65 values, and a VILLASnode takes up to 64 floats unless its ` +
          `in.signals says otherwise: give the signals that it has, or "any" to send whatever comes`,
      );
      assertEquals([tooMany.fittingSignals, tooMany.isDefault], ["65f", true]);
      for (const [value, type, fitting] of otherTypes) {
        const error = assertThrows(() => client.enqueue([{ ...origin, values: [1, value] }]), UnfitSampleError);
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

const misread: [string | Record<string, unknown>, Sample, RegExp][] = [
  ["csv", { sequence: 0n, values: [] }, /no values, without which VILLASnode does not read its sequence number/],
  ["tsv", { sequence: 0n, values: [] }, /no values/],
  ["villas.human", { tsOrigin: { sec: 2 ** 32, nsec: 0 }, values: [1] }, /cuts its origin timestamp of 4294967296 s/],
  [
    "villas.binary",
    { values: [-1n] },
    /value 0 is -1, and VILLASnode reads integers of this format as 0 to 4294967295/,
  ],
  ["villas.web", { values: [1, -1n] }, /value 1 is -1/],
  ["opal.asyncip", { values: [{ real: 1, imag: 2 }] }, /value 0 is complex, and the format would lose/],
  ["opal.asyncip", { values: [2n ** 53n + 1n] }, /9007199254740993, which the format would round/],
  ["iotagent_ul", { values: [1] }, /VILLASnode writes this format, but cannot read it/],
  [{ type: "csv", offset: false }, { sequence: 0n, values: [1] }, /misread it with "offset": false/],
  [{ type: "tsv", ts_origin: false }, { sequence: 0n, values: [1] }, /misread it with "ts_origin": false/],
  [{ type: "json", data: false }, { values: [1] }, /misread it with "data": false/],
  [{ type: "villas.binary", sequence: false }, { values: [1] }, /misread it with "sequence": false/],
  [{ type: "raw", fake: true, sequence: false }, { values: [1] }, /misread it with "sequence": false/],
];
for (const [format, sample, message] of misread) {
  const name = JSON.stringify(format);
  const types = sample.values.map((value) => typeof value === "number" ? "f" : typeof value === "bigint" ? "i" : "c");
  Deno.test(`send() refuses what a VILLASnode would misread as ${name}: ${message.source}`, async () => {
    const address = `memory:guard-${pairs++}`;
    const settings = { local: address, remote: "memory:nobody", format: format as { type: string } };
    {
      await using client = await connect({ ...settings, signals: types.join("") || "f" });
      const error = await assertRejects(() => client.send(sample), EncodeError);
      assertMatch(error.message, message);
      assertMatch(assertThrows(() => client.enqueueEcho([sample]), EncodeError).message, message);
    }
    await using client = await connect({ ...settings, signals: "any" });
    client.enqueue([{ sequence: 0n, ...sample }]);
  });
}

Deno.test("send() numbers samples without a number where the format has a place for it in any case", () =>
  withPair("villas.binary", undefined, async ({ client, peer }) => {
    await client.send([{ values: [1] }, { values: [2] }]);
    await client.send({ sequence: 9n, values: [3] });
    await client.send({ values: [4] });
    const numbers: (bigint | undefined)[] = [];
    while (numbers.length < 4) numbers.push(...(await peer.receive()).flat().map(({ sequence }) => sequence));
    assertEquals(numbers, [0n, 1n, 9n, 10n]);
  }));

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
    await echo(client, { count: 1, onEncodeError: (error) => refused.push(error) });
    assertEquals(refused.length, 1);
    await peer.send({ values: [1n] });
    await echo(client, { count: 1, reply: [2n], onEncodeError: (error) => refused.push(error) });
    assertEquals([refused.length, client.counters.sent.refused], [2, 2]);
  }));

Deno.test("send() takes any samples as influx where no signals are given, since no VILLASnode reads it, and else only theirs", async () => {
  const values = [...floats(70), 7n, true];
  await withPair("influx", undefined, async ({ client }) => {
    await client.send({ ...origin, values });
    assertEquals(client.counters.sent.refused, 0);
  });
  await withPair("influx", "f", async ({ client }) => {
    await assertRejects(() => client.send({ ...origin, values }), UnfitSampleError, "72 values");
  });
});
