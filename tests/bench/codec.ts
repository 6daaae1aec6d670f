/**
 * How fast `protobuf` is beside protobufjs: its messages by reflection, and an encoder written with its `Writer`. Run with
 * `deno run --allow-read --allow-env tests/bench/codec.ts`.
 *
 * The candidates take turns, some milliseconds each, so that what else the machine does hits all of them; the figure is
 * the median of the turns.
 *
 * @module
 */

import protobufjs from "protobufjs";
import { protobuf, type Sample } from "@villas/client";

const rounds = 25;
const turn = 8;

const schema = Deno.readTextFileSync(new URL("../../proto/villas.proto", import.meta.url));
const Message = protobufjs.parse(schema).root.lookupType("villas.node.Message");
const format = protobuf();
const buffer = new Uint8Array(65_536);

/** A sample as protobufjs's messages have it. */
const toMessage = ({ sequence, tsOrigin, values }: Sample) => ({
  type: 1,
  sequence: Number(sequence),
  tsOrigin,
  values: values.map((f) => ({ f })),
});

/** What one would write with protobufjs's `Writer` by hand: float values, a sequence number that is a number. */
function encodeWithWriter(samples: ReturnType<typeof toMessage>[]): Uint8Array {
  const writer = protobufjs.Writer.create();
  for (const { sequence, tsOrigin, values } of samples) {
    writer.uint32(10).fork().uint32(8).int32(1).uint32(16).uint64(sequence);
    if (tsOrigin) writer.uint32(26).fork().uint32(8).uint32(tsOrigin.sec).uint32(16).uint32(tsOrigin.nsec).ldelim();
    for (const { f } of values) writer.uint32(802).fork().uint32(9).double(f as number).ldelim();
    writer.ldelim();
  }
  return writer.finish();
}

/** Runs the candidates in turns; operations a second of each. */
function race(candidates: Record<string, () => unknown>): Record<string, number> {
  const rates = Object.fromEntries(Object.keys(candidates).map((name) => [name, [] as number[]]));
  for (let round = -5; round < rounds; round++) {
    for (const [name, run] of Object.entries(candidates)) {
      const start = performance.now();
      let times = 0;
      let end = start;
      while (end - start < turn) {
        for (let i = 0; i < 50; i++) run();
        times += 50;
        end = performance.now();
      }
      if (round >= 0) rates[name]?.push(times / (end - start) * 1e3);
    }
  }
  return Object.fromEntries(Object.entries(rates).map(([name, list]) => [name, median(list)]));
}

function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[list.length >> 1] ?? NaN;
}

const cases: [string, number, number][] = [["1 value", 1, 1], ["8 values", 1, 8], ["64 values", 1, 64], [
  "16 x 8 values",
  16,
  8,
]];
for (const [name, count, width] of cases) {
  const samples = Array.from({ length: count }, (_, i): Sample => ({
    sequence: BigInt(1000 + i),
    tsOrigin: { sec: 1_700_000_000, nsec: 123_456_789 },
    values: Array.from({ length: width }, (_, k) => Math.sin(i + k)),
  }));
  const messages = samples.map(toMessage);
  const message = Message.fromObject({ samples: messages });
  const datagram = format.encode(samples);
  if (encodeWithWriter(messages).toHex() !== datagram.toHex()) throw new Error("The candidates differ");
  console.log(`${name}, ${datagram.length} bytes: operations a second`);
  const results = {
    ...race({
      "encode": () => format.encode(samples),
      "encodeInto": () => format.encodeInto(samples, buffer),
      "encode, protobufjs reflection": () => Message.encode(message).finish(),
      "encode, protobufjs Writer": () => encodeWithWriter(messages),
    }),
    ...race({
      "decode": () => format.decode(datagram),
      "decode, protobufjs reflection": () => Message.decode(datagram),
    }),
  };
  for (const [what, rate] of Object.entries(results)) {
    const ours = results[what.startsWith("decode") ? "decode" : "encode"] ?? NaN;
    console.log(`  ${what.padEnd(32)} ${rate.toFixed(0).padStart(9)}  ours is ${(ours / rate).toFixed(2)} times that`);
  }
}
