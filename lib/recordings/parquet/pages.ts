/**
 * The heads of the pages of Parquet files: they say how much memory a page takes, and the library believes them.
 *
 * @see https://github.com/apache/parquet-format, `PageHeader` in parquet.thrift, in the compact protocol of Thrift
 *
 * @module
 */

/** What a column chunk may hold. */
export interface PageLimits {
  /** Number of its values. */
  readonly values: number;
  /** Bytes of all its pages, inflated, with their heads. */
  readonly bytes: number;
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

/**
 * Encodings that are read: plain, dictionaries, runs, and split streams. The deltas are not: their heads have counts that the
 * library takes at their word, and hardly any program writes them unless it is told to.
 */
const encodings: readonly number[] = [0, 2, 3, 4, 8, 9];

/**
 * Checks the heads of all pages of a column chunk.
 *
 * @param chunk The bytes of the chunk
 * @param limits What it may hold
 * @returns The reason why it cannot be read, or undefined
 */
export function findPageFault(chunk: Uint8Array, limits: PageLimits): string | undefined {
  const cursor = new Cursor(chunk);
  let values = 0;
  try {
    while (cursor.pos < chunk.length) {
      const { stored, count, isDictionary } = readHead(cursor, limits);
      if (stored > chunk.length - cursor.pos) return "a page is longer than its column";
      cursor.pos += stored;
      if (!isDictionary) values += count;
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

function readHead(cursor: Cursor, limits: PageLimits): { stored: number; count: number; isDictionary: boolean } {
  let stored = -1;
  let count = 0;
  let isDictionary = false;
  cursor.fields(0, (id, type) => {
    if (type === types.i32 && id === sizeFields.inflated) {
      const inflated = cursor.zigzag();
      if (inflated < 0 || inflated > limits.bytes) throw new PageFault(`a page would be ${inflated} bytes long`);
      return true;
    }
    if (type === types.i32 && id === sizeFields.stored) {
      stored = cursor.zigzag();
      if (stored < 0) throw new PageFault(`a page has ${stored} bytes`);
      return true;
    }
    if (type !== types.struct || !countedFields.includes(id)) return false;
    isDictionary = id === 7;
    cursor.fields(1, (inner, innerType) => {
      if (innerType !== types.i32) return false;
      if (inner === encodingFields[id]) {
        const encoding = cursor.zigzag();
        if (!encodings.includes(encoding)) {
          throw new PageFault(`a page is encoded in way ${encoding}, which is not read`);
        }
        return true;
      }
      if (inner !== 1) return false;
      count = cursor.zigzag();
      if (count < 0 || count > limits.values) throw new PageFault(`a page would hold ${count} values`);
      return true;
    });
    return true;
  });
  if (stored < 0) throw new PageFault("a page does not say how long it is");
  return { stored, count, isDictionary };
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
