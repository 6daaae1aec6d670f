/**
 * Snappy with bounds: the decoder of the library copies as many bytes as damaged data say, into nowhere.
 *
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 *
 * @module
 */

/**
 * Inflates a block of Snappy.
 *
 * @param input The block
 * @param length Number of bytes that it stands for
 * @returns The bytes
 * @throws {RangeError} If it is damaged
 */
export function inflateSnappy(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let pos = 0;
  let end = 0;

  /** Reads a number of some bytes, the lowest one first. */
  const number = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += (input[pos + i] ?? NaN) * 2 ** (8 * i);
    pos += bytes;
    return value;
  };
  const check = (isRight: boolean) => {
    if (!isRight) throw new RangeError("a block of Snappy is damaged");
  };

  // The length in front is that of the page, which is known.
  while ((input[pos] ?? 0) >= 128) pos++;
  pos++;
  while (pos < input.length) {
    const tag = number(1);
    if ((tag & 3) === 0) {
      const short = (tag >> 2) + 1;
      const size = short <= 60 ? short : number(short - 60) + 1;
      check(size <= length - end && size <= input.length - pos);
      output.set(input.subarray(pos, pos + size), end);
      pos += size;
      end += size;
      continue;
    }
    const isShort = (tag & 3) === 1;
    const size = isShort ? (tag >> 2 & 7) + 4 : (tag >> 2) + 1;
    const back = isShort ? (tag >> 5) * 256 + number(1) : number((tag & 3) === 2 ? 2 : 4);
    check(back > 0 && back <= end && size <= length - end);
    // A copy may overlap with itself: it repeats what it has just written.
    for (let i = 0; i < size; i++) output[end + i] = output[end + i - back] ?? 0;
    end += size;
  }
  check(end === length);
  return output;
}
