import { assert, assertEquals } from "@std/assert";
import { labelTicks, rangeOf, ticksOf, timeTicks } from "@villas/client/scope";
import { fc } from "../_properties.ts";
import { formatDuration, formatEngineering, formatValue, readableTicks } from "../../lib/scope/axis.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

Deno.test("rangeOf holds all values with room around them, also where they are nearly the same", () => {
  fc.assert(
    fc.property(finite, finite, (a, b) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      const [from, to] = rangeOf(min, max);
      assert(Number.isFinite(from) && Number.isFinite(to) && from < to, `${from} to ${to}`);
      if (Math.abs(min) < 1e300 && Math.abs(max) < 1e300) assert(from <= min && to >= max);
    }),
    { examples: [[2e-323, 2e-323], [-5e-324, 5e-324]] },
  );
  assertEquals(rangeOf(Infinity, -Infinity), [-1, 1]);
  const [from, to] = rangeOf(1, 1 + 1e-7);
  assert(to - from < 1.2e-7 && from < 1 && to > 1 + 1e-7);
});

Deno.test("readableTicks makes two ticks at least, where ticksOf has one that says nothing of sizes", () => {
  assertEquals(ticksOf(-364, 364, 3), [0]);
  assertEquals(readableTicks(-364, 364, 3), [-200, 0, 200]);
  assertEquals(readableTicks(0.3, 2.2, 5), ticksOf(0.3, 2.2, 5));
  assertEquals(readableTicks(0, NaN, 3), []);
});

Deno.test("ticksOf and labelTicks make ticks in the range whose labels differ", () => {
  const bounded = fc.double({ noNaN: true, min: -1e12, max: 1e12 });
  fc.assert(
    fc.property(
      bounded,
      fc.double({ noNaN: true, min: 1e-9, max: 1e12 }),
      fc.integer({ min: 2, max: 20 }),
      (from, size, count) => {
        const to = from + size;
        if (size < Math.abs(from) * 1e-12) return;
        const ticks = ticksOf(from, to, count);
        assert(ticks.length <= count + 1);
        assert(ticks.every((tick) => tick >= from - size * 1e-6 && tick <= to + size * 1e-6));
        const { labels } = labelTicks(ticks);
        assertEquals(new Set(labels).size, ticks.length, `${ticks} ${labels}`);
      },
    ),
  );
});

Deno.test("timeTicks labels microseconds, milliseconds and clocks so that they differ", () => {
  assertEquals(timeTicks(0, 3e-6, 3, "seconds", 0, 0).labels, ["0", "1 µs", "2 µs", "3 µs"]);
  assertEquals(timeTicks(5, 5.02, 2, "seconds", 0, 5).labels, ["0", "10 ms", "20 ms"]);
  assertEquals(timeTicks(100, 103, 3, "seconds", 0, 100).labels, ["0", "1 s", "2 s", "3 s"]);
  assertEquals(timeTicks(0.9995, 1.0005, 2, "utc", 1_700_000_000, 0).labels, [
    ...["22:13:20.9995", "22:13:21.0000", "22:13:21.0005"],
  ]);
  assertEquals(timeTicks(0, 3600, 4, "utc", 1_699_999_200, 0).labels, [
    ...["22:00:00", "22:15:00", "22:30:00", "22:45:00", "23:00:00"],
  ]);
});

Deno.test("formatEngineering, formatDuration and formatValue use the prefix or digits that suit", () => {
  assertEquals([12_500, 0.0125, -3.3e-9, 0, 999_999.9].map((value) => formatEngineering(value)), [
    ...["12.5k", "12.5m", "-3.3n", "0", "1M"],
  ]);
  assertEquals([0.0125, 90, 0, 2e-6, NaN].map((value) => formatDuration(value)), [
    ...["12.5 ms", "1 min 30 s", "0 s", "2 µs", "–"],
  ]);
  assertEquals([230.12345, 1e-9, -0.5, 1e12, NaN, Infinity].map((value) => formatValue(value)), [
    ...["230.123", "1.000e-9", "-0.500000", "1.000e+12", "–", "∞"],
  ]);
});
