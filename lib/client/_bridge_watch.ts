/**
 * What a bridge looks at while samples pass: sequence numbers that a VILLASnode would stop at, and samples that come again.
 *
 * @module
 */

import type { Sample, Timestamp } from "../samples/sample.ts";
import { createSequenceTracker } from "../samples/sequence.ts";

/** The smallest jump that a VILLASnode takes for a step backwards: it subtracts in 32 bits (`lib/hooks/drop.cpp`). */
const backwardJump = 2n ** 31n;

/** Finds sequence numbers behind which a VILLASnode drops all that follows. */
export class JumpWatch {
  #last: bigint | undefined;
  #hasTold = false;

  /** Looks at samples; returns a sentence on the first jump, once. */
  look(samples: readonly Sample[]): string | undefined {
    if (this.#hasTold) return undefined;
    for (const { sequence } of samples) {
      if (sequence === undefined) continue;
      const last = this.#last;
      this.#last = sequence;
      if (last === undefined || sequence - last < backwardJump) continue;
      this.#hasTold = true;
      return `The sequence number jumped from ${last} to ${sequence}: a VILLASnode takes a step of 2^31 or more for one ` +
        "backwards and drops what follows";
    }
    return undefined;
  }
}

/** Numbers samples from 0, without gaps, and from 0 again where their sender starts over. */
export class Renumbering {
  readonly #tracker = createSequenceTracker();
  #restarts = 0;
  #next = 0n;

  /** Numbers samples that have come, before any of them is left out: their own numbers tell where a sender starts over. */
  track(samples: readonly Sample[]): void {
    for (const sample of samples) this.#tracker.track(sample);
    const { restarts } = this.#tracker.counters;
    if (restarts > this.#restarts) this.#next = 0n;
    this.#restarts = restarts;
  }

  /** Returns samples with their new numbers. */
  number(samples: readonly Sample[]): Sample[] {
    return samples.map((sample) => ({ ...sample, sequence: this.#next++ }));
  }
}

/** Time for which one sample is looked for among those that follow, in milliseconds. */
const canaryMs = 1000;

/** Number of times that a sample comes again before that is called a loop: a network may deliver one twice. */
const loopRepeats = 3;

/**
 * Notices loops: one sample in a second is remembered, and looked for among those that follow. Its origin timestamp and its
 * values tell it from others; samples without a timestamp tell nothing.
 */
export class LoopWatch {
  #canary: { readonly time: Timestamp; readonly sample: Sample } | undefined;
  #until = -Infinity;
  #repeats = 0;
  #hasLooped = false;

  /** True once a sample has come again several times. */
  get hasLooped(): boolean {
    return this.#hasLooped;
  }

  /** Looks at samples; returns true the first time that they are found to go round. */
  look(samples: readonly Sample[]): boolean {
    if (this.#hasLooped) return false;
    const time = this.#canary?.time;
    for (const sample of samples) {
      const { tsOrigin } = sample;
      if (tsOrigin === undefined) continue;
      if (time !== undefined && tsOrigin.nsec === time.nsec && tsOrigin.sec === time.sec) this.#compare(sample);
    }
    if (this.#hasLooped) return true;
    const clock = performance.now();
    if (clock > this.#until) this.#choose(samples, clock);
    return false;
  }

  #choose(samples: readonly Sample[], clock: number): void {
    const [sample] = samples;
    if (sample?.tsOrigin === undefined) return;
    this.#until = clock + canaryMs;
    this.#repeats = 0;
    this.#canary = { time: sample.tsOrigin, sample };
  }

  #compare({ values }: Sample): void {
    const known = this.#canary?.sample.values ?? [];
    if (values.length !== known.length || !values.every((value, index) => isSame(value, known[index]))) return;
    this.#repeats++;
    if (this.#repeats >= loopRepeats) this.#hasLooped = true;
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return Object.is(one, other) || (typeof one === "object" && JSON.stringify(one) === JSON.stringify(other));
}
