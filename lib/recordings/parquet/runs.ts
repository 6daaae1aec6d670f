/**
 * Runs of equal or packed values in the pages of Parquet files. A run says how many values it has, and the library goes
 * through as many, whatever the page holds.
 *
 * @see https://github.com/apache/parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid"
 *
 * @module
 */

/** Values that a run may have above those of its page: packed ones come eight at a time, and some writers fill up blocks. */
const padding = 512;

/**
 * Checks that the runs of a page have about as many values as the page.
 *
 * @param bytes The runs
 * @param width Bits of a value
 * @param count Number of values of the page
 * @returns The reason why they cannot be read, or undefined. Runs that end too soon are no matter here: the library says so
 */
export function findRunFault(bytes: Uint8Array, width: number, count: number): string | undefined {
  let pos = 0;
  for (let left = count; left > 0 && pos < bytes.length;) {
    let head = 0;
    for (let shift = 0;; shift += 7) {
      const byte = bytes[pos++];
      if (byte === undefined) return undefined;
      head += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const isPacked = head % 2 === 1;
    const length = Math.floor(head / 2) * (isPacked ? 8 : 1);
    if (length > left + padding) return `a run has ${length} values in a page of ${count}`;
    pos += isPacked ? length / 8 * width : Math.ceil(width / 8);
    left -= length;
  }
  return undefined;
}
