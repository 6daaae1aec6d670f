/**
 * Decodes `protobuf` datagrams.
 *
 * @module
 */

import type { Complex, Sample, Timestamp, Value } from "../../samples/sample.ts";
import { maximumNanosecond } from "../check.ts";
import { DecodeError } from "../errors.ts";
import type { Format } from "../format.ts";
import {
  complexImag,
  complexReal,
  floatValueHeader,
  messageSamples,
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
} from "./schema.ts";
import { append } from "../../system/lists.ts";
import { WireError, WireReader } from "./wire_reader.ts";

/**
 * Creates the function that decodes datagrams; `protobuf` documents what it accepts.
 *
 * @returns The function; it keeps no state from one datagram to the next
 */
export function createDatagramDecoder(): Format["decode"] {
  const reader = new WireReader();
  return (datagram) => {
    reader.open(datagram);
    try {
      return readMessage(reader);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      throw new DecodeError("protobuf", error.message, { offset: reader.offset }, { cause: error });
    }
  };
}

function readMessage(reader: WireReader): Sample[] {
  let samples: Sample[] | undefined;
  while (!reader.isAtEnd) {
    const tag = reader.readTag();
    if (tag === messageSamples) samples = append(samples, readSample(reader));
    else reader.skipField(tag, 0);
  }
  return samples ?? [];
}

function readSample(reader: WireReader): Sample {
  const outerEnd = reader.enterMessage();
  let values: Value[] = [];
  let type = 0;
  let sequence: bigint | undefined;
  let tsOrigin: Timestamp | undefined;
  let tsReceived: Timestamp | undefined;
  let newFrame = false;
  while (!reader.isAtEnd) {
    // Fast path: float values as every writer writes them, until another field comes.
    values = reader.readDoubles(floatValueHeader, values);
    if (reader.isAtEnd) break;
    const tag = reader.readTag();
    switch (tag) {
      case sampleValues:
        values.push(readValue(reader));
        break;
      case sampleType: {
        // An enumeration value that the schema does not know counts as an unknown field.
        const read = reader.readUint32();
        if (read >= Type.DATA && read <= Type.STOP) type = read;
        break;
      }
      case sampleSequence:
        sequence = reader.readUint64();
        break;
      case sampleTsOrigin:
        tsOrigin = readTimestamp(reader, tsOrigin);
        break;
      case sampleTsReceived:
        tsReceived = readTimestamp(reader, tsReceived);
        break;
      case sampleNewFrame:
        newFrame = reader.readBoolean();
        break;
      default:
        reader.skipField(tag, 1);
    }
  }
  reader.leaveMessage(outerEnd);
  // A timestamp may come in parts, so only now is it complete.
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

function readValue(reader: WireReader): Value {
  const outerEnd = reader.enterMessage();
  let value: Value = null;
  let complex: Complex | undefined;
  while (!reader.isAtEnd) {
    const tag = reader.readTag();
    switch (tag) {
      case valueFloat:
        value = reader.readDouble();
        complex = undefined;
        break;
      case valueInteger:
        value = reader.readInt64();
        complex = undefined;
        break;
      case valueBoolean:
        value = reader.readBoolean();
        complex = undefined;
        break;
      case valueComplex:
        // Parts merge only as long as no other member of the oneof came between them.
        value = complex = readComplex(reader, complex);
        break;
      default:
        reader.skipField(tag, 2);
    }
  }
  reader.leaveMessage(outerEnd);
  return value;
}

function readComplex(reader: WireReader, into: Complex = { real: 0, imag: 0 }): Complex {
  const outerEnd = reader.enterMessage();
  while (!reader.isAtEnd) {
    const tag = reader.readTag();
    if (tag === complexReal) into.real = reader.readFloat();
    else if (tag === complexImag) into.imag = reader.readFloat();
    else reader.skipField(tag, 3);
  }
  reader.leaveMessage(outerEnd);
  return into;
}

function readTimestamp(reader: WireReader, into: Timestamp = { sec: 0, nsec: 0 }): Timestamp {
  const outerEnd = reader.enterMessage();
  while (!reader.isAtEnd) {
    const tag = reader.readTag();
    if (tag === timestampSec) into.sec = reader.readUint32();
    else if (tag === timestampNsec) into.nsec = reader.readUint32();
    else reader.skipField(tag, 2);
  }
  reader.leaveMessage(outerEnd);
  return into;
}

function checkTimestamp(name: string, timestamp: Timestamp | undefined): void {
  if (timestamp !== undefined && timestamp.nsec > maximumNanosecond) {
    throw new WireError(`${name} has ${timestamp.nsec} nanoseconds, more than ${maximumNanosecond}`);
  }
}
