/**
 * How many datagrams are lost because they are not received in time, as the kernel counts them.
 *
 * @module
 */

import { countUdpDrops } from "../../lib/transports/udp/kernel_drops.ts";
import { createCollector, median } from "./_figures.ts";
import { type Group, turnsOf } from "./_group.ts";
import { startLoad } from "./_load.ts";
import { createStarter, hasCommand, subjects } from "./_subjects.ts";

const rates = [50_000, 80_000, 100_000, 200_000];

/** The group `receiving`. */
export const receivingGroup: Group = {
  name: "receiving",
  title: "datagrams lost, of those offered",
  async run(bench) {
    const { quick, warn, progress } = bench;
    const collector = createCollector("receiving");
    await using load = await startLoad(bench);
    const starter = createStarter(bench, load);
    await starter.script(subjects.bare, "bare_receive.ts");
    await starter.script(subjects.connect, "receive.ts");
    if (await hasCommand(bench, "recv")) await starter.cli(subjects.recv, "recv", "--print", "none");
    else warn("recv is left out: this checkout does not have it");
    if (await hasCommand(bench, "recv", "--no-batch")) {
      await starter.cli(subjects.recvPlain, "recv", "--no-batch", "--print", "none");
      await starter.cli(subjects.recvJson, "recv", "--print", "json");
    } else {
      warn("recv --no-batch is left out: this checkout does not have it");
    }
    const { rounds, seconds } = turnsOf(bench, { rounds: 7, seconds: 1 });
    for (const rate of rates) {
      const task = `${rate / 1000},000 a second`;
      const offered: number[] = [];
      for (let round = quick ? 0 : -1; round < rounds; round++) {
        progress(`${task}, round ${round + 1} of ${rounds}`);
        for (const { name, program, tidy } of starter.started) {
          const { port } = program;
          const before = dropsOf(port);
          const { sent, seconds: taken } = await load.pace({ port, rate, seconds });
          await tidy();
          if (round < 0) continue;
          collector.add(task, name, "%", (dropsOf(port) - before) / sent * 100);
          offered.push(sent / taken);
        }
      }
      const really = median(offered);
      if (really < 0.95 * rate) warn(`Of ${task}, the sender got out only ${really.toFixed(0)}`);
    }
    for (const { program } of starter.started) await program[Symbol.asyncDispose]();
    return collector.figures;
  },
};

function dropsOf(port: number): number {
  const drops = countUdpDrops({ hostname: "127.0.0.1", port });
  if (drops === undefined) throw new Error("The kernel does not say what it dropped: this group needs Linux");
  return drops;
}
