import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Sample, Value } from "@villas/client";
import {
  align,
  type AlignmentCounters,
  type AlignOptions,
  type InterpolationMethod,
  interpolationMethods,
  nameJoinedSignals,
  parseSampleRate,
  type SampleRate,
} from "@villas/client/recordings";
import { fc } from "../_properties.ts";
import { TimeGrid } from "../../lib/recordings/alignment/grid.ts";

const perSecond = 1_000_000_000n;

function timestamp(nanoseconds: bigint) {
  return { sec: Number(nanoseconds / perSecond), nsec: Number(nanoseconds % perSecond) };
}

function nanosecondsOf({ tsOrigin }: Sample): bigint {
  return BigInt(tsOrigin?.sec ?? 0) * perSecond + BigInt(tsOrigin?.nsec ?? 0);
}

function sampleAt(nanoseconds: bigint | number, ...values: Value[]): Sample {
  return { tsOrigin: timestamp(BigInt(nanoseconds)), values };
}

/** Gives samples in batches of some sizes. */
async function* inBatches(samples: readonly Sample[], size = 3): AsyncGenerator<readonly Sample[]> {
  for (let start = 0; start < samples.length; start += size) yield samples.slice(start, start + size);
}

async function alignAll(
  recordings: readonly (readonly Sample[])[],
  options: AlignOptions,
  size?: number,
): Promise<{ samples: Sample[]; counters: AlignmentCounters }> {
  const alignment = align(recordings.map((samples) => ({ batches: inBatches(samples, size) })), options);
  const samples = (await Array.fromAsync(alignment.batches())).flat();
  return { samples, counters: alignment.counters };
}

// The reference: all samples in memory, each value looked up from the beginning.

interface Timed {
  readonly time: bigint;
  readonly values: readonly Value[];
}

/** Sorts samples, and keeps the first one of each time. */
function sortSamples(samples: readonly Sample[]): Timed[] {
  const timed = samples.map((sample) => ({ time: nanosecondsOf(sample), values: sample.values }));
  const first = timed.filter(({ time }, index) => timed.findIndex((other) => other.time === time) === index);
  return first.sort((a, b) => a.time < b.time ? -1 : 1);
}

function valueBetween(method: InterpolationMethod, before: Timed, after: Timed, index: number, time: bigint): Value {
  const [a, b] = [before.values[index] ?? null, after.values[index] ?? null];
  const [passed, all] = [time - before.time, after.time - before.time];
  const line = (one: number, other: number) => one + (other - one) * (Number(passed) / Number(all));
  if (method === "hold") return a;
  if (method === "nearest") return 2n * passed <= all ? a : b;
  if (typeof a === "number" && typeof b === "number") return line(a, b);
  if (typeof a === "object" && a !== null && typeof b === "object" && b !== null) {
    return { real: line(a.real, b.real), imag: line(a.imag, b.imag) };
  }
  return a;
}

/** Returns the values of a recording at a time; undefined where it has none. */
function valuesAt(
  recording: readonly Timed[],
  time: bigint,
  options: AlignOptions,
  longest: number,
): Value[] | undefined {
  const before = recording.findLast((sample) => sample.time <= time);
  const after = recording.find((sample) => sample.time > time);
  if (before?.time === time) return [...before.values];
  if (before === undefined || after === undefined) return undefined;
  if (Number(after.time - before.time) > longest * 1e9 + 0.5) return undefined;
  return before.values.map((_, index) => valueBetween(options.method ?? "linear", before, after, index, time));
}

function unset(recording: readonly Timed[]): Value[] {
  return (recording[0]?.values ?? []).map((value) =>
    typeof value === "number" ? NaN : typeof value === "object" ? { real: NaN, imag: NaN } : null
  );
}

function referenceOnGrid(recordings: readonly (readonly Sample[])[], options: AlignOptions, rate: SampleRate) {
  const sorted = recordings.map(sortSamples);
  const isInner = (options.range ?? "inner") === "inner";
  const firsts = sorted.map((samples) => samples[0]?.time);
  const lasts = sorted.map((samples) => samples.at(-1)?.time);
  if (isInner && firsts.includes(undefined)) return [];
  const choose = (times: (bigint | undefined)[], isLargest: boolean) =>
    times.filter((time) => time !== undefined).reduce(
      (a, b) => (a < b) === isLargest ? b : a,
      isLargest ? -1n : 2n ** 80n,
    );
  const [start, end] = [choose(firsts, isInner), choose(lasts, !isInner)];
  const rows: { index: bigint; time: bigint; values: Value[] }[] = [];
  const { steps, nanoseconds } = rate;
  for (let index = start * steps / nanoseconds - 1n;; index++) {
    const time = (2n * index * nanoseconds + steps) / (2n * steps);
    if (index < 0n || time < start) continue;
    if (time > end) break;
    const found = sorted.map((samples) => valuesAt(samples, time, options, options.maximumGap ?? Infinity));
    if (found.every((values) => values === undefined)) continue;
    rows.push({ index, time, values: found.flatMap((values, file) => values ?? unset(sorted[file] ?? [])) });
  }
  return rows;
}

function referenceMerge(recordings: readonly (readonly Sample[])[], options: AlignOptions) {
  const sorted = recordings.map(sortSamples);
  const tolerance = BigInt(Math.round((options.tolerance ?? 0) * 1e9));
  const isInner = (options.range ?? "inner") === "inner";
  if (isInner && sorted.some(({ length }) => length === 0)) return [];
  const start = isInner ? sorted.map((samples) => samples[0]?.time ?? 0n).reduce((a, b) => a > b ? a : b) : 0n;
  const used = sorted.map((samples) => samples.filter(({ time }) => time < start).length);
  const rows: { time: bigint; values: Value[] }[] = [];
  for (;;) {
    const nexts = sorted.map((samples, file) => samples[used[file] ?? 0]);
    const times = nexts.flatMap((next) => next?.time ?? []);
    if (times.length === 0) return rows;
    const time = times.reduce((a, b) => a < b ? a : b);
    const isNear = (sample: Timed | undefined) =>
      sample !== undefined && sample.time - time <= tolerance && time - sample.time <= tolerance;
    const hasEnded = sorted.some((samples, file) => nexts[file] === undefined && !isNear(samples.at(-1)));
    if (isInner && hasEnded) return rows;
    nexts.forEach((next, file) => used[file] = (used[file] ?? 0) + (isNear(next) ? 1 : 0));
    const values = sorted.flatMap((samples, file) => {
      const last = samples[(used[file] ?? 0) - 1];
      const found = isNear(last) ? last?.values : valuesAt(samples, time, options, options.maximumGap ?? Infinity);
      return found ?? unset(samples);
    });
    rows.push({ time, values });
  }
}

const method = fc.constantFrom(...interpolationMethods);
const range = fc.constantFrom("inner" as const, "outer" as const);

/** A recording of up to 60 samples, in any order, some of them at the same time. */
function recordingOf(span: number): fc.Arbitrary<Sample[]> {
  return fc.array(
    fc.record({
      time: fc.integer({ min: 0, max: span }),
      float: fc.double({ min: -1e6, max: 1e6, noDefaultInfinity: true }),
      integer: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      boolean: fc.boolean(),
      imag: fc.double({ min: -1e6, max: 1e6, noDefaultInfinity: true, noNaN: true }),
    }),
    { maxLength: 60 },
  ).map((entries) =>
    entries.map(({ time, float, integer, boolean, imag }) =>
      sampleAt(7_000_000_000n + BigInt(time), float, integer, boolean, { real: -imag, imag })
    )
  );
}

Deno.test("align() with a rate gives what a search through all samples gives, for any recordings and options", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(recordingOf(3_000), { minLength: 1, maxLength: 3 }),
      fc.record({ method, range, maximumGap: fc.constantFrom(undefined, 2e-7, 1e-6) }),
      fc.constantFrom("10ns", "333ns", "3MHz", "7MHz", "1MHz").map(parseSampleRate),
      fc.integer({ min: 1, max: 70 }),
      async (recordings, options, rate, size) => {
        const { samples } = await alignAll(recordings, { ...options, rate }, size);
        const expected = referenceOnGrid(recordings, options, rate);
        const firstIndex = expected[0]?.index ?? 0n;
        assertEquals(
          samples.map((sample) => ({ sequence: sample.sequence, time: nanosecondsOf(sample), values: sample.values })),
          expected.map(({ index, time, values }) => ({ sequence: index - firstIndex, time, values })),
        );
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("align() without a rate gives what a search through all samples gives, for any recordings and options", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(recordingOf(300), { minLength: 1, maxLength: 4 }),
      fc.record({
        ...{ method, range, maximumGap: fc.constantFrom(undefined, 2e-8, 1e-7) },
        tolerance: fc.constantFrom(undefined, 1e-9, 1e-8, 1e-7),
      }),
      fc.integer({ min: 1, max: 70 }),
      async (recordings, options, size) => {
        const { samples } = await alignAll(recordings, options, size);
        const expected = referenceMerge(recordings, options);
        assertEquals(
          samples.map((sample) => ({ sequence: sample.sequence, time: nanosecondsOf(sample), values: sample.values })),
          expected.map(({ time, values }, index) => ({ sequence: BigInt(index), time, values })),
        );
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("align() counts samples without a time, of a time that was there, far too late, and with too many values", async () => {
  const samples = Array.from({ length: 100 }, (_, index) => sampleAt(index * 10, index));
  samples.push(sampleAt(500, -1), sampleAt(5, -2), { values: [-3] }, sampleAt(990, -4), sampleAt(1000, 100, 7));
  samples.push({ type: "stop", values: [] });
  const { samples: found, counters } = await alignAll([samples], { rate: parseSampleRate("10ns") });
  assertEquals(found.map(({ values }) => values), Array.from({ length: 101 }, (_, index) => [index]));
  assertEquals(counters, { samples: 101, untimed: 1, repeated: 2, late: 1, gaps: 0, wide: 1 });
});

Deno.test("align() takes the time of reception where there is no other, and does not pass it on", async () => {
  const samples = [0, 1].map((sec) => ({ tsReceived: { sec, nsec: 0 }, values: [sec] }));
  assertEquals((await alignAll([samples], { rate: parseSampleRate("2Hz") })).samples, [
    { sequence: 0n, tsOrigin: { sec: 0, nsec: 0 }, values: [0] },
    { sequence: 1n, tsOrigin: { sec: 0, nsec: 500_000_000 }, values: [0.5] },
    { sequence: 2n, tsOrigin: { sec: 1, nsec: 0 }, values: [1] },
  ]);
});

Deno.test("align() passes the start of a frame on to the next sample of the grid", async () => {
  const samples = [0, 4, 8, 12, 16].map((time) => ({ ...sampleAt(time, time), ...time === 4 && { newFrame: true } }));
  const { samples: found } = await alignAll([samples], { rate: parseSampleRate("8ns") });
  assertEquals(found.map(({ newFrame }) => newFrame), [undefined, true, undefined]);
});

Deno.test("align() gives nothing for empty recordings, one sample on the grid for one there, none for one beside it", async () => {
  const rate = parseSampleRate("1Hz");
  for (const range of ["inner", "outer"] as const) {
    assertEquals((await alignAll([[]], { rate, range })).samples, []);
    assertEquals((await alignAll([[], []], { range })).samples, []);
    assertEquals((await alignAll([[sampleAt(5n * perSecond, 1)]], { rate, range })).samples.length, 1);
    assertEquals((await alignAll([[sampleAt(5n * perSecond + 1n, 1)]], { rate, range })).samples, []);
  }
  assertEquals((await alignAll([[sampleAt(5, 1)], []], {})).samples, []);
  assertEquals((await alignAll([[sampleAt(5, 1)], []], { range: "outer" })).samples.length, 1);
});

Deno.test("align() passes over years at once, and its numbers tell how many periods they had", async () => {
  const year = 365n * 86_400n * perSecond;
  const samples = [0n, 1000n, year, year + 1000n, 140n * year].map((time) => sampleAt(time, 1));
  const { samples: found, counters } = await alignAll([samples], { rate: parseSampleRate("1us") });
  assertEquals(found.map(({ sequence }) => sequence), [0n, 1n, year / 1000n, year / 1000n + 1n, 140n * year / 1000n]);
  assertEquals(counters.gaps, 2);
});

Deno.test("align() interpolates large floats without overflow, keeps equal ones, and has NaN only beside NaN", async () => {
  const samples = [
    sampleAt(0, 1.7e308, 0.1, 1),
    sampleAt(10, -1.7e308, 0.1, NaN),
    sampleAt(20, 0, 0.1, 3),
    sampleAt(30, Infinity, 0.1, 4),
  ];
  const { samples: found } = await alignAll([samples], { rate: parseSampleRate("5ns") });
  assertEquals(found.map(({ values }) => values[0]), [1.7e308, 0, -1.7e308, -0.85e308, 0, Infinity, Infinity]);
  assert(found.every(({ values }) => values[1] === 0.1));
  assertEquals(found.map(({ values }) => values[2]), [1, NaN, NaN, NaN, 3, 3.5, 4]);
});

Deno.test("a grid of time has no drift: any point is the exact multiple, rounded, however it was reached", () => {
  const rates = ["3Hz", "59.94Hz", "60Hz", "1kHz", "44.1kHz", "7MHz", "999.999MHz", "0.3Hz", "7m", "1.000001ms"];
  for (const rate of rates.map(parseSampleRate)) {
    const exact = (index: bigint) => (2n * index * rate.nanoseconds + rate.steps) / (2n * rate.steps);
    const grid = new TimeGrid(rate);
    for (const start of [0n, 10n ** 9n, 1_700_000_000n * rate.steps * perSecond / rate.nanoseconds]) {
      grid.seek(timestamp(exact(start)));
      assertEquals(grid.index, start);
      for (let step = 0n; step < 20_000n; step++, grid.next()) {
        const { sec, nsec } = grid.time;
        const found = BigInt(sec) * perSecond + BigInt(nsec);
        if (found !== exact(start + step) || nsec >= 1e9) assertEquals(found, exact(start + step));
      }
      grid.seek(timestamp(exact(start) + 1n));
      assert(grid.index > start || exact(start + 1n) === exact(start), "seek() went back");
    }
  }
});

Deno.test("parseSampleRate() takes rates and periods exactly, and refuses anything else", () => {
  assertEquals(parseSampleRate("1kHz"), { steps: 1n, nanoseconds: 1_000_000n });
  assertEquals(parseSampleRate("59.94"), { steps: 2997n, nanoseconds: 50_000_000_000n });
  assertEquals(parseSampleRate("2.5m"), { steps: 1n, nanoseconds: 150_000_000_000n });
  assertEquals(parseSampleRate("1MHz"), parseSampleRate("1us"));
  for (
    const text of [
      "",
      "0",
      "0Hz",
      "-1",
      "1e3",
      "kHz",
      "1GHz2",
      "1 kHz",
      "1khz",
      "0.5ns",
      "2000MHz",
      "NaN",
      "1.",
      "constructor",
    ]
  ) {
    assertThrows(() => parseSampleRate(text), SyntaxError, "expected a rate");
  }
  assertThrows(() => parseSampleRate("999999999999.999999999999"), SyntaxError);
  assertThrows(() => parseSampleRate("1.000000000001kHz"), SyntaxError, "fewer digits");
});

Deno.test("nameJoinedSignals() names signals by their files where names occur twice, and each name once", () => {
  const name = (...files: [string, ...(string | undefined)[]][]) =>
    nameJoinedSignals(files.map(([path, ...names]) => ({ path, names })));
  assertEquals(name(["x/a.csv", "va", "f"], ["y/a.csv", "va", "g"]), ["a_va", "f", "a_2_va", "g"]);
  assertEquals(name(["a.csv", undefined, ""], ["-", "v"]), ["a_signal0", "a_signal1", "v"]);
  assertEquals(name(["a.csv", "b_v", "v"], ["b.csv", "v"]), ["b_v", "a_v", "b_v_2"]);
  assertEquals(name(["a.csv", "v", "v"]), ["v", "v_2"]);
});
