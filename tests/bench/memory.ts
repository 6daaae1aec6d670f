/**
 * How much memory the echo takes after many echoes.
 *
 * @module
 */

import { createCollector } from "./_figures.ts";
import type { Group } from "./_group.ts";
import { startLoad } from "./_load.ts";
import { createStarter, hasCommand, subjects } from "./_subjects.ts";
import { readMemory } from "../_memory.ts";

/** The group `memory`. */
export const memoryGroup: Group = {
  name: "memory",
  title: "resident memory of an echo of 8 values",
  async run(bench) {
    const { quick, progress } = bench;
    const collector = createCollector("memory", subjects.bare);
    await using load = await startLoad(bench);
    const starter = createStarter(bench, load);
    await starter.script(subjects.bare, "bare_echo.ts");
    await starter.cli(subjects.echo, "echo", "--print", "none");
    await starter.cli(subjects.echoJson, "echo", "--print", "json");
    if (await hasCommand(bench, "echo", "--no-batch")) {
      await starter.cli(subjects.echoPlain, "echo", "--no-batch", "--print", "none");
    }
    const marks = quick ? [0, 1_000, 2_000] : [0, 100_000, 1_000_000];
    for (const { name, program, tidy } of starter.started) {
      const { port, pid } = program;
      let done = 0;
      for (const mark of marks) {
        progress(`${name}, ${mark} echoes`);
        while (done < mark) {
          const count = Math.min(mark - done, 50_000);
          const { echoes } = await load.loop({ port, window: 32, values: 8, seconds: 10, count });
          done += echoes;
          await tidy();
          if (echoes === 0) throw new Error(`${name} does not answer any more`);
        }
        collector.add(`after ${mark.toLocaleString("en")} echoes`, name, "MB", await readMemory(pid));
      }
    }
    for (const { program } of starter.started) await program[Symbol.asyncDispose]();
    return collector.figures;
  },
};
