/**
 * Places of the fields of the message of `villas.binary` and `villas.web` (VILLASnode,
 * `include/villas/formats/msg.hpp`).
 *
 * @module
 */

/** The version, in the upper half of the first byte; the lower half is type << 2 | reserved. */
export const version = 2;

/** Position of the index of the source. */
export const sourcePosition = 1;

/** Position of the number of values, of 16 bits. */
export const lengthPosition = 2;

/** Position of the sequence number, of 32 bits. */
export const sequencePosition = 4;

/** Position of the seconds of the timestamp of origin, of 32 bits. */
export const secPosition = 8;

/** Position of its nanoseconds, of 32 bits. */
export const nsecPosition = 12;

/** Number of bytes in front of the values. */
export const headerLength = 16;

/** Number of bytes of a value. */
export const valueLength = 4;
