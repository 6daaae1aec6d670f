/**
 * Compressed files of samples: written so that what a crash leaves can be read, and read up to where they were cut.
 *
 * A `.gz` file is one stream with a flush after each part, as RFC 1952 allows it; readers of all makers take it. A `.zst`
 * file has a frame for each part, with a checksum.
 *
 * @see RFC 1952 (gzip), RFC 8878 (Zstandard)
 *
 * @module
 */

import zlib from "node:zlib";
import { DecodeError } from "../formats/errors.ts";
import { ZstdFrames } from "./_zstd_frames.ts";

/** Ways to compress a file. */
export type Compression = "gz" | "zst";

/** Bytes that wait for each other before they are compressed and written, unless a second has passed. */
const flushBytes = 65_536;
const flushMs = 1000;

/** Bytes of a compressed file to read at a time: each may stand for a thousand. */
const pieceLength = 16_384;

/** The longest frame of Zstandard that is read, compressed and not: Node's decoder of streams fails in ways that nobody can catch. */
const maximumFrame = 2 ** 26;

/** The part of a compressor or decompressor of Node's that is used here: its types differ from runtime to runtime. */
interface Transform {
  on(event: "data", listener: (bytes: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "end" | "close", listener: () => void): void;
  write(bytes: Uint8Array, done: (error?: Error | null) => void): void;
  flush(kind: number, done: () => void): void;
  end(): void;
  destroy(): void;
}

/** Compresses bytes. */
interface Encoder {
  /** Takes bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Returns all that the bytes taken so far have become, behind what was returned before. */
  flush(isEnd: boolean): Promise<readonly Uint8Array[]>;
  close(): void;
}

class GzipEncoder implements Encoder {
  readonly #transform = zlib.createGzip() as unknown as Transform;
  #pieces: Uint8Array[] = [];

  constructor() {
    this.#transform.on("data", (bytes) => this.#pieces.push(bytes));
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#transform.write(bytes, (error) => error ? reject(error) : resolve());
    });
  }

  async flush(isEnd: boolean): Promise<readonly Uint8Array[]> {
    await new Promise<void>((resolve) => {
      if (isEnd) {
        this.#transform.on("end", resolve);
        this.#transform.end();
      } else {
        this.#transform.flush(zlib.constants.Z_SYNC_FLUSH, resolve);
      }
    });
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  close(): void {
    this.#transform.destroy();
  }
}

class ZstdEncoder implements Encoder {
  #waiting: Uint8Array[] = [];

  write(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes.slice());
    return Promise.resolve();
  }

  flush(): Promise<readonly Uint8Array[]> {
    if (this.#waiting.length === 0) return Promise.resolve([]);
    const params = { [zlib.constants.ZSTD_c_checksumFlag]: 1 };
    const frame = zlib.zstdCompressSync(concat(this.#waiting), { params });
    this.#waiting = [];
    return Promise.resolve([frame]);
  }

  close(): void {}
}

function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let pos = 0;
  for (const piece of pieces) {
    all.set(piece, pos);
    pos += piece.length;
  }
  return all;
}

/** Writes bytes to a file, compressed. */
export class Compressor {
  /** Number of bytes that a reader of the file finds in it, and the length that it has then. */
  readable = 0;
  readableLength: number;
  readonly #file: Deno.FsFile;
  readonly #encoder: Encoder;
  #given = 0;
  #length: number;
  #flushed = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last: Promise<void> = Promise.resolve();
  #failure: unknown;

  /**
   * Creates a compressor.
   *
   * @param file The file
   * @param compression The way
   * @param start Length that the file has
   */
  constructor(file: Deno.FsFile, compression: Compression, start: number) {
    this.#file = file;
    this.#length = this.readableLength = start;
    this.#encoder = compression === "gz" ? new GzipEncoder() : new ZstdEncoder();
  }

  /** Takes bytes; they are in the file after a second, or when there are enough of them. */
  async write(bytes: Uint8Array): Promise<number> {
    await this.#queue(async () => {
      await this.#encoder.write(bytes);
      this.#given += bytes.length;
      const isDue = this.#given - this.readable >= flushBytes || performance.now() - this.#flushed >= flushMs;
      if (isDue) await this.#save(false);
    });
    // The error of a flush that nobody waits for is that of the next write.
    if (this.#given > this.readable) this.#timer ??= setTimeout(() => this.flush().catch(() => {}), flushMs);
    return bytes.length;
  }

  /** Brings everything into the file that was taken. */
  async flush(): Promise<void> {
    await this.#queue(() => this.#save(false));
  }

  /** Ends the file. */
  async finish(): Promise<void> {
    await this.#queue(() => this.#save(true));
  }

  /** Releases the compressor, whether or not the file was ended. */
  async close(): Promise<void> {
    this.#stopTimer();
    await this.#last;
    this.#encoder.close();
  }

  /** Does one thing after the other: what is written must not get into what is flushed. */
  #queue(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return step();
    });
    this.#last = done.catch((error) => {
      this.#failure ??= error;
    });
    return done;
  }

  async #save(isEnd: boolean): Promise<void> {
    this.#stopTimer();
    for (const piece of await this.#encoder.flush(isEnd)) {
      for (let written = 0; written < piece.length;) {
        const count = await this.#file.write(piece.subarray(written));
        written += count;
        this.#length += count;
      }
    }
    this.readable = this.#given;
    this.readableLength = this.#length;
    this.#flushed = performance.now();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Inflates a file.
 *
 * @param file The file
 * @param compression The way that it was compressed
 * @param onRead Called with the number of compressed bytes of each piece
 * @param onCut Called where the file was cut, or is damaged, after what could be read in front of that
 * @returns The bytes in pieces
 */
export async function* inflateFile(
  file: { read(buffer: Uint8Array): Promise<number | null> },
  compression: Compression,
  onRead: (bytes: number) => void,
  onCut: (error: DecodeError) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder: Decoder = compression === "gz" ? new GzipDecoder() : new ZstdDecoder();
  const buffer = new Uint8Array(pieceLength);
  let offset = 0;
  try {
    for (;;) {
      const count = await file.read(buffer);
      if (count !== null) onRead(count);
      const isEmpty = count === null && offset === 0;
      const reason = isEmpty ? "it is empty" : await decoder.push(count === null ? null : buffer.subarray(0, count));
      yield* decoder.take();
      if (reason !== undefined) {
        onCut(new DecodeError(compression, reason, { offset }, { source: "file" }));
        return;
      }
      if (count === null) return;
      offset += count;
    }
  } finally {
    decoder.close();
  }
}

/** Inflates bytes. */
interface Decoder {
  /** Takes compressed bytes, or null at their end; returns what is wrong with them, if anything is. */
  push(bytes: Uint8Array | null): Promise<string | undefined>;
  /** Returns what was inflated. */
  take(): readonly Uint8Array[];
  close(): void;
}

/** The reason where a file ends too early. */
const cutOff = "it was cut off";

class GzipDecoder implements Decoder {
  readonly #transform = zlib.createGunzip() as unknown as Transform;
  #pieces: Uint8Array[] = [];
  #failure: string | undefined;

  constructor() {
    this.#transform.on("data", (bytes) => this.#pieces.push(bytes));
    this.#transform.on("error", (error: Error & { code?: string }) => {
      this.#failure ??= error.code === "Z_BUF_ERROR" ? cutOff : `it is damaged: ${error.message}`;
    });
  }

  async push(bytes: Uint8Array | null): Promise<string | undefined> {
    const transform = this.#transform;
    await new Promise<void>((resolve) => {
      transform.on("error", () => resolve());
      transform.on("end", resolve);
      transform.on("close", resolve);
      if (bytes === null) transform.end();
      else transform.write(bytes.slice(), () => resolve());
    });
    return this.#failure;
  }

  take(): readonly Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  close(): void {
    this.#transform.destroy();
  }
}

class ZstdDecoder implements Decoder {
  readonly #frames = new ZstdFrames();
  /** The bytes of a frame that has not ended yet. */
  #frame: Uint8Array[] = [];
  #frameLength = 0;
  #pieces: Uint8Array[] = [];

  push(bytes: Uint8Array | null): Promise<string | undefined> {
    // A frame without its end may look like a whole one to the decoder.
    if (bytes === null) return Promise.resolve(this.#frames.isComplete ? undefined : cutOff);
    for (let rest = bytes; rest.length > 0;) {
      const found = this.#frames.follow(rest);
      if (typeof found === "string") return Promise.resolve(`it is damaged: ${found}`);
      if (!found.isSkipped) {
        this.#frame.push(rest.slice(0, found.length));
        this.#frameLength += found.length;
      }
      const reason = found.isEnd ? this.#inflate() : this.#frameLength > maximumFrame ? tooLong : undefined;
      if (reason !== undefined) return Promise.resolve(reason);
      rest = rest.subarray(found.length);
    }
    return Promise.resolve(undefined);
  }

  take(): readonly Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  close(): void {}

  #inflate(): string | undefined {
    const frame = concat(this.#frame);
    this.#frame = [];
    this.#frameLength = 0;
    if (frame.length === 0) return undefined;
    try {
      this.#pieces.push(zlib.zstdDecompressSync(frame, { maxOutputLength: maximumFrame }));
      return undefined;
    } catch (error) {
      const { code, message } = error as Error & { code?: string };
      return code === "ERR_BUFFER_TOO_LARGE" ? tooLong : `it is damaged: ${message}`;
    }
  }
}

const tooLong = `a frame of it is longer than ${maximumFrame / 2 ** 20} MiB: inflate the file first (zstd -d)`;
