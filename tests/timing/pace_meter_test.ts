import { assert, assertEquals } from "@std/assert";
import { createPaceMeter } from "@villas/client/timing";

Deno.test("createPaceMeter() counts steps, missed deadlines and how late they came", () => {
  const meter = createPaceMeter();
  assertEquals([meter.steps, meter.missed, meter.lastLateness, meter.gaps.count], [0, 0, 0, 0]);
  meter.record({ index: 0, lateness: 0.25, missed: true, more: true });
  meter.record({ index: 1, lateness: 0.5, missed: true, more: false });
  meter.record({ index: 2, lateness: 0.125, missed: false, more: false });
  assertEquals([meter.steps, meter.missed, meter.lastLateness], [3, 2, 0.125]);
  assertEquals([meter.lateness.min, meter.lateness.max], [0.125, 0.5]);
});

Deno.test("createPaceMeter() measures the time from one step to the next", () => {
  const meter = createPaceMeter();
  const until = performance.now() + 5;
  meter.record({ index: 0, lateness: 0, missed: false, more: false });
  while (performance.now() < until);
  meter.record({ index: 1, lateness: 0, missed: false, more: false });
  assertEquals(meter.gaps.count, 1);
  assert(meter.gaps.min >= 0.0045);
});
