/**
 * Memory of a long run: what an echo takes after a minute, and whether it takes more at the end.
 *
 *     deno task bench:memory [MINUTES] [RATE] [OPTION...]
 *
 * Sends RATE datagrams of eight floats a second (default 10,000) for MINUTES (default 60) to `echo --print none`, with more
 * of its options if there are any, and reads its memory from /proc once per minute. The exit status is 1 if what is its own
 * has grown by more than 5 MB since the first minute, or answers are missing.
 *
 * @module
 */

import { startLoad } from "./_load.ts";
import { createStarter } from "./_subjects.ts";
import { createTools } from "./_tools.ts";
import { readMemory, readOwnMemory } from "../_memory.ts";

/** Growth behind the first minute that is no growth, in MB: the collector does not always run at the same point. */
const tolerance = 5;

const [minutes = 60, rate = 10_000] = Deno.args.slice(0, 2).map(Number);
const options = Deno.args.slice(2);
if (!(minutes > 0 && rate > 0)) {
  console.error("Usage: deno task bench:memory [MINUTES] [RATE] [OPTION...]");
  Deno.exit(2);
}

await using tools = await createTools(console.error);
const bench = { quick: false, tools, warn: console.error, progress() {} };
await using load = await startLoad(bench);
if (!load.isCompiled) {
  console.error("Answers at a rate are timed by the load generator in C: install gcc and libc6-dev");
  Deno.exit(1);
}
const starter = createStarter(bench, load);
await starter.cli("echo", "echo", "--print", "none", ...options);
const [echo] = starter.started;
if (echo === undefined) throw new Error("The echo has not started");
const { port, pid } = echo.program;

const seconds = Math.min(60, minutes * 60);
const memory: number[] = [];
let lost = 0;
for (let minute = 1; minute <= Math.ceil(minutes); minute++) {
  const result = await load.answers({ port, rate, values: 8, seconds });
  lost += result.lost;
  const own = await readOwnMemory(pid);
  memory.push(own);
  const resident = (await readMemory(pid)).toFixed(1);
  console.log(
    `after ${minute * seconds} s: ${own.toFixed(1)} MB, ${resident} MB with the pages of its executable; ` +
      `p50 ${result.p50.toFixed(0)} µs, lost ${result.lost} of ${result.sent}`,
  );
}
const growth = (memory.at(-1) ?? 0) - (memory[0] ?? 0);
console.log(`grown by ${growth.toFixed(1)} MB since the first line; ${lost} answers are missing`);
Deno.exitCode = growth > tolerance || lost > 0 ? 1 : 0;
