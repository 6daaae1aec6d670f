/**
 * How fast `villas-client convert` is between the main formats: samples of eight floats, the executable as a user runs it,
 * from start to end. Run with `deno run -A tests/bench/convert.ts [SAMPLES [TURNS]]`; the figures are the medians of the turns,
 * in samples a second.
 *
 * @module
 */

import { createFormat, type Sample } from "@villas/client";
import { createTolerantWriter } from "@villas/client/recordings";

const [count = 200_000, turns = 3] = Deno.args.map(Number);
const formats = ["json", "csv", "villas.human", "villas.binary", "protobuf"];
const root = new URL("../../", import.meta.url);

/** Three-phase voltages and currents of a network of 50 Hz, a thousand samples a second. */
function sampleOf(index: number): Sample {
  const time = index / 1000;
  return {
    sequence: BigInt(index),
    tsOrigin: { sec: 1_700_000_000 + Math.floor(time), nsec: index % 1000 * 1_000_000 },
    values: Array.from({ length: 8 }, (_, phase) => 325.27 * Math.sin(100 * Math.PI * time + phase)),
  };
}

async function writeInput(path: string, name: string): Promise<void> {
  const write = createTolerantWriter(await createFormat(name), (error) => {
    throw error;
  });
  using file = await Deno.open(path, { write: true, create: true });
  const encoder = new TextEncoder();
  for (let start = 0; start < count; start += 1000) {
    const samples = Array.from({ length: Math.min(1000, count - start) }, (_, i) => sampleOf(start + i));
    for (const piece of write(samples)) {
      let rest = typeof piece === "string" ? encoder.encode(piece) : piece;
      while (rest.length > 0) rest = rest.subarray(await file.write(rest));
    }
  }
}

/** How long one conversion takes, in seconds. */
async function measure(input: string, output: string): Promise<number> {
  const start = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", "cli.ts", "convert", "-q", "-t", "8f", input, "--output", output],
    cwd: root,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return (performance.now() - start) / 1000;
}

const folder = await Deno.makeTempDir();
try {
  console.log(`| from \\ to | ${formats.join(" | ")} |\n|---|${"---:|".repeat(formats.length)}`);
  for (const from of formats) {
    const input = `${folder}/in.${from}`;
    await writeInput(input, from);
    const rates: string[] = [];
    for (const to of formats) {
      const times: number[] = [];
      for (let turn = 0; turn < turns; turn++) times.push(await measure(input, `${folder}/out.${to}`));
      const median = times.sort((a, b) => a - b)[Math.floor(turns / 2)] ?? NaN;
      rates.push((count / median).toFixed(0));
    }
    console.log(`| ${from} | ${rates.join(" | ")} |`);
    await Deno.remove(input);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
