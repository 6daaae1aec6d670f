/**
 * Finds the frames in a stream of bytes, such as a TCP connection or a file, also after damage.
 *
 * @module
 */

import { ByteBuffer } from "../_byte_buffer.ts";
import { computeCrc } from "./crc.ts";
import { isSync, minimumFrameLength, syncByte } from "./frame.ts";

/** Counters of what a splitter has met. */
export interface FrameCounters {
  /** Frames whose outside is right. */
  frames: number;
  /** Frames with a wrong checksum. */
  badChecksums: number;
  /** Number of times that no frame began where one should. */
  lostSyncs: number;
  /** Bytes that belong to no frame. */
  skippedBytes: number;
}

/**
 * Work that a search may take: checksums of this many bytes for each byte that comes, and of this many besides. It limits
 * what input costs that is made to look like the starts of many frames.
 */
const searchedPerByte = 64;
const spareSearch = 4 * 1024 * 1024;

/**
 * A splitter of one stream.
 *
 * A frame with a wrong checksum is left out as a whole if another one follows it; otherwise, its length may be wrong, too,
 * and the next frame is searched byte by byte. A frame that is still incomplete is given up as soon as a later frame is
 * complete, so that a wrong length does not hold up the frames after it.
 */
export class FrameSplitter {
  /** Counters, which go on changing. */
  readonly counters: FrameCounters = { frames: 0, badChecksums: 0, lostSyncs: 0, skippedBytes: 0 };
  readonly #onSkip: ((reason: string, offset: number) => void) | undefined;
  /** The bytes of a frame that is not complete yet. */
  #held = new ByteBuffer();
  /** Memory for what is left of them, so that the frames in the other one stay valid. */
  #spare = new ByteBuffer();
  /** Position of the first held byte, or of the current chunk, in the stream. */
  #offset = 0;
  /** Position in the stream of the start of the memory that has the frames that were returned. */
  #memoryOffset = 0;
  #isLost = false;
  #search = spareSearch;

  /**
   * Creates a splitter.
   *
   * @param onSkip Called with the reason, as a clause, and the position in the stream where bytes are left out
   */
  constructor(onSkip?: (reason: string, offset: number) => void) {
    this.#onSkip = onSkip;
  }

  /** Position in the stream after the last frame that was found. */
  get offset(): number {
    return this.#offset;
  }

  /** Number of bytes of a frame that is not complete yet. */
  get pendingBytes(): number {
    return this.#held.length;
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @param chunk The bytes, cut anywhere
   * @returns The frames that are now complete, valid until the next call
   */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#search = Math.min(this.#search + searchedPerByte * chunk.length, spareSearch);
    const isHeld = this.#held.length > 0;
    if (isHeld) this.#held.append(chunk);
    const bytes = isHeld ? this.#held.bytes : chunk;
    const frames: Uint8Array[] = [];
    this.#memoryOffset = this.#offset - bytes.byteOffset;
    const end = this.#split(bytes, frames);
    this.#offset += end;
    if (isHeld && end === 0) return frames;
    this.#spare.clear();
    this.#spare.append(bytes.subarray(end));
    [this.#held, this.#spare] = [this.#spare, this.#held];
    return frames;
  }

  /** Returns the position in the stream of a frame that the last call has returned. */
  offsetOf(frame: Uint8Array): number {
    return this.#memoryOffset + frame.byteOffset;
  }

  /** Splits bytes; returns the position of the first one that is not done with. */
  #split(bytes: Uint8Array, frames: Uint8Array[]): number {
    let position = 0;
    while (bytes.length - position >= 4) {
      const size = sizeAt(bytes, position);
      if (size === undefined) {
        position = this.#findNext(bytes, position);
      } else if (bytes.length - position < size) {
        const next = this.#findWhole(bytes, position + 1);
        if (next === undefined) return position;
        this.#lose("the frame that begins here is not complete when the next one is", position);
        this.counters.skippedBytes += next - position;
        position = next;
      } else if (this.#isWhole(bytes, position, size)) {
        this.#isLost = false;
        this.counters.frames++;
        frames.push(bytes.subarray(position, position + size));
        position += size;
      } else if (this.#isLost) {
        position = this.#findNext(bytes, position);
      } else {
        this.counters.badChecksums++;
        if (mayFollow(bytes, position + size)) {
          const reason = `the checksum of the frame of ${size} bytes that begins here is wrong`;
          this.#onSkip?.(reason, this.#offset + position);
          position += size;
        } else {
          position = this.#findNext(bytes, position);
        }
      }
    }
    return position;
  }

  /** Returns whether the checksum of a frame is right. While frames are searched, there is a limit to such work. */
  #isWhole(bytes: Uint8Array, position: number, size: number): boolean {
    if (this.#isLost) {
      if (this.#search < size) return false;
      this.#search -= size;
    }
    return hasRightCrc(bytes, position, size);
  }

  /** Searches the next position where a frame may begin; the one that is given is none. */
  #findNext(bytes: Uint8Array, position: number): number {
    this.#lose("no frame begins here", position);
    const next = bytes.indexOf(syncByte, position + 1);
    const found = next < 0 ? bytes.length : next;
    this.counters.skippedBytes += found - position;
    return found;
  }

  /** Searches a frame that is complete, behind the start of one that is not. */
  #findWhole(bytes: Uint8Array, from: number): number | undefined {
    for (let start = bytes.indexOf(syncByte, from); start >= 0; start = bytes.indexOf(syncByte, start + 1)) {
      const size = sizeAt(bytes, start);
      if (size === undefined || start + size > bytes.length || this.#search < size) continue;
      this.#search -= size;
      if (hasRightCrc(bytes, start, size)) return start;
    }
    return undefined;
  }

  #lose(reason: string, position: number): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.counters.lostSyncs++;
    this.#onSkip?.(reason, this.#offset + position);
  }
}

/** Returns the length of the frame that begins at a position; undefined where none can begin. */
function sizeAt(bytes: Uint8Array, position: number): number | undefined {
  if (!isSync(bytes[position], bytes[position + 1])) return undefined;
  const size = (bytes[position + 2] ?? 0) << 8 | (bytes[position + 3] ?? 0);
  return size >= minimumFrameLength ? size : undefined;
}

/** Returns whether a frame may begin at a position, or the bytes end there. */
function mayFollow(bytes: Uint8Array, position: number): boolean {
  const isComplete = position + 4 <= bytes.length;
  return isComplete ? sizeAt(bytes, position) !== undefined : [undefined, syncByte].includes(bytes[position]);
}

function hasRightCrc(bytes: Uint8Array, start: number, size: number): boolean {
  const end = start + size - 2;
  return computeCrc(bytes, start, end) === ((bytes[end] ?? 0) << 8 | (bytes[end + 1] ?? 0));
}
