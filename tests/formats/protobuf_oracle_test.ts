/**
 * Holds `protobuf`, which is written by hand, against the schema: `proto/villas.proto`, read and followed by
 * protobufjs.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import protobufjs from "protobufjs";
import { isComplex, type Sample, type Timestamp, type Value } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { fc } from "../_properties.ts";
import * as arbitrary from "../_arbitraries.ts";
import { seededRandom } from "../_random.ts";
import { sameSamples } from "../_samples.ts";
import { messyDatagram } from "./_messy.ts";

const format = protobuf({ ts_received: true });
const schema = Deno.readTextFileSync(new URL("../../proto/villas.proto", import.meta.url));
const Message = protobufjs.parse(schema).root.lookupType("villas.node.Message");
// Google's parser leaves it to the caller whether what is required is there, protobufjs refuses it: here it is
// optional.
const lenientSchema = schema.replaceAll("required", "optional");
const LenientMessage = protobufjs.parse(lenientSchema).root.lookupType("villas.node.Message");

/** A sample as protobufjs's messages have it; 64-bit integers are objects there, and go through text here. */
interface OracleSample {
  type?: number;
  sequence?: { toString(): string };
  tsOrigin?: Timestamp;
  tsReceived?: Timestamp;
  newFrame?: boolean;
  values: { f?: number; i?: { toString(): string }; b?: boolean; z?: { real: number; imag: number } }[];
}

function encodeWithOracle(samples: readonly Sample[]): Uint8Array {
  return Message.encode(Message.fromObject({ samples: samples.map(toOracle) })).finish();
}

function toOracle({ sequence, tsOrigin, tsReceived, newFrame, values }: Sample): OracleSample {
  return {
    type: 1,
    ...sequence !== undefined && { sequence: `${sequence}` },
    ...tsOrigin !== undefined && { tsOrigin },
    ...tsReceived !== undefined && { tsReceived },
    ...newFrame !== undefined && { newFrame },
    values: values.map((value) => {
      if (typeof value === "number") return { f: value };
      if (typeof value === "bigint") return { i: `${value}` };
      if (typeof value === "boolean") return { b: value };
      return isComplex(value) ? { z: value } : {};
    }),
  };
}

function decodeWithOracle(datagram: Uint8Array, type = Message): Sample[] {
  const { samples } = type.decode(datagram) as unknown as { samples: OracleSample[] };
  return samples.map((message) => {
    const { type, sequence, tsOrigin, tsReceived, newFrame, values } = message;
    const sample: Sample = { values: values.map(valueFromOracle) };
    if (type === 2) sample.type = "start";
    if (type === 3) sample.type = "stop";
    // Members that are not set are in the prototype.
    if (Object.hasOwn(message, "sequence")) sample.sequence = BigInt(`${sequence}`);
    if (tsOrigin) sample.tsOrigin = { sec: tsOrigin.sec, nsec: tsOrigin.nsec };
    if (tsReceived) sample.tsReceived = { sec: tsReceived.sec, nsec: tsReceived.nsec };
    if (newFrame) sample.newFrame = true;
    return sample;
  });
}

function valueFromOracle(value: OracleSample["values"][number]): Value {
  if (Object.hasOwn(value, "f")) return value.f ?? 0;
  if (Object.hasOwn(value, "i")) return BigInt(`${value.i}`);
  if (Object.hasOwn(value, "b")) return value.b ?? false;
  return value.z ? { real: value.z.real, imag: value.z.imag } : null;
}

const runs = { numRuns: 500 };
const samples = fc.array(arbitrary.sample, { maxLength: 12 });

Deno.test("protobuf() decodes what protobufjs encodes by the schema", () => {
  fc.assert(fc.property(samples, (samples) => assertEquals(format.decode(encodeWithOracle(samples)), samples)), runs);
});

Deno.test("protobuf() encodes what protobufjs decodes by the schema", () => {
  fc.assert(fc.property(samples, (samples) => assertEquals(decodeWithOracle(format.encode(samples)), samples)), runs);
});

Deno.test("protobuf() writes the bytes that protobufjs writes by the schema", () => {
  fc.assert(
    fc.property(samples, (samples) => {
      assertEquals(format.encode(samples).toHex(), encodeWithOracle(samples).toHex());
    }),
    runs,
  );
});

Deno.test("protobuf() decodes fields that are shuffled, repeated, split, unknown or of another wire type", () => {
  const random = seededRandom(10_01);
  for (let i = 0; i < 10_000; i++) {
    const { datagram, samples } = messyDatagram(random);
    const decoded = format.decode(datagram);
    // Only to show what differs: comparing all with assertEquals takes half a minute.
    if (!sameSamples(decoded, samples)) assertEquals(decoded, samples, datagram.toHex());
  }
});

Deno.test("protobuf() decodes such fields as protobufjs does by the schema", () => {
  const random = seededRandom(10_02);
  for (let i = 0; i < 5_000; i++) {
    // Google's parser agrees with ours on bits above 64 (`tests/interop/google_test.ts`), protobufjs does not.
    const { datagram } = messyDatagram(random, false);
    const decoded = format.decode(datagram);
    const expected = decodeWithOracle(datagram, LenientMessage);
    if (!sameSamples(decoded, expected)) assertEquals(decoded, expected, datagram.toHex());
  }
});
