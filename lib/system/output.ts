/**
 * The way of data to standard output or a file: one buffered writer.
 *
 * @module
 */

import { resolvesWithin } from "./wait.ts";

/** Length of the pieces to write, in characters or bytes: 64 KiB. */
const chunkLength = 65_536;

/** Backlog from which on {@linkcode Output.drain} waits, in characters or bytes: 1 MiB. */
const backlogLength = 1_048_576;

/** Longest time that less than a chunk waits, in milliseconds. */
const flushDelay = 5;

/** The part of a file that the writer needs. */
export interface Sink {
  /** Writes some of the bytes; returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Returns whether this is a terminal, where a person watches. */
  isTerminal?(): boolean;
}

/** A buffered writer: it writes soon, and in large pieces. */
export interface Output {
  /** True on a terminal, where a person watches: everything is written at once. */
  readonly isTerminal: boolean;
  /** Aborted when the reader has gone (`| head -1`), or writing has failed. */
  readonly broken: AbortSignal;
  /** True where so much waits to be written that the caller should wait, too. */
  readonly isFull: boolean;
  /** Takes text, or bytes, which may be used again as soon as this returns. */
  write(piece: string | Uint8Array): void;
  /** Waits until less than 1 MiB waits to be written, or the reader has gone. */
  drain(): Promise<void>;
  /**
   * Writes everything that waits.
   *
   * @param timeoutMs Longest wait for a reader that does not read, in milliseconds; default: for ever
   * @throws The system's error where writing has failed for another reason than that the reader has gone, such as a full
   * disk
   */
  flush(timeoutMs?: number): Promise<void>;
}

/**
 * Creates a buffered writer.
 *
 * Writing happens in the background, so that a slow reader does not keep datagrams from being received. To bound the
 * memory, call `drain` where `isFull` is set.
 *
 * @param sink The destination, such as `Deno.stdout`
 * @param name Name of the destination, for the error that says why nothing more can be written; default: the system's error
 *   stays as it is
 * @returns The writer
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createOutput } from "@villas/client/system";
 *
 * const written: number[] = [];
 * const output = createOutput({ write: (bytes) => Promise.resolve(written.push(...bytes) && bytes.length) });
 * output.write("a");
 * output.write(new Uint8Array([98]));
 * await output.flush();
 * assertEquals(written, [97, 98]);
 * ```
 */
export function createOutput(sink: Sink, name?: string): Output {
  return new BufferedOutput(sink, name);
}

class BufferedOutput implements Output {
  readonly isTerminal: boolean;
  readonly #sink: Sink;
  readonly #name: string | undefined;
  readonly #encoder = new TextEncoder();
  readonly #broken = new AbortController();
  /** The pieces to write, in order; behind them comes the chunk, behind that the text. */
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  /** Number of bytes of `#waiting` and `#chunk` that are still to be written. */
  #waitingBytes = 0;
  /** Bytes that gather, in memory that is used again once it has been written. */
  #chunk: Uint8Array<ArrayBuffer> | undefined;
  #chunkUsed = 0;
  #spare: Uint8Array<ArrayBuffer> | undefined;
  /** Text that gathers. */
  #text = "";
  #writing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isScheduling = false;
  #failure: unknown;

  constructor(sink: Sink, name: string | undefined) {
    this.#sink = sink;
    this.#name = name;
    this.isTerminal = sink.isTerminal?.() ?? false;
  }

  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  get isFull(): boolean {
    return this.#backlog >= backlogLength;
  }

  /** Number of characters and bytes that wait to be written. */
  get #backlog(): number {
    return this.#waitingBytes + this.#text.length;
  }

  write(piece: string | Uint8Array): void {
    if (this.broken.aborted || piece.length === 0) return;
    if (typeof piece === "string") {
      this.#text += piece;
    } else {
      this.#closeText();
      this.#append(piece);
    }
    if (this.isTerminal || this.#backlog >= chunkLength) this.#start();
    else if (this.#timer === undefined && !this.#isScheduling) this.#schedule();
  }

  async drain(): Promise<void> {
    while (this.isFull && !this.broken.aborted) {
      this.#start();
      await this.#writing;
    }
  }

  async flush(timeoutMs?: number): Promise<void> {
    this.#start();
    while (this.#writing !== undefined) {
      const before = this.#waitingBytes;
      if (await resolvesWithin(timeoutMs, this.#writing)) this.#start();
      else if (this.#waitingBytes === before) break;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Sets the timer that begins to write, unless writing has begun by then: the first timer of a process costs ten
   * milliseconds, which a command that only prints its version or help need not pay.
   */
  #schedule(): void {
    this.#isScheduling = true;
    queueMicrotask(() => {
      this.#isScheduling = false;
      if (this.#writing === undefined && this.#backlog > 0) {
        this.#timer ??= setTimeout(() => this.#start(), flushDelay);
      }
    });
  }

  #closeText(): void {
    if (this.#text === "") return;
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    if (bytes.length < chunkLength) this.#append(bytes);
    else this.#enqueue(bytes);
  }

  /** Adds bytes that stay unchanged, behind the chunk. */
  #enqueue(bytes: Uint8Array<ArrayBuffer>): void {
    this.#closeChunk();
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  /** Adds a copy of bytes. */
  #append(bytes: Uint8Array): void {
    if (bytes.length > chunkLength) {
      this.#enqueue(new Uint8Array(bytes));
      return;
    }
    this.#waitingBytes += bytes.length;
    if (this.#chunkUsed + bytes.length > chunkLength) this.#closeChunk();
    if (this.#chunk === undefined) {
      this.#chunk = this.#spare ?? new Uint8Array(chunkLength);
      this.#spare = undefined;
    }
    this.#chunk.set(bytes, this.#chunkUsed);
    this.#chunkUsed += bytes.length;
  }

  #closeChunk(): void {
    if (this.#chunk !== undefined) this.#waiting.push(this.#chunk.subarray(0, this.#chunkUsed));
    this.#chunk = undefined;
    this.#chunkUsed = 0;
  }

  /** Begins to write, unless that is going on already. */
  #start(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined || this.broken.aborted) return;
    if (this.#backlog > 0) this.#writing = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      for (;;) {
        this.#closeText();
        this.#closeChunk();
        const piece = this.#waiting.shift();
        if (piece === undefined) break;
        await this.#writeBytes(piece);
        if (piece.buffer.byteLength === chunkLength) this.#spare ??= new Uint8Array(piece.buffer);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) this.#failure = await this.#explain(error);
      this.#closeChunk();
      this.#waiting.length = 0;
      this.#waitingBytes = 0;
      this.#text = "";
      this.#broken.abort();
    } finally {
      this.#writing = undefined;
    }
  }

  async #explain(error: unknown): Promise<unknown> {
    if (this.#name === undefined) return error;
    // Only a failure needs its words: every start of the program would pay for them.
    const { explainSystemError } = await import("./errors.ts");
    return explainSystemError(error, `Cannot write ${this.#name}`, "create");
  }

  async #writeBytes(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const count = await this.#sink.write(bytes.subarray(written));
      written += count;
      this.#waitingBytes -= count;
    }
  }
}
