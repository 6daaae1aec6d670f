import { assert, assertEquals } from "@std/assert";
import { reduceHistory, type Reduction, type ReductionMode, SampleHistory } from "@villas/client/scope";
import { fc } from "../_properties.ts";
import { RowStore } from "../../lib/scope/page/row_store.ts";
import { historyOf, sampleAt } from "./_history.ts";

const all = { timebase: "origin", channels: [0] } as const;

Deno.test("reduceHistory gives few samples as they are, with one before and behind the window", () => {
  const history = historyOf(10, 1, (index) => [index * index]);
  const { mode, times, values } = reduceHistory(history, { ...all, from: 2.5, to: 5.5, width: 0.01 });
  assertEquals([mode, [...times], [...values[0] ?? []]], ["samples", [2, 3, 4, 5, 6], [4, 9, 16, 25, 36]]);
});

Deno.test("reduceHistory makes a row of gaps where samples are missing, in both modes", () => {
  for (const [width, mode] of [[0.001, "samples"], [0.5, "extremes"]] as const) {
    const history = new SampleHistory();
    for (let number = 0; number < 200; number++) {
      if (number < 100 || number > 120) history.push([sampleAt(number / 100, [1], { sequence: BigInt(number) })]);
    }
    const reduction = reduceHistory(history, { ...all, from: 0, to: 2, width });
    const gaps = [...reduction.values[0] ?? []].flatMap((value, index) =>
      Number.isNaN(value) ? [reduction.times[index] ?? NaN] : []
    );
    assertEquals([reduction.mode, gaps.length], [mode, 1]);
    assert((gaps[0] ?? 0) >= 0.99 && (gaps[0] ?? 0) <= 1.21, `${gaps}`);
  }
});

Deno.test("reduceHistory keeps the extremes of each pixel, in the order in which they occurred", () => {
  const history = historyOf(1000, 1000, (index) => [index === 333 ? 9 : index === 337 ? -9 : 0]);
  const { mode, times, values: [column = []] } = reduceHistory(history, { ...all, from: 0, to: 1, width: 0.01 });
  assertEquals([mode, times.length], ["extremes", 200]);
  assertEquals([column[66], column[67], Math.max(...column), Math.min(...column)], [9, -9, 9, -9]);
});

Deno.test("reduceHistory loses no extreme, whatever the window is", () => {
  const history = historyOf(20_000, 1000, (index) => [Math.sin(index * index) * index], 2 ** 21);
  fc.assert(
    fc.property(
      fc.nat(19),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 50, max: 2000 }),
      (from, span, pixels) => {
        const to = Math.min(20, from + span);
        const { times, values: [column = []] } = reduceHistory(history, {
          ...all,
          from,
          to,
          width: (to - from) / pixels,
        });
        assert(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0)));
        const { min, max } = history.summarize(0, from * 1000, to * 1000);
        assert(Math.max(...column) >= max && Math.min(...column) <= min);
        assert(times.length <= 3 * (pixels * 2 + 4), `${times.length} rows for ${pixels} pixels`);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("reduceHistory, continued, gives the same rows as all at once", () => {
  for (const [rate, mode] of [[50, "samples"], [5000, "extremes"]] as const) {
    const history = new SampleHistory();
    const store = new RowStore();
    let last: { mode?: ReductionMode; cursor?: number } = {};
    let shown: Reduction | undefined;
    const width = 0.01;
    for (let number = 0; number < rate * 6; number++) {
      const late = number % 97 === 5 ? 3 : 0;
      history.push([sampleAt((number - late) / rate, [Math.sin(number * number)])]);
      if (number % Math.ceil(rate / 7) !== 0) continue;
      const to = history.timeAt("origin", history.end - 1);
      const request = { ...all, from: to - 2, to, width };
      const reduction = reduceHistory(history, { ...request, ...last });
      const { times, values, replacesFrom } = reduction;
      const head = { id: 1, run: 0, ...reduction, from: to - 2, to, oldest: 0, newest: to, count: 0 };
      store.add(
        { head: { ...head, replacesFrom: Number.isFinite(replacesFrom) ? replacesFrom : null }, times, values },
        [0],
        "",
        0,
      );
      last = reduction;
      shown = reduceHistory(history, { ...request, mode: reduction.mode });
    }
    assertEquals(shown?.mode, mode);
    const from = store.nearest(shown?.times[0] ?? NaN);
    assertEquals([...store.times.subarray(from)], [...shown?.times ?? []], mode);
    assertEquals([...store.valuesOf(0)?.subarray(from) ?? []], [...shown?.values[0] ?? []], mode);
    assert(store.times.length < 3 * (shown?.times.length ?? 0), `${store.times.length} rows are kept`);
  }
});

Deno.test("reduceHistory has nothing to say of an empty history", () => {
  const { times, values } = reduceHistory(new SampleHistory(), { ...all, from: 0, to: 1, width: 0.1 });
  assertEquals([times.length, values.map(({ length }) => length)], [0, [0]]);
});
