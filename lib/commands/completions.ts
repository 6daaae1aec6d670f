/**
 * `villas-client completions`: the completion script of a shell.
 *
 * @module
 */

import { InputError } from "../system/input_error.ts";
import { type Command, exitStatus } from "../terminal/command.ts";
import { type CompletionTable, loadCompletions } from "../terminal/completion.ts";
import { bashCompletions } from "../terminal/completion_bash.ts";
import { fishCompletions } from "../terminal/completion_fish.ts";
import { zshCompletions } from "../terminal/completion_zsh.ts";
import { commonOptions } from "./_shared/options.ts";

const options = { ...commonOptions };

const shells: Readonly<Record<string, (table: CompletionTable) => string>> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
};

/** The command `completions`. */
export const completionsCommand: Command<typeof options> = {
  name: "completions",
  operands: "bash|zsh|fish",
  maximumOperands: 1,
  description: [
    "Prints a script that lets a shell complete commands, options, files, addresses and the names of formats.",
    "In ~/.bashrc: source <(villas-client completions bash)",
    "In ~/.zshrc, after compinit: source <(villas-client completions zsh)",
  ],
  examples: [
    { what: "Print the script for bash", line: "villas-client completions bash" },
    {
      what: "Install the script for fish",
      line: "villas-client completions fish > ~/.config/fish/completions/villas-client.fish",
    },
  ],
  options,
  async run(_values, [shell], { output, commands }) {
    const names = Object.keys(shells).join(", ");
    if (shell === undefined) throw new InputError(`SHELL is missing: expected ${names}`);
    const generate = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
    if (generate === undefined) throw new InputError(`Unknown shell "${shell}": expected ${names}`);
    output.write(generate(await loadCompletions(commands)));
    return exitStatus.done;
  },
};
