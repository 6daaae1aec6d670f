/**
 * The checksum of synchrophasor frames, CRC-CCITT.
 *
 * @module
 */

/** The remainder of each byte, generator x^16 + x^12 + x^5 + 1. */
const table = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte << 8;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 0x8000 ? (remainder << 1) ^ 0x1021 : remainder << 1;
  table[byte] = remainder;
}

/**
 * Computes the checksum of a frame, which is over all of its bytes but the last two.
 *
 * @param bytes Memory that holds the frame
 * @param start Index of its first byte
 * @param end Index after the last byte to cover
 * @returns 16 bits
 *
 * @see IEEE C37.118.2-2011, annex B: generator 0x1021, initial value 0xFFFF, no final mask
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { computeCrc } from "@villas/client/c37_118";
 *
 * assertEquals(computeCrc(new TextEncoder().encode("123456789")), 0x29b1);
 * ```
 */
export function computeCrc(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let crc = 0xffff;
  for (let i = start; i < end; i++) {
    // Both indices are in range: the shift leaves 8 bits, and the callers give positions inside the bytes.
    crc = ((crc << 8) ^ (table[(crc >> 8) ^ (bytes[i] ?? 0)] ?? 0)) & 0xffff;
  }
  return crc;
}
