/**
 * Runs the executable as a user does: as a process of its own, with real pipes, signals and sockets.
 *
 * @module
 */

import { longTimeLimit } from "../_time_limits.ts";

const root = new URL("../../", import.meta.url);

/** What a process has left behind. */
export interface Finished {
  /** Exit status. */
  code: number;
  /** All of standard output. */
  stdout: string;
  /** All of standard error. */
  stderr: string;
}

/** A process of the executable that is running. */
export interface Running extends AsyncDisposable {
  /** Its number in the system. */
  readonly pid: number;
  /** Waits for a match on standard error; fails if the process ends without one. */
  expectError(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits for a match on standard output; fails if the process ends without one. */
  expectOutput(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal. */
  kill(signal: Deno.Signal): void;
  /** Waits for its end. */
  finish(): Promise<Finished>;
}

/** The arguments of Deno that run the executable from this checkout. */
export function runArguments(...args: string[]): string[] {
  const config = new URL("deno.json", root).pathname;
  return [
    "run",
    "--quiet",
    "--no-prompt",
    `--config=${config}`,
    "-A",
    new URL("cli.ts", root).pathname,
    ...args,
  ];
}

/** Starts the executable. */
export function start(...args: string[]): Running {
  return spawn(Deno.execPath(), runArguments(...args));
}

/** A process of the executable that reads what the test writes. */
export interface Fed extends Running {
  /** Writes to its standard input; returns when it has been taken. */
  write(data: string | Uint8Array): Promise<void>;
  /** Ends its standard input. */
  endInput(): Promise<void>;
}

/** Starts the executable with standard input from the test. */
export function startFed(...args: string[]): Fed {
  const command = new Deno.Command(Deno.execPath(), {
    args: runArguments(...args),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
  const child = command.spawn();
  const input = child.stdin.getWriter();
  const encoder = new TextEncoder();
  let hasEnded = false;
  const endInput = async () => {
    if (hasEnded) return;
    hasEnded = true;
    // The process may have ended before.
    await input.close().catch(() => {});
  };
  const running = watch(child);
  return {
    ...running,
    write: (data) => input.write(typeof data === "string" ? encoder.encode(data) : data),
    endInput,
    async [Symbol.asyncDispose]() {
      await endInput();
      await running[Symbol.asyncDispose]();
    },
  };
}

/** Starts the executable in a shell, followed by what a user types behind it, such as `"| head -1"`. */
export function startPipeline(rest: string, ...args: string[]): Running {
  const words = [Deno.execPath(), ...runArguments(...args)].map((word) => `'${word}'`);
  return spawn("bash", ["-o", "pipefail", "-c", `${words.join(" ")} ${rest}`]);
}

/** Starts a program in a folder, with nothing but the given variables in its environment. */
export function startProgram(command: string, args: string[], cwd: string, env: Record<string, string> = {}): Running {
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return watch(new Deno.Command(command, { args, ...streams, cwd, clearEnv: true, env }).spawn());
}

/** Starts a process whose outputs are watched, and which is killed where it does not end within a limit, in milliseconds. */
export function spawn(command: string, args: string[], limit?: number): Running {
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return watch(new Deno.Command(command, { args, ...streams, env: { NO_COLOR: "1" } }).spawn(), limit);
}

/** Runs the executable to its end. */
export async function run(...args: string[]): Promise<Finished> {
  await using process = start(...args);
  return await process.finish();
}

function watch(child: Deno.ChildProcess, limit = longTimeLimit): Running {
  const output = collect(child.stdout);
  const errors = collect(child.stderr);
  let hasEnded = false;
  // A process that never ends, or never says what the test waits for, fails the test.
  const timer = setTimeout(() => child.kill("SIGKILL"), limit);
  const ended = child.status.finally(() => {
    hasEnded = true;
    clearTimeout(timer);
  });
  return {
    pid: child.pid,
    expectError: (pattern) => errors.expect(pattern),
    expectOutput: (pattern) => output.expect(pattern),
    kill: (signal) => child.kill(signal),
    async finish() {
      const [stdout, stderr, { code }] = await Promise.all([output.all, errors.all, ended]);
      return { code, stdout, stderr };
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill("SIGKILL");
      await Promise.all([output.all, errors.all, ended]);
    },
  };
}

/** Reads a stream to its end, and lets others wait for what comes on it. */
function collect(stream: ReadableStream<Uint8Array>) {
  let text = "";
  let hasEnded = false;
  let notify = Promise.withResolvers<void>();
  const all = (async () => {
    for await (const piece of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
      text += piece;
      notify.resolve();
      notify = Promise.withResolvers();
    }
    hasEnded = true;
    notify.resolve();
    return text;
  })();
  async function expect(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(text);
      if (match !== null) return match;
      if (hasEnded) throw new Error(`Expected ${pattern}, and the process ended with:\n${text}`);
      await notify.promise;
    }
  }
  return { all, expect };
}
