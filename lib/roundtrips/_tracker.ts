/**
 * Tracks round trips: sends the samples of the cases, recognizes those that come back, and counts what became of them.
 *
 * @module
 */

import { CaseCounters } from "./_case_counters.ts";
import { PendingSamples, status } from "./_pending.ts";
import { createProbe, type Probe } from "./probe.ts";
import type { RoundTripOptions, RoundTripReport } from "./round_trip.ts";
import type { Client } from "../client/client.ts";
import type { Sample } from "../samples/sample.ts";
import { now, nowMilliseconds, secondsBetween } from "../samples/timestamp.ts";
import { type MachineLoad, watchMachine } from "../system/machine.ts";
import { sleep, yieldToEventLoop } from "../system/wait.ts";
import { pace } from "../timing/pacing.ts";

/** Shortest time that samples are remembered, in seconds, to recognize them when they come back very late. */
const memorySeconds = 10;

/** The most samples that are remembered. */
const maximumMemory = 2 ** 20;

/** The owner of samples that are sent before a case, and not counted. */
const warmupOwner = -1;

/** Counters of the client and the machine at the time that a case begins. */
interface Baseline {
  readonly unreadable: number;
  readonly undelivered: number;
  readonly kernelDrops: number | undefined;
  readonly machineLoad: () => MachineLoad | undefined;
}

/**
 * Creates a tracker of the round trips of some cases.
 *
 * @param client The connection to the echo
 * @param options The cases, and how long to wait
 * @param ended Ends the sending and the waiting
 * @returns The tracker
 * @throws {TypeError} If the format carries no sequence number
 * @throws {EncodeError} If the format or the signals do not allow such samples
 */
export function createRoundTripTracker(
  client: Client,
  options: RoundTripOptions,
  ended: AbortSignal,
): RoundTripTracker {
  return new RoundTripTracker(client, options, ended);
}

/** Tracks the round trips of some cases. */
export class RoundTripTracker {
  readonly #client: Client;
  readonly #options: RoundTripOptions;
  readonly #cooldown: number;
  readonly #lateThreshold: number;
  readonly #ended: AbortSignal;
  readonly #probes: readonly Probe[];
  readonly #pending: PendingSamples;
  /** Counters of the cases that have begun; an owner of pending samples is an index of them. */
  readonly #counters: CaseCounters[] = [];
  /** Start of the measurement: samples from before are those of an earlier one. */
  readonly #begin = now();
  /** The highest sequence number that has come back. */
  #highest = -1;
  /** Number of datagrams that could be read. */
  #readable = 0;

  constructor(client: Client, options: RoundTripOptions, ended: AbortSignal) {
    const { cases, cooldown = 0.5, lateThreshold = cooldown, signals } = options;
    const salt = Math.floor(Math.random() * 2 ** 20);
    const fastest = Math.max(...cases.map(({ rate }) => rate));
    this.#client = client;
    this.#options = options;
    this.#cooldown = cooldown;
    this.#lateThreshold = lateThreshold;
    this.#ended = ended;
    this.#probes = cases.map(({ values }) => createProbe(client.format, values, signals, salt));
    this.#pending = new PendingSamples(Math.min(maximumMemory, fastest * (cooldown + lateThreshold + memorySeconds)));
  }

  /** True once anything has come back. */
  get hasAnswer(): boolean {
    return this.#client.counters.received.datagrams > 0;
  }

  /** Receives until the client is closed. */
  async receive(): Promise<void> {
    const client = this.#client;
    for (let messages = await client.receive(); messages.length > 0; messages = await client.receive()) {
      const time = performance.now();
      for (const samples of messages) {
        this.#readable++;
        for (const sample of samples) this.#track(sample, time);
      }
    }
  }

  /** Begins a case; its report goes on changing until, and possibly after, it is done. */
  measure(index: number): { report: RoundTripReport; done: Promise<void> } {
    const [plan, probe] = [this.#options.cases[index], this.#probes[index]];
    if (plan === undefined || probe === undefined) throw new RangeError(`Cannot measure case ${index}`);
    const counters = new CaseCounters(plan, probe);
    return { report: counters, done: this.#measure(counters) };
  }

  async #measure(counters: CaseCounters): Promise<void> {
    const { rate, planned, probe } = counters;
    const { warmup = 0 } = this.#options;
    const owner = this.#counters.length;
    const unmeasured = Math.round(warmup * rate);
    let baseline = this.#takeBaseline();
    // A busy wait, because what comes back during a nap would seem to have been away for longer.
    for await (const step of pace(rate, this.#ended, { busyWait: true })) {
      if (step.index < unmeasured) {
        await this.#send(probe, warmupOwner);
        continue;
      }
      if (step.index === unmeasured) {
        baseline = this.#takeBaseline();
        this.#counters.push(counters);
        counters.start(this.#pending.next);
      }
      counters.sent++;
      counters.lateness.record(step.lateness);
      if (step.missed) counters.missedDeadlines++;
      await this.#send(probe, owner);
      if (counters.sent === planned) break;
      // Catching up must not keep what comes back from being received: samples would be lost that no link has lost.
      if (step.more) await yieldToEventLoop();
    }
    if (this.#counters.length === owner) return;
    counters.stopped = nowMilliseconds() / 1000;
    counters.machine = baseline.machineLoad();
    const isSent = counters.sent === planned && !this.#ended.aborted;
    await sleep(this.#cooldown * 1000, this.#ended);
    counters.isComplete = isSent && !this.#ended.aborted;
    this.#conclude(counters, owner, baseline);
  }

  async #send(probe: Probe, owner: number): Promise<void> {
    const tsOrigin = now();
    const sequence = this.#pending.add(performance.now(), tsOrigin, owner);
    await this.#client.send(probe.sample(sequence, tsOrigin));
  }

  #takeBaseline(): Baseline {
    return {
      unreadable: this.#countUnreadable(),
      undelivered: this.#client.counters.sent.undelivered,
      kernelDrops: this.#client.stats().kernelDrops,
      machineLoad: watchMachine(),
    };
  }

  /** Counts the datagrams so far that could not be read. */
  #countUnreadable(): number {
    return this.#client.counters.received.datagrams - this.#readable;
  }

  #conclude(counters: CaseCounters, owner: number, baseline: Baseline): void {
    const unreadable = this.#countUnreadable() - baseline.unreadable;
    counters.unreadable += unreadable;
    counters.corrupted += unreadable;
    counters.undelivered = this.#client.counters.sent.undelivered - baseline.undelivered;
    counters.sent -= counters.undelivered;
    const drops = this.#client.stats().kernelDrops;
    if (drops !== undefined && baseline.kernelDrops !== undefined) counters.kernelDrops = drops - baseline.kernelDrops;
    if (!counters.isComplete) counters.outstanding = this.#countOutstanding(owner);
    counters.isOver = true;
    counters.updateLost();
  }

  /** Counts the samples of a case that may still be on their way. */
  #countOutstanding(owner: number): number {
    const pending = this.#pending;
    const since = performance.now() - this.#lateThreshold * 1000;
    let count = 0;
    for (let sequence = pending.next - 1; sequence >= 0; sequence--) {
      const slot = pending.find(sequence);
      if (slot === undefined || pending.owner[slot] !== owner || (pending.sentAt[slot] ?? 0) < since) break;
      if (pending.status[slot] === status.pending) count++;
    }
    return count;
  }

  /** Tracks a sample that has come back. */
  #track(sample: Sample, time: number): void {
    const pending = this.#pending;
    const { sequence, tsOrigin } = sample;
    const slot = sequence === undefined ? undefined : pending.find(sequence);
    if (sequence === undefined || slot === undefined) return this.#trackUnknown(sample);
    const owner = pending.owner[slot] ?? warmupOwner;
    const counters = this.#counters[owner];
    const number = Number(sequence);
    const probe = counters?.probe ?? this.#counters.at(-1)?.probe;
    if (probe === undefined) return;
    const isTimeSame = !probe.hasOrigin ||
      (tsOrigin?.sec === pending.sec[slot] && tsOrigin?.nsec === pending.nsec[slot]);
    const isIntact = probe.isIntact(sample.values, number) && sample.type === undefined;
    if (isIntact && isTimeSame) {
      if (counters !== undefined) this.#trackIntact(counters, owner, slot, number, time);
    } else if (probe.hasOrigin && !isIntact && !isTimeSame) {
      // Nothing fits the sequence number: it is that of another sample.
      this.#trackUnknown(sample);
    } else if (counters !== undefined) {
      counters.corrupted++;
      if (pending.status[slot] !== status.pending) return;
      pending.status[slot] = status.corrupted;
      counters.corruptedOnly++;
      counters.updateLost();
    }
  }

  #trackIntact(counters: CaseCounters, owner: number, slot: number, sequence: number, time: number): void {
    const pending = this.#pending;
    const before = pending.status[slot];
    if (before === status.returned) {
      counters.duplicate++;
      return;
    }
    if (before === status.corrupted) counters.corruptedOnly--;
    pending.status[slot] = status.returned;
    const sentAt = pending.sentAt[slot] ?? NaN;
    const seconds = (time - sentAt) / 1000;
    counters.addRoundTrip(seconds);
    if (seconds > this.#lateThreshold || counters.isOver) counters.lateCount++;
    if (sequence < this.#highest) counters.reordered++;
    else this.#highest = sequence;
    counters.updateLost();
    this.#options.onRoundTrip?.({
      case: owner,
      index: sequence - counters.firstSequence,
      tsOrigin: { sec: pending.sec[slot] ?? 0, nsec: pending.nsec[slot] ?? 0 },
      elapsed: (sentAt - counters.firstSentAt) / 1000,
      seconds,
    });
  }

  /**
   * Tracks a sample that is none of the pending ones: one of an earlier measurement, or one of which cannot be told which
   * it is, which counts for the last case.
   */
  #trackUnknown({ tsOrigin }: Sample): void {
    const counters = this.#counters.at(-1);
    if (counters === undefined) return;
    if (tsOrigin !== undefined && secondsBetween(tsOrigin, this.#begin) < 0) {
      counters.unexpected++;
    } else {
      counters.corrupted++;
      counters.unreadable++;
      counters.updateLost();
    }
  }
}
