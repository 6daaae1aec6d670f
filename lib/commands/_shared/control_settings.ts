/**
 * Parameters of a controller: those of `--set`, and the lines of standard input while it runs.
 *
 * @module
 */

import type { ControlLoop } from "../../controllers/control_loop.ts";
import { parseParameter } from "../../controllers/parameters.ts";
import { readInput } from "../../system/input_error.ts";
import { isInForeground } from "../../system/proc.ts";
import type { Log } from "../../terminal/log.ts";

/** A loop as far as its parameters go. */
type Tunable = Pick<ControlLoop, "parameters" | "setParameter">;

/**
 * Sets parameters as the command line says.
 *
 * @param text Settings separated by commas, such as `kp=3,ki=0.5`
 * @throws {InputError} If one cannot be set
 */
export async function applySettings(loop: Tunable, text: string): Promise<void> {
  for (const part of text.split(",")) {
    await readInput(() => {
      const { name, value } = parseParameter(part, loop.parameters);
      loop.setParameter(name, value);
    });
  }
}

/**
 * Reads settings from standard input, a line each, and an empty line as the question what they are.
 *
 * A process in the background does not read from its terminal: the system would stop it, and the loop with it.
 *
 * @returns Ends it; what was typed by then and not read stays unread
 */
export function readSettings(loop: Tunable, log: Log): Disposable {
  if (Deno.stdin.isTerminal() && !isInForeground()) return { [Symbol.dispose]() {} };
  const reader = Deno.stdin.readable.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  void readLines(reader, (line) => take(line, loop, log)).catch((error: Error) => {
    log.warning(`Cannot read parameters from standard input: ${error.message}`);
  });
  return { [Symbol.dispose]: () => void reader.cancel().catch(() => {}) };
}

async function readLines(reader: ReadableStreamDefaultReader<string>, onLine: (line: string) => void): Promise<void> {
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop()?.slice(0, maximumLine) ?? "";
    for (const line of lines) onLine(line);
  }
  if (rest !== "") onLine(rest);
}

/** The longest line, in characters: one without an end must not fill the memory. */
const maximumLine = 4096;

function take(line: string, loop: Tunable, log: Log): void {
  if (line.trim() === "") {
    const all = Object.entries(loop.parameters).map(([name, value]) => `${name}=${value}`);
    log.info(`Parameters: ${all.length === 0 ? "none" : all.join(", ")}`);
    return;
  }
  try {
    const { name, value } = parseParameter(line, loop.parameters);
    const before = loop.parameters[name];
    loop.setParameter(name, value);
    log.info(`Set ${name} to ${value} (it was ${before})`);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    log.warning(error.message);
  }
}
