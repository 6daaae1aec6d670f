/**
 * Runs the executable on a terminal, as a person does.
 *
 * @module
 */

import { runArguments, type Running, spawn } from "./_cli.ts";

/**
 * Looks for what makes a terminal.
 *
 * @returns Whether there is the `script` of util-linux; if not, a line on the console says so
 */
export async function hasTerminal(): Promise<boolean> {
  try {
    const { stdout } = await new Deno.Command("script", { args: ["--version"], stderr: "null" }).output();
    if (new TextDecoder().decode(stdout).includes("util-linux")) return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  console.warn(
    "SKIPPED: no script of util-linux (Debian: apt-get install bsdutils), so nothing is tried on a terminal",
  );
  return false;
}

/** Starts the executable on a terminal of its own, which has both its outputs: they come as standard output. */
export function startOnTerminal(...args: string[]): Running {
  const words = [Deno.execPath(), ...runArguments(...args)].map((word) => `'${word}'`);
  return spawn("script", ["--quiet", "--flush", "--return", "--command", words.join(" "), "/dev/null"]);
}
