/**
 * The message of `villas.binary` and `villas.web`, which differ only in the byte order.
 *
 * @module
 */

import type { Sample, Value } from "../../samples/sample.ts";
import { typeOfValue } from "../../samples/value_types.ts";
import { createBinaryFormat, lowSequence, readFrames } from "./binary_format.ts";
import { checkSample, checkSecond, maximumNanosecond } from "../check.ts";
import type { Fail, Frames } from "./stream_decoder.ts";
import { boolean, checkOptions, integer } from "../options.ts";
import { scanMessages } from "./message_scanner.ts";
import {
  headerLength,
  lengthPosition,
  nsecPosition,
  secPosition,
  sequencePosition,
  sourcePosition,
  valueLength,
  version,
} from "./message_layout.ts";
import { EncodeError } from "../errors.ts";
import type { Format, FormatOptions } from "../format.ts";

/** Options of `villas.binary` and `villas.web`, besides the common ones. */
export interface VillasBinaryOptions extends FormatOptions {
  /** Index of the source of a message, 0 to 255; default 0. */
  source_index?: number;
  /** Refuses messages of another source; default false. */
  validate_source_index?: boolean;
}

const messageTypes = [undefined, "start", "stop"] as const;
const maximumValues = 0xffff;

/**
 * Creates one of the two formats.
 *
 * @param name Name of the format
 * @param isLittleEndian Whether numbers are little endian
 * @param options The options of the format
 * @returns The format
 */
export function createVillasFormat(name: string, isLittleEndian: boolean, options: VillasBinaryOptions): Format {
  checkOptions(name, options, { source_index: integer(0, 255), validate_source_index: boolean });
  const { signals, sequence: withSequence = true, ts_origin: withOrigin = true } = options;
  const { source_index: sourceIndex = 0, validate_source_index: validatesSource = false } = options;
  const types = signals?.map(({ type }) => type) ?? [];
  const areFloats = types.every((type) => type === "float");

  function measure(sample: Sample, index: number, framing: "datagram" | "file"): number {
    checkSample(name, sample, index, signals, framing === "file");
    if (withOrigin) checkSecond(name, sample.tsOrigin, index);
    const { values } = sample;
    if (values.length > maximumValues) {
      throw new EncodeError(name, `it has ${values.length} values, more than ${maximumValues}`, index);
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? null;
      if (typeof value !== "number") checkValue(value, i, index);
    }
    return headerLength + valueLength * values.length;
  }

  function checkValue(value: Value, position: number, index: number): void {
    if (typeof value !== "bigint") {
      const what = value === null ? "not set" : `of type ${typeOfValue(value)}`;
      throw new EncodeError(name, `value ${position} is ${what}, which the format cannot carry`, index);
    }
    if (value < -0x8000_0000n || value > 0xffff_ffffn) {
      throw new EncodeError(name, `value ${position} is ${value}, which does not fit into 32 bits`, index);
    }
  }

  function write(sample: Sample, view: DataView, start: number): number {
    const { values, tsOrigin, type } = sample;
    const messageType = type === undefined ? 0 : messageTypes.indexOf(type);
    view.setUint8(start, version << 4 | messageType << 2);
    view.setUint8(start + sourcePosition, sourceIndex);
    view.setUint16(start + lengthPosition, values.length, isLittleEndian);
    view.setUint32(start + sequencePosition, withSequence ? lowSequence(sample.sequence) : 0, isLittleEndian);
    const hasOrigin = withOrigin && tsOrigin !== undefined;
    view.setUint32(start + secPosition, hasOrigin ? tsOrigin.sec : 0, isLittleEndian);
    view.setUint32(start + nsecPosition, hasOrigin ? tsOrigin.nsec : 0, isLittleEndian);
    let position = start + headerLength;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === "number") view.setFloat32(position, value, isLittleEndian);
      else view.setUint32(position, Number(BigInt.asUintN(32, value as bigint)), isLittleEndian);
      position += valueLength;
    }
    return position;
  }

  const frames: Frames = {
    headerLength,
    measure(view, start, fail) {
      const first = view.getUint8(start);
      if (first >> 4 !== version) fail(`a message has version ${first >> 4}, not ${version}`, start);
      if ((first >> 2 & 3) >= messageTypes.length) fail("a message has type 3, which does not exist", start);
      if ((first & 3) !== 0) fail(`a message has ${first & 3} in its reserved bits, not 0`, start);
      return headerLength + valueLength * view.getUint16(start + lengthPosition, isLittleEndian);
    },
    read(view, start, end, fail) {
      const source = view.getUint8(start + sourcePosition);
      if (validatesSource && source !== sourceIndex) {
        fail(`a message has source index ${source}, not ${sourceIndex}`, start + sourcePosition);
      }
      const nsec = view.getUint32(start + nsecPosition, isLittleEndian);
      if (nsec > maximumNanosecond) {
        fail(`a timestamp has ${nsec} nanoseconds, more than ${maximumNanosecond}`, start + nsecPosition);
      }
      const sample: Sample = {
        sequence: BigInt(view.getUint32(start + sequencePosition, isLittleEndian)),
        tsOrigin: { sec: view.getUint32(start + secPosition, isLittleEndian), nsec },
        values: areFloats ? readFloats(view, start, end) : readTyped(view, start, end, fail),
      };
      const type = messageTypes[view.getUint8(start) >> 2 & 3];
      if (type !== undefined) sample.type = type;
      return sample;
    },
  };

  function readFloats(view: DataView, start: number, end: number): number[] {
    const values = new Array<number>((end - start - headerLength) / valueLength);
    let position = start + headerLength;
    for (let i = 0; i < values.length; i++) {
      values[i] = view.getFloat32(position, isLittleEndian);
      position += valueLength;
    }
    return values;
  }

  function readTyped(view: DataView, start: number, end: number, fail: Fail): Value[] {
    const values: Value[] = [];
    for (let position = start + headerLength; position < end; position += valueLength) {
      const type = types[values.length] ?? "float";
      if (type === "float") values.push(view.getFloat32(position, isLittleEndian));
      else if (type === "integer") values.push(BigInt(view.getUint32(position, isLittleEndian)));
      else fail(`value ${values.length} is of type ${type}, which the format cannot carry`, position);
    }
    return values;
  }

  return createBinaryFormat({
    name,
    scannedFrames: areFloats && !validatesSource
      ? (receiver) => scanMessages(frames, isLittleEndian, receiver)
      : undefined,
    isNumbered: true,
    measure,
    write,
    read: (view, start, end, fail) => readFrames(frames, view, start, end, fail),
    frames: () => frames,
  });
}
