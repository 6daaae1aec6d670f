/**
 * The figures of a link, four times a second, for the small plots of the page.
 *
 * @module
 */

import type { Counters } from "../client/counters.ts";
import type { DecodeError } from "../formats/errors.ts";
import type { Sample, Timestamp } from "../samples/sample.ts";
import { secondsBetween } from "../samples/timestamp.ts";
import { createJitter } from "../timing/jitter.ts";
import type { LinkFigures, RefusedDatagram } from "./protocol.ts";

/** Number of figures that are kept: two minutes. */
const keptFigures = 480;

/** Number of bytes of a refused datagram that are shown. */
const shownBytes = 64;

/** Gathers the figures of a link. */
export class LinkMonitor {
  readonly #started = performance.now();
  readonly #figures: LinkFigures[] = [];
  readonly #jitter = createJitter();
  #taken = 0;
  #lastTime = 0;
  #samples = 0;
  #delays = 0;
  #delayed = 0;
  #refusal: RefusedDatagram | undefined;
  #ended: string | undefined;

  /** Number of figures that have been taken so far, with those that are not kept any more. */
  get taken(): number {
    return this.#taken;
  }

  /** The last datagram that was refused. */
  get refusal(): RefusedDatagram | undefined {
    return this.#refusal;
  }

  /** The reason, once the link has ended. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** Adds samples, and the time of their arrival. */
  record(samples: readonly Sample[], received: Timestamp): void {
    this.#samples += samples.length;
    for (const { tsOrigin } of samples) {
      if (tsOrigin === undefined) continue;
      const delay = secondsBetween(received, tsOrigin);
      this.#jitter.record(delay);
      this.#delays += delay;
      this.#delayed++;
    }
  }

  /** Adds a datagram that could not be decoded. */
  refuse(error: DecodeError, datagram: Uint8Array = new Uint8Array(0)): void {
    const bytes = Array.from(datagram.subarray(0, shownBytes), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    this.#refusal = { time: Date.now(), reason: error.message.slice(0, 500), bytes, length: datagram.length };
  }

  /** Says that the link has ended. */
  end(reason: string): void {
    this.#ended = reason;
  }

  /** Takes the figures since the last time. */
  take({ received: { missing, refused } }: Counters): void {
    const time = (performance.now() - this.#started) / 1000;
    const { seconds: jitter } = this.#jitter;
    this.#figures.push({
      time,
      rate: this.#samples / Math.max(1e-3, time - this.#lastTime),
      delay: this.#delayed === 0 ? null : this.#delays / this.#delayed,
      jitter: Number.isNaN(jitter) ? null : jitter,
      missing,
      refused,
    });
    if (this.#figures.length > keptFigures) this.#figures.shift();
    this.#taken++;
    this.#lastTime = time;
    this.#samples = 0;
    this.#delays = 0;
    this.#delayed = 0;
  }

  /** Returns the figures from a number on, as far as they are kept. */
  figuresFrom(number: number): readonly LinkFigures[] {
    const count = Math.min(this.#figures.length, this.#taken - number);
    return count <= 0 ? [] : this.#figures.slice(-count);
  }
}
