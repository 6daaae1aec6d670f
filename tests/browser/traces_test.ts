/// <reference lib="dom" />
import { assert, assertEquals } from "@std/assert";
import type { Value } from "@villas/client";
import { SampleHistory } from "@villas/client/scope";
import { historyOf, sampleAt } from "../scope/_history.ts";
import { blue, lookAt, orange, type Picture, serve, settle, testInBrowser, visit } from "./_browser.ts";

/** Opens the page of a file with these values at 100 samples per second, and looks at the first trace. */
async function draw(count: number, valuesOf: (index: number) => Value[]): Promise<Picture> {
  await using server = await serve(false, historyOf(count, 100, valuesOf));
  await using visitor = await visit(`${server.url}#${encodeURIComponent('{"theme":"light"}')}`);
  await settle(visitor.page);
  return await lookAt(visitor.page, 0, blue);
}

/** Returns the height of a trace in the middle of a column, as a part of the height from below; NaN where there is none. */
function heightAt({ height, width, columns }: Picture, part: number): number {
  const { top = NaN, bottom = NaN } = columns[Math.round(part * (width - 1))] ?? {};
  return 1 - (top + bottom) / 2 / height;
}

function assertNear(actual: number, expected: number, tolerance: number, what: string): void {
  assert(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

testInBrowser("a trace is drawn at the pixels of its samples", async () => {
  // A ramp with a step down: from 0 to 1 over the first half, then -1. The range has 6 % of room at both ends.
  const picture = await draw(1001, (index) => [index < 500 ? index / 500 : -1]);
  const place = (value: number) => (value + 1 + 0.12) / 2.24;
  for (const part of [0.1, 0.25, 0.4]) assertNear(heightAt(picture, part), place(part * 2), 0.02, `at ${part}`);
  for (const part of [0.6, 0.75, 0.95]) assertNear(heightAt(picture, part), place(-1), 0.02, `at ${part}`);
});

testInBrowser("a spike of one sample among 100,000 is seen", async () => {
  const picture = await draw(100_000, (index) => [index === 43_210 ? 100 : 0]);
  const spike = picture.columns.findIndex(({ top = Infinity }) => top < picture.height * 0.1);
  assertNear(spike / picture.width, 0.4321, 0.003, "place of the spike");
});

testInBrowser(
  "of dense traces over each other, the last one is in front, and the others are seen beside it",
  async () => {
    const history = historyOf(50_000, 100, (index) => [index % 2 * 2 - 1, index % 2 * 0.6 - 0.3]);
    await using server = await serve(false, history);
    await using visitor = await visit(`${server.url}#${encodeURIComponent('{"theme":"light"}')}`);
    await settle(visitor.page);
    const [behind, front] = [await lookAt(visitor.page, 0, blue), await lookAt(visitor.page, 0, orange)];
    const { width, height } = behind;
    const parts = (count: number) => count / height;
    for (const x of [0.2, 0.5, 0.8].map((part) => Math.round(part * width))) {
      const [outer, inner] = [behind.columns[x], front.columns[x]];
      assertNear(parts((outer?.bottom ?? NaN) - (outer?.top ?? NaN)), 2 / 2.24, 0.02, "height of the one behind");
      assertNear(parts(inner?.count ?? NaN), 0.6 / 2.24, 0.02, "pixels of the one in front");
      assertNear(parts(outer?.count ?? NaN), 1.4 / 2.24, 0.02, "pixels of the one behind");
    }
  },
);

testInBrowser("a pane shows the window of now when it is scrolled into view", async () => {
  // A step in the middle; of what is before it, nothing but a line in the middle of the pane is seen.
  const history = historyOf(1001, 100, (index) => [index < 500 ? 0 : 1]);
  await using server = await serve(false, history);
  const panes = Array.from({ length: 12 }, () => ({ kind: "time", signals: ["0/signal0"] }));
  const view = encodeURIComponent(JSON.stringify({ theme: "light", panes }));
  await using visitor = await visit(`${server.url}#${view}`);
  const { page } = visitor;
  await settle(page);
  const last = page.locator(".pane").last();
  assertEquals(await last.locator("canvas").count(), 0);
  await last.scrollIntoViewIfNeeded();
  await last.locator("canvas").waitFor();
  await page.locator(".pane").first().scrollIntoViewIfNeeded();
  await page.evaluate(() => {
    const { scopePage } = globalThis as unknown as { scopePage: { model: { stop(window: number[]): void } } };
    scopePage.model.stop([0, 4]);
  });
  await settle(page);
  await last.scrollIntoViewIfNeeded();
  const deadline = performance.now() + 20_000;
  let heights: number[];
  do {
    const picture = await lookAt(page, panes.length - 1, blue);
    heights = [0.1, 0.5, 0.9].map((part) => heightAt(picture, part));
  } while (!heights.every((height) => Math.abs(height - 0.5) < 0.05) && performance.now() < deadline);
  for (const height of heights) assertNear(height, 0.5, 0.05, "height of the line");
});

testInBrowser("NaN is a gap, and neither it nor infinities empty the pane", async () => {
  const odd: Record<number, number> = { 0: NaN, 100: Infinity, 900: -Infinity };
  const picture = await draw(
    1001,
    (index) => [odd[index] ?? (index >= 400 && index < 600 ? NaN : Math.sin(index / 20))],
  );
  const seen = (from: number, to: number) => {
    const columns = picture.columns.slice(Math.round(from * picture.width), Math.round(to * picture.width));
    return columns.filter(({ top }) => top !== undefined).length / columns.length;
  };
  assertEquals(seen(0.41, 0.59), 0);
  assert(seen(0.02, 0.38) > 0.95 && seen(0.62, 0.98) > 0.95);
});

testInBrowser("missing samples are a gap", async () => {
  const history = new SampleHistory();
  for (let number = 0; number < 1000; number++) {
    if (number < 300 || number > 500) history.push([sampleAt(number / 100, [1], { sequence: BigInt(number) })]);
  }
  await using server = await serve(false, history);
  await using visitor = await visit(server.url);
  await settle(visitor.page);
  const { columns, width } = await lookAt(visitor.page, 0, blue);
  const empty = columns.flatMap(({ top }, x) => top === undefined ? [x / width] : []);
  // The outermost columns may have half a line.
  const inside = empty.filter((part) => part > 0.01 && part < 0.99);
  assertNear(Math.min(...inside), 0.3, 0.01, "beginning of the gap");
  assertNear(Math.max(...inside), 0.5, 0.01, "end of the gap");
});

testInBrowser("what is nearly constant is drawn over the height of the pane, and zeros in its middle", async () => {
  const noisy = await draw(200, (index) => [1 + (index % 2) * 1e-7]);
  const { top = 0, bottom = 0 } = noisy.columns[100] ?? {};
  assert(bottom - top < noisy.height);
  const tops = noisy.columns.map((column) => column.top ?? Infinity);
  const bottoms = noisy.columns.map((column) => column.bottom ?? -Infinity);
  assert(Math.max(...bottoms) - Math.min(...tops) > noisy.height * 0.8);
  assertNear(heightAt(await draw(200, () => [0]), 0.5), 0.5, 0.02, "zeros");
});

testInBrowser("microseconds have labels that differ", async () => {
  const history = new SampleHistory();
  history.push(Array.from({ length: 100 }, (_, index) => sampleAt(index * 1e-7, [index])));
  await using server = await serve(false, history);
  await using visitor = await visit(`${server.url}#${encodeURIComponent('{"notation":"seconds"}')}`);
  await settle(visitor.page);
  const labels = await visitor.page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>(".pane canvas");
    const over = document.querySelector(".u-over")?.getBoundingClientRect();
    const context = canvas?.getContext("2d");
    if (!canvas || !context || !over) throw new Error("There is no pane");
    const outer = canvas.getBoundingClientRect();
    const top = Math.round(over.bottom - outer.top) + 6;
    const { width, height } = canvas;
    const { data } = context.getImageData(0, top, width, height - top);
    const dark = Array.from(
      { length: width },
      (_, x) =>
        Array.from({ length: height - top }, (_, y) => (data[(y * width + x) * 4 + 3] ?? 0) > 60 ? "1" : "0").join(""),
    );
    // Words are apart by more than a space.
    return dark.map((column) => column.includes("1") ? column : " ").join("").split(/ {12,}/).map((word) =>
      word.trim()
    );
  });
  const words = labels.filter((word) => word !== "");
  assert(words.length >= 4, `${words.length} labels`);
  assertEquals(new Set(words).size, words.length, "labels that look the same");
});

testInBrowser("booleans are logic traces in lanes, the first one at the top, and integers are stepped", async () => {
  await using server = await serve(false, historyOf(1000, 100, (index) => [index >= 500, index < 500]));
  await using visitor = await visit(`${server.url}#${encodeURIComponent('{"theme":"light"}')}`);
  await settle(visitor.page);
  const [first, second] = [await lookAt(visitor.page, 0, blue), await lookAt(visitor.page, 0, orange)];
  const heights = [first, second].map((picture) => [0.25, 0.75].map((part) => heightAt(picture, part)));
  const lane = (bottom: number, value: number) => bottom + (0.18 + value * 0.64) / 2;
  assertNear(heights[0]?.[0] ?? NaN, lane(0.5, 0), 0.03, "first, off");
  assertNear(heights[0]?.[1] ?? NaN, lane(0.5, 1), 0.03, "first, on");
  assertNear(heights[1]?.[0] ?? NaN, lane(0, 1), 0.03, "second, on");
  assertNear(heights[1]?.[1] ?? NaN, lane(0, 0), 0.03, "second, off");
  const steps = await draw(11, (index) => [BigInt(index % 2)]);
  assertNear(heightAt(steps, 0.05), 0.06 / 1.12, 0.03, "an integer between two samples");
});

testInBrowser("two files of different times are drawn over each other from their beginnings", async () => {
  const [early, late] = [new SampleHistory(), new SampleHistory()];
  for (let number = 0; number < 500; number++) {
    early.push([sampleAt(number / 100, [number])]);
    late.push([sampleAt(100_000 + number / 100 + 0.005, [500 - number])]);
  }
  await using server = await serve(false, early, late);
  await using visitor = await visit(`${server.url}#${encodeURIComponent('{"theme":"light"}')}`);
  await settle(visitor.page);
  const [up, down] = [await lookAt(visitor.page, 0, blue), await lookAt(visitor.page, 0, orange)];
  assertNear(heightAt(up, 0.25), (0.25 + 0.06) / 1.12, 0.02, "first file");
  assertNear(heightAt(down, 0.25), (0.75 + 0.06) / 1.12, 0.02, "second file");
});
