/**
 * How fast the bridge is beside the echo: both receive each datagram and send one, the bridge from another socket.
 *
 * @module
 */

import { createCollector } from "./_figures.ts";
import { type Group, turnsOf } from "./_group.ts";
import { startLoad } from "./_load.ts";
import { createStarter, subjects } from "./_subjects.ts";

/** Datagrams on their way, and values of each. */
const cases: [number, number][] = [[32, 8], [1, 8]];

/** The group `bridge`. */
export const bridgeGroup: Group = {
  name: "bridge",
  title: "datagrams a second through a bridge, udp to udp",
  async run(bench) {
    const { quick, warn, progress } = bench;
    const collector = createCollector("bridge", subjects.echo);
    await using load = await startLoad(bench);
    const starter = createStarter(bench, load);
    await starter.cli(subjects.echo, "echo", "--print", "none");
    await starter.bridge(subjects.bridge);
    await starter.bridge(subjects.bridgeMetrics, "--metrics", "127.0.0.1:0");
    await starter.cli(subjects.echoPlain, "echo", "--no-batch", "--print", "none");
    await starter.bridge(subjects.bridgePlain, "--no-batch");
    const { rounds, seconds } = turnsOf(bench, { rounds: 9, seconds: 0.5 });
    for (const [window, values] of cases) {
      const task = `${window} on their way, ${values} values`;
      for (let round = quick ? 0 : -1; round < rounds; round++) {
        progress(`${task}, round ${round + 1} of ${rounds}`);
        for (const { name, program: { port } } of starter.started) {
          const result = await load.loop({ port, window, values, seconds: round < 0 ? 1 : seconds });
          if (result.lost > 0) warn(`Datagrams did not come back from ${name} and were sent anew`);
          if (round >= 0) collector.add(task, name, "/s", result.echoes / result.seconds);
        }
      }
    }
    for (const { program } of starter.started) await program[Symbol.asyncDispose]();
    return collector.figures;
  },
};
