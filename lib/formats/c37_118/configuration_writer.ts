/**
 * Writes configuration frames.
 *
 * @module
 */

import type { Configuration, PmuConfiguration } from "./configuration.ts";
import type { FrameSettings } from "./command.ts";
import { type FrameType, frameTypes, headerLength, maximumFrameLength, sealFrame } from "./frame.ts";

/** The most bytes of a configuration 3 in one frame: what is left of it after header, CONT_IDX and checksum. */
const segmentLength = maximumFrameLength - headerLength - 4;

/** Header fields of a configuration frame; the stream is that of the configuration. */
export type ConfigurationSettings = Partial<Omit<FrameSettings, "idcode">>;

/**
 * Encodes a configuration 2: the data that is sent.
 *
 * @param configuration The configuration
 * @param settings Version and time; default: version 1 and time 0
 * @returns The frame
 * @throws {RangeError} If it does not fit into a frame, or a factor not into 24 bits
 */
export function encodeConfiguration2(
  configuration: Configuration,
  settings?: ConfigurationSettings,
): Uint8Array<ArrayBuffer> {
  return encodeFixed(configuration, frameTypes.configuration2, settings);
}

/**
 * Encodes a configuration 1: the data that a device is able to send, here the same.
 *
 * @param configuration The configuration
 * @param settings Version and time; default: version 1 and time 0
 * @returns The frame
 * @throws {RangeError} As {@linkcode encodeConfiguration2}
 */
export function encodeConfiguration1(
  configuration: Configuration,
  settings?: ConfigurationSettings,
): Uint8Array<ArrayBuffer> {
  return encodeFixed(configuration, frameTypes.configuration1, settings);
}

/**
 * Encodes a configuration 3, in as many frames as it needs.
 *
 * @param configuration The configuration; details that it does not have are written as unknown
 * @param settings Version and time; default: version 2, the first one that has it, and time 0
 * @param length The most bytes of content in one frame
 * @returns The frames
 * @throws {RangeError} If it has more than 65,535 PMUs or channels
 */
export function encodeConfiguration3(
  configuration: Configuration,
  settings: ConfigurationSettings = {},
  length: number = segmentLength,
): Uint8Array<ArrayBuffer>[] {
  const content = new Writer();
  writeConfiguration(content, configuration, writePmu3);
  const { bytes } = content;
  const frames: Uint8Array<ArrayBuffer>[] = [];
  for (let position = 0; position < bytes.length; position += length) {
    const end = Math.min(position + length, bytes.length);
    const isLast = end === bytes.length;
    const frame = new Uint8Array(headerLength + 2 + end - position + 2);
    const index = !isLast ? frames.length + 1 : frames.length === 0 ? 0 : 0xffff;
    new DataView(frame.buffer).setUint16(headerLength, index);
    frame.set(bytes.subarray(position, end), headerLength + 2);
    sealFrame(frame, toHeader(configuration, frameTypes.configuration3, { version: 2, ...settings }));
    frames.push(frame);
  }
  return frames;
}

function encodeFixed(
  configuration: Configuration,
  type: FrameType,
  settings: ConfigurationSettings = {},
): Uint8Array<ArrayBuffer> {
  const content = new Writer();
  writeConfiguration(content, configuration, writePmu);
  const { bytes } = content;
  const length = headerLength + bytes.length + 2;
  if (length > maximumFrameLength) {
    throw new RangeError(
      `Cannot encode the configuration in one frame: it has ${length} bytes, more than ${maximumFrameLength}`,
    );
  }
  const frame = new Uint8Array(length);
  frame.set(bytes, headerLength);
  sealFrame(frame, toHeader(configuration, type, settings));
  return frame;
}

function toHeader({ idcode }: Configuration, type: FrameType, settings: ConfigurationSettings) {
  return { version: 1, soc: 0, timeQuality: 0, fraction: 0, ...settings, type, idcode };
}

function writeConfiguration(
  writer: Writer,
  { timeBase, timeBaseFlags = 0, dataRate, pmus }: Configuration,
  write: (writer: Writer, pmu: PmuConfiguration) => void,
): void {
  writer.uint32((timeBaseFlags << 24 | timeBase) >>> 0);
  writer.count(pmus.length);
  for (const pmu of pmus) write(writer, pmu);
  writer.uint16(dataRate & 0xffff);
}

/** Writes a PMU of configuration 1 or 2. */
function writePmu(writer: Writer, pmu: PmuConfiguration): void {
  const { phasors, analogs, digitals, numbers } = pmu;
  writer.fixedText(pmu.station);
  writer.uint16(pmu.idcode);
  writeCounts(writer, pmu);
  for (const { name } of [...phasors, ...analogs]) writer.fixedText(name);
  for (const { names } of digitals) {
    for (let bit = 0; bit < 16; bit++) writer.fixedText(names[bit] ?? "");
  }
  for (const { name, unit, scale } of phasors) {
    const factor = Math.round(numbers.hasFloatPhasors ? scale : scale * 1e5);
    if (!(factor >= 0 && factor <= 0xff_ffff)) throw beyond24Bits(name, scale);
    writer.uint32(((unit === "volt" ? 0 : 1) << 24 | factor) >>> 0);
  }
  for (const { name, kind, scale } of analogs) {
    const factor = Math.round(scale);
    if (!(factor >= -0x80_0000 && factor <= 0x7f_ffff)) throw beyond24Bits(name, scale);
    writer.uint32((kind << 24 | factor & 0xff_ffff) >>> 0);
  }
  writeDigitals(writer, pmu);
  writeEnd(writer, pmu);
}

/** Writes a PMU of configuration 3. */
function writePmu3(writer: Writer, pmu: PmuConfiguration): void {
  const { phasors, analogs, digitals, details } = pmu;
  writer.text(pmu.station);
  writer.uint16(pmu.idcode);
  writer.hex(details?.guid ?? "", 16);
  writeCounts(writer, pmu);
  for (const { name } of [...phasors, ...analogs]) writer.text(name);
  for (const { names } of digitals) {
    for (let bit = 0; bit < 16; bit++) writer.text(names[bit] ?? "");
  }
  for (const { unit, scale, angleOffset, component, modifications } of phasors) {
    writer.uint32((modifications | (unit === "volt" ? 0 : 0x0800) | component << 8) >>> 0);
    writer.float32(scale);
    writer.float32(angleOffset);
  }
  for (const { scale, offset } of analogs) {
    writer.float32(scale);
    writer.float32(offset);
  }
  writeDigitals(writer, pmu);
  writer.float32(details?.latitude ?? Infinity);
  writer.float32(details?.longitude ?? Infinity);
  writer.float32(details?.elevation ?? Infinity);
  writer.uint8((details?.serviceClass ?? "M").charCodeAt(0));
  writer.uint32(details?.window ?? 0);
  writer.uint32(details?.groupDelay ?? 0);
  writeEnd(writer, pmu);
}

function writeCounts(writer: Writer, { numbers, phasors, analogs, digitals }: PmuConfiguration): void {
  const { isPolar, hasFloatPhasors, hasFloatAnalogs, hasFloatFrequency } = numbers;
  const flags = [isPolar, hasFloatPhasors, hasFloatAnalogs, hasFloatFrequency];
  writer.uint16(flags.reduce((format, flag, bit) => format | Number(flag) << bit, 0));
  for (const { length } of [phasors, analogs, digitals]) writer.count(length);
}

function writeDigitals(writer: Writer, { digitals }: PmuConfiguration): void {
  for (const { normal, mask } of digitals) {
    writer.uint16(normal);
    writer.uint16(mask);
  }
}

function writeEnd(writer: Writer, { nominalFrequency, changeCount }: PmuConfiguration): void {
  writer.uint16(nominalFrequency === 50 ? 1 : 0);
  writer.uint16(changeCount);
}

function beyond24Bits(name: string, scale: number): RangeError {
  return new RangeError(
    `Cannot encode the factor ${scale} of "${name}": it does not fit into the 24 bits of configuration 2`,
  );
}

const encoder = new TextEncoder();

/** Memory that grows, and is written from its start on. */
class Writer {
  #memory = new Uint8Array(1024);
  #view = new DataView(this.#memory.buffer);
  #length = 0;

  /** What was written. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length);
  }

  uint8(value: number): void {
    const position = this.#reserve(1); // may replace the view
    this.#view.setUint8(position, value);
  }

  uint16(value: number): void {
    const position = this.#reserve(2); // may replace the view
    this.#view.setUint16(position, value);
  }

  uint32(value: number): void {
    const position = this.#reserve(4); // may replace the view
    this.#view.setUint32(position, value);
  }

  float32(value: number): void {
    const position = this.#reserve(4); // may replace the view
    this.#view.setFloat32(position, value);
  }

  /** Writes a number of PMUs or channels. */
  count(value: number): void {
    if (value > 0xffff) throw new RangeError(`Cannot encode ${value} PMUs or channels: there are at most 65535`);
    this.uint16(value);
  }

  /** Writes text of 16 bytes: cut at the end of a character, and filled with blanks. */
  fixedText(text: string): void {
    const start = this.#reserve(16);
    const { written } = encoder.encodeInto(text, this.#memory.subarray(start, start + 16));
    this.#memory.fill(0x20, start + written, start + 16);
  }

  /** Writes text with its length before it, cut at the end of a character. */
  text(text: string): void {
    const start = this.#reserve(256);
    const { written } = encoder.encodeInto(text, this.#memory.subarray(start + 1, start + 256));
    this.#memory[start] = written;
    this.#length = start + 1 + written;
  }

  /** Writes so many bytes that are given as hexadecimal digits, with hyphens or without; missing ones are 0. */
  hex(digits: string, length: number): void {
    const start = this.#reserve(length);
    const bytes = Uint8Array.fromHex(digits.replaceAll("-", "").padEnd(2 * length, "0").slice(0, 2 * length));
    this.#memory.set(bytes, start);
  }

  #reserve(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#memory.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#memory.length));
      larger.set(this.#memory);
      this.#memory = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}
