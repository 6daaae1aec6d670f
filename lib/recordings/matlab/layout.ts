/**
 * The layout of MAT-files of level 5: numbers of types and classes.
 *
 * @see MathWorks, "MAT-File Format", chapter 1 (level 5)
 *
 * @module
 */

/** Length of the header of a file in bytes: text, version, and the mark of the byte order. */
export const headerLength = 128;

/** Types of stored data. */
export const dataTypes = {
  int8: 1,
  uint8: 2,
  int16: 3,
  uint16: 4,
  int32: 5,
  uint32: 6,
  single: 7,
  double: 9,
  int64: 12,
  uint64: 13,
  matrix: 14,
  compressed: 15,
  utf8: 16,
  utf16: 17,
} as const;

/** Classes of variables that hold text and numbers; from double on they are numbers. */
export const classes = {
  char: 4,
  double: 6,
  single: 7,
  int8: 8,
  uint8: 9,
  int16: 10,
  uint16: 11,
  int32: 12,
  uint32: 13,
  int64: 14,
  uint64: 15,
} as const;

/** Flags of a variable, in the second byte of its first word. */
export const flags = { logical: 0x0200, complex: 0x0800 } as const;

/** Names of variables of a recording that are not signals. */
export const reservedNames = ["time", "datenum", "time_ns", "received_ns", "sequence", "signal_info"] as const;

/** Name of the variable of the remark, in files that have one. */
export const remarkName = "remark";

/** The day of MATLAB's calendar that 1970 begins with. */
export const datenumOf1970 = 719_529;

/** Reads a number of a stored type as what it is. */
export interface NumberReader {
  /** Length in bytes. */
  readonly width: number;
  read(view: DataView, pos: number, isLittle: boolean): number | bigint;
}

/** Readers of the stored types. */
export const numberReaders: Readonly<Record<number, NumberReader>> = {
  [dataTypes.int8]: { width: 1, read: (view, pos) => view.getInt8(pos) },
  [dataTypes.uint8]: { width: 1, read: (view, pos) => view.getUint8(pos) },
  [dataTypes.int16]: { width: 2, read: (view, pos, isLittle) => view.getInt16(pos, isLittle) },
  [dataTypes.uint16]: { width: 2, read: (view, pos, isLittle) => view.getUint16(pos, isLittle) },
  [dataTypes.int32]: { width: 4, read: (view, pos, isLittle) => view.getInt32(pos, isLittle) },
  [dataTypes.uint32]: { width: 4, read: (view, pos, isLittle) => view.getUint32(pos, isLittle) },
  [dataTypes.single]: { width: 4, read: (view, pos, isLittle) => view.getFloat32(pos, isLittle) },
  [dataTypes.double]: { width: 8, read: (view, pos, isLittle) => view.getFloat64(pos, isLittle) },
  [dataTypes.int64]: { width: 8, read: (view, pos, isLittle) => view.getBigInt64(pos, isLittle) },
  [dataTypes.uint64]: { width: 8, read: (view, pos, isLittle) => view.getBigUint64(pos, isLittle) },
};

/** Returns a length with the padding that leads to the next multiple of 8. */
export function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}
