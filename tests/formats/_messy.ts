/**
 * Writes `protobuf` datagrams that no sane writer writes and every parser must take: fields shuffled, repeated, split,
 * unknown, of another wire type than the schema's, numbers longer than need be. Along with the bytes goes what they
 * mean, by the rules of https://protobuf.dev/programming-guides/encoding/: the last of a repeated single field counts,
 * messages merge, and a member of a oneof clears the others.
 *
 * @module
 */

import type { Complex, Sample, Timestamp, Value } from "@villas/client";
import type { Random } from "../_random.ts";
import { double, float, join, tag, varint, Wire } from "./_wire.ts";

/** A datagram and what it means. */
export interface Messy {
  datagram: Uint8Array<ArrayBuffer>;
  samples: Sample[];
}

type Bytes = Uint8Array | readonly number[];

/** The wire types of the fields of a message. */
type Schema = Readonly<Record<number, number>>;
const messageFields: Schema = { 1: Wire.delimited };
const sampleFields: Schema = { 1: 0, 2: 0, 3: Wire.delimited, 4: Wire.delimited, 5: 0, 100: Wire.delimited };
const timestampFields: Schema = { 1: Wire.varint, 2: Wire.varint };
const valueFields: Schema = { 1: Wire.fixed64, 2: Wire.varint, 3: Wire.varint, 4: Wire.delimited };
const complexFields: Schema = { 1: Wire.fixed32, 2: Wire.fixed32 };

const uint64s = [0n, 1n, 127n, 128n, 16383n, 16384n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n];
const doubles = [0, -0, 1, -1.5, 5e-324, 2 ** -1022, Number.MAX_VALUE, Infinity, -Infinity, NaN, 0.1, 1e20];
const floats = [0, -0, 1.25, -2.5, Infinity, -Infinity, NaN, 2 ** -149, 2 ** 127];
/** Numbers of fields that are in no message of the schema, up to the highest there is. */
const unknownFields = [7, 15, 16, 99, 101, 2047, 2048, 19_000, 2 ** 29 - 1];

/** Whether varints of ten bytes get bits above the 64 that count. */
let hasBitsAbove64 = true;

/**
 * Makes a datagram and what it means.
 *
 * @param random What decides which one
 * @param bitsAbove64 Whether varints may have bits above the 64 that count; protobufjs takes them into account
 */
export function messyDatagram(random: Random, bitsAbove64 = true): Messy {
  hasBitsAbove64 = bitsAbove64;
  const samples: Sample[] = [];
  const pieces: Bytes[] = [];
  for (let left = random.small(12); left > 0; left--) {
    if (random.chance(0.2)) {
      pieces.push(unknown(random, messageFields));
    } else {
      const { bytes, sample } = messySample(random);
      pieces.push(message(random, 1, bytes));
      samples.push(sample);
    }
  }
  return { datagram: join(...pieces), samples };
}

function messySample(random: Random): { bytes: Uint8Array; sample: Sample } {
  const sample: Sample = { values: [] };
  const pieces: Bytes[] = [];
  const timestamp = (name: "tsOrigin" | "tsReceived", field: number) => {
    sample[name] ??= { sec: 0, nsec: 0 };
    pieces.push(message(random, field, messyTimestamp(random, sample[name])));
  };
  for (let left = random.small(16); left > 0; left--) {
    switch (random.below(8)) {
      case 0: {
        // The type is an enumeration of 32 bits, whatever stands above them, and what it does not know does not count.
        const type = random.pick([1n, 2n, 3n, 1n, 0n, 4n, 2n ** 32n + 2n, -1n, -3n]);
        pieces.push(tag(1, Wire.varint, padding(random, 5)), number(random, type));
        const known = ([undefined, "data", "start", "stop"] as const)[Number(BigInt.asUintN(32, type))];
        if (known === "data") delete sample.type;
        else if (known !== undefined) sample.type = known;
        break;
      }
      case 1:
        sample.sequence = uint64(random);
        pieces.push(tag(2, Wire.varint, padding(random, 5)), number(random, sample.sequence));
        break;
      case 2:
        timestamp("tsOrigin", 3);
        break;
      case 3:
        timestamp("tsReceived", 4);
        break;
      case 4: {
        const truth = random.pick([0n, 1n, 2n, 256n, 2n ** 32n, 2n ** 63n]);
        pieces.push(tag(5, Wire.varint, padding(random, 5)), number(random, truth));
        if (truth !== 0n) sample.newFrame = true;
        else delete sample.newFrame;
        break;
      }
      case 5:
        pieces.push(unknown(random, sampleFields));
        break;
      default: {
        const { bytes, value } = messyValue(random);
        pieces.push(message(random, 100, bytes));
        sample.values.push(value);
      }
    }
  }
  return { bytes: join(...pieces), sample };
}

function messyTimestamp(random: Random, into: Timestamp): Uint8Array {
  const pieces: Bytes[] = [];
  for (let left = random.below(5); left > 0; left--) {
    const high = random.chance(0.1) ? BigInt(random.next()) << 32n : 0n;
    switch (random.below(3)) {
      case 0:
        into.sec = random.pick([0, 1, 127, 128, 2 ** 31, 2 ** 32 - 1, random.next()]);
        pieces.push(tag(1, Wire.varint, padding(random, 5)), number(random, high | BigInt(into.sec)));
        break;
      case 1:
        into.nsec = random.pick([0, 1, 999_999_999, random.below(1e9)]);
        pieces.push(tag(2, Wire.varint, padding(random, 5)), number(random, high | BigInt(into.nsec)));
        break;
      default:
        pieces.push(unknown(random, timestampFields));
    }
  }
  return join(...pieces);
}

function messyValue(random: Random): { bytes: Uint8Array; value: Value } {
  const pieces: Bytes[] = [];
  let value: Value = null;
  for (let left = random.small(6); left > 0; left--) {
    switch (random.below(6)) {
      case 0:
      case 1:
        value = random.pick(doubles);
        pieces.push(tag(1, Wire.fixed64, padding(random, 5)), double(value));
        break;
      case 2:
        value = BigInt.asIntN(64, uint64(random));
        pieces.push(tag(2, Wire.varint, padding(random, 5)), number(random, value));
        break;
      case 3:
        value = random.chance(0.5);
        pieces.push(tag(3, Wire.varint, padding(random, 5)), number(random, value ? 1n : 0n));
        break;
      case 4: {
        const complex: Complex = typeof value === "object" && value !== null ? value : { real: 0, imag: 0 };
        value = complex;
        pieces.push(message(random, 4, messyComplex(random, complex)));
        break;
      }
      default:
        pieces.push(unknown(random, valueFields));
    }
  }
  return { bytes: join(...pieces), value };
}

function messyComplex(random: Random, into: Complex): Uint8Array {
  const pieces: Bytes[] = [];
  for (let left = random.below(4); left > 0; left--) {
    switch (random.below(3)) {
      case 0:
        into.real = random.pick(floats);
        pieces.push(tag(1, Wire.fixed32, padding(random, 5)), float(into.real));
        break;
      case 1:
        into.imag = random.pick(floats);
        pieces.push(tag(2, Wire.fixed32, padding(random, 5)), float(into.imag));
        break;
      default:
        pieces.push(unknown(random, complexFields));
    }
  }
  return join(...pieces);
}

/** A field that says nothing: of an unknown number, or of a known one with a wire type that is not the schema's. */
function unknown(random: Random, schema: Schema, depth = 0): Uint8Array {
  const wireType = random.pick([Wire.varint, Wire.fixed64, Wire.delimited, Wire.startGroup, Wire.fixed32]);
  const known = Object.keys(schema).map(Number).filter((field) => schema[field] !== wireType);
  const field = random.pick(random.chance(0.5) && known.length > 0 ? known : unknownFields);
  const head = tag(field, wireType, padding(random, 5));
  switch (wireType) {
    case Wire.varint:
      return join(head, number(random, uint64(random)));
    case Wire.fixed64:
      return join(head, random.bytes(8));
    case Wire.fixed32:
      return join(head, random.bytes(4));
    case Wire.delimited: {
      const content = random.bytes(random.small(40));
      return join(head, varint(content.length, padding(random, 5)), content);
    }
    default: {
      const pieces: Bytes[] = [head];
      for (let left = depth < 20 ? random.small(5) : 0; left > 0; left--) pieces.push(unknown(random, {}, depth + 1));
      pieces.push(tag(field, Wire.endGroup, padding(random, 5)));
      return join(...pieces);
    }
  }
}

/** A varint, now and then longer than it has to be, or with bits above the 64 that count. */
function number(random: Random, value: bigint): number[] {
  const bytes = varint(value, padding(random, 10));
  const above = random.below(64) << 1;
  if (bytes.length === 10 && hasBitsAbove64) bytes[9] = (bytes[9] ?? 0) & 1 | above;
  return bytes;
}

function message(random: Random, field: number, bytes: Uint8Array): Uint8Array {
  return join(tag(field, Wire.delimited, padding(random, 5)), varint(bytes.length, padding(random, 5)), bytes);
}

/** Mostly none. */
function padding(random: Random, maximum: number): number {
  return random.chance(0.15) ? 1 + random.below(maximum) : 0;
}

function uint64(random: Random): bigint {
  if (random.chance(0.4)) return random.pick(uint64s);
  return BigInt.asUintN(64, (BigInt(random.next()) << 32n | BigInt(random.next())) >> BigInt(random.below(64)));
}
