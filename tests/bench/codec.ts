/**
 * How fast `protobuf` is beside protobufjs, by code that it generates and by reflection, and protobuf-es.
 *
 * @module
 */

import { createFileRegistry, fromBinary, type MessageShape, toBinary } from "npm:@bufbuild/protobuf@2.17.0";
import { FileDescriptorSetSchema } from "npm:@bufbuild/protobuf@2.17.0/wkt";
import protobufjs from "protobufjs";
import type { Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { createCollector } from "./_figures.ts";
import type { Bench, Group } from "./_group.ts";
import { race } from "./_race.ts";
import type { Tools } from "./_tools.ts";

const schemaFolder = decodeURIComponent(new URL("../../proto", import.meta.url).pathname);
const schemaFile = `${schemaFolder}/villas.proto`;
const messageName = "villas.node.Message";

/** Samples a datagram, and values a sample. */
const cases: [string, number, number][] = [
  ["1 value", 1, 1],
  ["8 values", 1, 8],
  ["64 values", 1, 64],
  ["16 x 8 values", 16, 8],
];

/** An implementation that reads and writes messages of its own. */
interface Codec {
  decode(datagram: Uint8Array): unknown;
  encode(message: unknown): Uint8Array;
}

/** The group `codec`. */
export const codecGroup: Group = {
  name: "codec",
  title: "datagrams a second",
  async run(bench) {
    const { quick, progress } = bench;
    const collector = createCollector("codec", "protobufjs static");
    const others = await loadOthers(bench);
    const format = protobuf();
    const buffer = new Uint8Array(65_536);
    for (const [name, count, width] of cases) {
      progress(name);
      const datagram = format.encode(createSamples(count, width));
      const samples = format.decode(datagram);
      const decoders: Record<string, () => unknown> = { "ours": () => format.decode(datagram) };
      const encoders: Record<string, () => unknown> = {
        "ours, encodeInto": () => format.encodeInto(samples, buffer),
        "ours, encode": () => format.encode(samples),
      };
      for (const [who, codec] of Object.entries(others)) {
        const message = codec.decode(datagram);
        if (codec.encode(message).toHex() !== datagram.toHex()) throw new Error(`${who} writes another datagram`);
        decoders[who] = () => codec.decode(datagram);
        encoders[who] = () => codec.encode(message);
      }
      const length = quick ? { rounds: 1, turn: 0.5 } : { rounds: 25, turn: 8 };
      race(decoders, length, (who, rate) => collector.add(`decode, ${name}`, who, "/s", rate));
      race(encoders, length, (who, rate) => collector.add(`encode, ${name}`, who, "/s", rate));
    }
    return collector.figures;
  },
};

function createSamples(count: number, width: number): Sample[] {
  return Array.from({ length: count }, (_, i) => ({
    sequence: BigInt(1000 + i),
    tsOrigin: { sec: 1_700_000_000, nsec: 123_456_789 },
    values: Array.from({ length: width }, (_, k) => 230 * Math.sin(i + k)),
  }));
}

async function loadOthers({ tools, warn }: Bench): Promise<Record<string, Codec>> {
  const Reflected = protobufjs.parse(await Deno.readTextFile(schemaFile)).root.lookupType(messageName);
  const others: Record<string, Codec> = {
    "protobufjs static": await loadStatic(tools),
    "protobufjs reflection": {
      decode: (datagram) => Reflected.decode(datagram),
      encode: (message) => Reflected.encode(message as protobufjs.Message).finish(),
    },
  };
  if (await tools.hasProtoc()) others["protobuf-es"] = await loadEs(tools);
  else warn("protobuf-es is left out: there is no protoc (Debian: apt-get install protobuf-compiler)");
  return others;
}

/** Has protobufjs's command write code for the schema, and loads it. */
async function loadStatic({ folder, run }: Tools): Promise<Codec> {
  const file = `${folder}/villas_static.js`;
  const shape = ["--target", "static-module", "--wrap", "es6", "--dependency", "npm:protobufjs@8.8.1/minimal.js"];
  const pbjs = ["run", "-q", "-A", "--no-config", "npm:protobufjs-cli@2.7.1/pbjs"];
  await run(Deno.execPath(), ...pbjs, ...shape, "--out", file, schemaFile);
  const { Message } = (await import(`file://${file}`)).villas.node;
  return { decode: (datagram) => Message.decode(datagram), encode: (message) => Message.encode(message).finish() };
}

/** Describes the schema to protobuf-es by what Google's compiler says of it: so its own generator is not needed. */
async function loadEs({ folder, run }: Tools): Promise<Codec> {
  const file = `${folder}/villas.descriptors`;
  await run("protoc", `--descriptor_set_out=${file}`, `--proto_path=${schemaFolder}`, "villas.proto");
  const descriptors = fromBinary(FileDescriptorSetSchema, await Deno.readFile(file));
  const schema = createFileRegistry(descriptors).getMessage(messageName);
  if (schema === undefined) throw new Error(`protobuf-es does not find ${messageName}`);
  return {
    decode: (datagram) => fromBinary(schema, datagram),
    encode: (message) => toBinary(schema, message as MessageShape<typeof schema>),
  };
}
