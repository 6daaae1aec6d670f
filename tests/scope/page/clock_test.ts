import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { LiveClock } from "../../../lib/scope/page/clock.ts";

Deno.test("LiveClock moves evenly though samples come in bursts", () => {
  const clock = new LiveClock();
  assertEquals(clock.edge(0, 10), undefined);
  const edges: number[] = [];
  for (let frame = 0; frame < 600; frame++) {
    const at = frame / 60;
    // Ten times per second, always the last sample of that time.
    clock.see(1000 + Math.floor(at * 10) / 10, at);
    const edge = clock.edge(at, 10) ?? NaN;
    if (frame > 120) edges.push(edge);
  }
  const steps = edges.slice(1).map((edge, index) => edge - (edges[index] ?? 0));
  assert(steps.every((step) => Math.abs(step - 1 / 60) < 2e-3), `${Math.min(...steps)} to ${Math.max(...steps)}`);
  assertAlmostEquals(edges.at(-1) ?? NaN, 1000 + 599 / 60, 0.12);
});

Deno.test("LiveClock keeps the last samples in a window that is shorter than the time without any", () => {
  const clock = new LiveClock();
  for (let at = 0; at < 10; at += 0.01) {
    // The last sample came at 4 s, and answers go on.
    clock.see(Math.min(at, 4), at);
    const edge = clock.edge(at, 0.2) ?? NaN;
    if (at > 4) assert(edge - 0.2 < 4 && edge >= 4 - 1e-9, `${edge} at ${at}`);
  }
});

Deno.test("LiveClock goes on when nothing comes, and jumps when the time does", () => {
  const clock = new LiveClock();
  clock.see(5, 0);
  assertAlmostEquals(clock.edge(3, 10) ?? NaN, 8);
  clock.see(500, 4);
  assertAlmostEquals(clock.edge(4, 10) ?? NaN, 500);
});
