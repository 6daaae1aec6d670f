/**
 * The help as this program shows it on standard output, in a file of its own: only who asks for help loads it.
 *
 * @module
 */

import type { Command, CommandEntry } from "../../terminal/command.ts";
import { commandHelp, type HelpLayout, lineWidth, programHelp } from "../../terminal/help.ts";
import { readVariable } from "../../terminal/parse.ts";
import { styleFor } from "../../terminal/style.ts";
import { program } from "./program.ts";

/** Returns the help of the program, which lists its commands. */
export async function helpOfProgram(commands: readonly CommandEntry[]): Promise<string> {
  return programHelp(program, commands, await layout());
}

/** Returns the help of a command. */
export async function helpOfCommand(command: Command): Promise<string> {
  return commandHelp(command, await layout());
}

async function layout(): Promise<HelpLayout> {
  return { style: await styleFor(Deno.stdout), width: lineWidth(Deno.stdout, readVariable("COLUMNS")) };
}
