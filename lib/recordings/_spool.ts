/**
 * A spool: samples that wait on the disk for what only the last of them tells, such as the range of each signal. Each
 * signal can be read on its own, so that files that hold one signal after the other are written in constant memory.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "../samples/sample.ts";
import { isComplex } from "../samples/sample.ts";
import type { Signal, SignalType } from "../samples/signals.ts";

/** Length of the blocks of the spool, about 4 MiB. */
const blockBytes = 2 ** 22;

/** The most rows of a block; a multiple of 8, so that all columns are aligned. */
const maximumRows = 8192;

/** Bytes of a value, by its type. A complex one has two parts, each in a column of its own. */
const widths: Readonly<Record<SignalType, number>> = { float: 8, integer: 8, boolean: 1, complex: 16 };

/** The columns that all samples have: origin and reception in seconds and nanoseconds, NaN if missing; sequence number, and flags. */
const fixedWidth = 8 + 4 + 8 + 4 + 8 + 1;

/** Flag of a sample that has a sequence number. */
const sequenceFlag = 1;

/** The values of a signal, in the memory of a block. */
export type Column = Float64Array | BigInt64Array | Uint8Array;

/** Figures of a signal. */
export interface ColumnFigures {
  /** The smallest and the largest number; infinite if there is none. Booleans and complex values have none. */
  minimum: number;
  maximum: number;
  /** Number of values that are NaN or unset. */
  missing: number;
  /** The fewest decimals with which all values are written exactly, up to 9; more if there are none such. */
  decimals: number;
}

/** The memory of a block, and the columns in it. */
interface Block {
  readonly bytes: Uint8Array;
  readonly originSec: Float64Array;
  readonly receivedSec: Float64Array;
  readonly sequence: BigUint64Array;
  readonly values: readonly Column[];
  readonly imaginary: readonly (Float64Array | undefined)[];
  readonly originNsec: Uint32Array;
  readonly receivedNsec: Uint32Array;
  readonly flags: Uint8Array;
}

/** A spool of samples that have the same signals. */
export class Spool implements AsyncDisposable {
  readonly signals: readonly Signal[];
  /** Figures of each signal. */
  readonly figures: readonly ColumnFigures[];
  /** Number of samples. */
  length = 0;
  /** The earliest and the latest origin timestamp, and whether one is earlier than the one before it. */
  first: Timestamp | undefined;
  last: Timestamp | undefined;
  isBackward = false;
  /** Number of samples that have no origin timestamp, a sequence number, a receive timestamp. */
  untimed = 0;
  numbered = 0;
  received = 0;
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #isRemoved: boolean;
  readonly #rows: number;
  readonly #block: Block;
  #used = 0;
  /** Number of blocks in the file. */
  #blocks = 0;

  private constructor(file: Deno.FsFile, path: string, isRemoved: boolean, signals: readonly Signal[]) {
    this.#file = file;
    this.#path = path;
    this.#isRemoved = isRemoved;
    this.signals = signals;
    const rowBytes = signals.reduce((sum, { type }) => sum + widths[type], fixedWidth);
    this.#rows = Math.max(8, Math.min(maximumRows, Math.floor(blockBytes / rowBytes / 8) * 8));
    this.#block = createBlock(signals, this.#rows);
    this.figures = signals.map(() => ({ minimum: Infinity, maximum: -Infinity, missing: 0, decimals: 0 }));
  }

  /**
   * Creates a spool.
   *
   * @param path Path of the file that is going to be written: the spool lies beside it, where there is room for it
   * @param signals The signals of the samples
   */
  static async create(path: string, signals: readonly Signal[]): Promise<Spool> {
    const folder = /^(.*)[/\\][^/\\]*$/s.exec(path)?.[1] ?? ".";
    const spoolPath = await Deno.makeTempFile({ dir: folder === "" ? "/" : folder, prefix: ".villas-client-spool-" });
    const file = await Deno.open(spoolPath, { read: true, write: true });
    // A file that is removed while it is open is gone with the process, however that ends. Windows refuses it.
    const isRemoved = await Deno.remove(spoolPath).then(() => true, () => false);
    return new Spool(file, spoolPath, isRemoved, signals);
  }

  /** Adds samples, whose values have been checked. */
  async append(samples: readonly Sample[]): Promise<void> {
    for (const sample of samples) {
      this.#add(sample);
      if (this.#used === this.#rows) await this.#flush();
    }
  }

  /** Reads the samples again, in blocks whose memory is used for the next one. */
  async *samples(): AsyncGenerator<Sample[], void, undefined> {
    for (let index = 0; index <= this.#blocks; index++) {
      const block = index < this.#blocks ? await this.#load(index) : this.#block;
      const samples: Sample[] = [];
      const rows = index < this.#blocks ? this.#rows : this.#used;
      for (let row = 0; row < rows; row++) samples.push(this.#sampleAt(block, row));
      if (samples.length > 0) yield samples;
    }
  }

  /** Reads the values of a signal, in pieces whose memory is used for the next one; of a complex one, either part. */
  column(index: number, part: "real" | "imag" = "real"): AsyncGenerator<Column, void, undefined> {
    return this.#readColumn((block) => {
      return (part === "imag" ? block.imaginary[index] : block.values[index]) ?? block.originSec;
    });
  }

  /** Reads the sequence numbers, 0 where there is none. */
  sequences(): AsyncGenerator<BigUint64Array, void, undefined> {
    return this.#readColumn((block) => block.sequence);
  }

  /** Reads the origin timestamps, or those of reception, as nanoseconds since 1970; 0 where there is none. */
  async *times(which: "origin" | "received"): AsyncGenerator<BigInt64Array, void, undefined> {
    const isOrigin = which === "origin";
    const seconds = this.#readColumn((block) => isOrigin ? block.originSec : block.receivedSec);
    const nanoseconds = this.#readColumn((block) => isOrigin ? block.originNsec : block.receivedNsec);
    for await (const secs of seconds) {
      const { value: nsecs } = await nanoseconds.next();
      const times = new BigInt64Array(secs.length);
      for (let row = 0; row < secs.length; row++) {
        const sec = secs[row] ?? NaN;
        // Before the multiplication is exact no more, the parts are.
        if (!Number.isNaN(sec)) times[row] = BigInt(sec) * 1_000_000_000n + BigInt(nsecs?.[row] ?? 0);
      }
      yield times;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
    if (!this.#isRemoved) await Deno.remove(this.#path).catch(() => {});
  }

  #add(sample: Sample): void {
    const { tsOrigin, tsReceived, sequence, values } = sample;
    const block = this.#block;
    const row = this.#used++;
    this.length++;
    block.originSec[row] = tsOrigin?.sec ?? NaN;
    block.originNsec[row] = tsOrigin?.nsec ?? 0;
    block.receivedSec[row] = tsReceived?.sec ?? NaN;
    block.receivedNsec[row] = tsReceived?.nsec ?? 0;
    block.sequence[row] = sequence ?? 0n;
    block.flags[row] = sequence === undefined ? 0 : sequenceFlag;
    if (sequence !== undefined) this.numbered++;
    if (tsReceived !== undefined) this.received++;
    this.#followTime(tsOrigin);
    for (let i = 0; i < this.signals.length; i++) this.#store(i, row, values[i] ?? null);
  }

  #followTime(time: Timestamp | undefined): void {
    if (time === undefined) {
      this.untimed++;
      return;
    }
    this.first ??= time;
    const { last } = this;
    if (last !== undefined && (time.sec < last.sec || (time.sec === last.sec && time.nsec < last.nsec))) {
      this.isBackward = true;
    }
    this.last = time;
  }

  #store(index: number, row: number, value: Value): void {
    const column = this.#block.values[index];
    const figures = this.figures[index];
    if (column === undefined || figures === undefined) return;
    if (typeof value === "bigint") {
      column[row] = value;
      follow(figures, Number(value));
    } else if (typeof value === "boolean") {
      column[row] = value ? 1 : 0;
    } else if (isComplex(value)) {
      column[row] = value.real;
      const imaginary = this.#block.imaginary[index];
      if (imaginary !== undefined) imaginary[row] = value.imag;
    } else {
      const number = value ?? NaN;
      column[row] = number;
      if (Number.isNaN(number)) figures.missing++;
      else follow(figures, number);
    }
  }

  #sampleAt(block: Block, row: number): Sample {
    const sample: Sample = { values: [] };
    if (((block.flags[row] ?? 0) & sequenceFlag) !== 0) sample.sequence = block.sequence[row] ?? 0n;
    const originSec = block.originSec[row] ?? NaN;
    if (!Number.isNaN(originSec)) sample.tsOrigin = { sec: originSec, nsec: block.originNsec[row] ?? 0 };
    const receivedSec = block.receivedSec[row] ?? NaN;
    if (!Number.isNaN(receivedSec)) sample.tsReceived = { sec: receivedSec, nsec: block.receivedNsec[row] ?? 0 };
    sample.values = this.signals.map(({ type }, index) => {
      const value = block.values[index]?.[row] ?? 0;
      if (type === "boolean") return value === 1;
      return type === "complex" ? { real: Number(value), imag: block.imaginary[index]?.[row] ?? 0 } : value;
    });
    return sample;
  }

  async *#readColumn<C extends Column | BigUint64Array | Uint32Array>(
    choose: (block: Block) => C,
  ): AsyncGenerator<C, void, undefined> {
    const column = choose(this.#block);
    const start = column.byteOffset;
    const { length } = this.#block.bytes;
    const bytes = new Uint8Array(column.byteLength);
    const Constructor = column.constructor as new (buffer: ArrayBufferLike) => C;
    const loaded = new Constructor(bytes.buffer);
    for (let index = 0; index < this.#blocks; index++) {
      await this.#file.seek(index * length + start, Deno.SeekMode.Start);
      await readFully(this.#file, bytes);
      yield loaded;
    }
    if (this.#used > 0) yield column.subarray(0, this.#used) as C;
  }

  async #load(index: number): Promise<Block> {
    const block = createBlock(this.signals, this.#rows);
    await this.#file.seek(index * block.bytes.length, Deno.SeekMode.Start);
    await readFully(this.#file, block.bytes);
    return block;
  }

  async #flush(): Promise<void> {
    const { bytes } = this.#block;
    await this.#file.seek(this.#blocks * bytes.length, Deno.SeekMode.Start);
    for (let written = 0; written < bytes.length;) written += await this.#file.write(bytes.subarray(written));
    this.#blocks++;
    this.#used = 0;
  }
}

/** Creates the memory of a block: the columns of eight bytes come first, so that all are aligned. */
function createBlock(signals: readonly Signal[], rows: number): Block {
  const rowBytes = signals.reduce((sum, { type }) => sum + widths[type], fixedWidth);
  const buffer = new ArrayBuffer(rowBytes * rows);
  let offset = 0;
  const take = (width: number) => {
    const start = offset;
    offset += width * rows;
    return start;
  };
  const values = new Map<number, Column>();
  const imaginary = new Map<number, Float64Array>();
  const originSec = new Float64Array(buffer, take(8), rows);
  const receivedSec = new Float64Array(buffer, take(8), rows);
  const sequence = new BigUint64Array(buffer, take(8), rows);
  for (const [index, { type }] of signals.entries()) {
    if (type === "integer") values.set(index, new BigInt64Array(buffer, take(8), rows));
    else if (type !== "boolean") values.set(index, new Float64Array(buffer, take(8), rows));
    if (type === "complex") imaginary.set(index, new Float64Array(buffer, take(8), rows));
  }
  const originNsec = new Uint32Array(buffer, take(4), rows);
  const receivedNsec = new Uint32Array(buffer, take(4), rows);
  for (const [index, { type }] of signals.entries()) {
    if (type === "boolean") values.set(index, new Uint8Array(buffer, take(1), rows));
  }
  const flags = new Uint8Array(buffer, take(1), rows);
  return {
    ...{ originSec, receivedSec, sequence, originNsec, receivedNsec, flags },
    bytes: new Uint8Array(buffer),
    values: signals.map((_, index) => values.get(index) ?? originSec),
    imaginary: signals.map((_, index) => imaginary.get(index)),
  };
}

/** Follows the range of a signal, and the decimals that its values have. */
function follow(figures: ColumnFigures, value: number): void {
  if (value < figures.minimum) figures.minimum = value;
  if (value > figures.maximum) figures.maximum = value;
  while (figures.decimals <= 9 && !hasDecimals(value, figures.decimals)) figures.decimals++;
}

/** Tells whether a value is a multiple of a power of ten, as exactly as a float64 can be one. */
function hasDecimals(value: number, decimals: number): boolean {
  const power = 10 ** decimals;
  return Math.round(value * power) / power === value;
}

async function readFully(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let length = 0; length < bytes.length;) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) throw new Error("Cannot read the spool: it ends too early");
    length += count;
  }
}
