import { assertEquals } from "@std/assert";
import { formatDuration, formatDurationCell } from "@villas/client/timing";

/** A duration in seconds; as a sentence has it, and as a table has it. */
const durations: readonly [seconds: number | null, sentence: string | undefined, cell: string][] = [
  [null, undefined, "-"],
  [0, "0 s", "0 s"],
  [1.5e-7, "0.15 µs", "0.150 µs"],
  [-0.00012346, "-123 µs", "-123.5 µs"],
  [0.000999, "999 µs", "999.0 µs"],
  [0.001, "1 ms", "1.000 ms"],
  [0.0123456, "12.3 ms", "12.35 ms"],
  [0.5, "500 ms", "500.0 ms"],
  [61.25, "61.3 s", "61.25 s"],
  [1.7e9, "1700000000 s", "1700000000 s"],
];

for (const [seconds, sentence, cell] of durations) {
  Deno.test(`formatDuration() and formatDurationCell() write ${seconds} s with the unit that fits`, () => {
    assertEquals(seconds === null ? undefined : formatDuration(seconds), sentence);
    assertEquals(formatDurationCell(seconds), cell);
  });
}
