/**
 * The executable with one command more, `faulty`, which has a fault: a program for a test to run.
 *
 * @module
 */

import { main } from "../../lib/commands/main.ts";
import { commonOptions } from "../../lib/commands/_shared/options.ts";
import type { Command } from "../../lib/terminal/command.ts";

const faulty: Command = {
  name: "faulty",
  operands: "",
  maximumOperands: 0,
  description: [],
  examples: [],
  options: { ...commonOptions },
  run() {
    throw new TypeError("Cannot read properties of undefined (reading 'fault')");
  },
};

if (import.meta.main) {
  Deno.exit(await main(Deno.args, [{ name: "faulty", summary: "fail", load: () => Promise.resolve(faulty) }]));
}
