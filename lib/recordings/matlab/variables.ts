/**
 * The variables of a MAT-file: finds them, and where their data are.
 *
 * @module
 */

import { DecodeError } from "../../formats/errors.ts";
import { openToRead } from "../../system/open.ts";
import { classes, dataTypes, flags, headerLength, numberReaders, padded } from "./layout.ts";

const name = "matlab";

/** Longest name of a variable that is read, and longest text, in bytes. */
const maximumName = 4096;
const maximumText = 2 ** 24;

/** The most variables that are read: a file of nothing but empty ones must not fill the memory. */
const maximumVariables = 1_000_000;

/** Bytes to read at a time where less is wanted. */
const windowBytes = 512;

const noWindow = { start: 0, bytes: new Uint8Array(0) };

/** Bytes of a compressed variable that show its kind. */
const headBytes = 8192;

/** Stored numbers: in the file, or in the spool of what was compressed. */
export interface StoredNumbers {
  readonly file: Deno.FsFile;
  readonly offset: number;
  readonly type: number;
  /** How many there are. */
  readonly count: number;
}

/** A variable of numbers. */
export interface NumericVariable {
  readonly name: string;
  /** Class of MATLAB's: double, single, or one of integers. */
  readonly class: number;
  readonly isLogical: boolean;
  readonly rows: number;
  readonly columns: number;
  readonly real: StoredNumbers;
  readonly imaginary?: StoredNumbers;
}

/** The variables of a file. It keeps the file open until it is disposed of. */
export interface Variables extends Disposable {
  readonly isLittle: boolean;
  readonly numeric: readonly NumericVariable[];
  /** Variables of text, by their names. */
  readonly texts: ReadonlyMap<string, string>;
  /** Names of variables of other kinds. */
  readonly others: readonly string[];
}

/**
 * Finds the variables of a file.
 *
 * @param path Path of the file
 * @param onDecodeError Called with what cannot be read; the variables in front of it can
 * @throws {DecodeError} If it is not a file of level 5
 */
export async function findVariables(path: string, onDecodeError: (error: DecodeError) => void): Promise<Variables> {
  const file = await openToRead(path);
  const scan = new VariableScan(file, path);
  try {
    await scan.readHeader();
    try {
      await scan.readVariables();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      onDecodeError(error);
    }
    return scan;
  } catch (error) {
    scan[Symbol.dispose]();
    throw error;
  }
}

/** A place where bytes are read from: the file, or the spool. */
interface Place {
  readonly file: Deno.FsFile;
  readonly start: number;
  readonly end: number;
}

class VariableScan implements Variables {
  isLittle = true;
  readonly numeric: NumericVariable[] = [];
  readonly texts = new Map<string, string>();
  readonly others: string[] = [];
  readonly #file: Deno.FsFile;
  readonly #path: string;
  #size = 0;
  /** The spool of what was compressed, its path, and its length. */
  #spool: Deno.FsFile | undefined;
  #spoolPath: string | undefined;
  #spoolLength = 0;
  /** The bytes read last: the parts of a variable's head are small and near each other. */
  #window: { readonly file?: Deno.FsFile; readonly start: number; readonly bytes: Uint8Array<ArrayBuffer> } = noWindow;

  constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  async readHeader(): Promise<void> {
    const { isFile, size } = await this.#file.stat();
    if (!isFile) throw fault("it is not a file with a beginning and an end", 0);
    this.#size = size;
    const header = await this.#read({ file: this.#file, start: 0, end: size }, 0, headerLength);
    const text = String.fromCharCode(...header.subarray(0, 19));
    if (text === "MATLAB 7.3 MAT-file") throw fault("it is of level 7.3 (HDF5): save it with -v7", 0);
    const mark = String.fromCharCode(header[126] ?? 0, header[127] ?? 0);
    if (mark !== "IM" && mark !== "MI") throw fault("it does not begin as a file of level 5", 126);
    this.isLittle = mark === "IM";
    const version = new DataView(header.buffer).getUint16(124, this.isLittle);
    if (version !== 0x0100) throw fault(`its version is 0x${version.toString(16)}, not 0x100`, 124);
  }

  async readVariables(): Promise<void> {
    for (let pos = headerLength; pos < this.#size;) {
      const place = { file: this.#file, start: 0, end: this.#size };
      const { type, length, data } = await this.#readTag(place, pos);
      if (data + length > this.#size) throw fault(`it ends inside the variable that begins here`, pos);
      if (this.numeric.length + this.texts.size + this.others.length > maximumVariables) {
        throw fault(`it has more than ${maximumVariables} variables`, pos);
      }
      try {
        if (type === dataTypes.matrix) await this.#readMatrix({ ...place, end: data + length }, data);
        else if (type === dataTypes.compressed) await this.#inflate(data, length);
        else throw fault(`an element of type ${type} is not a variable`, pos);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        throw fault(error.reason, error.offset ?? pos);
      }
      // Compressed elements are not padded.
      pos = type === dataTypes.compressed ? data + length : data + padded(length);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
    this.#spool?.close();
    this.#spool = undefined;
    if (this.#spoolPath !== undefined) Deno.removeSync(this.#spoolPath);
    this.#spoolPath = undefined;
  }

  /** Reads the parts of a variable, which begins at a position. */
  async #readMatrix(place: Place, start: number): Promise<void> {
    const kind = await this.#readTag(place, start);
    if (kind.type !== dataTypes.uint32 || kind.length !== 8) {
      throw fault("a variable does not begin with its flags", start);
    }
    const word = (await this.#readView(place, kind.data, 4)).getUint32(0, this.isLittle);
    const dimensionsTag = await this.#readTag(place, kind.next);
    const variableClass = word & 0xff;
    const nameTag = await this.#readTag(place, dimensionsTag.next);
    if (nameTag.length > maximumName) throw fault(`a name has ${nameTag.length} bytes`, dimensionsTag.next);
    const variable = new TextDecoder().decode(await this.#read(place, nameTag.data, nameTag.length));
    const isNumber = variableClass >= classes.double && variableClass <= classes.uint64;
    if (!isNumber && variableClass !== classes.char) {
      this.others.push(variable);
      return;
    }
    const count = dimensionsTag.length / 4;
    if (dimensionsTag.type !== dataTypes.int32 || !Number.isInteger(count) || count < 2 || count > 64) {
      throw fault(`${variable} has no dimensions that can be read`, kind.next);
    }
    const view = await this.#readView(place, dimensionsTag.data, dimensionsTag.length);
    const sizes = Array.from({ length: count }, (_, index) => view.getInt32(index * 4, this.isLittle));
    if (sizes.some((size) => size < 0)) throw fault(`${variable} has a negative dimension`, kind.next);
    const columns = sizes.slice(1).reduce((product, size) => product * size, 1);
    const rows = sizes[0] ?? 0;
    const dataTag = await this.#readTag(place, nameTag.next);
    if (variableClass === classes.char) {
      await this.#readText(place, variable, dataTag);
      return;
    }
    const numbers = (tag: Tag): StoredNumbers => {
      const width = numberReaders[tag.type]?.width;
      if (width === undefined) throw fault(`${variable} has data of type ${tag.type}`, nameTag.next);
      if (tag.length !== rows * columns * width) {
        throw fault(`${variable} has ${tag.length} bytes for ${rows} x ${columns} numbers of ${width}`, nameTag.next);
      }
      if (tag.data + tag.length > place.end) throw fault(`${variable} is longer than its element`, nameTag.next);
      return { file: place.file, offset: tag.data, type: tag.type, count: rows * columns };
    };
    const isComplex = (word & flags.complex) !== 0;
    this.numeric.push({
      name: variable,
      class: variableClass,
      isLogical: (word & flags.logical) !== 0,
      ...{ rows, columns },
      real: numbers(dataTag),
      ...isComplex ? { imaginary: numbers(await this.#readTag(place, dataTag.next)) } : {},
    });
  }

  async #readText(place: Place, variable: string, tag: Tag): Promise<void> {
    if (tag.length > maximumText) {
      this.others.push(variable);
      return;
    }
    const bytes = await this.#read(place, tag.data, tag.length);
    const isWide = tag.type === dataTypes.uint16 || tag.type === dataTypes.utf16;
    const encoding = !isWide ? "utf-8" : this.isLittle ? "utf-16le" : "utf-16be";
    this.texts.set(variable, new TextDecoder(encoding).decode(bytes));
  }

  /** Inflates a compressed variable into the spool, unless it is of a kind that is not read. */
  async #inflate(start: number, length: number): Promise<void> {
    const spool = await this.#openSpool();
    const begin = this.#spoolLength;
    let end = begin;
    let wanted = Infinity;
    const reader = inflate(this.#file, start, length).getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        await spool.seek(end, Deno.SeekMode.Start);
        for (let written = 0; written < value.length;) written += await spool.write(value.subarray(written));
        end += value.length;
        this.#window = noWindow;
        if (wanted === Infinity && end - begin >= 8) {
          const tag = await this.#readTag({ file: spool, start: begin, end }, begin);
          if (tag.type !== dataTypes.matrix) throw fault(`a compressed element of type ${tag.type}`, start);
          wanted = 8 + tag.length;
        }
        if (end - begin >= Math.min(headBytes, wanted) && await this.#isOther({ file: spool, start: begin, end })) {
          break;
        }
        if (end - begin > wanted) throw fault("a compressed variable is longer than it says", start);
      }
    } catch (error) {
      if (error instanceof DecodeError) throw fault(error.reason, start);
      if (!(error instanceof TypeError)) throw error;
      throw fault(`a compressed variable is damaged: ${error.message}`, start);
    } finally {
      await reader.cancel().catch(() => {});
    }
    this.#spoolLength = end;
    try {
      await this.#readMatrix({ file: spool, start: begin, end }, begin + 8);
    } catch (error) {
      throw error instanceof DecodeError ? fault(error.reason, start) : error;
    }
  }

  /** Tells whether a variable, of which the beginning is there, is neither numbers nor text. */
  async #isOther(place: Place): Promise<boolean> {
    const kind = await this.#readTag(place, place.start + 8);
    const word = (await this.#readView(place, kind.data, 4)).getUint32(0, this.isLittle);
    const variableClass = word & 0xff;
    return variableClass !== classes.char && (variableClass < classes.double || variableClass > classes.uint64);
  }

  async #openSpool(): Promise<Deno.FsFile> {
    if (this.#spool !== undefined) return this.#spool;
    const path = await Deno.makeTempFile({ prefix: "villas-client-mat-" });
    this.#spool = await Deno.open(path, { read: true, write: true });
    // A file that is removed while it is open is gone with the process, however that ends. Windows refuses it.
    this.#spoolPath = await Deno.remove(path).then(() => undefined, () => path);
    return this.#spool;
  }

  async #readTag(place: Place, pos: number): Promise<Tag> {
    const view = await this.#readView(place, pos, 8);
    const word = view.getUint32(0, this.isLittle);
    // A small element has its length in the upper half of the word, and its data behind it.
    if (word > 0xffff) return { type: word & 0xffff, length: Math.min(word >>> 16, 4), data: pos + 4, next: pos + 8 };
    const length = view.getUint32(4, this.isLittle);
    return { type: word, length, data: pos + 8, next: pos + 8 + padded(length) };
  }

  async #readView(place: Place, pos: number, length: number): Promise<DataView> {
    return new DataView((await this.#read(place, pos, length)).buffer);
  }

  async #read({ file, start, end }: Place, pos: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (pos < start || pos + length > end) throw fault("it ends inside an element", pos);
    const window = this.#window;
    if (file === window.file && pos >= window.start && pos + length <= window.start + window.bytes.length) {
      return window.bytes.slice(pos - window.start, pos - window.start + length);
    }
    const bytes = new Uint8Array(Math.min(Math.max(length, windowBytes), end - pos));
    await file.seek(pos, Deno.SeekMode.Start);
    for (let used = 0; used < bytes.length;) {
      const count = await file.read(bytes.subarray(used));
      if (count === null) throw fault("it ends inside an element", pos);
      used += count;
    }
    if (length > windowBytes) return bytes;
    this.#window = { file, start: pos, bytes };
    return bytes.slice(0, length);
  }
}

/** The tag of an element: its type, the place of its data, and that of the next element. */
interface Tag {
  readonly type: number;
  readonly length: number;
  readonly data: number;
  readonly next: number;
}

/** Inflates a part of a file. */
function inflate(file: Deno.FsFile, start: number, length: number): ReadableStream<Uint8Array> {
  let pos = start;
  const source = new ReadableStream<BufferSource>({
    async pull(controller) {
      const bytes = new Uint8Array(Math.min(65_536, start + length - pos));
      if (bytes.length === 0) return controller.close();
      await file.seek(pos, Deno.SeekMode.Start);
      const count = await file.read(bytes);
      if (count === null) return controller.close();
      pos += count;
      controller.enqueue(bytes.subarray(0, count));
    },
  });
  return source.pipeThrough(new DecompressionStream("deflate"));
}

function fault(reason: string, offset: number): DecodeError {
  return new DecodeError(name, reason, { offset }, { source: "file" });
}
