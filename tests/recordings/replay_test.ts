import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Sample } from "@villas/client";
import {
  type OpenRecording,
  replay,
  type ReplayOptions,
  type ReplayStep,
  type TimingIssue,
} from "@villas/client/recordings";

/** A sample of a time in milliseconds. */
function at(milliseconds: number, sequence?: bigint): Sample {
  const sample: Sample = {
    tsOrigin: { sec: 1000 + Math.floor(milliseconds / 1000), nsec: Math.round((milliseconds % 1000) * 1e6) },
    values: [milliseconds],
  };
  return sequence === undefined ? sample : { ...sample, sequence };
}

function recordingOf(...lists: Sample[][]) {
  return async function* () {
    yield* lists;
  };
}

interface Taken extends ReplayStep {
  /** When it came, in milliseconds from before the first step, which may be late itself. */
  time: number;
}

async function take(recording: OpenRecording, options: ReplayOptions = {}): Promise<Taken[]> {
  const taken: Taken[] = [];
  const start = performance.now();
  for await (const step of replay(recording, options)) {
    taken.push({ ...step, time: performance.now() - start });
  }
  return taken;
}

const samplesOf = (steps: readonly ReplayStep[]) => steps.flatMap(({ samples }) => samples);
const valuesOf = (steps: readonly ReplayStep[]) => samplesOf(steps).map(({ values }) => values[0]);

/** Asserts that no sample came before it was due. */
function assertNotEarly(steps: readonly Taken[], dues: readonly number[]): void {
  const times = steps.flatMap(({ samples, time }) => samples.map(() => time));
  assertEquals(times.length, dues.length);
  for (const [index, due] of dues.entries()) {
    assert((times[index] ?? 0) >= due - 0.05, `sample ${index} came ${times[index]} ms after the start, not ${due}`);
  }
}

Deno.test("replay() gives samples by their own timestamps, none before it is due", async () => {
  const times = [0, 3, 3, 10, 11.5, 30];
  const steps = await take(recordingOf(times.slice(0, 2).map((t) => at(t)), times.slice(2).map((t) => at(t))));
  assertEquals(valuesOf(steps), times);
  assertNotEarly(steps, times);
});

Deno.test("replay() divides the times by the speed", async () => {
  const times = [0, 100, 200];
  const steps = await take(recordingOf(times.map((t) => at(t))), { speed: 10 });
  assertNotEarly(steps, [0, 10, 20]);
  assert((steps.at(-1)?.time ?? Infinity) < 200);
});

Deno.test("replay() gives samples at a rate, whatever their timestamps are", async () => {
  const steps = await take(recordingOf([at(0), at(9e9), { values: [1] }, at(0)]), { timing: "rate", rate: 200 });
  assertEquals(samplesOf(steps).length, 4);
  assertNotEarly(steps, [0, 5, 10, 15]);
});

Deno.test("replay() gives lists as fast as they come, as they are", async () => {
  const lists = [[at(0), at(1e9)], [at(5)]];
  const steps = await take(recordingOf(...lists), { timing: "fast" });
  assertEquals(steps.map(({ samples, lateCount, lateness }) => ({ samples, lateCount, lateness })), [
    { samples: lists[0] ?? [], lateCount: 0, lateness: 0 },
    { samples: lists[1] ?? [], lateCount: 0, lateness: 0 },
  ]);
});

Deno.test("replay() gives what is overdue at once, and says how late it is", async () => {
  const recording = async function* () {
    yield [at(0)];
    const until = performance.now() + 20;
    while (performance.now() < until);
    yield [at(10), at(12), at(14)];
    yield [at(60)];
  };
  const steps = await take(recording);
  assertEquals(steps.map(({ samples }) => samples.length), [1, 3, 1]);
  assertEquals(steps[1]?.lateCount, 3);
  assert((steps[1]?.lateness ?? 0) >= 0.0099);
  assertNotEarly(steps, [0, 10, 12, 14, 60]);
});

Deno.test("replay() gives many overdue samples in several steps", async () => {
  const steps = await take(recordingOf(Array.from({ length: 3000 }, () => at(0))));
  assertEquals(samplesOf(steps).length, 3000);
  assert(steps.length > 2);
});

Deno.test("replay() gives samples without timestamps, or earlier ones, together with the one before", async () => {
  const issues: TimingIssue[] = [];
  const recording = recordingOf([{ values: [-1] }, at(0), { values: [-1] }, at(20), at(10), { values: [-1] }, at(30)]);
  const steps = await take(recording, { onTimingIssue: (issue) => issues.push(issue) });
  assertEquals(valuesOf(steps), [-1, 0, -1, 20, 10, -1, 30]);
  assertNotEarly(steps, [0, 0, 0, 20, 20, 20, 30]);
  assertEquals(issues, ["missing", "backward"]);
});

Deno.test("replay() takes a much earlier timestamp for a new beginning", async () => {
  const steps = await take(recordingOf([at(3_600_000), at(3_600_010), at(0), at(10), at(20)]));
  assertNotEarly(steps, [0, 10, 10, 20, 30]);
  assert((steps.at(-1)?.time ?? Infinity) < 3000);
});

Deno.test("replay() takes the time of reception where there is no other", async () => {
  const received = (nsec: number): Sample => ({ tsReceived: { sec: 5, nsec }, values: [1] });
  assertNotEarly(await take(recordingOf([received(0), received(15_000_000)])), [0, 15]);
});

Deno.test("replay() says that a recording pauses, and ends the wait at once when aborted", async () => {
  const controller = new AbortController();
  const issues: TimingIssue[] = [];
  const options: ReplayOptions = { onTimingIssue: (issue) => issues.push(issue), signal: controller.signal };
  let samples = 0;
  for await (const step of replay(recordingOf([at(0), at(120_000)]), options)) {
    samples += step.samples.length;
    queueMicrotask(() => controller.abort());
  }
  assertEquals(samples, 1);
  assertEquals(issues, ["pause"]);
});

Deno.test("replay() loops: times and numbers go on, one mean interval behind the last sample", async () => {
  const opened: number[] = [];
  const recording = async function* (loop: number) {
    opened.push(loop);
    yield [at(990, 5n), at(994, 6n)];
    yield [at(998, 9n)];
  };
  const steps = await take(recording, { loops: 3 });
  assertEquals(opened, [0, 1, 2]);
  assertEquals(
    samplesOf(steps).map(({ sequence, tsOrigin }) => ({ sequence, tsOrigin })),
    [5n, 6n, 9n, 10n, 11n, 14n, 15n, 16n, 19n].map((sequence, i) => ({ sequence, tsOrigin: at(990 + 4 * i).tsOrigin })),
  );
  assertNotEarly(steps, [0, 4, 8, 12, 16, 20, 24, 28, 32]);
});

Deno.test("replay() shifts the times of reception, too, and leaves alone what is missing", async () => {
  const steps = await take(
    recordingOf([
      { tsOrigin: { sec: 1, nsec: 999_999_999 }, tsReceived: { sec: 2, nsec: 1 }, values: [] },
      { values: [], newFrame: true },
      { tsOrigin: { sec: 2, nsec: 4_999_999 }, values: [] },
    ]),
    { loops: 2, timing: "fast" },
  );
  assertEquals(samplesOf(steps).slice(3), [
    { tsOrigin: { sec: 2, nsec: 9_999_999 }, tsReceived: { sec: 2, nsec: 10_000_001 }, values: [] },
    { values: [], newFrame: true },
    { tsOrigin: { sec: 2, nsec: 14_999_999 }, values: [] },
  ]);
});

Deno.test("replay() loops a recording that begins anew without falling back", async () => {
  const steps = await take(recordingOf([at(5000), at(5004), at(0), at(4)]), { loops: 2, timing: "fast" });
  const times = samplesOf(steps).slice(4).map(({ tsOrigin }) => tsOrigin);
  // 8 ms have passed in the recording, and one mean interval between four samples is 3 ms.
  assertEquals(times[0]?.nsec, 10_666_667);
});

Deno.test("replay() for ever ends where the recording is empty, and where it is left", async () => {
  assertEquals(await take(recordingOf(), { loops: Infinity }), []);
  assertEquals(await take(recordingOf([], []), { loops: Infinity }), []);
  let count = 0;
  for await (const _ of replay(recordingOf([at(0)]), { loops: Infinity })) {
    if (++count === 100) break;
  }
  assertEquals(count, 100);
});

Deno.test("replay() says that no time passes where it loops a single sample", async () => {
  const issues: TimingIssue[] = [];
  await take(recordingOf([at(0)]), { loops: 3, onTimingIssue: (issue) => issues.push(issue) });
  assertEquals(issues, ["standstill"]);
});

Deno.test("replay() lets the rest of the program have its turns while samples are overdue", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  for await (const _ of replay(recordingOf([at(0)]), { loops: Infinity })) {
    if (turns > 3) break;
  }
  clearInterval(timer);
});

Deno.test("replay() gives nothing where the signal is aborted already", async () => {
  assertEquals(await take(recordingOf([at(0)]), { signal: AbortSignal.abort() }), []);
});

Deno.test("replay() refuses a rate or a speed that is not above 0", async () => {
  await assertRejects(
    () => take(recordingOf(), { timing: "rate" }),
    RangeError,
    "Cannot replay NaN samples per second",
  );
  await assertRejects(() => take(recordingOf(), { timing: "rate", rate: 0 }), RangeError, "Cannot replay 0 samples");
  await assertRejects(() => take(recordingOf(), { speed: -1 }), RangeError, "Cannot replay at -1 times the speed");
});
