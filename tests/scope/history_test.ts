import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { parseSignals } from "@villas/client";
import { SampleHistory } from "@villas/client/scope";
import { fc } from "../_properties.ts";
import { historyOf, sampleAt, start } from "./_history.ts";

Deno.test("SampleHistory makes a channel of each signal, and four of a complex one", () => {
  const signals = parseSignals('[{"name": "v", "unit": "V", "type": "complex"}, {"name": "on", "type": "boolean"}]');
  const history = new SampleHistory({ signals });
  history.push([sampleAt(0, [{ real: 3, imag: 4 }, true])]);
  assertEquals(history.channels.map(({ name, unit }) => `${name} ${unit}`), [
    ...["v.magnitude V", "v.phase °", "v.real V", "v.imag V", "on "],
  ]);
  const values = history.channels.map((_, channel) => history.valueAt(channel, 0));
  assertAlmostEquals(values[1] ?? NaN, Math.atan2(4, 3) * 180 / Math.PI);
  assertEquals([values[0], ...values.slice(2)], [5, 3, 4, 1]);
});

Deno.test("SampleHistory gives back samples as they came, to the nanosecond", () => {
  const history = new SampleHistory();
  const sample = {
    ...sampleAt(0.123456789, [1.5, -7n, true, { real: 1, imag: -2 }]),
    ...{ sequence: 5n, newFrame: true, tsReceived: { sec: start + 1, nsec: 1 } },
  };
  history.push([sample, { ...sample, sequence: 6n, tsOrigin: { sec: start + 90_000, nsec: 999_999_999 } }]);
  assertEquals(history.sampleAt(0), sample);
  assertEquals(history.sampleAt(1).tsOrigin, { sec: start + 90_000, nsec: 999_999_999 });
});

Deno.test("SampleHistory keeps all digits of integers, also of those that came late or after it had grown", () => {
  const large = [2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 62n + 3n];
  const history = new SampleHistory({ memory: 2 ** 18 });
  // A channel has small integers for a while, and another one has nothing else.
  const valuesOf = (number: number) => [number < 3000 ? BigInt(number) : large[number % 4] ?? 0n, BigInt(-number)];
  const order = Array.from({ length: 20_000 }, (_, number) => number);
  for (let number = 100; number < 20_000; number += 97) order.splice(number - 3, 0, ...order.splice(number, 1));
  for (const number of order) history.push([sampleAt(number / 1000, valuesOf(number))]);
  assert(history.first > 0, "the ring has gone round");
  for (let number = history.first; number < history.end; number++) {
    assertEquals(history.sampleAt(number).values, valuesOf(number), `sample ${number}`);
  }
});

Deno.test("SampleHistory.integerRange tells integers apart that have the same float64 nearest to them", () => {
  const values = Array.from({ length: 200 }, (_, index) => 2n ** 60n + BigInt(index % 100));
  const history = historyOf(200, 1000, (index) => [values[index] ?? 0n]);
  assertEquals(history.integerRange(0, 3, 90), [2n ** 60n + 3n, 2n ** 60n + 89n]);
  assertEquals(history.integerRange(0, 0, 200), [2n ** 60n, 2n ** 60n + 99n]);
  assertEquals(history.integerRange(0, 5, 5), undefined);
});

Deno.test("SampleHistory keeps the last samples in bounded memory, and finds them by time", () => {
  const history = historyOf(50_000, 1000, (index) => [index], 2 ** 19);
  assert(history.capacity < 50_000 && history.capacity > 5000, `${history.capacity}`);
  assertEquals(history.end, 50_000);
  assertEquals(history.end - history.first, history.capacity);
  assertEquals(history.valueAt(0, history.first), history.first);
  assertEquals(history.indexAt("origin", 49.5), 49_500);
  assertEquals(history.indexAt("origin", 0), history.first);
  assertEquals(history.indexAt("origin", 1000), history.end);
});

Deno.test("SampleHistory.summarize says what a loop over the values says, also where the ring has gone round", () => {
  const history = historyOf(9000, 1000, (index) => [index % 7 === 3 ? NaN : Math.sin(index * index)], 2 ** 18);
  fc.assert(fc.property(fc.nat(9000), fc.nat(9000), (a, b) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    const values: number[] = [];
    for (let number = Math.max(from, history.first); number < to; number++) {
      const value = history.valueAt(0, number);
      if (!Number.isNaN(value)) values.push(value);
    }
    const { min, max, sum, squares, count } = history.summarize(0, from, to);
    assertEquals([min, max, count], [Math.min(...values), Math.max(...values), values.length]);
    assertAlmostEquals(sum, values.reduce((total, value) => total + value, 0), 1e-9);
    assertAlmostEquals(squares, values.reduce((total, value) => total + value * value, 0), 1e-9);
  }));
});

Deno.test("SampleHistory marks missing samples by their numbers, or by the time without numbers", () => {
  const numbered = new SampleHistory();
  numbered.push([0, 1, 4, 5].map((number) => sampleAt(number / 10, [1], { sequence: BigInt(number) })));
  assertEquals([0, 1, 2, 3].map((number) => numbered.hasGapBefore(number)), [false, false, true, false]);
  const bare = new SampleHistory();
  bare.push([0, 1, 2, 3, 13, 14].map((number) => sampleAt(number / 10, [1])));
  assertEquals([2, 3, 4, 5].map((number) => bare.hasGapBefore(number)), [false, false, true, false]);
});

Deno.test("SampleHistory puts late samples to their place, and the gap that they leave is none", () => {
  const order = [0, 1, 3, 4, 2, 5, ...Array.from({ length: 200 }, (_, index) => index + 6)];
  const history = new SampleHistory();
  for (const number of order) history.push([sampleAt(number / 100, [number], { sequence: BigInt(number) })]);
  const numbers = order.map((_, index) => index);
  assertEquals(numbers.map((number) => history.valueAt(0, number)), numbers);
  assertEquals(numbers.some((number) => history.hasGapBefore(number)), false);
  assertEquals(history.summarize(0, 0, 64).sum, 63 * 32);
});

Deno.test("SampleHistory begins anew when the time was set back, but not for one stray sample", () => {
  const history = historyOf(1000, 100, (index) => [index]);
  history.push([sampleAt(-50, [-1])]);
  assertEquals([history.run, history.end, history.late], [0, 1000, 1]);
  history.push([sampleAt(10.01, [1001])]);
  history.push([0, 1, 2, 3].map((index) => sampleAt(-100 + index, [index])));
  assertEquals([history.run, history.end, history.epochs.origin], [1, 4, start - 100]);
  assertEquals(history.timeAt("origin", 3), 3);
});

Deno.test("SampleHistory begins anew with more signals, and leaves out thousands of them", () => {
  const history = new SampleHistory();
  history.push([sampleAt(0, [1]), sampleAt(1, [1, 2])]);
  assertEquals([history.run, history.channels.length, history.end], [1, 2, 1]);
  history.push([sampleAt(2, Array(30_000).fill(1)), sampleAt(3, Array(29_000).fill(1))]);
  assertEquals([history.channels.length, history.end], [512, 2]);
});

Deno.test("SampleHistory.summarize leaves out infinities, which are not figures of anything", () => {
  const history = historyOf(100, 10, (index) => [index === 50 ? Infinity : index === 3 ? -Infinity : 1]);
  const { min, max, count } = history.summarize(0, 0, 100);
  assertEquals([min, max, count], [1, 1, 98]);
});
