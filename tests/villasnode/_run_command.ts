/**
 * Runs commands of the executable: inside the test, thousands of them where processes would take minutes, or as processes.
 *
 * @module
 */

import { InputError } from "../../lib/system/input_error.ts";
import type { Session } from "../../lib/terminal/command.ts";
import { createLog } from "../../lib/terminal/log.ts";
import { parseCommandLine } from "../../lib/terminal/parse.ts";
import { plainStyle } from "../../lib/terminal/style.ts";
import { commands } from "../../lib/commands/table.ts";
import { createOutput } from "../../lib/system/output.ts";
import { start } from "../commands/_cli.ts";

/** A command that is running. */
export interface RunningCommand {
  /** Waits for a match on standard error; undefined if the command ends without one. */
  expectError(pattern: RegExp): Promise<RegExpExecArray | undefined>;
  /** Ends it as an interrupt does. */
  interrupt(): void;
  /** Its end: the exit status, and all of standard error. */
  readonly finished: Promise<{ status: number; stderr: string }>;
}

/** Starts a command; its standard output is thrown away. */
export function startCommand(args: readonly string[]): RunningCommand {
  const ended = new AbortController();
  const decoder = new TextDecoder();
  let stderr = "";
  let hasEnded = false;
  let notify = Promise.withResolvers<void>();
  const wake = () => {
    notify.resolve();
    notify = Promise.withResolvers();
  };
  const log = createLog("info", plainStyle, {
    writeSync(bytes) {
      stderr += decoder.decode(bytes);
      wake();
      return bytes.length;
    },
    isTerminal: () => false,
  });
  const output = createOutput({ write: (bytes) => Promise.resolve(bytes.length) });
  const finished = runCommand(args, { output, log, ended: ended.signal, commands, nameOf: (option) => `--${option}` })
    .then((status) => {
      hasEnded = true;
      wake();
      return { status, stderr };
    });
  return {
    finished,
    interrupt: () => ended.abort(),
    async expectError(pattern) {
      for (;;) {
        const match = pattern.exec(stderr);
        if (match !== null || hasEnded) return match ?? undefined;
        await notify.promise;
      }
    },
  };
}

/** Starts a command as a process of its own, as a user does. */
export function startProcess(args: readonly string[]): RunningCommand {
  const running = start(...args);
  return {
    finished: running.finish().then(({ code, stderr }) => ({ status: code, stderr })),
    interrupt: () => running.kill("SIGINT"),
    expectError: (pattern) => running.expectError(pattern).catch(() => undefined),
  };
}

/** Runs it as `main` does, without the environment and the signals of the process. */
async function runCommand([name, ...rest]: readonly string[], session: Session): Promise<number> {
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) throw new TypeError(`Unknown command ${name}`);
  const command = await entry.load();
  try {
    const { values, operands } = await parseCommandLine(rest, command.options);
    return await command.run(values, operands, session);
  } catch (error) {
    session.log.error((error as Error).message);
    // A fault of the program is not taken for a refusal.
    if (error instanceof TypeError && !(error instanceof InputError)) throw error;
    return error instanceof InputError ? 2 : 1;
  } finally {
    await session.output.flush();
  }
}
