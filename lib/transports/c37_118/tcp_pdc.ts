/**
 * One PDC that is connected to a PMU of ours over TCP.
 *
 * @module
 */

import { FrameSplitter } from "../../formats/c37_118/frame_splitter.ts";
import type { Pdc } from "./command_port.ts";

/** The most bytes that wait for a PDC that does not take them: 4 MiB. */
const maximumQueued = 4 * 1024 * 1024;

/** The most bytes of one write. */
const writeLength = 65_536;

/** A frame that waits to be written. */
interface Queued {
  readonly frame: Uint8Array;
  /** True if it may be dropped in favour of newer ones. */
  readonly isData: boolean;
}

/** A connected PDC. */
export class TcpPdc implements Pdc {
  readonly gone: Promise<string>;
  isStarted = false;
  readonly awaited = new Set<number>();
  readonly #resolveGone: (reason: string) => void;
  readonly #tcp: Deno.TcpConn;
  readonly #queue: Queued[] = [];
  #queuedBytes = 0;
  #dropped = 0;
  #isWriting = false;
  #isClosed = false;
  /** Called when all that was queued is written. */
  #onWritten = () => {};

  /**
   * Begins to serve a PDC.
   *
   * @param tcp Its connection
   * @param onFrame Called with each frame that it sends, which is valid during the call
   */
  constructor(tcp: Deno.TcpConn, onFrame: (frame: Uint8Array) => void) {
    this.#tcp = tcp;
    tcp.setNoDelay();
    ({ promise: this.gone, resolve: this.#resolveGone } = Promise.withResolvers<string>());
    void this.#read(onFrame);
  }

  get dropped(): number {
    return this.#dropped;
  }

  get unsent(): number {
    return this.#queue.length;
  }

  send(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#push({ frame, isData: false });
  }

  sendData(frame: Uint8Array): void {
    this.#push({ frame, isData: true });
    while (this.#queuedBytes > maximumQueued) {
      const oldest = this.#queue.findIndex(({ isData }) => isData);
      if (oldest < 0) return;
      const [removed] = this.#queue.splice(oldest, 1);
      this.#queuedBytes -= removed?.frame.length ?? 0;
      this.#dropped++;
    }
  }

  async close(time: number): Promise<void> {
    if (this.#isWriting) {
      const { promise: done, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, time);
      this.#onWritten = resolve;
      await Promise.race([done, this.gone]);
      clearTimeout(timer);
    }
    this.#end("it was closed");
  }

  #push(queued: Queued): void {
    if (this.#isClosed) return;
    this.#queue.push(queued);
    this.#queuedBytes += queued.frame.length;
    if (!this.#isWriting) void this.#write();
  }

  /** Writes what waits, many frames at a time. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#queue.length > 0 && !this.#isClosed) {
        const bytes = this.#takeBytes();
        for (let sent = 0; sent < bytes.length;) sent += await this.#tcp.write(bytes.subarray(sent));
      }
    } catch {
      this.#end("it closed the connection");
    }
    this.#isWriting = false;
    this.#onWritten();
  }

  /** Takes frames from the queue for one write. */
  #takeBytes(): Uint8Array {
    let count = 0;
    let length = 0;
    for (const { frame } of this.#queue) {
      if (count > 0 && length + frame.length > writeLength) break;
      length += frame.length;
      count++;
    }
    const taken = this.#queue.splice(0, count);
    this.#queuedBytes -= length;
    const [first] = taken;
    if (count === 1 && first !== undefined) return first.frame;
    const bytes = new Uint8Array(length);
    let position = 0;
    for (const { frame } of taken) {
      bytes.set(frame, position);
      position += frame.length;
    }
    return bytes;
  }

  async #read(onFrame: (frame: Uint8Array) => void): Promise<void> {
    const splitter = new FrameSplitter();
    const buffer = new Uint8Array(4096);
    try {
      for (;;) {
        const length = await this.#tcp.read(buffer);
        if (length === null) break;
        for (const frame of splitter.push(buffer.subarray(0, length))) onFrame(frame);
      }
    } catch {
      // Reset: it is gone, too.
    }
    this.#end("it closed the connection");
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tcp.close();
    this.#resolveGone(reason);
  }
}
