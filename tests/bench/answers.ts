/**
 * How soon each answer comes under a load of so many datagrams a second, as in a control loop: what matters there is not
 * how many there could be.
 *
 * @module
 */

import { createCollector } from "./_figures.ts";
import { type Bench, type Group, turnsOf } from "./_group.ts";
import { type Load, startLoad } from "./_load.ts";
import { createStarter, hasCommand, type Subject, subjects } from "./_subjects.ts";

/** Datagrams a second, and values of each. */
const cases: readonly [rate: number, values: number][] = [[1000, 8], [10_000, 8], [1000, 64], [10_000, 64]];

/** The group `answers`. */
export const answersGroup: Group = {
  name: "answers",
  title: "how soon each answer comes",
  async run(bench) {
    const { warn, progress } = bench;
    const collector = createCollector("answers", subjects.c);
    await using load = await startLoad(bench);
    if (!load.isCompiled) {
      warn("The group answers is left out: only the load generator in C times answers");
      return [];
    }
    const { rounds, seconds } = turnsOf(bench, { rounds: 3, seconds: 1 });
    let lost = 0;
    for (const values of new Set(cases.map(([, values]) => values))) {
      const echoes = await startEchoes(bench, load, values);
      for (const { name, program: { port } } of echoes) {
        progress(`${values} values, warming up ${name}`);
        // As fast as it can, and with pauses: the compiler has seen as much then as in a long run at a low rate.
        await load.loop({ port, window: 8, values, seconds: Math.min(seconds, 3) });
        await load.answers({ port, rate: 10_000, values, seconds: Math.min(seconds, 2) });
      }
      for (const [rate] of cases.filter(([, others]) => others === values)) {
        for (let round = 0; round < rounds; round++) {
          progress(`${rate}/s, ${values} values, round ${round + 1} of ${rounds}`);
          for (const { name, program: { port } } of echoes) {
            const result = await load.answers({ port, rate, values, seconds });
            lost += result.lost;
            if (result.held > seconds) {
              warn("The load generator did not always have a core: the tails are its own, too");
            }
            const shares = { p50: result.p50, p90: result.p90, p99: result.p99, "p99.9": result.p999 };
            for (const [share, time] of Object.entries(shares)) {
              collector.add(`${rate}/s, ${values} values, ${share}`, name, "µs", time);
            }
          }
        }
      }
      for (const { program } of echoes) await program[Symbol.asyncDispose]();
    }
    if (lost > 0) warn(`${lost} datagrams of the group answers did not come back in time`);
    return collector.figures;
  },
};

async function startEchoes(bench: Bench, load: Load, values: number): Promise<readonly Subject[]> {
  const { tools, warn } = bench;
  const starter = createStarter(bench, load);
  const c = await tools.compile("echo.c");
  if (c !== undefined) {
    await starter.program(subjects.c, [c]);
    await starter.program(subjects.cPolling, [c, "poll"]);
  }
  const node = Deno.env.get("VILLAS_NODE");
  if (node === undefined) warn("VILLASnode is left out: VILLAS_NODE does not name its executable");
  else await starter.node(subjects.node, node, values);
  await starter.script(subjects.bare, "bare_echo.ts");
  await starter.cli(subjects.echo, "echo", "--print", "none");
  if (await hasCommand(bench, "echo", "--busy-poll")) {
    await starter.cli(subjects.echoPlain, "echo", "--no-batch", "--print", "none");
    await starter.cli(subjects.echoPolling, "echo", "--busy-poll", "--print", "none");
  } else {
    warn("echo --no-batch and --busy-poll are left out: this checkout does not have them");
  }
  return starter.started;
}
