/**
 * Synchrophasor frames: what all types of them have in common, which is the header and the checksum.
 *
 * | offset | bytes | content |
 * |---|---|---|
 * | 0 | 2 | SYNC: AA, then type << 4 and version |
 * | 2 | 2 | FRAMESIZE: length of the whole frame |
 * | 4 | 2 | IDCODE of the stream |
 * | 6 | 4 | SOC: seconds since 1970 |
 * | 10 | 4 | FRACSEC: time quality (8 bits), fraction of the second in units of 1 / TIME_BASE (24 bits) |
 * | 14 | ... | content |
 * | size - 2 | 2 | CHK: checksum |
 *
 * @see IEEE C37.118.2-2011, 6.2
 *
 * @module
 */

import type { Timestamp } from "../../samples/sample.ts";
import { computeCrc } from "./crc.ts";

/** Types of frames, as the second byte of SYNC has them in its bits 4 to 6. */
export const frameTypes = {
  data: 0,
  header: 1,
  configuration1: 2,
  configuration2: 3,
  command: 4,
  configuration3: 5,
} as const;

/** A type of frame. */
export type FrameType = typeof frameTypes[keyof typeof frameTypes];

/** The first byte of every frame. */
export const syncByte = 0xaa;

/** Length of the header, in bytes. */
export const headerLength = 14;

/** Length of the shortest frame: a header and a checksum, in bytes. */
export const minimumFrameLength: number = headerLength + 2;

/** Length of the longest frame, in bytes: FRAMESIZE has 16 bits. */
export const maximumFrameLength = 0xffff;

/** The fields that every frame begins with. */
export interface FrameHeader {
  /** Type of the frame. */
  readonly type: FrameType;
  /** Version of the standard: 1 for 2005, 2 for 2011. */
  readonly version: number;
  /** Identifier of the stream. */
  readonly idcode: number;
  /** Seconds since 1970, UTC. */
  readonly soc: number;
  /** Time quality: the upper 8 bits of FRACSEC, which {@linkcode decodeTimeQuality} reads. */
  readonly timeQuality: number;
  /** Fraction of the second, in units of 1 / TIME_BASE. */
  readonly fraction: number;
}

/** The time quality of a frame, in the words of the standard. */
export interface TimeQuality {
  /** True if a leap second is about to be deleted, or was; else it is one that is added. */
  readonly isLeapSecondDeleted: boolean;
  /** True in the 24 hours after a leap second. */
  readonly leapSecondOccurred: boolean;
  /** True in the minute before a leap second. */
  readonly leapSecondPending: boolean;
  /**
   * The most that the clock may be off, in seconds: 0 where it is locked to a source of UTC, infinite where it has failed
   * and its time is not to be relied on.
   */
  readonly maximumError: number;
}

/**
 * Returns whether bytes look like the start of a frame.
 *
 * @param first First byte
 * @param second Second byte
 * @returns Whether they are AA, and a type and a version that exist
 */
export function isSync(first: number | undefined, second: number | undefined): boolean {
  return first === syncByte && second !== undefined && second < 0x60 && (second & 0x0f) !== 0;
}

/**
 * Returns the type of a frame.
 *
 * @param frame A frame, of which {@linkcode isSync} is true
 * @returns Its type
 */
export function typeOfFrame(frame: Uint8Array): FrameType {
  // isSync() has seen that it is below 6.
  return ((frame[1] ?? 0) >> 4) as FrameType;
}

/**
 * Reads the header of a frame.
 *
 * @param view View of the memory that holds the frame
 * @param start Position of the frame
 * @returns The header
 */
export function readHeader(view: DataView, start = 0): FrameHeader {
  const sync = view.getUint8(start + 1);
  const fraction = view.getUint32(start + 10);
  return {
    type: (sync >> 4 & 7) as FrameType,
    version: sync & 0x0f,
    idcode: view.getUint16(start + 4),
    soc: view.getUint32(start + 6),
    timeQuality: fraction >>> 24,
    fraction: fraction & 0xff_ffff,
  };
}

/**
 * Writes the header and the checksum around the content of a frame.
 *
 * @param bytes Memory of the frame, exactly as long as it is, with its content in place
 * @param header The header
 */
export function sealFrame(bytes: Uint8Array, header: FrameHeader): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  writeHeader(view, 0, bytes.length, header);
  view.setUint16(bytes.length - 2, computeCrc(bytes, 0, bytes.length - 2));
}

/** Writes the header of a frame. */
export function writeHeader(view: DataView, start: number, length: number, header: FrameHeader): void {
  view.setUint8(start, syncByte);
  view.setUint8(start + 1, header.type << 4 | header.version);
  view.setUint16(start + 2, length);
  view.setUint16(start + 4, header.idcode);
  view.setUint32(start + 6, header.soc);
  view.setUint32(start + 10, (header.timeQuality << 24 | header.fraction) >>> 0);
}

/**
 * Finds what is wrong with the outside of a frame: its start, its length or its checksum.
 *
 * @param frame Bytes that should be one frame
 * @returns The reason, as a clause; undefined where nothing is wrong
 */
export function findFrameProblem(frame: Uint8Array): string | undefined {
  const { length } = frame;
  if (!isSync(frame[0], frame[1])) return "it does not begin with AA and a type of frame";
  if (length < minimumFrameLength) return `it has ${length} bytes, fewer than the ${minimumFrameLength} of any frame`;
  const size = (frame[2] ?? 0) << 8 | (frame[3] ?? 0);
  if (size !== length) return `it has ${length} bytes, and its FRAMESIZE is ${size}`;
  const checksum = (frame[length - 2] ?? 0) << 8 | (frame[length - 1] ?? 0);
  return computeCrc(frame, 0, length - 2) === checksum ? undefined : "its checksum is not that of its content";
}

/**
 * Converts the time of a frame. A fraction of a whole second, which rounding may make, is carried.
 *
 * @param header Header of the frame
 * @param timeBase Units per second, TIME_BASE; 0 leaves out the fraction
 * @returns The time, rounded to the nanosecond
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toTimestamp } from "@villas/client/c37_118";
 *
 * assertEquals(toTimestamp({ soc: 7, fraction: 500 }, 1000), { sec: 7, nsec: 500_000_000 });
 * assertEquals(toTimestamp({ soc: 7, fraction: 1000 }, 1000), { sec: 8, nsec: 0 });
 * ```
 */
export function toTimestamp({ soc, fraction }: Pick<FrameHeader, "soc" | "fraction">, timeBase: number): Timestamp {
  if (timeBase === 0) return { sec: soc, nsec: 0 };
  const carried = Math.floor(fraction / timeBase);
  const nsec = Math.round((fraction - carried * timeBase) * 1e9 / timeBase);
  return nsec < 1e9 ? { sec: soc + carried, nsec } : { sec: soc + carried + 1, nsec: 0 };
}

/**
 * Converts a timestamp to the time of a frame: the nearest one, with the carry into the second where that is a whole one.
 *
 * @param timestamp The timestamp
 * @param timeBase Units per second, TIME_BASE
 * @returns Second and fraction
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fromTimestamp } from "@villas/client/c37_118";
 *
 * assertEquals(fromTimestamp({ sec: 7, nsec: 500_000 }, 1_000_000), { soc: 7, fraction: 500 });
 * assertEquals(fromTimestamp({ sec: 7, nsec: 999_999_999 }, 1_000_000), { soc: 8, fraction: 0 });
 * ```
 */
export function fromTimestamp({ sec, nsec }: Timestamp, timeBase: number): { soc: number; fraction: number } {
  const fraction = Math.round(nsec * timeBase / 1e9);
  return fraction < timeBase ? { soc: sec, fraction } : { soc: sec + 1, fraction: fraction - timeBase };
}

/**
 * Decodes the time quality of a frame.
 *
 * @param byte The upper 8 bits of FRACSEC
 * @returns What they say
 *
 * @see IEEE C37.118.2-2011, 6.2.2 and table 3
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeTimeQuality } from "@villas/client/c37_118";
 *
 * assertEquals(decodeTimeQuality(0x14).leapSecondPending, true);
 * assertEquals(decodeTimeQuality(0x14).maximumError, 1e-6);
 * assertEquals(decodeTimeQuality(0x0f).maximumError, Infinity);
 * ```
 */
export function decodeTimeQuality(byte: number): TimeQuality {
  const code = byte & 0x0f;
  return {
    isLeapSecondDeleted: (byte & 0x40) !== 0,
    leapSecondOccurred: (byte & 0x20) !== 0,
    leapSecondPending: (byte & 0x10) !== 0,
    // 1 is 10^-9 s and each code is ten times the one before, up to 10 s; 12 to 14 are reserved, 15 is a failure.
    maximumError: code === 0 ? 0 : code > 11 ? Infinity : Number(`1e${code - 10}`),
  };
}
