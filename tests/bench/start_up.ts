/**
 * How long the executable takes to start, beside a script that does nothing.
 *
 * @module
 */

import { createCollector } from "./_figures.ts";
import { type Group, turnsOf } from "./_group.ts";

/** The group `start-up`. */
export const startUpGroup: Group = {
  name: "start-up",
  title: "from start to end",
  async run(bench) {
    const { quick, tools, progress } = bench;
    const collector = createCollector("start-up", "empty script");
    const deno = Deno.execPath();
    const [cli = "", ...args] = tools.cli;
    const candidates: [string, string, string[]][] = [
      ["empty script", deno, ["run", "-q", "-A", tools.peer("empty.ts")]],
      ["import { connect }", deno, ["run", "-q", "-A", tools.peer("import_connect.ts")]],
      ["--version", cli, [...args, "--version"]],
      ["echo --help", cli, [...args, "echo", "--help"]],
      // With all that an echo needs, until a time is over that is shorter than any other.
      ["echo, up and down", cli, [...args, "echo", "--local", "udp://127.0.0.1:0", "--duration", "1ms"]],
    ];
    const { rounds } = turnsOf(bench, { rounds: 30, seconds: 0 });
    for (let round = quick ? 0 : -1; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`);
      for (const [name, command, given] of candidates) {
        const start = performance.now();
        await tools.run(command, ...given);
        if (round >= 0) collector.add("one run", name, "ms", performance.now() - start);
      }
      const start = performance.now();
      const receiving = [...tools.cli, "recv", "-l", "1", "--local", "udp://127.0.0.1:0"];
      const receiver = await tools.start({ command: receiving, ready: /Receiving on \S+:(\d+)/ });
      if (round >= 0) collector.add("one run", "recv, until it is ready", "ms", performance.now() - start);
      await receiver[Symbol.asyncDispose]();
      for (const [name, module] of [["empty script"], ["import { connect }", tools.peer("import_connect.ts")]]) {
        const script = ["run", "-q", "-A", tools.peer("peak_memory.ts"), ...module === undefined ? [] : [module]];
        const kilobytes = Number(await tools.run(deno, ...script));
        if (round >= 0) collector.add("peak memory", name ?? "", "MB", kilobytes / 1024);
      }
    }
    return collector.figures;
  },
};
