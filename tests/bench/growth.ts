/**
 * How cost grows with the number of values, and with the number of links in one process. The cost of a value is time that
 * the process has run: it does not depend on who else wants the machine.
 *
 * @module
 */

import { createCollector } from "./_figures.ts";
import { type Group, turnsOf } from "./_group.ts";
import { startLoad } from "./_load.ts";
import { readProcessorTime } from "./_machine.ts";
import { createStarter, subjects } from "./_subjects.ts";

const valueCounts = [1, 8, 64, 128, 256, 512, 1024, 2048, 5000];

/** Numbers of values between which the cost of each further one is shown. */
const ranges: readonly [from: number, to: number][] = [
  ...[[64, 128], [128, 256], [256, 512], [512, 1024], [1024, 2048], [2048, 5000]] as [number, number][],
  ...[[64, 512], [512, 5000]] as [number, number][],
];
const linkCounts = [1, 8, 32];

/** The group `growth`. */
export const growthGroup: Group = {
  name: "growth",
  title: "by the number of values and of links",
  async run(bench) {
    const { quick, warn, progress, tools } = bench;
    const collector = createCollector("growth");
    await using load = await startLoad(bench);
    const starter = createStarter(bench, load);
    // What a value costs the system, whoever sends it.
    const c = await tools.compile("echo.c");
    if (c !== undefined) await starter.program(subjects.c, [c]);
    await starter.cli(subjects.echo, "echo", "--print", "none");
    const { rounds, seconds } = turnsOf(bench, { rounds: 5, seconds: 0.5 });
    for (let round = quick ? 0 : -1; round < rounds; round++) {
      for (const { name, program: { port, pid } } of starter.started) {
        const costs = new Map<number, number>();
        for (const values of valueCounts) {
          progress(`${values} values, round ${round + 1} of ${rounds}`);
          const before = readProcessorTime(pid);
          const many = await load.loop({ port, window: 16, values, seconds });
          costs.set(values, (readProcessorTime(pid) - before) / many.echoes);
          const single = await load.loop({ port, window: 1, values, seconds });
          if (round < 0) continue;
          collector.add(`${values} values`, name, "/s", many.echoes / many.seconds);
          collector.add(`${values} values, p50`, name, "µs", single.p50);
        }
        if (round < 0) continue;
        for (const [from, to] of ranges) {
          const cost = ((costs.get(to) ?? NaN) - (costs.get(from) ?? NaN)) / (to - from);
          // Nothing came back in a turn where others had the machine, or the system does not tell the time.
          if (Number.isFinite(cost)) collector.add(`each value above ${from}, up to ${to}`, name, "ns", cost * 1e9);
        }
      }
    }
    for (const { program } of starter.started) await program[Symbol.asyncDispose]();
    if (!load.isCompiled) {
      warn("Links are left out: only the load generator in C sends to several");
      return collector.figures;
    }
    for (const count of linkCounts) {
      const script = [Deno.execPath(), "run", "-q", "-A", "--unstable-net", tools.peer("links.ts")];
      const command = [...script, `${load.port}`, `${count}`];
      await using program = await tools.start({ command, ready: /ready ([\d ]+)\n/ });
      await load.setLinks(program.ready.split(" ").map(Number));
      for (let round = quick ? 0 : -1; round < rounds; round++) {
        progress(`${count} links, round ${round + 1} of ${rounds}`);
        const result = await load.loop({ port: 0, window: 32, values: 8, seconds });
        if (round < 0) continue;
        collector.add(`${count} links, 8 values`, "connect(), echo()", "/s", result.echoes / result.seconds);
      }
    }
    return collector.figures;
  },
};
