/**
 * Command frames, which a PDC sends, and header frames, the text that a PMU answers one of them with.
 *
 * @module
 */

import { type FrameHeader, frameTypes, headerLength, maximumFrameLength, sealFrame } from "./frame.ts";

/**
 * The commands that a PDC gives.
 *
 * @see IEEE C37.118.2-2011, table 15
 */
export const commands = {
  stop: 1,
  start: 2,
  sendHeader: 3,
  sendConfiguration1: 4,
  sendConfiguration2: 5,
  sendConfiguration3: 6,
  extended: 8,
} as const;

/** A command that has a meaning in the standard. */
export type Command = typeof commands[keyof typeof commands];

/** Content of a command frame. */
export interface CommandContent {
  /** The command, which may be one that the standard does not define. */
  readonly command: number;
  /** Bytes behind it, those of an extended frame. */
  readonly extension: Uint8Array;
}

/** The fields of a header that the writer of a frame chooses. */
export type FrameSettings = Omit<FrameHeader, "type">;

/** The most bytes of an extended frame. */
const maximumExtension = maximumFrameLength - headerLength - 4;

/**
 * Encodes a command frame.
 *
 * @param command The command
 * @param settings Version, stream and time. A VILLASnode ignores commands of another version than 1 without a word
 * @param extension Bytes of an extended frame
 * @returns The frame
 * @throws {RangeError} If the extension is too long
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { commands, encodeCommand } from "@villas/client/c37_118";
 *
 * const settings = { version: 1, idcode: 7, soc: 0x6b0a04dd, timeQuality: 0, fraction: 0 };
 * assertEquals(
 *   encodeCommand(commands.sendConfiguration2, settings).toHex(),
 *   "aa41001200076b0a04dd000000000005ef1e",
 * );
 * ```
 */
export function encodeCommand(
  command: number,
  settings: FrameSettings,
  extension: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const { length } = extension;
  if (length > maximumExtension) {
    throw new RangeError(`Cannot send an extended frame of ${length} bytes: it has at most ${maximumExtension}`);
  }
  const frame = new Uint8Array(headerLength + 4 + length);
  new DataView(frame.buffer).setUint16(headerLength, command);
  frame.set(extension, headerLength + 2);
  sealFrame(frame, { ...settings, type: frameTypes.command });
  return frame;
}

/**
 * Decodes the content of a command frame.
 *
 * @param frame A frame whose outside is right
 * @returns The content; undefined where the frame is too short for a command
 */
export function decodeCommand(frame: Uint8Array): CommandContent | undefined {
  if (frame.length < headerLength + 4) return undefined;
  const command = (frame[headerLength] ?? 0) << 8 | (frame[headerLength + 1] ?? 0);
  return { command, extension: frame.subarray(headerLength + 2, frame.length - 2) };
}

/**
 * Encodes a header frame: text for people.
 *
 * @param text The text; what is beyond the longest frame is cut off
 * @param settings Version, stream and time
 * @returns The frame
 */
export function encodeHeaderText(text: string, settings: FrameSettings): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text).subarray(0, maximumFrameLength - headerLength - 2);
  const frame = new Uint8Array(headerLength + bytes.length + 2);
  frame.set(bytes, headerLength);
  sealFrame(frame, { ...settings, type: frameTypes.header });
  return frame;
}

/**
 * Decodes the text of a header frame.
 *
 * @param frame A frame whose outside is right
 * @returns The text, without the blanks and zero bytes around it
 */
export function decodeHeaderText(frame: Uint8Array): string {
  return new TextDecoder().decode(frame.subarray(headerLength, frame.length - 2)).replace(/^[\s\0]+|[\s\0]+$/g, "");
}
