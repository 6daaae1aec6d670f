/**
 * `villas-client man`: the manual page.
 *
 * @module
 */

import { type Command, exitStatus } from "../terminal/command.ts";
import { manualPage } from "../terminal/manual.ts";
import { commonOptions } from "./_shared/options.ts";
import { program } from "./_shared/program.ts";

const options = { ...commonOptions };

/** The command `man`. */
export const manCommand: Command<typeof options> = {
  name: "man",
  operands: "",
  maximumOperands: 0,
  description: [
    "Prints the manual page of all commands as man reads it. Linux and macOS find it as villas-client.1 in a folder man1 " +
    "such as ~/.local/share/man/man1.",
  ],
  examples: [
    { what: "Write a file to read with man -l", line: "villas-client man > villas-client.1" },
  ],
  options,
  async run(_values, _operands, { output, commands }) {
    const loaded = commands.map(async ({ summary, load }) => ({ summary, command: await load() }));
    output.write(manualPage(program, await Promise.all(loaded)));
    return exitStatus.done;
  },
};
