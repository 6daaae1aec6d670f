/**
 * The frames of a PMU that answer commands: configurations of all types, and a header.
 *
 * @module
 */

import { commands } from "../../formats/c37_118/command.ts";
import {
  frameTypes,
  fromTimestamp,
  headerLength,
  minimumFrameLength,
  readHeader,
  sealFrame,
  typeOfFrame,
} from "../../formats/c37_118/frame.ts";
import { now } from "../../samples/timestamp.ts";

/** Types of the frames that answer a command. */
const answers: Readonly<Record<number, number>> = {
  [commands.sendHeader]: frameTypes.header,
  [commands.sendConfiguration1]: frameTypes.configuration1,
  [commands.sendConfiguration2]: frameTypes.configuration2,
  [commands.sendConfiguration3]: frameTypes.configuration3,
};

/** Returns the type of the frames that answer a command; undefined where none do. */
export function answerTo(command: number): number | undefined {
  return answers[command];
}

/** Divides what is sent at once into its frames; what is no frame ends it. */
export function* framesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; bytes.length - start >= minimumFrameLength;) {
    const size = (bytes[start + 2] ?? 0) << 8 | (bytes[start + 3] ?? 0);
    if (size < minimumFrameLength) return;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

/** The frames by their type. */
export class ServedFrames {
  readonly #frames = new Map<number, Uint8Array[]>();

  /** Identifier of the stream; undefined before the first configuration. */
  get idcode(): number | undefined {
    const [configuration] = this.#frames.get(frameTypes.configuration2) ?? [];
    return configuration && headerOf(configuration).idcode;
  }

  /** Returns the frames of a type, at the time of now; undefined where there are none yet. */
  take(type: number): Uint8Array[] | undefined {
    return this.#frames.get(type)?.map(stamp);
  }

  /**
   * Keeps a frame.
   *
   * @returns Its type, if all frames of it are there now; undefined where more segments have to come
   */
  keep(frame: Uint8Array): number | undefined {
    const type = typeOfFrame(frame);
    const before = this.#frames.get(type) ?? [];
    const segment = segmentOf(frame);
    this.#frames.set(type, segment > 1 ? [...before, frame] : [frame]);
    return segment === 0 || segment === lastSegment ? type : undefined;
  }
}

/** Number of the last segment of a configuration 3; the others are numbered 1, 2, ..., and 0 is a single one. */
const lastSegment = 0xffff;

function segmentOf(frame: Uint8Array): number {
  if (typeOfFrame(frame) !== frameTypes.configuration3) return 0;
  return (frame[headerLength] ?? 0) << 8 | (frame[headerLength + 1] ?? 0);
}

/** Returns the header of a frame. */
export function headerOf(frame: Uint8Array) {
  return readHeader(new DataView(frame.buffer, frame.byteOffset, frame.length));
}

/** Returns a copy of a frame with the time of now. */
function stamp(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  const header = headerOf(frame);
  const isConfiguration = header.type !== frameTypes.header;
  // TIME_BASE stands at the beginning of a configuration, behind CONT_IDX in type 3.
  const position = headerLength + (header.type === frameTypes.configuration3 ? 2 : 0);
  const timeBase = isConfiguration ? new DataView(copy.buffer).getUint32(position) & 0xff_ffff : 1_000_000;
  sealFrame(copy, { ...header, ...fromTimestamp(now(), segmentOf(frame) > 1 ? 1 : timeBase) });
  return copy;
}
