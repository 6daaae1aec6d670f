/**
 * How fast the echo is beside the least that an echo can be on Deno, a client in Python as VILLASnode's, and plain C, all
 * facing one load generator in turn.
 *
 * @module
 */

import { createCollector } from "./_figures.ts";
import { type Bench, type Group, turnsOf } from "./_group.ts";
import { type Load, startLoad } from "./_load.ts";
import { createStarter, hasCommand, type Subject, subjects } from "./_subjects.ts";

/** Datagrams on their way, and values of each. */
const cases: [number, number][] = [[32, 8], [32, 64], [1, 8], [1, 64]];

/** The group `echo`. */
export const echoGroup: Group = {
  name: "echo",
  title: "echoes a second, and round trips",
  async run(bench) {
    const { quick, warn, progress } = bench;
    const collector = createCollector("echo", subjects.bare);
    await using load = await startLoad(bench);
    const echoes = await startEchoes(bench, load);
    const { rounds, seconds } = turnsOf(bench, { rounds: 9, seconds: 0.5 });
    const losses = new Map<string, number>();
    for (const [window, values] of cases) {
      const task = `${window} on their way, ${values} values`;
      // The first turn, which is longer, is for the compiler.
      for (let round = quick ? 0 : -1; round < rounds; round++) {
        progress(`${task}, round ${round + 1} of ${rounds}`);
        for (const { name, program, tidy } of echoes) {
          const { port } = program;
          const result = await load.loop({ port, window, values, seconds: round < 0 ? 1 : seconds });
          await tidy();
          losses.set(name, (losses.get(name) ?? 0) + result.lost);
          if (round < 0) continue;
          collector.add(task, name, "/s", result.echoes / result.seconds);
          collector.add(`${task}, p50`, name, "µs", result.p50);
          collector.add(`${task}, p99`, name, "µs", result.p99);
        }
      }
    }
    for (const [name, lost] of losses) {
      if (lost > 0) warn(`${lost} datagrams did not come back from ${name} and were sent anew`);
    }
    for (const { program } of echoes) await program[Symbol.asyncDispose]();
    return collector.figures;
  },
};

async function startEchoes(bench: Bench, load: Load): Promise<readonly Subject[]> {
  const { tools, warn } = bench;
  const starter = createStarter(bench, load);
  await starter.script(subjects.bare, "bare_echo.ts");
  await starter.cli(subjects.echo, "echo", "--print", "none");
  await starter.cli(subjects.echoJson, "echo", "--print", "json");
  if (await hasCommand(bench, "echo", "--no-batch")) {
    await starter.cli(subjects.echoPlain, "echo", "--no-batch", "--print", "none");
    await starter.cli(subjects.echoPolling, "echo", "--busy-poll", "--print", "none");
  } else {
    warn("echo --no-batch and --busy-poll are left out: this checkout does not have them");
  }
  const python = await tools.python();
  if (python !== undefined) {
    const client = [python, tools.peer("client.py"), tools.folder, `${load.port}`];
    await starter.program(subjects.python, client);
    await starter.program(subjects.pythonPrinting, [...client, "print"]);
  }
  const c = await tools.compile("echo.c");
  if (c !== undefined) await starter.program(subjects.c, [c]);
  return starter.started;
}
