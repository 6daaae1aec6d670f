/**
 * Tries formats with hostile datagrams for as long as one likes: `deno task fuzz [COUNT] [SEED] [FORMAT...]`.
 *
 * @module
 */

import { loadSubject, subjectNames } from "./formats/_subjects.ts";
import { tryHostile } from "./formats/hostile.ts";

const [count = "1000000", seed = "1", ...names] = Deno.args;
for (const name of names.length > 0 ? names : subjectNames) {
  const outcome = tryHostile(await loadSubject(name), Number(count), Number(seed));
  const { datagrams, bytes, milliseconds, slowest } = outcome;
  const row = (what: string, value: number | string) =>
    console.log(`  ${what.padEnd(58)} ${String(value).padStart(12)}`);
  console.log(`${name}, ${datagrams} datagrams of seed ${seed}`);
  row("bytes", bytes);
  row("decoded", outcome.decoded);
  row("  samples in them", outcome.samples);
  row("  values in them", outcome.values);
  row("encoded again", outcome.encoded);
  for (const [kind, times] of [...outcome.refused].sort(([, a], [, b]) => b - a)) row(`refused: ${kind}`, times);
  row("decoding, s", (milliseconds / 1e3).toFixed(2));
  row("decoding, ns a byte", (milliseconds * 1e6 / bytes).toFixed(1));
  row("slowest datagram, ms", `${slowest.milliseconds.toFixed(2)}`);
  row("  its bytes", slowest.bytes);
  row("peak memory, MB", (outcome.peakMemory / 1e6).toFixed(0));
}
