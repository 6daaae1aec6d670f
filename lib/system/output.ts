/**
 * Where data goes: standard output or a file, through one buffered writer.
 *
 * @module
 */

/** How much waits for being written before a write begins, in characters or bytes. */
const chunkLength = 65_536;

/** How much may wait before {@linkcode Output.drain} waits, too. */
const backlogLength = 1_048_576;

/** How long what does not fill a chunk may wait, in milliseconds. */
const flushDelay = 5;

/** What the writer needs of a file. */
export interface Sink {
  /** Writes some of the bytes; how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Whether this is a terminal, where a person watches. */
  isTerminal?(): boolean;
}

/** A buffered writer: what is written goes out soon, in large pieces. */
export interface Output {
  /** Whether a person watches: then everything goes out at once. */
  readonly isTerminal: boolean;
  /** Aborted when nobody reads any more what is written (`| head -1`), or it cannot be written. */
  readonly broken: AbortSignal;
  /** Whether so much waits that the writer should wait, too. */
  readonly isFull: boolean;
  /** Takes text, or bytes, which may be used again as soon as this returns. */
  write(piece: string | Uint8Array): void;
  /** Waits until less than the limit waits for being written, or nobody reads it. */
  drain(): Promise<void>;
  /**
   * Writes out all that waits.
   *
   * @param patience How long to wait for a reader that does not read, in milliseconds; default: for ever
   * @throws What the system says where it is not that nobody reads any more, such as a full disk
   */
  flush(patience?: number): Promise<void>;
}

/**
 * Makes a buffered writer.
 *
 * Writing happens in the background, so that a slow reader does not keep datagrams from being received. To bound what
 * waits, call `drain` where `isFull` is set.
 *
 * @param sink Where to write, such as `Deno.stdout`
 * @returns The writer
 */
export function createOutput(sink: Sink): Output {
  const encoder = new TextEncoder();
  const isTerminal = sink.isTerminal?.() ?? false;
  const broken = new AbortController();
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  let waitingBytes = 0;
  let text = "";
  /** What gathers behind `waiting`, in memory that is used again when it has been written out. */
  let chunk: Uint8Array<ArrayBuffer> | undefined;
  let chunkUsed = 0;
  const spare: Uint8Array<ArrayBuffer>[] = [];
  let writing: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isScheduling = false;
  let failure: unknown;

  function write(piece: string | Uint8Array): void {
    if (broken.signal.aborted || piece.length === 0) return;
    if (typeof piece === "string") {
      text += piece;
    } else {
      closeText();
      append(piece);
    }
    if (isTerminal || text.length + waitingBytes >= chunkLength) start();
    else if (timer === undefined && !isScheduling) schedule();
  }

  /**
   * Sets the timer that begins to write, unless that is going on by then: the first timer of a process costs ten
   * milliseconds, which who only asks for a version or a help need not pay.
   */
  function schedule(): void {
    isScheduling = true;
    queueMicrotask(() => {
      isScheduling = false;
      if (writing === undefined && text.length + waitingBytes > 0) timer ??= setTimeout(start, flushDelay);
    });
  }

  function closeText(): void {
    if (text === "") return;
    const bytes = encoder.encode(text);
    text = "";
    if (bytes.length < chunkLength) append(bytes);
    else enqueue(bytes);
  }

  /** Takes bytes that stay as they are, behind what gathers. */
  function enqueue(bytes: Uint8Array<ArrayBuffer>): void {
    closeChunk();
    waiting.push(bytes);
    waitingBytes += bytes.length;
  }

  /** Takes bytes that may be used again. */
  function append(bytes: Uint8Array): void {
    if (bytes.length > chunkLength) {
      enqueue(new Uint8Array(bytes));
      return;
    }
    waitingBytes += bytes.length;
    if (chunkUsed + bytes.length > chunkLength) closeChunk();
    chunk ??= spare.pop() ?? new Uint8Array(chunkLength);
    chunk.set(bytes, chunkUsed);
    chunkUsed += bytes.length;
  }

  function closeChunk(): void {
    if (chunk !== undefined) waiting.push(chunk.subarray(0, chunkUsed));
    chunk = undefined;
    chunkUsed = 0;
  }

  /** Begins to write what waits, unless that is going on already. */
  function start(): void {
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
    if (writing !== undefined || broken.signal.aborted) return;
    if (text.length + waitingBytes > 0) writing = writeAll();
  }

  async function writeAll(): Promise<void> {
    try {
      for (;;) {
        closeText();
        closeChunk();
        const piece = waiting.shift();
        if (piece === undefined) break;
        await writeBytes(piece);
        if (piece.buffer.byteLength === chunkLength && spare.length === 0) spare.push(new Uint8Array(piece.buffer));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) failure = error;
      closeChunk();
      waiting.length = 0;
      waitingBytes = 0;
      text = "";
      broken.abort();
    } finally {
      writing = undefined;
    }
  }

  async function writeBytes(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const count = await sink.write(bytes.subarray(written));
      written += count;
      waitingBytes -= count;
    }
  }

  return {
    isTerminal,
    broken: broken.signal,
    get isFull() {
      return waitingBytes + text.length >= backlogLength;
    },
    write,
    async drain() {
      while (waitingBytes + text.length >= backlogLength && !broken.signal.aborted) {
        start();
        await writing;
      }
    },
    async flush(patience) {
      start();
      while (writing !== undefined) {
        const before = waitingBytes;
        if (await settlesWithin(writing, patience)) start();
        else if (waitingBytes === before) break;
      }
      if (failure !== undefined) throw failure;
    },
  };
}

/** Whether a promise settles within some milliseconds. */
async function settlesWithin(promise: Promise<void>, milliseconds: number | undefined): Promise<boolean> {
  if (milliseconds === undefined) {
    await promise;
    return true;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), milliseconds));
  const settled = await Promise.race([promise.then(() => true as const), timeout]);
  clearTimeout(timer);
  return settled;
}
