/**
 * Reads `protobuf` datagrams.
 *
 * @module
 */

import protobufjs from "npm:protobufjs@8.8.1/minimal.js";
import type { Complex, Sample, Timestamp, Value } from "../../samples/sample.ts";
import {
  complexImag,
  complexReal,
  floatValueHead,
  floatValueLength,
  messageSamples,
  recursionLimit,
  sampleNewFrame,
  sampleSequence,
  sampleTsOrigin,
  sampleTsReceived,
  sampleType,
  sampleValues,
  timestampNsec,
  timestampSec,
  Type,
  valueBoolean,
  valueComplex,
  valueFloat,
  valueInteger,
  Wire,
} from "./schema.ts";
import { DecodeError } from "../errors.ts";
import type { Format } from "../format.ts";

const empty = new Uint8Array();

/** Where a bigint is put together, which costs less than to compute it. */
const scratch = new DataView(new ArrayBuffer(8));

function join(low: number, high: number): DataView {
  scratch.setUint32(0, high);
  scratch.setUint32(4, low);
  return scratch;
}

/** Makes the function that reads datagrams; what it takes is said at `protobuf`. */
export function createDatagramDecoder(): Format["decode"] {
  // Buffers are used again from one datagram to the next, and so are the reader and the view of the last one. Positions
  // count from the start of the underlying memory.
  const reader = new protobufjs.Reader(empty);
  let view: DataView = new DataView(empty.buffer);

  function decode(datagram: Uint8Array): Sample[] {
    if (view.buffer !== datagram.buffer) {
      view = new DataView(datagram.buffer);
      reader.buf = new Uint8Array(datagram.buffer);
    }
    reader.pos = datagram.byteOffset;
    reader.len = datagram.byteOffset + datagram.length;
    try {
      return readMessage();
    } catch (error) {
      const offset = Math.min(reader.pos, datagram.byteOffset + datagram.length) - datagram.byteOffset;
      throw new DecodeError("protobuf", explain(error), { offset }, { cause: error });
    }
  }

  function readMessage(): Sample[] {
    const samples: Sample[] = [];
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      if (tag === messageSamples) samples.push(readSample());
      else skip(tag, 0);
    }
    return samples;
  }

  /** Narrows the reader to the message that starts here; returns the end to widen it to again. */
  function enter(): number {
    const length = reader.size();
    const outer = reader.len;
    if (length > outer - reader.pos) throw new RangeError("it ends inside a field");
    reader.len = reader.pos + length;
    return outer;
  }

  /**
   * Steps over a field that the schema does not have, which stands inside so many messages and groups. protobufjs's own
   * takes varints of any length, and counts neither the messages nor the groups as Google's implementation does.
   */
  function skip(tag: number, level: number): void {
    if (tag >>> 3 === 0) throw new RangeError("a field has the number 0");
    switch (tag & 7) {
      case Wire.varint:
        reader.uint64();
        break;
      case Wire.fixed64:
        reader.skip(8);
        break;
      case Wire.delimited:
        reader.skip(reader.size());
        break;
      case Wire.startGroup: {
        if (level === recursionLimit) throw new RangeError("groups are nested too deeply");
        const end = tag - Wire.startGroup + Wire.endGroup;
        for (let inner = reader.tag(); inner !== end; inner = reader.tag()) skip(inner, level + 1);
        break;
      }
      case Wire.endGroup:
        throw new RangeError("a group ends that did not begin");
      case Wire.fixed32:
        reader.skip(4);
        break;
      default:
        throw new RangeError("a field has a wire type that does not exist");
    }
  }

  function readSample(): Sample {
    const outer = enter();
    const values: Value[] = [];
    let type = 0;
    let sequence: bigint | undefined;
    let tsOrigin: Timestamp | undefined;
    let tsReceived: Timestamp | undefined;
    let newFrame = false;
    while (reader.pos < reader.len) {
      readFloatValues(values);
      if (reader.pos >= reader.len) break;
      const tag = reader.tag();
      switch (tag) {
        case sampleValues:
          values.push(readValue());
          break;
        case sampleType: {
          // An enumeration value that the schema does not know counts as an unknown field.
          const read = reader.int32();
          if (read >= Type.DATA && read <= Type.STOP) type = read;
          break;
        }
        case sampleSequence:
          sequence = readUint64();
          break;
        case sampleTsOrigin:
          tsOrigin = readTimestamp(tsOrigin);
          break;
        case sampleTsReceived:
          tsReceived = readTimestamp(tsReceived);
          break;
        case sampleNewFrame:
          newFrame = readBoolean();
          break;
        default:
          skip(tag, 1);
      }
    }
    reader.len = outer;
    // A timestamp may come in parts, so only now is it whole.
    checkTimestamp("ts_origin", tsOrigin);
    checkTimestamp("ts_received", tsReceived);
    const sample: Sample = { values };
    if (sequence !== undefined) sample.sequence = sequence;
    if (tsOrigin !== undefined) sample.tsOrigin = tsOrigin;
    if (tsReceived !== undefined) sample.tsReceived = tsReceived;
    if (newFrame) sample.newFrame = true;
    if (type === Type.START) sample.type = "start";
    else if (type === Type.STOP) sample.type = "stop";
    return sample;
  }

  /** Fast path: float values as every writer writes them, one after the other, until something else comes. */
  function readFloatValues(values: Value[]): void {
    let pos = reader.pos;
    const last = reader.len - floatValueLength;
    while (pos <= last && view.getUint32(pos, true) === floatValueHead) {
      values.push(view.getFloat64(pos + 4, true));
      pos += floatValueLength;
    }
    reader.pos = pos;
  }

  function readValue(): Value {
    const outer = enter();
    let value: Value = null;
    let complex: Complex | undefined;
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      switch (tag) {
        case valueFloat:
          value = reader.double();
          complex = undefined;
          break;
        case valueInteger:
          value = readInt64();
          complex = undefined;
          break;
        case valueBoolean:
          value = readBoolean();
          complex = undefined;
          break;
        case valueComplex:
          // Parts merge only as long as no other member of the oneof came between.
          value = complex = readComplex(complex);
          break;
        default:
          skip(tag, 2);
      }
    }
    reader.len = outer;
    return value;
  }

  function readComplex(into: Complex = { real: 0, imag: 0 }): Complex {
    const outer = enter();
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      if (tag === complexReal) into.real = reader.float();
      else if (tag === complexImag) into.imag = reader.float();
      else skip(tag, 3);
    }
    reader.len = outer;
    return into;
  }

  function readTimestamp(into: Timestamp = { sec: 0, nsec: 0 }): Timestamp {
    const outer = enter();
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      if (tag === timestampSec) into.sec = reader.uint32();
      else if (tag === timestampNsec) into.nsec = reader.uint32();
      else skip(tag, 2);
    }
    reader.len = outer;
    return into;
  }

  /** A 64-bit varint, unsigned. Most are short, and then no 64-bit arithmetic is needed. */
  function readUint64(): bigint {
    const { buf, pos } = reader;
    if (pos < reader.len && (buf[pos] ?? 0x80) < 0x80) return BigInt(reader.uint32());
    const { low, high } = reader.uint64();
    return join(low, high).getBigUint64(0);
  }

  /** A 64-bit varint, two's complement. */
  function readInt64(): bigint {
    const { buf, pos } = reader;
    if (pos < reader.len && (buf[pos] ?? 0x80) < 0x80) return BigInt(reader.uint32());
    const { low, high } = reader.uint64();
    return join(low, high).getBigInt64(0);
  }

  /** Any of the 64 bits that a varint may have makes it true. protobufjs's own counts those above as well. */
  function readBoolean(): boolean {
    const { low, high } = reader.uint64();
    return (low | high) !== 0;
  }

  return decode;
}

function checkTimestamp(name: string, timestamp: Timestamp | undefined): void {
  if (timestamp !== undefined && timestamp.nsec > 999_999_999) {
    throw new RangeError(`${name} has ${timestamp.nsec} nanoseconds, more than 999999999,`);
  }
}

/** Says in words what protobufjs's reader or one of the checks above found. */
function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/^index out of range/.test(message)) return "it ends inside a field";
  // Google's conformance tests want these refused as well, though its C++ parser of 2022 takes the lower 32 bits.
  if (/^invalid tag encoding/.test(message)) return "the number of a field is longer than 29 bits";
  if (/^invalid (varint|length) encoding/.test(message)) return "a number is longer than its type allows";
  return message;
}
