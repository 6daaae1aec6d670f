/**
 * Reads the binary formats of fixed words as VILLASnode does: raw and gtnet (`lib/formats/raw.cpp`), villas.binary and
 * villas.web (`villas_binary.cpp`, `msg.cpp`), and opal.asyncip (`opal_asyncip.cpp`).
 *
 * @module
 */

import { checkNanoseconds, type NodeSample, type NodeValue, type Reading, signalAt, Unreadable } from "./_reading.ts";

/** Reads format `raw`: nothing but values. */
export const readRaw = wordReader("little");

/** Reads format `gtnet`: the same in the other byte order. */
export const readGtnet = wordReader("big");

/** Reads format `villas.binary`. */
export const readBinary = messageReader(false);

/** Reads format `villas.web`: the same, as a little-endian machine has it in memory. */
export const readWeb = messageReader(true);

type DatagramReader = (datagram: Uint8Array, reading: Reading) => NodeSample[];

function wordReader(usual: "little" | "big"): DatagramReader {
  return (datagram, reading) => {
    const { bits = 32, endianess = usual, fake = false } = reading.options;
    const size = Number(bits) / 8;
    // Other widths are configured without complaint, and nothing is read then.
    if (![1, 2, 4, 8].includes(size)) throw new Unreadable(`the node reads no words of ${bits} bits`);
    if (datagram.length % size !== 0) {
      throw new Unreadable(`${datagram.length} bytes are not a whole number of words of ${size} bytes`);
    }
    const words = new Words(datagram, size, endianess === "little");
    const sample: NodeSample = { values: [] };
    if (fake === true) {
      if (words.left < 3) throw new Unreadable(`${words.left} words are fewer than the 3 of the header`);
      sample.sequence = words.unsigned();
      sample.time = { sec: words.unsigned(), nsec: words.unsigned() };
      checkNanoseconds(sample.time.nsec, reading);
    }
    while (words.left > 0) {
      const signal = signalAt(sample.values.length, reading);
      sample.values.push(readWord(words, sample.values.length, signal === "any" ? "any" : signal.type, reading));
    }
    return [sample];
  };
}

function readWord(words: Words, index: number, type: string, { fault }: Reading): NodeValue {
  const isWide = words.size >= 4;
  switch (type) {
    case "any":
      return words.unsigned();
    case "integer":
      return words.signed();
    case "boolean": {
      const word = words.signed();
      if (word !== 0n && word !== 1n) fault(`value ${index} is ${word}, which is not a boolean`);
      return word !== 0n;
    }
  }
  if (!isWide) throw new Unreadable(`value ${index}: words of ${8 * words.size} bits carry no ${type}`);
  if (type === "float") return words.float();
  if (words.left < 2) throw new Unreadable(`value ${index} is half a complex number`);
  return { real: Math.fround(words.float()), imag: Math.fround(words.float()) };
}

/** Takes words one after another. */
class Words {
  readonly size: number;
  readonly #view: DataView;
  readonly #isLittle: boolean;
  #position = 0;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array, size: number, isLittle: boolean) {
    this.size = size;
    this.#view = new DataView(buffer, byteOffset, byteLength);
    this.#isLittle = isLittle;
  }

  /** Number of words that are left. */
  get left(): number {
    return (this.#view.byteLength - this.#position) / this.size;
  }

  unsigned(): bigint {
    let value = 0n;
    for (let i = 0; i < this.size; i++) {
      const place = this.#isLittle ? i : this.size - 1 - i;
      value |= BigInt(this.#view.getUint8(this.#position + i)) << BigInt(8 * place);
    }
    this.#position += this.size;
    return value;
  }

  signed(): bigint {
    return BigInt.asIntN(8 * this.size, this.unsigned());
  }

  float(): number {
    const start = this.#position;
    this.#position += this.size;
    return this.size === 4
      ? this.#view.getFloat32(start, this.#isLittle)
      : this.#view.getFloat64(start, this.#isLittle);
  }
}

function messageReader(isLittle: boolean): DatagramReader {
  return (datagram, reading) => {
    if (datagram.length % 4 !== 0) throw new Unreadable(`${datagram.length} bytes are not a multiple of 4`);
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    const samples: NodeSample[] = [];
    for (let start = 0; start < datagram.length;) {
      if (start + 16 > datagram.length) throw new Unreadable("a message ends inside its header");
      const end = start + 16 + 4 * view.getUint16(start + 2, isLittle);
      if (end > datagram.length) throw new Unreadable("a message ends behind its datagram");
      samples.push(readMessage(new DataView(view.buffer, view.byteOffset + start, end - start), isLittle, reading));
      start = end;
    }
    return samples;
  };
}

function readMessage(view: DataView, isLittle: boolean, reading: Reading): NodeSample {
  const { signals, options: { source_index: source = 0, validate_source_index: validates } } = reading;
  const first = view.getUint8(0);
  if (first >> 4 !== 2) throw new Unreadable(`a message has version ${first >> 4}, not 2`);
  if ((first >> 2 & 3) !== 0) throw new Unreadable(`a message has type ${first >> 2 & 3}, not 0 (data)`);
  if ((first & 3) !== 0) throw new Unreadable(`a message has ${first & 3} in its reserved bits`);
  if (validates === true && view.getUint8(1) !== source) {
    reading.fault(`a message has source index ${view.getUint8(1)}, not ${source}: it is skipped`);
  }
  const [sequence, sec, nsec] = [4, 8, 12].map((position) => BigInt(view.getUint32(position, isLittle)));
  const time = { sec: sec ?? 0n, nsec: nsec ?? 0n };
  checkNanoseconds(time.nsec, reading);
  const sample: NodeSample = { sequence: sequence ?? 0n, time, values: [] };
  const count = (view.byteLength - 16) / 4;
  const taken = signals === "any" ? count : Math.min(count, signals.length);
  // The surplus is lost, and the next message of the datagram is looked for where it begins.
  if (taken < count) reading.fault(`cut: ${count} values, and the node has ${taken} signals`);
  for (let index = 0; index < taken; index++) {
    const position = 16 + 4 * index;
    const type = signals === "any" ? "any" : signals[index]?.type;
    if (type === "float") sample.values.push(view.getFloat32(position, isLittle));
    else if (type === "integer" || type === "any") sample.values.push(BigInt(view.getUint32(position, isLittle)));
    else throw new Unreadable(`value ${index}: the format carries no ${type}`);
  }
  return sample;
}

/** Reads format `opal.asyncip`: doubles behind a header of a device, a sequence number and a length. */
export function readOpal(datagram: Uint8Array, reading: Reading): NodeSample[] {
  if (datagram.length % 8 !== 0) throw new Unreadable(`${datagram.length} bytes are not a multiple of 8`);
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const samples: NodeSample[] = [];
  for (let start = 0; start < datagram.length;) {
    const length = view.getUint16(start + 6, true);
    if (length === 0) throw new Unreadable("the node ignores a packet without values");
    if (length % 8 !== 0) throw new Unreadable(`a packet has ${length} bytes of values, not a multiple of 8`);
    if (start + 8 + length > datagram.length) throw new Unreadable("a packet ends behind its datagram");
    // A packet is said to have room for 64 doubles, though the reader does not look.
    if (length > 512) reading.fault(`a packet has ${length / 8} values, more than 64`);
    const sample: NodeSample = { sequence: BigInt(view.getUint32(start + 2, true)), values: [] };
    for (let index = 0; index < length / 8; index++) {
      const signal = signalAt(index, reading);
      const double = view.getFloat64(start + 8 + 8 * index, true);
      sample.values.push(castDouble(double, index, signal === "any" ? "float" : signal.type, reading));
    }
    samples.push(sample);
    start += 8 + length;
  }
  return samples;
}

/** Casts as `SignalData::cast` does, and notes what a cast loses. */
function castDouble(double: number, index: number, type: string, { fault }: Reading): NodeValue {
  switch (type) {
    case "integer":
      if (!Number.isInteger(double) || double < -(2 ** 63) || double >= 2 ** 63) {
        fault(`value ${index} is ${double}, which is not an integer of 64 bits`);
        return 0n;
      }
      return BigInt(double);
    case "boolean":
      if (double !== 0 && double !== 1) fault(`value ${index} is ${double}, which is not a boolean`);
      return double !== 0;
    case "complex":
      fault(`value ${index}: the format carries no complex`);
      return { real: Math.fround(double), imag: 0 };
    default:
      return double;
  }
}
