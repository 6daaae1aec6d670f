/**
 * Sends samples, knows them again when they come back, and counts what became of them.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { createHistogram } from "../timing/histogram.ts";
import { createJitter, type Jitter } from "../timing/jitter.ts";
import { watchMachine } from "../system/machine.ts";
import { pace } from "../timing/pacing.ts";
import { createPendingSamples, fate } from "./_pending.ts";
import { createProbe, type Probe } from "./probe.ts";
import { plannedCount, type RoundTripCase, type RoundTripOptions, type RoundTripReport } from "./round_trip.ts";
import type { Sample } from "../samples/sample.ts";
import { now, nowMilliseconds, secondsBetween } from "../samples/timestamp.ts";

/** How long samples are remembered at least, in seconds, to know them when they come back very late. */
const memorySeconds = 10;

/** At most so many samples are remembered. */
const maximumMemory = 2 ** 20;

/** A report that is being written. */
type Tally = { -readonly [Key in keyof RoundTripReport]: RoundTripReport[Key] } & {
  probe: Probe;
  /** Number of the case's first sample. */
  first: number;
  /** Its time, in milliseconds of `performance.now()`. */
  firstAt: number;
  /** How many samples came back corrupted and in no other way. */
  spoilt: number;
  /** Datagrams that hold nothing that can be read, or a sample that cannot be told which one it is. */
  unreadable: number;
  variation: Jitter;
  isOver: boolean;
};

function createTally(plan: RoundTripCase, probe: Probe): Tally {
  return {
    rate: plan.rate,
    values: plan.values,
    planned: plannedCount(plan),
    started: nowMilliseconds() / 1000,
    stopped: nowMilliseconds() / 1000,
    sent: 0,
    received: 0,
    lost: 0,
    duplicate: 0,
    reordered: 0,
    late: 0,
    corrupted: 0,
    unexpected: 0,
    undelivered: 0,
    outstanding: 0,
    roundTrips: createHistogram(),
    jitter: NaN,
    missedDeadlines: 0,
    delays: createHistogram(),
    kernelDrops: undefined,
    machine: undefined,
    isComplete: false,
    probe,
    first: 0,
    firstAt: 0,
    spoilt: 0,
    unreadable: 0,
    variation: createJitter(),
    isOver: false,
  };
}

/** The owner of samples that are not counted. */
const nobody = -1;

/**
 * Makes what sends the samples of the cases, knows again what comes back, and keeps the reports.
 *
 * @param client The connection
 * @param options What to send, and how long to wait
 * @param ended Ends the sending and the waiting
 */
export function createMeter(client: Client, options: RoundTripOptions, ended: AbortSignal) {
  const { cases, warmup = 0, cooldown = 0.5, late = cooldown, signals, onRoundTrip } = options;
  const salt = Math.floor(Math.random() * 2 ** 20);
  const probes = cases.map(({ values }) => createProbe(client.format, values, signals, salt));
  const fastest = Math.max(...cases.map(({ rate }) => rate));
  const pending = createPendingSamples(Math.min(maximumMemory, fastest * (cooldown + late + memorySeconds)));
  const begin = now();
  const tallies: Tally[] = [];
  /** The highest number that has come back. */
  let highest = -1;
  /** Datagrams that held samples. */
  let readable = 0;

  /** Datagrams so far that held nothing that could be read. */
  const countUnreadable = () => client.counters.received.datagrams - readable;

  /** Whose a sample is that cannot be told: the last case's. */
  const current = () => tallies.at(-1);

  function take(sample: Sample, time: number): void {
    const { sequence, tsOrigin } = sample;
    const place = sequence === undefined ? undefined : pending.find(sequence);
    if (sequence === undefined || place === undefined) return takeUnknown(sample);
    const owner = pending.owner[place] ?? nobody;
    const tally = tallies[owner];
    const number = Number(sequence);
    const probe = tally?.probe ?? current()?.probe;
    if (probe === undefined) return;
    const isTimeSame = !probe.hasOrigin ||
      (tsOrigin?.sec === pending.sec[place] && tsOrigin?.nsec === pending.nsec[place]);
    const isIntact = probe.isIntact(sample.values, number) && sample.type === undefined;
    if (isIntact && isTimeSame) {
      if (tally !== undefined) takeIntact(tally, owner, place, number, time);
    } else if (probe.hasOrigin && !isIntact && !isTimeSame) {
      // Nothing fits the number: it is another sample's.
      takeUnknown(sample);
    } else if (tally !== undefined) {
      tally.corrupted++;
      if (pending.fate[place] !== fate.pending) return;
      pending.fate[place] = fate.corrupted;
      tally.spoilt++;
      settle(tally);
    }
  }

  function takeIntact(tally: Tally, owner: number, place: number, sequence: number, time: number): void {
    const before = pending.fate[place];
    if (before === fate.returned) {
      tally.duplicate++;
      return;
    }
    if (before === fate.corrupted) tally.spoilt--;
    pending.fate[place] = fate.returned;
    const sentAt = pending.sentAt[place] ?? NaN;
    const seconds = (time - sentAt) / 1000;
    tally.received++;
    tally.roundTrips.record(seconds);
    if (seconds > late || tally.isOver) tally.late++;
    if (sequence < highest) tally.reordered++;
    else highest = sequence;
    tally.variation.record(seconds);
    tally.jitter = tally.variation.seconds;
    settle(tally);
    onRoundTrip?.({
      case: owner,
      index: sequence - tally.first,
      tsOrigin: { sec: pending.sec[place] ?? 0, nsec: pending.nsec[place] ?? 0 },
      elapsed: (sentAt - tally.firstAt) / 1000,
      seconds,
    });
  }

  /** A sample that is none of those remembered: an earlier measurement's, or one that cannot be told which it is. */
  function takeUnknown({ tsOrigin }: Sample): void {
    const tally = current();
    if (tally === undefined) return;
    if (tsOrigin !== undefined && secondsBetween(tsOrigin, begin) < 0) {
      tally.unexpected++;
    } else {
      tally.corrupted++;
      tally.unreadable++;
      settle(tally);
    }
  }

  /** Corrects what a case has lost, if it is over. */
  function settle(tally: Tally): void {
    if (!tally.isOver) return;
    tally.lost = Math.max(0, tally.sent - tally.received - tally.spoilt - tally.unreadable);
  }

  /** Samples of a case that may still be on their way. */
  function countOutstanding(owner: number): number {
    const since = performance.now() - late * 1000;
    let count = 0;
    for (let sequence = pending.next - 1; sequence >= 0; sequence--) {
      const place = pending.find(sequence);
      if (place === undefined || pending.owner[place] !== owner || (pending.sentAt[place] ?? 0) < since) break;
      if (pending.fate[place] === fate.pending) count++;
    }
    return count;
  }

  async function send(probe: Probe, owner: number): Promise<number> {
    const tsOrigin = now();
    const sentAt = performance.now();
    const sequence = pending.add(sentAt, tsOrigin, owner);
    await client.send(probe.sample(sequence, tsOrigin));
    return sentAt;
  }

  async function measure(tally: Tally, probe: Probe): Promise<void> {
    const { rate, planned } = tally;
    const owner = tallies.length;
    const unmeasured = Math.round(warmup * rate);
    let unreadable = countUnreadable();
    let undelivered = client.counters.sent.undelivered;
    let drops = client.stats().kernelDrops;
    let load = watchMachine();
    // Awake, because what comes back during a sleep would seem to have been away for longer.
    for await (const step of pace(rate, ended, { awake: true })) {
      if (step.index < unmeasured) {
        await send(probe, nobody);
        continue;
      }
      if (step.index === unmeasured) {
        unreadable = countUnreadable();
        undelivered = client.counters.sent.undelivered;
        drops = client.stats().kernelDrops;
        load = watchMachine();
        tallies.push(tally);
        tally.first = pending.next;
        tally.firstAt = performance.now();
        tally.started = nowMilliseconds() / 1000;
      }
      tally.sent++;
      tally.delays.record(step.late);
      if (step.missed) tally.missedDeadlines++;
      await send(probe, owner);
      if (tally.sent === planned) break;
      // Catching up must not keep what comes back from being received: that would lose samples that are not lost.
      if (step.more) await takeTurn();
    }
    if (tallies.length === owner) return;
    tally.stopped = nowMilliseconds() / 1000;
    tally.isComplete = tally.sent === planned && !ended.aborted;
    tally.machine = load();
    await wait(cooldown * 1000, ended);
    tally.isComplete &&= !ended.aborted;
    const lost = countUnreadable() - unreadable;
    tally.unreadable += lost;
    tally.corrupted += lost;
    tally.undelivered = client.counters.sent.undelivered - undelivered;
    tally.sent -= tally.undelivered;
    const after = client.stats().kernelDrops;
    if (after !== undefined && drops !== undefined) tally.kernelDrops = after - drops;
    if (!tally.isComplete) tally.outstanding = countOutstanding(owner);
    tally.isOver = true;
    settle(tally);
  }

  return {
    /** Whether anything has come back. */
    get hasAnswer() {
      return client.counters.received.datagrams > 0;
    },
    /** Receives until the client is closed. */
    async receive(): Promise<void> {
      for (let messages = await client.receive(); messages.length > 0; messages = await client.receive()) {
        const time = performance.now();
        for (const samples of messages) {
          readable++;
          for (const sample of samples) take(sample, time);
        }
      }
    },
    /** Begins a case. */
    measure(index: number): { report: RoundTripReport; done: Promise<void> } {
      const [plan, probe] = [cases[index], probes[index]];
      if (plan === undefined || probe === undefined) throw new RangeError(`Cannot measure case ${index}`);
      const tally = createTally(plan, probe);
      return { report: tally, done: measure(tally, probe) };
    },
  };
}

/** Lets the receiving have a turn. */
function takeTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits some milliseconds; shorter if the signal is aborted. */
function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
