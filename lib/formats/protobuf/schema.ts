/**
 * The numbers of `proto/villas.proto` as they appear on the wire.
 *
 * @module
 */

/** Wire types, which say how long a field is without the schema (https://protobuf.dev/programming-guides/encoding/). */
export const Wire = { varint: 0, fixed64: 1, delimited: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;
const { varint, fixed64, delimited, fixed32 } = Wire;
const tag = (field: number, wireType: number) => field << 3 | wireType;

export const messageSamples = tag(1, delimited);
export const sampleType = tag(1, varint);
export const sampleSequence = tag(2, varint);
export const sampleTsOrigin = tag(3, delimited);
export const sampleTsReceived = tag(4, delimited);
export const sampleNewFrame = tag(5, varint);
export const sampleValues = tag(100, delimited);
export const timestampSec = tag(1, varint);
export const timestampNsec = tag(2, varint);
export const valueFloat = tag(1, fixed64);
export const valueInteger = tag(2, varint);
export const valueBoolean = tag(3, varint);
export const valueComplex = tag(4, delimited);
export const complexReal = tag(1, fixed32);
export const complexImag = tag(2, fixed32);

/** The enumeration `Sample.Type`. */
export const Type = { DATA: 1, START: 2, STOP: 3 } as const;

/** Most messages and groups nested in each other, as in Google's implementation. */
export const recursionLimit = 100;

/**
 * The four bytes before the eight of a float value, as a little-endian number: the tag of `values` (two bytes), the
 * length of the value, the tag of `f`. Nearly everything that VILLASnode sends consists of these.
 */
export const floatValueHeader = 0x09_09_06_a2;

/** Length of a float value in bytes, header included. */
export const floatValueLength = 12;
