import { assert, assertEquals } from "@std/assert";
import { now, secondsBetween } from "@villas/client";
import { nowMilliseconds, timestampFromMilliseconds } from "@villas/client/samples";

/** Runs a function while `Date.now` is off by some milliseconds, as after the system's clock has been set. */
function withClockSet(milliseconds: number, run: () => void): void {
  const original = Date.now;
  Date.now = () => original() + milliseconds;
  try {
    run();
  } finally {
    Date.now = original;
    // Back to the right time, so that no other test sees a clock that is off.
    nowMilliseconds();
  }
}

/**
 * Checks that `nowMilliseconds` is `Date.now()`, within the 2 ms that are allowed and the millisecond that the latter
 * cuts off.
 */
function assertIsSystemTime(): void {
  // Between two readings, because a test may be suspended anywhere.
  const before = Date.now();
  const milliseconds = nowMilliseconds();
  const after = Date.now();
  assert(milliseconds >= before - 3 && milliseconds <= after + 3, `${milliseconds} between ${before} and ${after}`);
}

Deno.test("nowMilliseconds() returns the system's time", () => {
  for (let i = 0; i < 1000; i++) assertIsSystemTime();
});

Deno.test("nowMilliseconds() is finer than a millisecond", () => {
  const fractions = new Set<number>();
  const end = performance.now() + 1000;
  while (fractions.size < 3 && performance.now() < end) fractions.add(nowMilliseconds() % 1);
  assert(fractions.size >= 3);
});

Deno.test("nowMilliseconds() does not go back while the clock is not set", () => {
  let last = nowMilliseconds();
  for (let i = 0; i < 100_000; i++) {
    const next = nowMilliseconds();
    assert(next >= last, `${next} after ${last}`);
    last = next;
  }
});

Deno.test("nowMilliseconds() does not go back when the process is suspended between its two clocks", () => {
  const original = Date.now;
  const before = nowMilliseconds();
  let isSuspended = false;
  // The first reading of the system's clock is 50 ms old by the time that the other clock is read.
  Date.now = () => {
    if (isSuspended) return original();
    isSuspended = true;
    return original() - 50;
  };
  try {
    const milliseconds = nowMilliseconds();
    assert(isSuspended && milliseconds >= before, `${milliseconds} after ${before}`);
  } finally {
    Date.now = original;
  }
});

for (const jump of [-3_600_000, -10, 10, 86_400_000]) {
  Deno.test(`nowMilliseconds() follows when the clock is set by ${jump} ms`, () => {
    nowMilliseconds();
    withClockSet(jump, assertIsSystemTime);
    assertIsSystemTime();
  });
}

Deno.test("now() returns a timestamp that every format can carry", () => {
  const before = nowMilliseconds();
  const { sec, nsec } = now();
  const after = nowMilliseconds();
  assert(Number.isInteger(sec) && Number.isInteger(nsec) && nsec >= 0 && nsec <= 999_999_999);
  // A float64 has the milliseconds since 1970 to 0.25 µs.
  const milliseconds = sec * 1e3 + nsec / 1e6;
  assert(milliseconds >= before - 0.001 && milliseconds <= after + 0.001);
});

const conversions: [number, number, number][] = [
  [0, 0, 0],
  [1, 0, 1_000_000],
  [999.999999, 0, 999_999_999],
  [999.9999999, 1, 0],
  [1000, 1, 0],
  [1_700_000_000_123.5, 1_700_000_000, 123_500_000],
  [1_700_000_000_999.9998, 1_700_000_000, 999_999_756],
  [4_294_967_295_999, 4_294_967_295, 999_000_000],
];
for (const [milliseconds, sec, nsec] of conversions) {
  Deno.test(`timestampFromMilliseconds() converts ${milliseconds}`, () => {
    const timestamp = timestampFromMilliseconds(milliseconds);
    assertEquals(timestamp, { sec, nsec });
  });
}

Deno.test("timestampFromMilliseconds() never returns a full second of nanoseconds", () => {
  for (let i = 0; i < 10_000; i++) {
    const { sec, nsec } = timestampFromMilliseconds(1_700_000_000_000 - i * 2 ** -12);
    assert(nsec >= 0 && nsec <= 999_999_999, `${sec} s and ${nsec} ns`);
  }
});

const spans: [[number, number], [number, number], number][] = [
  [[5, 6], [5, 6], 0],
  [[8, 0], [7, 750_000_000], 0.25],
  [[7, 750_000_000], [8, 0], -0.25],
  [[1_700_000_000, 1], [1_700_000_000, 0], 1e-9],
  [[1_700_000_000, 0], [1_699_999_999, 999_999_999], 1e-9],
  [[1_700_000_000, 0], [1_700_000_000, 1], -1e-9],
  [[9_000_000, 1], [0, 0], 9_000_000.000000001],
  [[4_294_967_295, 0], [0, 0], 4_294_967_295],
];
for (const [later, earlier, seconds] of spans) {
  Deno.test(`secondsBetween() returns ${seconds} from ${earlier} to ${later}`, () => {
    const [a, b] = [later, earlier].map(([sec = 0, nsec = 0]) => ({ sec, nsec })) as [never, never];
    assertEquals(secondsBetween(a, b), seconds);
  });
}
