/**
 * The heads of the pages of Parquet files, and the runs in pages: they say how much memory and time a page takes, and the
 * library believes them.
 *
 * @see https://github.com/apache/parquet-format, `PageHeader` in parquet.thrift, in the compact protocol of Thrift
 *
 * @module
 */

import { findRunFault } from "./runs.ts";

/** What a column chunk may hold. */
export interface PageLimits {
  /** Number of its values. */
  readonly values: number;
  /** Bytes of all its pages, inflated, with their heads. */
  readonly bytes: number;
}

/** What the metadata says of a column. */
export interface PageColumn {
  /** True if values may be missing: then levels of definition stand in front of them. */
  readonly isOptional: boolean;
  /** True if the values are truth values. */
  readonly isBoolean: boolean;
  /** Inflates a page; undefined where pages are not compressed. */
  readonly inflate: ((bytes: Uint8Array, length: number) => Uint8Array) | undefined;
}

/** The head of a page. */
interface PageHead {
  /** Bytes of the page in the file, and inflated. */
  stored: number;
  inflated: number;
  /** Number of its values. */
  count: number;
  /** Field of its kind. */
  kind: number | undefined;
  /** Way in which its values are encoded. */
  encoding: number | undefined;
  /** Bytes of its levels, which a page of version 2 does not compress; and whether it compresses the values. */
  levelBytes: number;
  isCompressed: boolean;
}

/** A head is not what it should be; the message is the reason. */
class PageFault extends Error {}

/** The deepest nesting of structures: that of the metadata is ten. */
const maximumDepth = 32;

/** Types of the compact protocol. */
const types = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
};

/** Fields of a page's head: its sizes, and the structures that begin with the number of its values. */
const sizeFields = { inflated: 2, stored: 3 } as const;
const countedFields: readonly number[] = [5, 7, 8];

/** Fields of those structures that say how the values are encoded. */
const encodingFields: Readonly<Record<number, number>> = { 5: 2, 7: 2, 8: 4 };

/** Kinds of pages. */
const kinds = { data: 5, dictionary: 7, data2: 8 } as const;

/** Fields of a page of version 2: bytes of its levels, and whether its values are compressed. */
const levelFields: readonly number[] = [5, 6];
const compressedField = 7;

/** Encodings of values that have runs: dictionaries, and truth values. */
const dictionaryEncodings: readonly number[] = [2, 8];
const runEncoding = 3;

/**
 * Encodings that are read: plain, dictionaries, runs, and split streams. The deltas are not: their heads have counts that the
 * library takes at their word, and hardly any program writes them unless it is told to.
 */
const encodings: readonly number[] = [0, 2, 3, 4, 8, 9];

/**
 * Checks the heads of all pages of a column chunk, and the runs in them.
 *
 * @param chunk The bytes of the chunk
 * @param limits What it may hold
 * @param column What the metadata says of it
 * @returns The reason why it cannot be read, or undefined
 */
export function findPageFault(chunk: Uint8Array, limits: PageLimits, column: PageColumn): string | undefined {
  const cursor = new Cursor(chunk);
  let values = 0;
  try {
    while (cursor.pos < chunk.length) {
      const head = readHead(cursor, limits);
      const { stored, count, kind } = head;
      if (stored > chunk.length - cursor.pos) return "a page is longer than its column";
      const fault = findFaultInRuns(chunk.subarray(cursor.pos, cursor.pos + stored), head, column);
      if (fault !== undefined) return fault;
      cursor.pos += stored;
      if (kind !== kinds.dictionary) values += count;
      if (values > limits.values) return `its pages hold more than ${limits.values} values`;
    }
  } catch (error) {
    if (!(error instanceof PageFault)) throw error;
    return error.message;
  }
  return undefined;
}

/**
 * Checks that a structure of Thrift ends where its bytes do, and that no list in it is longer than they are.
 *
 * @param bytes The bytes
 * @returns The reason why it cannot be read, or undefined
 */
export function findStructureFault(bytes: Uint8Array): string | undefined {
  try {
    new Cursor(bytes).fields(0, () => false);
    return undefined;
  } catch (error) {
    if (!(error instanceof PageFault)) throw error;
    return error.message;
  }
}

/** Checks the runs of a page: the levels of definition, and the values where their encoding has runs. */
function findFaultInRuns(page: Uint8Array, head: PageHead, column: PageColumn): string | undefined {
  const { kind, encoding, count, levelBytes, inflated } = head;
  if (kind !== kinds.data && kind !== kinds.data2) return undefined;
  const isDictionary = dictionaryEncodings.includes(encoding ?? -1);
  const hasRuns = isDictionary || (column.isBoolean && encoding === runEncoding);
  if (!column.isOptional && !hasRuns) return undefined;
  const isNewer = kind === kinds.data2;
  // The library goes on until it has all values, whatever length of the runs stands in front of them.
  if (isNewer && column.isOptional) {
    const fault = findRunFault(page, 1, count);
    if (fault !== undefined || !hasRuns) return fault;
  }
  const packed = isNewer ? page.subarray(levelBytes) : page;
  const isPacked = column.inflate !== undefined && (!isNewer || head.isCompressed);
  let bytes: Uint8Array;
  try {
    bytes = isPacked && column.inflate ? column.inflate(packed, inflated - (isNewer ? levelBytes : 0)) : packed;
  } catch {
    return "a page cannot be inflated";
  }
  if (!isNewer && column.isOptional) {
    const fault = findRunFault(bytes.subarray(4), 1, count);
    if (fault !== undefined) return fault;
    bytes = bytes.subarray(4 + lengthAt(bytes));
  }
  if (!hasRuns) return undefined;
  return isDictionary
    ? findRunFault(bytes.subarray(1), bytes[0] ?? 0, count)
    : findRunFault(bytes.subarray(4), 1, count);
}

/** Reads the length that runs begin with. */
function lengthAt(bytes: Uint8Array): number {
  if (bytes.length < 4) throw new PageFault("a page is cut off");
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

function readHead(cursor: Cursor, limits: PageLimits): PageHead {
  const head: PageHead = {
    ...{ stored: -1, inflated: 0, count: 0, kind: undefined, encoding: undefined, levelBytes: 0, isCompressed: true },
  };
  cursor.fields(0, (id, type) => {
    if (type === types.i32 && id === sizeFields.inflated) {
      head.inflated = cursor.zigzag();
      if (head.inflated < 0 || head.inflated > limits.bytes) {
        throw new PageFault(`a page would be ${head.inflated} bytes long`);
      }
      return true;
    }
    if (type === types.i32 && id === sizeFields.stored) {
      head.stored = cursor.zigzag();
      if (head.stored < 0) throw new PageFault(`a page has ${head.stored} bytes`);
      return true;
    }
    if (type !== types.struct || !countedFields.includes(id)) return false;
    head.kind = id;
    cursor.fields(1, (inner, innerType) => {
      if (id === kinds.data2 && inner === compressedField && innerType <= types.false) {
        head.isCompressed = innerType === types.true;
        return true;
      }
      if (innerType !== types.i32) return false;
      if (inner === encodingFields[id]) {
        const encoding = cursor.zigzag();
        if (!encodings.includes(encoding)) {
          throw new PageFault(`a page is encoded in way ${encoding}, which is not read`);
        }
        head.encoding = encoding;
        return true;
      }
      if (id === kinds.data2 && levelFields.includes(inner)) {
        const length = cursor.zigzag();
        if (length < 0) throw new PageFault(`a page has ${length} bytes of levels`);
        head.levelBytes += length;
        return true;
      }
      if (inner !== 1) return false;
      head.count = cursor.zigzag();
      if (head.count < 0 || head.count > limits.values) throw new PageFault(`a page would hold ${head.count} values`);
      return true;
    });
    return true;
  });
  if (head.stored < 0) throw new PageFault("a page does not say how long it is");
  return head;
}

/** A position in the compact protocol of Thrift. */
class Cursor {
  pos = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Reads the fields of a structure; what the callback does not read is skipped. */
  fields(depth: number, read: (id: number, type: number) => boolean): void {
    if (depth > maximumDepth) throw new PageFault("it is nested too deep");
    for (let id = 0;;) {
      const head = this.#byte();
      if (head === 0) return;
      id = head >> 4 === 0 ? this.zigzag() : id + (head >> 4);
      const type = head & 15;
      if (!read(id, type)) this.#skip(type, depth);
    }
  }

  /** Reads a signed number. */
  zigzag(): number {
    const number = this.#varint();
    return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
  }

  #skip(type: number, depth: number): void {
    switch (type) {
      case types.true:
      case types.false:
        return;
      case types.byte:
        this.pos++;
        return;
      case types.i16:
      case types.i32:
      case types.i64:
        this.#varint();
        return;
      case types.double:
        this.pos += 8;
        return;
      case types.binary: {
        // The position must not be read before the length has been.
        const length = this.#varint();
        this.pos += length;
        return;
      }
      case types.list:
      case types.set: {
        const head = this.#byte();
        const length = head >> 4 === 15 ? this.#varint() : head >> 4;
        if (depth >= maximumDepth || length > this.#bytes.length) {
          throw new PageFault("a list in it is too long");
        }
        for (let i = 0; i < length; i++) {
          // In a list, a truth value is a byte.
          if ((head & 15) <= types.false) this.#byte();
          else this.#skip(head & 15, depth + 1);
        }
        return;
      }
      case types.struct:
        this.fields(depth + 1, () => false);
        return;
      default:
        throw new PageFault("it is damaged");
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.pos++];
    if (byte === undefined) throw new PageFault("it is cut off");
    return byte;
  }

  #varint(): number {
    let number = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      number += (byte & 127) * 2 ** shift;
      if (byte < 128) return number;
    }
    throw new PageFault("a number in it is too long");
  }
}
