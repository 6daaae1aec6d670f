/**
 * Reads protobuf as VILLASnode does (`lib/formats/protobuf.cpp`, `lib/formats/villas.proto`), byte by byte.
 *
 * VILLASnode compares the length of a datagram with that of the message packed again, and warns where they differ. So
 * everything must stand in its shortest form, and nothing twice.
 *
 * @module
 */

import {
  checkNanoseconds,
  checkType,
  type NodeSample,
  type NodeValue,
  type Reading,
  signalAt,
  typeOfNodeValue,
  Unreadable,
} from "./_reading.ts";

/** One field of a message: a number for a varint, bytes for all else. */
interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly varint: bigint;
  readonly bytes: Uint8Array;
}

const varintType = 0;
const fixed64Type = 1;
const lengthType = 2;
const fixed32Type = 5;

/** Reads all samples of a datagram, which is one message without a length in front. */
export function readProtobuf(datagram: Uint8Array, reading: Reading): NodeSample[] {
  const samples: NodeSample[] = [];
  for (const field of fieldsOf(datagram, reading)) {
    if (field.number === 1) samples.push(readSample(expectType(field, lengthType, "samples").bytes, reading));
  }
  return samples;
}

function readSample(bytes: Uint8Array, reading: Reading): NodeSample {
  const sample: NodeSample = { values: [] };
  const once = createOnce("sample", reading);
  let hasType = false;
  for (const field of fieldsOf(bytes, reading)) {
    switch (field.number) {
      case 1: {
        once(field);
        hasType = true;
        const { varint } = expectType(field, varintType, "type");
        if (varint !== 1n) reading.fault(`the sample is of type ${varint}, not DATA (1)`);
        break;
      }
      case 2:
        once(field);
        sample.sequence = expectType(field, varintType, "sequence").varint;
        break;
      case 3:
        once(field);
        sample.time = readTimestamp(expectType(field, lengthType, "ts_origin").bytes, reading);
        break;
      case 4:
        // Read by the unpacker, then not looked at: VILLASnode sets the time of reception itself.
        once(field);
        readTimestamp(expectType(field, lengthType, "ts_received").bytes, reading);
        break;
      case 5:
        once(field);
        if (expectType(field, varintType, "new_frame").varint !== 0n) sample.newFrame = true;
        break;
      case 100:
        takeValue(sample, expectType(field, lengthType, "values").bytes, reading);
        break;
    }
  }
  // The unpacker takes the default, but packs it again: the lengths differ.
  if (!hasType) reading.fault("the sample has no type");
  return sample;
}

function takeValue(sample: NodeSample, bytes: Uint8Array, reading: Reading): void {
  const index = sample.values.length;
  const value = readValue(bytes, index, reading);
  if (value === undefined) throw new Unreadable(`value ${index} is not set`);
  const signal = signalAt(index, reading);
  if (signal !== "any") checkType(index, typeOfNodeValue(value), signal, reading);
  sample.values.push(value);
}

function readValue(bytes: Uint8Array, index: number, reading: Reading): NodeValue | undefined {
  let value: NodeValue | undefined;
  for (const field of fieldsOf(bytes, reading)) {
    if (field.number < 1 || field.number > 4) continue;
    if (value !== undefined) reading.fault(`value ${index} is set twice`);
    const name = `value ${index}`;
    if (field.number === 1) value = viewOf(expectType(field, fixed64Type, name).bytes).getFloat64(0, true);
    else if (field.number === 2) value = BigInt.asIntN(64, expectType(field, varintType, name).varint);
    else if (field.number === 3) value = expectType(field, varintType, name).varint !== 0n;
    else value = readComplex(expectType(field, lengthType, name).bytes, reading);
  }
  return value;
}

function readComplex(bytes: Uint8Array, reading: Reading): NodeValue {
  const parts: (number | undefined)[] = [];
  const once = createOnce("complex", reading);
  for (const field of fieldsOf(bytes, reading)) {
    if (field.number !== 1 && field.number !== 2) continue;
    once(field);
    parts[field.number - 1] = viewOf(expectType(field, fixed32Type, "complex").bytes).getFloat32(0, true);
  }
  const [real, imag] = parts;
  if (real === undefined || imag === undefined) throw new Unreadable("a complex value lacks a required part");
  return { real, imag };
}

function readTimestamp(bytes: Uint8Array, reading: Reading): { sec: bigint; nsec: bigint } {
  const parts: (bigint | undefined)[] = [];
  const once = createOnce("timestamp", reading);
  for (const field of fieldsOf(bytes, reading)) {
    if (field.number !== 1 && field.number !== 2) continue;
    once(field);
    const { varint } = expectType(field, varintType, "timestamp");
    if (varint > 0xffff_ffffn) reading.fault(`a timestamp has ${varint}, which does not fit into 32 bits`);
    parts[field.number - 1] = varint;
  }
  const [sec, nsec] = parts;
  if (sec === undefined || nsec === undefined) throw new Unreadable("a timestamp lacks a required part");
  checkNanoseconds(nsec, reading);
  return { sec, nsec };
}

/** Notes a field that comes twice: the last one counts, and only one is packed again. */
function createOnce(what: string, { fault }: Reading): (field: Field) => void {
  const seen = new Set<number>();
  return ({ number }) => {
    if (seen.has(number)) fault(`field ${number} of a ${what} comes twice`);
    seen.add(number);
  };
}

function expectType(field: Field, wireType: number, name: string): Field {
  if (field.wireType !== wireType) throw new Unreadable(`${name} has wire type ${field.wireType}, not ${wireType}`);
  return field;
}

function* fieldsOf(bytes: Uint8Array, reading: Reading): Generator<Field> {
  const cursor = { bytes, position: 0, reading };
  while (cursor.position < bytes.length) {
    const tag = Number(takeVarint(cursor));
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (number < 1 || number > 0x1fff_ffff) throw new Unreadable(`field number ${number} does not exist`);
    if (wireType === varintType) {
      yield { number, wireType, varint: takeVarint(cursor), bytes: new Uint8Array() };
      continue;
    }
    const length = wireType === fixed64Type
      ? 8
      : wireType === fixed32Type
      ? 4
      : wireType === lengthType
      ? Number(takeVarint(cursor))
      : undefined;
    if (length === undefined) throw new Unreadable(`wire type ${wireType} is not read`);
    const end = cursor.position + length;
    if (end > bytes.length) throw new Unreadable(`field ${number} ends behind its message`);
    yield { number, wireType, varint: 0n, bytes: bytes.subarray(cursor.position, end) };
    cursor.position = end;
  }
}

/** Takes a varint of up to 10 bytes (Protocol Buffers, "Encoding"). */
function takeVarint(cursor: { readonly bytes: Uint8Array; position: number; readonly reading: Reading }): bigint {
  let value = 0n;
  for (let count = 0; count < 10; count++) {
    const byte = cursor.bytes[cursor.position];
    if (byte === undefined) throw new Unreadable("a varint ends behind its message");
    cursor.position++;
    value |= BigInt(byte & 0x7f) << BigInt(7 * count);
    if (byte < 0x80) {
      if (byte === 0 && count > 0) cursor.reading.fault("a varint is longer than it must be");
      if (value >= 2n ** 64n) throw new Unreadable("a varint has more than 64 bits");
      return value;
    }
  }
  throw new Unreadable("a varint has more than 10 bytes");
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
