import { assertEquals } from "@std/assert";
import type { Sample } from "@villas/client";
import { describeRecording } from "@villas/client/recordings";

async function* inBatches(samples: readonly Sample[], size = 3) {
  for (let start = 0; start < samples.length; start += size) yield samples.slice(start, start + size);
}

/** Samples every 10 ms, apart from the times that are given. */
function recording(milliseconds: readonly number[]): Sample[] {
  return milliseconds.map((time, index) => ({
    tsOrigin: { sec: 1000 + Math.floor(time / 1000), nsec: time % 1000 * 1_000_000 },
    values: [index],
  }));
}

Deno.test("describeRecording() finds start, end, rate, the usual interval, and gaps with their place", async () => {
  const info = await describeRecording(inBatches(recording([0, 10, 20, 60, 70, 90, 100])));
  assertEquals(info.start, { sec: 1000, nsec: 0 });
  assertEquals(info.end, { sec: 1000, nsec: 100_000_000 });
  assertEquals([info.samples, info.rate, info.interval], [7, 60, 0.01]);
  assertEquals(info.gaps, { count: 2, longest: 0.04, longestAt: { sec: 1000, nsec: 60_000_000 } });
});

Deno.test("describeRecording() finds gaps behind the first 1000 intervals, too", async () => {
  const times = Array.from({ length: 3000 }, (_, index) => index * 10 + (index >= 2500 ? 500 : 0));
  const { gaps } = await describeRecording(inBatches(recording(times), 100));
  assertEquals([gaps.count, gaps.longest], [1, 0.51]);
});

Deno.test("describeRecording() counts repeated, earlier and missing timestamps, and takes that of reception instead", async () => {
  const samples = [...recording([50, 50, 40, 60]), { values: [] }, { tsReceived: { sec: 2000, nsec: 0 }, values: [] }];
  const info = await describeRecording(inBatches(samples));
  assertEquals(info.times, { missing: 1, repeated: 1, backward: 1 });
  assertEquals([info.start?.nsec, info.end?.sec], [40_000_000, 2000]);
});

Deno.test("describeRecording() tells types and ranges, integers with all digits, NaN and unset values apart", async () => {
  const info = await describeRecording(inBatches([
    { values: [1.5, 2n ** 62n, true, NaN] },
    { values: [-Infinity, 2n ** 62n + 1n, false, { real: 1, imag: 2 }] },
    { values: [NaN, 3n, null] },
  ]));
  assertEquals(info.signals, [
    { types: { float: 3 }, nan: 1, minimum: -Infinity, maximum: 1.5 },
    { types: { integer: 3 }, nan: 0, minimum: 3n, maximum: 2n ** 62n + 1n },
    { types: { boolean: 2, invalid: 1 }, nan: 0 },
    { types: { float: 1, complex: 1 }, nan: 1 },
  ]);
});

Deno.test("describeRecording() follows sequence numbers, and says nothing of them where there are none", async () => {
  const numbered = [0n, 1n, 1n, 5n].map((sequence): Sample => ({ sequence, values: [] }));
  const { sequence } = await describeRecording(inBatches(numbered));
  assertEquals(sequence, { missing: 3, duplicate: 1, reordered: 0, restarts: 0 });
  assertEquals(await describeRecording(inBatches([])), {
    samples: 0,
    signals: [],
    gaps: { count: 0, longest: 0 },
    times: { missing: 0, repeated: 0, backward: 0 },
  });
});
