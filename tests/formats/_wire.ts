/**
 * Writes Protocol Buffers byte by byte, right or wrong, independently of the codec that it is used to test.
 *
 * @module
 */

/** The wire types of https://protobuf.dev/programming-guides/encoding/. */
export const Wire = { varint: 0, fixed64: 1, delimited: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** Bytes from pieces. */
export function join(...pieces: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let pos = 0;
  for (const piece of pieces) {
    bytes.set(piece, pos);
    pos += piece.length;
  }
  return bytes;
}

/** Bytes from hexadecimal digits; white space between them is for the reader. */
export function hex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.replace(/\s+/g, "").match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/**
 * A varint of 64 bits.
 *
 * @param value Signed or unsigned; signed ones are written as two's complement
 * @param length How many bytes to take, where that is more than needed: a number may be longer than it has to be
 */
export function varint(value: bigint | number, length = 0): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes = [];
  do {
    bytes.push(Number(rest & 0x7fn));
    rest >>= 7n;
  } while (rest > 0n);
  while (bytes.length < length) bytes.push(0);
  return bytes.map((byte, i) => i < bytes.length - 1 ? byte | 0x80 : byte);
}

/** What announces a field. */
export function tag(field: number, wireType: number, length = 0): number[] {
  return varint(BigInt(field) << 3n | BigInt(wireType), length);
}

/** A field that is a message or a text: tag, length, content. */
export function delimited(
  field: number,
  ...content: readonly (Uint8Array | readonly number[])[]
): Uint8Array<ArrayBuffer> {
  const bytes = join(...content);
  return join(tag(field, Wire.delimited), varint(bytes.length), bytes);
}

/** A double as the eight bytes that stand on the wire. */
export function double(value: number): Uint8Array {
  return new Uint8Array(new Float64Array([value]).buffer);
}

/** A float as the four bytes that stand on the wire. */
export function float(value: number): Uint8Array {
  return new Uint8Array(new Float32Array([value]).buffer);
}
