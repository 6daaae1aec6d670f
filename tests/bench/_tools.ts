/**
 * Finds and makes the programs that the bench needs, in a temporary folder, and runs them.
 *
 * @module
 */

const root = new URL("../../", import.meta.url);
const peers = new URL("./peers/", import.meta.url);

/** The programs of a bench. Ending it ends all that run, and removes what was made. */
export interface Tools extends AsyncDisposable {
  /** The temporary folder. */
  readonly folder: string;
  /** The path of a file of `peers/`. */
  peer(name: string): string;
  /** Compiles a C program of `peers/`; undefined where there is no compiler. */
  compile(name: string): Promise<string | undefined>;
  /** Whether Google's compiler of schemas is there. */
  hasProtoc(): Promise<boolean>;
  /** Google's Python, with the code for the schema; undefined where one of them is not there. */
  python(): Promise<string | undefined>;
  /** Runs a program to its end; its standard output. It throws where the program fails. */
  run(command: string, ...args: string[]): Promise<string>;
  /** Starts a program that runs until it is ended. */
  start(settings: ProgramSettings): Promise<Program>;
  /** The arguments of Deno in front of those of the executable. */
  readonly cli: readonly string[];
}

/** How to start a program. */
export interface ProgramSettings {
  /** The program and its arguments. */
  command: readonly string[];
  /** What it says on standard error when it is ready; the first group is the port that it receives on, if it chose it. */
  ready: RegExp;
  /** The port that it was told to receive on. */
  port?: number;
  /** A file to append its standard output to; nowhere if there is none. */
  output?: string;
}

/** A program that runs. */
export interface Program extends AsyncDisposable {
  /** The port that it receives on. */
  readonly port: number;
  /** The first group of what it said when it was ready. */
  readonly ready: string;
  /** Its number in the system. */
  readonly pid: number;
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<void>;
}

/** Makes the temporary folder. */
export async function createTools(warn: (message: string) => void): Promise<Tools> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "villas-bench-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const compiled = new Map<string, Promise<string | undefined>>();
  let python: Promise<string | undefined> | undefined;
  const peer = (name: string) => decodeURIComponent(new URL(name, peers).pathname);

  async function compile(name: string): Promise<string | undefined> {
    const program = `${folder}/${name.replace(/\.c$/, "")}`;
    const found = await succeeds("cc", "--version");
    if (found) await run("cc", "-O2", "-o", program, peer(name));
    else warn(`${name} is left out: there is no C compiler (Debian: apt-get install gcc libc6-dev)`);
    return found ? program : undefined;
  }

  const hasProtoc = () => succeeds("protoc", "--version");

  async function findPython(): Promise<string | undefined> {
    if (!await hasProtoc()) {
      warn("Python is left out: there is no protoc (Debian: apt-get install protobuf-compiler)");
      return undefined;
    }
    await run("protoc", `--python_out=${folder}`, `--proto_path=${new URL("proto", root).pathname}`, "villas.proto");
    // Debian's package belongs to Debian's Python, which is not the first one where a version manager is in use.
    for (const command of ["/usr/bin/python3", "python3"]) {
      if (await succeeds(command, "-c", "import google.protobuf")) return command;
    }
    warn("Python is left out: none can import google.protobuf (Debian: apt-get install python3-protobuf)");
    return undefined;
  }

  const owned = stack.move();
  return {
    folder,
    peer,
    cli: [
      Deno.execPath(),
      "run",
      "-q",
      "-A",
      `--config=${new URL("deno.json", root).pathname}`,
      new URL("cli.ts", root).pathname,
    ],
    compile(name) {
      const program = compiled.get(name) ?? compile(name);
      compiled.set(name, program);
      return program;
    },
    hasProtoc,
    python: () => python ??= findPython(),
    run,
    async start(settings) {
      const program = await start(settings);
      owned.use(program);
      return program;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, stdin: "null" }).output();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Whether a command can be run and ends well. */
async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  try {
    const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
    return (await new Deno.Command(command, { args, ...streams }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}

async function start({ command, ready, port, output }: ProgramSettings): Promise<Program> {
  const [program = "", ...args] = output === undefined
    ? command
    // The shell gives its place to the program: what is ended later is the program itself.
    : ["sh", "-c", 'output="$1"; shift; exec "$@" >>"$output"', "sh", output, ...command];
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
  let messages = "";
  const said = Promise.withResolvers<string>();
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      messages = (messages + text).slice(-65_536);
      const found = ready.exec(messages);
      if (found !== null) said.resolve(found[1] ?? "");
    }
    said.reject(new Error(`${command.join(" ")} has ended: ${messages}`));
  })();
  let hasEnded = false;
  const ended = child.status.finally(() => hasEnded = true);
  const end = async () => {
    said.promise.catch(() => {}); // it is ended on purpose
    if (!hasEnded) child.kill("SIGKILL");
    await Promise.all([reading, ended]);
  };
  try {
    const text = await said.promise;
    const done = Promise.all([reading, ended]).then(() => {});
    return { port: port ?? Number(text), ready: text, pid: child.pid, ended: done, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
