/**
 * A server of another project that a test runs as a process of its own, on a free port of the loopback.
 *
 * @module
 */

/** How long a server may take to start or to stop, in milliseconds, before a test fails instead of hanging. */
const patience = 90_000;

/** A server that runs. */
export interface ServerProcess extends AsyncDisposable {
  /** Waits until its output has a match. */
  expect(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it, and waits for its end. */
  stop(signal?: Deno.Signal): Promise<void>;
}

/** How to start a server. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
}

/** Starts a server, and collects what it writes. */
export function startServer({ command, args, env = {} }: ServerCommand): ServerProcess {
  const child = new Deno.Command(command, { args: [...args], env, stdin: "null", stdout: "piped", stderr: "piped" })
    .spawn();
  let output = "";
  let hasEnded = false;
  let changed = Promise.withResolvers<void>();
  const announce = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const texts = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>);
    for await (const text of texts) {
      output += text;
      announce();
    }
  };
  const ended = Promise.all([read(child.stdout), read(child.stderr), child.status]).finally(() => {
    hasEnded = true;
    announce();
  });
  async function stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    if (!hasEnded) child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), patience);
    await ended;
    clearTimeout(timer);
  }
  return {
    stop,
    async expect(pattern) {
      const deadline = Date.now() + patience;
      for (;;) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        if (hasEnded || Date.now() > deadline) throw new Error(`${command} did not say ${pattern}:\n${output}`);
        let timer: ReturnType<typeof setTimeout> | undefined;
        const late = new Promise<void>((resolve) => timer = setTimeout(resolve, deadline - Date.now()));
        await Promise.race([changed.promise, late]).finally(() => clearTimeout(timer));
      }
    },
    [Symbol.asyncDispose]: () => stop("SIGKILL"),
  };
}

/**
 * Looks for programs, and says aloud what is missing.
 *
 * @returns True if all are there
 */
export function hasPrograms(packageName: string, ...paths: readonly string[]): boolean {
  const missing = paths.find((path) => !isFile(path));
  if (missing === undefined) return true;
  console.warn(`IGNORED: no ${missing} (Debian: apt-get install ${packageName})`);
  return false;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Runs a program to its end; fails if it does. */
export async function runProgram(command: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], stdin: "null" }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
