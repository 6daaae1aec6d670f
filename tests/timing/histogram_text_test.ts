import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHistogram, drawHistogram } from "@villas/client/timing";
import { fc } from "../_properties.ts";

const line = /^ *([\d.]+) - +([\d.]+) (µs|ms|s) +(\d+) +([\d.]+) % ?([█▏▎▍▌▋▊▉]*)$/u;

for (const scale of ["log", "linear"] as const) {
  Deno.test(`drawHistogram() counts each duration once, in at most 20 lines of 80 characters, ${scale}`, () => {
    const duration = fc.double({ min: 1e-6, max: 1000, noNaN: true });
    fc.assert(fc.property(fc.array(duration, { minLength: 1, maxLength: 50 }), (durations) => {
      const histogram = createHistogram();
      for (const seconds of durations) histogram.record(seconds);
      const lines = drawHistogram(histogram, scale);
      assert(lines.length >= 1 && lines.length <= 20, `${lines.length} lines`);
      let total = 0;
      for (const text of lines) {
        assert(text.length <= 80, text);
        assertMatch(text, line);
        total += Number(line.exec(text)?.[4]);
      }
      assertEquals(total, durations.length);
      // The first and the last line hold something, or begin next to what they hold.
      assert(lines.some((text) => text.includes("█")));
    }));
  });
}

Deno.test("drawHistogram() draws nothing without durations", () => {
  assertEquals(drawHistogram(createHistogram()), []);
});

Deno.test("drawHistogram() draws a bar where there is anything at all", () => {
  const histogram = createHistogram();
  for (let i = 0; i < 100_000; i++) histogram.record(0.001);
  histogram.record(0.1);
  assertMatch(drawHistogram(histogram).at(-1) ?? "", / 1 +0\.0 % ▏$/);
});
