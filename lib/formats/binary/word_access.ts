/**
 * Reads and writes words of 8, 16, 32 or 64 bits.
 *
 * @module
 */

/** Access to words of one width and byte order. */
export interface WordAccess {
  /** Reads a signed integer. */
  getInteger(view: DataView, position: number): bigint;
  /** Reads an unsigned integer. */
  getUnsigned(view: DataView, position: number): bigint;
  /** Reads a float; only for 32 and 64 bits. */
  getFloat(view: DataView, position: number): number;
  /** Writes the low bits of an integer. */
  setInteger(view: DataView, position: number, value: bigint): void;
  /** Writes a float; only for 32 and 64 bits. */
  setFloat(view: DataView, position: number, value: number): void;
}

/**
 * Creates access to words of a width.
 *
 * @param bits Width of a word in bits
 * @param isLittleEndian Whether words are little endian
 * @returns The access
 */
export function createWordAccess(bits: 8 | 16 | 32 | 64, isLittleEndian: boolean): WordAccess {
  const refuse = () => {
    throw new TypeError(`Cannot access a word of ${bits} bits as a float: it has 32 or 64 bits`);
  };
  switch (bits) {
    case 8:
      return {
        getInteger: (view, position) => BigInt(view.getInt8(position)),
        getUnsigned: (view, position) => BigInt(view.getUint8(position)),
        getFloat: refuse,
        setInteger: (view, position, value) => view.setUint8(position, Number(BigInt.asUintN(8, value))),
        setFloat: refuse,
      };
    case 16:
      return {
        getInteger: (view, position) => BigInt(view.getInt16(position, isLittleEndian)),
        getUnsigned: (view, position) => BigInt(view.getUint16(position, isLittleEndian)),
        getFloat: refuse,
        setInteger: (view, position, value) =>
          view.setUint16(position, Number(BigInt.asUintN(16, value)), isLittleEndian),
        setFloat: refuse,
      };
    case 32:
      return {
        getInteger: (view, position) => BigInt(view.getInt32(position, isLittleEndian)),
        getUnsigned: (view, position) => BigInt(view.getUint32(position, isLittleEndian)),
        getFloat: (view, position) => view.getFloat32(position, isLittleEndian),
        setInteger: (view, position, value) =>
          view.setUint32(position, Number(BigInt.asUintN(32, value)), isLittleEndian),
        setFloat: (view, position, value) => view.setFloat32(position, value, isLittleEndian),
      };
    case 64:
      return {
        getInteger: (view, position) => view.getBigInt64(position, isLittleEndian),
        getUnsigned: (view, position) => view.getBigUint64(position, isLittleEndian),
        getFloat: (view, position) => view.getFloat64(position, isLittleEndian),
        setInteger: (view, position, value) => view.setBigInt64(position, BigInt.asIntN(64, value), isLittleEndian),
        setFloat: (view, position, value) => view.setFloat64(position, value, isLittleEndian),
      };
  }
}
