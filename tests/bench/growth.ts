/**
 * How cost grows with the number of values, and with the number of links in one process.
 *
 * @module
 */

import { createCollector } from "./_figures.ts";
import type { Group } from "./_group.ts";
import { startLoad } from "./_load.ts";
import { createStarter, subjects } from "./_subjects.ts";

const valueCounts = [1, 8, 64, 512, 5000];
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
    await starter.cli(subjects.echo, "echo", "--print", "none");
    const rounds = quick ? 1 : 5;
    const seconds = quick ? 0.05 : 0.5;
    for (const { name, program: { port } } of starter.started) {
      for (let round = quick ? 0 : -1; round < rounds; round++) {
        let before = { values: 0, time: 0 };
        for (const values of valueCounts) {
          progress(`${values} values, round ${round + 1} of ${rounds}`);
          const many = await load.loop({ port, window: 16, values, seconds });
          const single = await load.loop({ port, window: 1, values, seconds });
          if (round < 0) continue;
          const time = many.seconds / many.echoes;
          collector.add(`${values} values`, name, "/s", 1 / time);
          collector.add(`${values} values, p50`, name, "µs", single.p50);
          if (values > 64) {
            const perValue = (time - before.time) / (values - before.values);
            collector.add(`each value above ${before.values}, up to ${values}`, name, "ns", perValue * 1e9);
          }
          before = { values, time };
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
