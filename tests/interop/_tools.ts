/**
 * Finds what the tests against other implementations need, and says aloud what is missing.
 *
 * @module
 */

const protoFolder = new URL("../../proto/", import.meta.url);
const peerFile = new URL("./peer.py", import.meta.url);

/** How long the peer may take for what is done in a moment, before a test fails instead of hanging. */
const patience = 30_000;

/** Whether a command can be run and ends well. */
async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, { args, stdin: "null", stdout: "null", stderr: "null" })
      .output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}

/**
 * Looks for a Python with Google's protobuf package: the first one on the path, or Debian's, which is another one where
 * a version manager is in use.
 *
 * @returns The command, or undefined; then a line on the console says so
 */
export async function findPython(): Promise<string | undefined> {
  for (const command of ["python3", "/usr/bin/python3"]) {
    if (await succeeds(command, "-c", "import google.protobuf")) return command;
  }
  console.warn("SKIPPED: no python3 that can import google.protobuf (Debian: apt-get install python3-protobuf)");
  return undefined;
}

/**
 * Looks for Google's compiler of schemas.
 *
 * @returns Whether there is one; if not, a line on the console says so
 */
export async function hasProtoc(): Promise<boolean> {
  if (await succeeds("protoc", "--version")) return true;
  console.warn("SKIPPED: no protoc (Debian: apt-get install protobuf-compiler)");
  return false;
}

/**
 * Looks for a program that says its version.
 *
 * @param command The program
 * @param debian Debian's package that has it
 * @param argument Asks it for its version
 * @returns Whether there is one; if not, a line on the console says so
 */
export async function hasProgram(command: string, debian: string, argument = "--version"): Promise<boolean> {
  if (await succeeds(command, argument)) return true;
  console.warn(`SKIPPED: no ${command} (Debian: apt-get install ${debian})`);
  return false;
}

/** Google's Python code for the schema, in a folder that lasts as long as this does. */
interface PythonCode extends AsyncDisposable {
  /** Path of the folder. */
  readonly folder: string;
}

/** Has protoc write Google's Python code for `proto/villas.proto` into a temporary folder. */
async function generatePythonCode(): Promise<PythonCode> {
  const folder = await Deno.makeTempDir({ prefix: "villas-pb2-" });
  const { success, stderr } = await new Deno.Command("protoc", {
    args: [`--python_out=${folder}`, "villas.proto"],
    cwd: protoFolder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`protoc failed: ${new TextDecoder().decode(stderr)}`);
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** The Python peer, running. */
export interface Peer extends AsyncDisposable {
  /** Where it is bound: a port, or a path. Empty for `parse`, which has no socket. */
  readonly local: string;
  /** Gives it bytes on stdin. */
  write(bytes: Uint8Array): Promise<void>;
  /** Gives it a line on stdin: the other side's port or path, if it was started with the remote `-`, or samples. */
  writeLine(line: string | number): Promise<void>;
  /** Ends its stdin, lets it come to its end, and returns what it wrote on stdout behind "ready", and its exit status. */
  finish(): Promise<{ output: string; code: number }>;
  /** Ends it as a service manager does, with SIGTERM; then as {@linkcode finish}. */
  stop(): Promise<{ output: string; code: number }>;
}

/**
 * Starts the Python peer.
 *
 * @param python What {@linkcode findPython} found
 * @param args Its arguments, as `peer.py` says
 * @returns The peer, bound
 */
export async function startPeer(python: string, ...args: readonly (string | number)[]): Promise<Peer> {
  await using stack = new AsyncDisposableStack();
  const code = stack.use(await generatePythonCode());
  const process = new Deno.Command(python, {
    args: [decodeURIComponent(peerFile.pathname), "--code", code.folder, ...args.map(String)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const timer = setTimeout(() => process.kill("SIGKILL"), patience);
  const stdin = process.stdin.getWriter();
  let output = "";
  let isEnded = false;
  const firstLine = Promise.withResolvers<void>();
  // Read all the time: a peer whose output nobody takes would stop, and so would who writes to it.
  const pump = (async () => {
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      if (output.includes("\n")) firstLine.resolve();
    }
    firstLine.resolve();
  })();

  async function finish(): Promise<{ output: string; code: number }> {
    // It may be gone already, and then its stdin cannot be closed any more.
    await stdin.close().catch(() => {});
    await pump;
    const { code } = await process.status;
    isEnded = true;
    clearTimeout(timer);
    return { output, code };
  }
  stack.defer(async () => {
    if (isEnded) return;
    process.kill("SIGKILL");
    await finish();
  });

  let local = "";
  if (args.includes("echo") || args.includes("send")) {
    await firstLine.promise;
    local = /^ready (.*)\n/.exec(output)?.[1] ?? "";
    if (local === "") throw new Error(`The peer is not ready: ${output}`);
    output = output.slice(output.indexOf("\n") + 1);
  }
  const owned = stack.move();
  return {
    local,
    write: (bytes) => stdin.write(bytes),
    writeLine: (line) => stdin.write(new TextEncoder().encode(`${line}\n`)),
    finish,
    stop() {
      process.kill("SIGTERM");
      return finish();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * Looks for Wireshark's dissector on the command line.
 *
 * @returns Whether there is one; if not, a line on the console says so
 */
export async function isTsharkThere(): Promise<boolean> {
  if (await succeeds("tshark", "--version")) return true;
  console.warn("SKIPPED: no tshark (Debian: apt-get install tshark)");
  return false;
}
