import { assertEquals, assertLess } from "@std/assert";
import type { Sample, Timestamp } from "@villas/client";
import { createSequenceTracker, type SequenceCounters } from "@villas/client/samples";
import { fc } from "../_properties.ts";

const none: SequenceCounters = { missing: 0, duplicate: 0, reordered: 0, restarts: 0 };
const last = 2n ** 64n - 1n;

/** Creates a sample; `second` is that of its origin timestamp. */
function sample(sequence: bigint | number | undefined, second?: number): Sample {
  return {
    ...(sequence !== undefined && { sequence: BigInt(sequence) }),
    ...(second !== undefined && { tsOrigin: { sec: second, nsec: 0 } }),
    values: [],
  };
}

function count(samples: readonly Sample[]): SequenceCounters {
  const tracker = createSequenceTracker();
  for (const sample of samples) tracker.track(sample);
  return { ...tracker.counters };
}

/** Lists the whole numbers from one to another, both included. */
function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

for (
  const [words, sequence, counters] of [
    ["nothing", [], {}],
    ["one number", [7], {}],
    ["numbers in order", range(0, 5000), {}],
    ["a gap", [0, 1, 4], { missing: 2 }],
    ["a gap before the first number, which nobody can know", [100, 101], {}],
    ["a late number, which is not missing", [0, 1, 3, 2, 4], { reordered: 1 }],
    ["a late number that had been missing with others", [0, 4, 2], { missing: 2, reordered: 1 }],
    ["a number from before the first one", [5, 4, 3, 6], { reordered: 2 }],
    ["0 from before the first one", [1, 0, 2], { reordered: 1 }],
    ["the same number again", [5, 5, 5, 6], { duplicate: 2 }],
    ["0 again before anything else came", [0, 0, 0, 1], { duplicate: 2 }],
    ["a late number twice", [0, 2, 1, 1, 3], { reordered: 1, duplicate: 1 }],
    ["a number from before the first one twice", [5, 3, 3, 6], { reordered: 1, duplicate: 1 }],
    ["all numbers twice", range(1, 300).flatMap((number) => [number, number]), { duplicate: 300 }],
    ["a sender that never counts", [0, 0, 0, 0], { duplicate: 3 }],
    ["the oldest number within the window", [0, 1, ...range(3, 1024), 2, 1025], { reordered: 1 }],
    ["the oldest number within the window twice", [...range(0, 1024), 1, 1025], { duplicate: 1 }],
    ["a number behind the window, which is a restart", [...range(0, 1025), 1, 2], { restarts: 1 }],
    ["a gap as long as the window", [0, 1024, 1025], { missing: 1023 }],
    ["a gap one less than the window, and late ones out of it", [0, 1023, 1, 0, 1024], {
      missing: 1021,
      reordered: 1,
      duplicate: 1,
    }],
    ["a gap longer than the window, and late ones out of it", [0, 5000, 4999, 3977, 4999], {
      missing: 4997,
      reordered: 2,
      duplicate: 1,
    }],
    ["gaps that reuse all of the window", range(0, 900).map((number) => number * 3), { missing: 1800 }],
    ["a sender that starts over", [...range(0, 2000), ...range(0, 2000)], { restarts: 1 }],
    ["a sender that starts over after a short run", [0, 1, 2, 3, 0, 1, 2, 3], { restarts: 1 }],
    ["a sender that starts over after two samples", [0, 1, 0, 1, 0, 1], { restarts: 2 }],
    ["a sender that starts over, as long as only its first sample is known", [0, 1, 2, 0], { restarts: 1 }],
    ["a sender that starts over and loses some", [...range(0, 99), 0, 3, 4, 7], { restarts: 1, missing: 4 }],
    ["a sender that starts over, joined in the middle", [...range(5000, 6000), 0, 1, 2], { restarts: 1 }],
    ["losses of both runs", [0, 2, 1999, 0, 2], { missing: 1 + 1996 + 1, restarts: 1 }],
    ["a duplicate 0, which is not a restart", [0, 1, 2, 0, 3, 4], { duplicate: 1 }],
    ["a duplicate 0 next to a gap", [0, 1, 2, 0, 5], { duplicate: 1, missing: 2 }],
    ["a duplicate 0 and a late number", [0, 2, 3, 0, 1, 4], { duplicate: 1, reordered: 1 }],
    ["a duplicate 0 and another duplicate", [...range(0, 9), 0, 9, 10], { duplicate: 2 }],
    ["a 0 that comes three times", [0, 1, 2, 0, 0, 3], { duplicate: 2 }],
    ["a 0 that comes three times at a restart", [0, 1, 2, 0, 0, 1, 2], { restarts: 1, duplicate: 1 }],
  ] as [string, number[], Partial<SequenceCounters>][]
) {
  Deno.test(`track() counts ${words}`, () => {
    assertEquals(count(sequence.map((number) => sample(number))), { ...none, ...counters });
  });
}

for (
  const [words, sequence, counters] of [
    ["a restart by its later time", [[0, 10], [1, 11], [0, 20], [1, 21]], { restarts: 1 }],
    ["an old 0 by its earlier time", [[0, 10], [1, 11], [0, 10], [1, 11], [2, 12]], { duplicate: 2 }],
    ["a late 0 by its earlier time", [[1, 11], [0, 10], [2, 12]], { reordered: 1 }],
    ["a restart whose 0 was missing", [[0, 10], [1, 11], [7, 17], [1, 30], [2, 31]], { restarts: 1, missing: 5 }],
    ["a restart after 0 was never seen", [[3, 13], [4, 14], [0, 20], [1, 21]], { restarts: 1 }],
    ["the same number with a later time as a duplicate", [[0, 1], [0, 2], [0, 3], [5, 4], [5, 5]], {
      duplicate: 3,
      missing: 4,
    }],
    ["numbers in order though the clock is set back", [[0, 10], [1, 11], [2, 5], [3, 6]], {}],
    ["a late number though the clock was set back", [[90, 10], [92, 5], [91, 11], [93, 6]], { reordered: 1 }],
    ["a far number as a restart though its time is earlier", [[5000, 10], [0, 0], [1, 1]], { restarts: 1 }],
    ["a sample without a time among others", [[0, 10], [1, undefined], [0, 12], [2, 13]], { duplicate: 1 }],
  ] as [string, [number, number | undefined][], Partial<SequenceCounters>][]
) {
  Deno.test(`track() recognizes ${words}`, () => {
    assertEquals(count(sequence.map(([number, second]) => sample(number, second))), { ...none, ...counters });
  });
}

for (
  const [words, sequence, counters] of [
    ["numbers near 2^64 - 1", [last - 3n, last - 1n, last - 2n, last], { reordered: 1 }],
    ["the step from 2^64 - 1 to 0", [last - 1n, last, 0n, 1n], {}],
    ["a loss across the end of the numbers", [last - 1n, 2n], { missing: 3 }],
    ["late and duplicate samples across the end", [last - 1n, 1n, last, 0n, last, 2n], { reordered: 2, duplicate: 1 }],
    ["a restart far before the end", [last - 2000n, last - 1999n, 0n, 1n], { restarts: 1 }],
    ["a restart behind 2^63", [2n ** 63n, 2n ** 63n + 1n, 0n, 1n], { restarts: 1 }],
    ["numbers that a float64 does not tell apart", [2n ** 60n, 2n ** 60n + 2n, 2n ** 60n + 1n], { reordered: 1 }],
    ["a jump of 2^63", [5n, 5n + 2n ** 63n, 6n + 2n ** 63n], { missing: 2 ** 63 - 1 }],
    ["a jump to the end", [5n, last - 1030n, last], { missing: 2 ** 64 }],
  ] as [string, bigint[], Partial<SequenceCounters>][]
) {
  Deno.test(`track() counts ${words}`, () => {
    assertEquals(count(sequence.map((number) => sample(number))), { ...none, ...counters });
  });
}

Deno.test("track() ignores samples without a number", () => {
  assertEquals(count([sample(undefined), sample(3), sample(undefined), sample(4)]), none);
});

Deno.test("track() updates the counters at once", () => {
  const tracker = createSequenceTracker();
  tracker.track(sample(0));
  tracker.track(sample(2));
  assertEquals(tracker.counters.missing, 1);
  tracker.track(sample(1));
  assertEquals(tracker.counters.missing, 0);
});

Deno.test("createSequenceTracker() returns independent trackers", () => {
  const one = createSequenceTracker();
  const other = createSequenceTracker();
  for (const number of [0, 5]) one.track(sample(number));
  other.track(sample(5));
  assertEquals([one.counters.missing, other.counters.missing], [4, 0]);
});

Deno.test("track() takes no time for jumps, however far", () => {
  const tracker = createSequenceTracker();
  const start = performance.now();
  for (let round = 0n; round < 2000n; round++) {
    tracker.track(sample(round));
    tracker.track(sample(2n ** 63n + round * 2n ** 40n));
  }
  // Counting the numbers one by one would take centuries; this is thousands of times what it takes.
  assertLess(performance.now() - start, 2000);
});

/** The journey of one sample from the sender to the receiver. */
interface Journey {
  dropped: boolean;
  /** How many places later it arrives. */
  delay: number;
  /** How many places later copies of it arrive. */
  copies: number[];
}

const delay = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: 5 }), fc.nat({ max: 450 }));

const journeys: fc.Arbitrary<Journey[]> = fc.array(
  fc.record({
    dropped: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.boolean()),
    delay,
    copies: fc.oneof({ weight: 4, arbitrary: fc.constant<number[]>([]) }, fc.array(delay, { maxLength: 3 })),
  }),
  { minLength: 1, maxLength: 900, size: "max" },
);

/** Lists the samples of one run, by their place, in the order of arrival. */
function arrivals(plan: readonly Journey[]): number[] {
  const order: { place: number; due: number }[] = [];
  for (const [place, { dropped, delay, copies }] of plan.entries()) {
    if (dropped) continue;
    for (const late of [delay, ...copies]) order.push({ place, due: place + late });
  }
  return order.toSorted((a, b) => a.due - b.due).map(({ place }) => place);
}

/** Counts what can be known of a run, with all arrivals at hand. */
function expected(order: readonly number[]): SequenceCounters {
  const come = new Set<number>();
  let highest = -1;
  let duplicate = 0;
  let reordered = 0;
  for (const place of order) {
    if (come.has(place)) duplicate++;
    else if (place < highest) reordered++;
    come.add(place);
    highest = Math.max(highest, place);
  }
  const [first = 0] = order;
  const between = highest < 0 ? 0 : highest - first + 1;
  const missing = between - [...come].filter((place) => place >= first).length;
  return { missing, duplicate, reordered, restarts: 0 };
}

function stamp(place: number): Timestamp {
  return { sec: 1_700_000_000 + Math.floor(place / 1000), nsec: (place % 1000) * 1_000_000 };
}

const starts = fc.oneof(
  fc.constantFrom(0n, 1n, last, last - 100n, 2n ** 53n - 50n, 2n ** 63n - 50n),
  fc.bigInt(0n, last),
);

Deno.test("track() reports exactly what happened to samples with timestamps, whatever it was", () => {
  fc.assert(fc.property(journeys, starts, (plan, start) => {
    const order = arrivals(plan);
    const samples = order.map((place) => ({
      sequence: BigInt.asUintN(64, start + BigInt(place)),
      tsOrigin: stamp(place),
      values: [],
    }));
    assertEquals(count(samples), expected(order));
  }));
});

Deno.test("track() reports exactly what happened to samples without timestamps, unless 0 comes again", () => {
  fc.assert(fc.property(journeys, starts, (plan, start) => {
    const zero = Number(BigInt.asUintN(64, -start));
    const once = plan.map((journey, place) => place === zero ? { ...journey, copies: [] } : journey);
    const order = arrivals(once);
    const samples = order.map((place) => sample(BigInt.asUintN(64, start + BigInt(place))));
    assertEquals(count(samples), expected(order));
  }));
});

Deno.test("track() reports exactly what happened in each run of a sender that starts over, with timestamps", () => {
  const runs = fc.array(journeys.filter((plan) => arrivals(plan)[0] === 0), { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(runs, (plans) => {
    const orders = plans.map(arrivals);
    const samples = orders.flatMap((order, run) =>
      order.map((place) => ({ sequence: BigInt(place), tsOrigin: stamp(place + run * 10_000), values: [] }))
    );
    const sums = { ...none };
    for (const [run, order] of orders.entries()) {
      const { missing, duplicate, reordered } = expected(order);
      sums.missing += missing;
      sums.duplicate += duplicate;
      sums.reordered += reordered;
      // A run of nothing but 0 looks like one that does not count.
      const before = orders[run - 1];
      if (before !== undefined) {
        if (Math.max(...before) === 0) sums.duplicate++;
        else sums.restarts++;
      }
    }
    assertEquals(count(samples), sums);
  }));
});
