/**
 * Reads configuration frames.
 *
 * @module
 */

import type {
  AnalogChannel,
  Configuration,
  DigitalWord,
  NumberFormats,
  PhasorChannel,
  PmuConfiguration,
} from "./configuration.ts";
import { frameTypes, headerLength, readHeader } from "./frame.ts";

/** The largest configuration in several frames, in bytes: no data frame has room for what a larger one describes. */
const maximumConfiguration = 8 * 1024 * 1024;

/** V or A per unit of PHUNIT. */
const phasorUnit = 1e-5;

/** A configuration frame that cannot be read. */
export class ConfigurationError extends Error {
  /** `"ConfigurationError"` */
  override name = "ConfigurationError";
}

/**
 * Reads configurations from frames of type 1, 2 and 3, the latter in segments, too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ConfigurationReader, describePmu, encodeConfiguration2 } from "@villas/client/c37_118";
 *
 * const { configuration } = describePmu({ pmus: [{ name: "LAB", phasor: [{ signal: "va", unit: "volt" }] }] });
 * const reader = new ConfigurationReader();
 * assertEquals(reader.read(encodeConfiguration2(configuration))?.pmus[0]?.station, "LAB");
 * ```
 */
export class ConfigurationReader {
  /** The segments of a configuration 3 so far. */
  #segments: Uint8Array[] = [];
  #length = 0;

  /**
   * Reads a frame.
   *
   * @param frame A configuration frame whose outside is right; its memory may be reused as soon as this returns
   * @returns The configuration; undefined if more segments have to come
   * @throws {ConfigurationError} If the content does not fit into the frame, or a segment is missing
   */
  read(frame: Uint8Array): Configuration | undefined {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length - 2);
    const { type, idcode } = readHeader(view);
    const fields = new Fields(view, headerLength);
    if (type !== frameTypes.configuration3) return readConfiguration(fields, idcode, readPmu);
    const index = fields.uint16();
    if (index === 0) return readConfiguration(fields, idcode, readPmu3);
    if (index !== 0xffff && index !== this.#segments.length + 1 && index !== 1) {
      this.#clear();
      throw new ConfigurationError(`segment ${index} of the configuration does not follow the one before`);
    }
    if (index === 1) this.#clear();
    if (index === 0xffff && this.#segments.length === 0) {
      throw new ConfigurationError("the last segment of a configuration has come without the first one");
    }
    const segment = frame.slice(headerLength + 2, frame.length - 2);
    this.#segments.push(segment);
    this.#length += segment.length;
    if (this.#length > maximumConfiguration) {
      this.#clear();
      throw new ConfigurationError(`it has more than ${maximumConfiguration} bytes`);
    }
    if (index !== 0xffff) return undefined;
    const whole = new Uint8Array(this.#length);
    let position = 0;
    for (const segment of this.#segments) {
      whole.set(segment, position);
      position += segment.length;
    }
    this.#clear();
    return readConfiguration(new Fields(new DataView(whole.buffer), 0), idcode, readPmu3);
  }

  #clear(): void {
    this.#segments = [];
    this.#length = 0;
  }
}

function readConfiguration(
  fields: Fields,
  idcode: number,
  read: (fields: Fields) => PmuConfiguration,
): Configuration {
  const timeBase = fields.uint32();
  const count = fields.uint16();
  const pmus: PmuConfiguration[] = [];
  for (let i = 0; i < count; i++) pmus.push(read(fields));
  const dataRate = fields.int16();
  return { idcode, timeBase: timeBase & 0xff_ffff, timeBaseFlags: timeBase >>> 24, dataRate, pmus };
}

/** Reads a PMU of configuration 1 or 2. */
function readPmu(fields: Fields): PmuConfiguration {
  const station = fields.fixedText();
  const idcode = fields.uint16();
  const numbers = readFormats(fields);
  const [phasorCount, analogCount, digitalCount] = [fields.uint16(), fields.uint16(), fields.uint16()];
  // What is to come is known: a count that cannot be true costs no memory.
  fields.require(phasorCount * 20 + analogCount * 20 + digitalCount * 260 + 4);
  const phasorNames = times(phasorCount, () => fields.fixedText());
  const analogNames = times(analogCount, () => fields.fixedText());
  const digitalNames = times(digitalCount, () => times(16, () => fields.fixedText()));
  const phasors = phasorNames.map((name): PhasorChannel => {
    const unit = fields.uint32();
    const factor = unit & 0xff_ffff;
    const scale = numbers.hasFloatPhasors ? factor : factor * phasorUnit;
    return { name, unit: unit >>> 24 === 0 ? "volt" : "ampere", scale, angleOffset: 0, component: 4, modifications: 0 };
  });
  const analogs = analogNames.map((name): AnalogChannel => {
    const unit = fields.uint32();
    return { name, kind: unit >>> 24, scale: unit << 8 >> 8, offset: 0 };
  });
  const digitals = digitalNames.map((names): DigitalWord => readDigital(fields, names));
  return { station, idcode, numbers, phasors, analogs, digitals, ...readEnd(fields) };
}

/** Reads a PMU of configuration 3. */
function readPmu3(fields: Fields): PmuConfiguration {
  const station = fields.text();
  const idcode = fields.uint16();
  const guid = fields.guid();
  const numbers = readFormats(fields);
  const [phasorCount, analogCount, digitalCount] = [fields.uint16(), fields.uint16(), fields.uint16()];
  fields.require(phasorCount * 13 + analogCount * 9 + digitalCount * 20 + 25);
  const phasorNames = times(phasorCount, () => fields.text());
  const analogNames = times(analogCount, () => fields.text());
  const digitalNames = times(digitalCount, () => times(16, () => fields.text()));
  const phasors = phasorNames.map((name): PhasorChannel => {
    const flags = fields.uint32();
    const [scale, angleOffset] = [fields.float32(), fields.float32()];
    const unit = (flags & 0x0800) === 0 ? "volt" : "ampere";
    return { name, unit, scale, angleOffset, component: flags >> 8 & 7, modifications: (flags & ~0x0f00) >>> 0 };
  });
  const analogs = analogNames.map((name): AnalogChannel => {
    return { name, kind: 0, scale: fields.float32(), offset: fields.float32() };
  });
  const digitals = digitalNames.map((names): DigitalWord => readDigital(fields, names));
  const [latitude, longitude, elevation] = [fields.float32(), fields.float32(), fields.float32()];
  const serviceClass = String.fromCharCode(fields.uint8());
  const [window, groupDelay] = [fields.uint32(), fields.uint32()];
  const details = { guid, latitude, longitude, elevation, serviceClass, window, groupDelay };
  return { station, idcode, numbers, phasors, analogs, digitals, ...readEnd(fields), details };
}

function readFormats(fields: Fields): NumberFormats {
  const format = fields.uint16();
  return {
    isPolar: (format & 1) !== 0,
    hasFloatPhasors: (format & 2) !== 0,
    hasFloatAnalogs: (format & 4) !== 0,
    hasFloatFrequency: (format & 8) !== 0,
  };
}

function readDigital(fields: Fields, names: readonly string[]): DigitalWord {
  return { names, normal: fields.uint16(), mask: fields.uint16() };
}

function readEnd(fields: Fields): Pick<PmuConfiguration, "nominalFrequency" | "changeCount"> {
  const nominalFrequency = (fields.uint16() & 1) === 1 ? 50 : 60;
  return { nominalFrequency, changeCount: fields.uint16() };
}

function times<T>(count: number, read: () => T): T[] {
  return Array.from({ length: count }, read);
}

const decoder = new TextDecoder();

/** The fields of a configuration, one after the other. */
class Fields {
  readonly #view: DataView;
  #position: number;

  constructor(view: DataView, position: number) {
    this.#view = view;
    this.#position = position;
  }

  /** Checks that there are so many bytes. */
  require(length: number): void {
    const left = this.#view.byteLength - this.#position;
    if (left < length) {
      throw new ConfigurationError(`it ends at offset ${this.#position + left}, inside the description of a PMU`);
    }
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  float32(): number {
    return this.#view.getFloat32(this.#take(4));
  }

  /** Reads text of 16 bytes, without the blanks and zero bytes around it. */
  fixedText(): string {
    return this.#decode(16).replace(/^[ \0]+|[ \0]+$/g, "");
  }

  /** Reads text with its length before it. */
  text(): string {
    return this.#decode(this.uint8());
  }

  guid(): string {
    const start = this.#take(16);
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, 16).toHex();
    return bytes.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  #decode(length: number): string {
    const start = this.#take(length);
    return decoder.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length));
  }

  #take(length: number): number {
    this.require(length);
    const position = this.#position;
    this.#position += length;
    return position;
  }
}
