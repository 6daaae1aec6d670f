/**
 * How long the executable takes to start, beside a script that does nothing.
 *
 * @module
 */

import { createCollector } from "./_figures.ts";
import type { Group } from "./_group.ts";

/** The group `start-up`. */
export const startUpGroup: Group = {
  name: "start-up",
  title: "from start to end",
  async run({ quick, tools, progress }) {
    const collector = createCollector("start-up", "empty script");
    const deno = Deno.execPath();
    const [cli = "", ...args] = tools.cli;
    const candidates: [string, string, string[]][] = [
      ["empty script", deno, ["run", "-q", "-A", tools.peer("empty.ts")]],
      ["--version", cli, [...args, "--version"]],
      ["echo --help", cli, [...args, "echo", "--help"]],
      // With all that an echo needs, until a time is over that is shorter than any other.
      ["echo, up and down", cli, [...args, "echo", "--local", "udp://127.0.0.1:0", "--duration", "1ms"]],
    ];
    const rounds = quick ? 1 : 30;
    for (let round = quick ? 0 : -1; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      for (const [name, command, given] of candidates) {
        const start = performance.now();
        await tools.run(command, ...given);
        if (round >= 0) collector.add("one run", name, "ms", performance.now() - start);
      }
    }
    return collector.figures;
  },
};
