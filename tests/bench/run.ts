/**
 * What a controller costs beside an echo, and how well it keeps a fixed rate: steps for each sample, with and without polling, and
 * a thousand steps per second on a grid.
 *
 * RUN_SECONDS is the length of the run that drift is measured over: 15 s unless it is set, an hour (3600) in full.
 *
 * @module
 */

import { createCollector } from "./_figures.ts";
import type { Bench, Group } from "./_group.ts";
import { type Load, startLoad } from "./_load.ts";
import { createStarter, type Starter, subjects } from "./_subjects.ts";

/** Values of each sample. */
const values = 8;

/** Datagrams on their way. */
const windows: readonly number[] = [32, 1];

/** Steps per second on the grid. */
const stepRate = 1000;

/** Length of the run for the drift, in seconds. */
const driftSeconds = Number(Deno.env.get("RUN_SECONDS") ?? 15);

/** Options of what is compared at a fixed rate. */
const atRate: readonly [subject: string, options: readonly string[]][] = [
  [subjects.run, []],
  [subjects.runPolling, ["--busy-poll"]],
  [subjects.runWaiting, ["--busy-wait"]],
];

/** A step that does nothing but answer. */
const answering = `export const signals = { in: "${values}f", out: "${values}f" };
export default (values) => values;
`;

/** Figures of a run at a fixed rate, in seconds. */
interface RateResult {
  readonly steps: number;
  readonly skipped: number;
  readonly lateness: { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number };
  /** Difference of the grid from the clock between the first and the last second; undefined after less than three seconds. */
  readonly drift: number | undefined;
}

/** The group `run`. */
export const runGroup: Group = {
  name: "run",
  title: "a controller beside the echo, and its steps at a fixed rate",
  async run(bench) {
    const collector = createCollector("run", subjects.echo);
    await using load = await startLoad(bench);
    const { quick, warn, progress } = bench;
    await measureAnswers(bench, load, collector.add);
    const rounds = quick ? 1 : 3;
    // In the first second, every other step is late: the compilers are at work.
    const seconds = quick ? 0.3 : 12;
    const add = (subject: string, { lateness, skipped, steps }: RateResult) => {
      for (const [share, time] of Object.entries(lateness)) {
        collector.add(latenessTask(share), subject, "µs", time * 1e6);
      }
      if (skipped > 0) warn(`${subject} left out ${skipped} of ${steps + skipped} steps`);
    };
    for (let round = 0; round < rounds; round++) {
      for (const [subject, options] of atRate) {
        progress(`${stepRate} steps per second, ${subject}, round ${round + 1} of ${rounds}`);
        add(subject, await runAtRate(bench, load, options, seconds));
      }
    }
    const length = quick ? 3.2 : driftSeconds;
    progress(`drift over ${length} s`);
    const result = await runAtRate(bench, load, ["--busy-poll"], length);
    const { lateness, skipped, steps, drift } = result;
    if (drift === undefined) throw new Error(`Cannot measure drift over ${length} s: it takes 3 s and more`);
    const task = `${stepRate} steps per second for ${length} s`;
    collector.add(`${task}, drift`, subjects.runPolling, "µs", Math.abs(drift) * 1e6);
    collector.add(`${task}, p99`, subjects.runPolling, "µs", lateness.p99 * 1e6);
    collector.add(`${task}, left out`, subjects.runPolling, "‰", 1000 * skipped / (steps + skipped));
    return collector.figures;
  },
};

/** Names a figure of the lateness, for the targets. */
export function latenessTask(share: string): string {
  return `${stepRate} steps per second, lateness ${share}`;
}

/** Names a case of steps for each sample, for the targets. */
export function stepsTask(window: number, share = ""): string {
  return `${window} on their way, ${values} values${share && `, ${share}`}`;
}

/** Measures steps for each sample, in turns with the echo. */
async function measureAnswers(
  bench: Bench,
  load: Load,
  add: (task: string, subject: string, unit: string, value: number) => void,
): Promise<void> {
  const { quick, warn, progress } = bench;
  const { started } = await startSubjects(bench, load);
  const rounds = quick ? 1 : 7;
  for (const window of windows) {
    // The first turn, which is longer, is for the compilers: they take some 100,000 steps until all is as fast as it gets.
    for (let round = quick ? 0 : -1; round < rounds; round++) {
      progress(`${stepsTask(window)}, round ${round + 1} of ${rounds}`);
      for (const { name, program: { port } } of started) {
        const seconds = quick ? 0.05 : round < 0 ? 4 : 0.4;
        const result = await load.loop({ port, window, values, seconds });
        if (result.lost > 0) warn(`${result.lost} datagrams did not come back from ${name} and were sent anew`);
        if (round < 0) continue;
        add(stepsTask(window), name, "/s", result.echoes / result.seconds);
        add(stepsTask(window, "p50"), name, "µs", result.p50);
        add(stepsTask(window, "p99"), name, "µs", result.p99);
      }
    }
  }
  for (const { program } of started) await program[Symbol.asyncDispose]();
}

async function startSubjects(bench: Bench, load: Load): Promise<Starter> {
  const starter = createStarter(bench, load);
  const file = `${bench.tools.folder}/answering.js`;
  await Deno.writeTextFile(file, answering);
  const signals = ["--signals", `${values}f`, "--print", "none"];
  await starter.cli(subjects.echo, "echo", ...signals);
  await starter.cli(subjects.run, "run", file, "--print", "none");
  await starter.cli(subjects.echoPolling, "echo", "--busy-poll", ...signals);
  await starter.cli(subjects.runPolling, "run", file, "--busy-poll", "--print", "none");
  return starter;
}

/** Runs a controller at a fixed rate, while samples come at the same rate. */
async function runAtRate(
  { tools }: Bench,
  load: Load,
  options: readonly string[],
  seconds: number,
): Promise<RateResult> {
  const [stats, drift] = [`${tools.folder}/stats.json`, `${tools.folder}/drift.json`];
  const ends = ["--local", "udp://127.0.0.1:0", "--remote", `udp://127.0.0.1:${load.port}`];
  const limits = ["--rate", stepRate, "--count", Math.round(seconds * stepRate), "--duration", 2 * seconds + 10].map(
    String,
  );
  const args = [...ends, ...limits, ...options, "--print", "none", `--stats=${stats}`];
  await using program = await tools.start({
    command: ["env", `DRIFT_FILE=${drift}`, ...tools.cli, "run", tools.peer("rate_controller.ts"), ...args],
    ready: /receiving on udp:\/\/127\.0\.0\.1:(\d+)/,
  });
  await load.pace({ port: program.port, rate: stepRate, seconds: seconds + 0.5 });
  await program.ended;
  const { control } = JSON.parse(await Deno.readTextFile(stats));
  const { first, last, seconds: whole } = JSON.parse(await Deno.readTextFile(drift));
  const { p50, p99, p999, max } = control.lateness;
  return {
    steps: control.steps,
    skipped: control.skipped,
    lateness: { p50, p99, p999, max },
    drift: whole < 2 ? undefined : last - first,
  };
}
