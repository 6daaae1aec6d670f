/**
 * Types the commands of a section of README.md into a real bash, in a folder of its own.
 *
 * @module
 */

import type { Section } from "./_page.ts";

const root = decodeURIComponent(new URL("../../", import.meta.url).pathname).replace(/\/$/, "");

/** What a command did. */
export interface Outcome {
  /** Its exit status. */
  readonly status: number;
  /** The lines of both of its outputs. */
  readonly lines: readonly string[];
}

/** Where a section is tried out. */
export interface Session extends AsyncDisposable {
  /** The folder, which has the section's files. */
  readonly path: string;
  /** Types the commands; what each of them did. */
  type(commands: readonly string[]): Promise<Outcome[]>;
  /** Runs a program in the folder with a Deno that finds the package as if it came from JSR; all of its output. */
  deno(...args: string[]): Promise<{ code: number; output: string }>;
}

/** What ends the output of a command, in front of its number and status. */
const mark = "\x1e";

/** Ports that were free a moment ago; the system does not hand them out again soon. */
function findPorts(): number[] {
  const sockets = [1, 2].map(() => Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 0 }));
  return sockets.map((socket) => {
    socket.close();
    return (socket.addr as Deno.NetAddr).port;
  });
}

/** Makes the folder: the section's files, the command, and the package. */
export async function openSession({ files }: Pick<Section, "files">): Promise<Session> {
  const path = await Deno.makeTempDir({ prefix: "readme-" });
  const [clientPort, nodePort] = findPorts();
  const local = (text: string) => text.replaceAll("12001", String(clientPort)).replaceAll("12000", String(nodePort));
  const write = (name: string, text: string) => Deno.writeTextFile(`${path}/${name}`, text);
  await Deno.mkdir(`${path}/bin`);
  await Deno.mkdir(`${path}/.config/fish/completions`, { recursive: true });
  await Deno.symlink(`${root}/vendor`, `${path}/vendor`);
  await write("deno.json", JSON.stringify(await makeConfig()));
  await write("map.json", JSON.stringify({ imports: await mapPackages() }));
  await write("bin/deno", `#!/bin/sh\nexec '${Deno.execPath()}' "$@"\n`);
  await write(
    "bin/villas-client",
    `#!/bin/sh\nexec deno run -q -A --config='${root}/deno.json' '${root}/cli.ts' "$@"\n`,
  );
  for (const name of ["deno", "villas-client"]) await Deno.chmod(`${path}/bin/${name}`, 0o755);
  for (const [index, { name = `unnamed${index}.ts`, text }] of files.entries()) await write(name, local(text));
  const env = {
    ...Deno.env.toObject(),
    HOME: path,
    DENO_DIR: await findCache(),
    NO_COLOR: "1",
    PATH: `${path}/bin:${Deno.env.get("PATH")}`,
    VILLAS_LOCAL: `udp://0.0.0.0:${clientPort}`,
    VILLAS_REMOTE: `udp://127.0.0.1:${nodePort}`,
  };

  async function run(command: string, args: string[], options: Partial<Deno.CommandOptions> = {}) {
    const settings = { args, cwd: path, env, stdin: "null", ...options } as const;
    const { code, stdout, stderr } = await new Deno.Command(command, settings).output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
  }

  return {
    path,
    async type(commands) {
      const lines = commands.map((command, index) =>
        // A job that was ended is forgotten before the next command, as an interactive shell does.
        `${local(command)}\nstatus=$?; ${
          command.startsWith("kill ") ? "wait 2>/dev/null; jobs >/dev/null; " : ""
        }printf '\\036${index} %d\\n' $status`
      );
      const script = `exec 2>&1\ntrap 'kill $(jobs -p) 2>/dev/null' EXIT\n${lines.join("\n")}\n`;
      const { output } = await run("bash", ["-c", script]);
      const outcomes: Outcome[] = [];
      for (const [, text = "", , status] of output.matchAll(new RegExp(`([^${mark}]*)${mark}(\\d+) (\\d+)\n`, "g"))) {
        const lines = text.split("\n");
        if (lines.at(-1) === "") lines.pop();
        outcomes.push({ status: Number(status), lines });
      }
      return outcomes;
    },
    deno: (...args) => run(Deno.execPath(), args),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Settings of Deno under which the package's names lead to this checkout. */
async function makeConfig() {
  const { exports, vendor, nodeModulesDir, lock, compilerOptions } = JSON.parse(
    await Deno.readTextFile(`${root}/deno.json`),
  );
  const imports: Record<string, string> = {};
  for (const [name, file] of Object.entries<string>(exports)) {
    imports[`jsr:@villas/client@^0.1.0${name.slice(1)}`] = new URL(file, `file://${root}/`).href;
  }
  return { vendor, nodeModulesDir, lock, compilerOptions, imports };
}

/**
 * Where the packages of JSR are that the shipped modules import, if they are in `vendor/`: what `deno install` needs
 * where JSR cannot be reached.
 */
async function mapPackages(): Promise<Record<string, string>> {
  const imports: Record<string, string> = {};
  const folder = `${root}/vendor/jsr.io`;
  for (const specifier of await findSpecifiers(`${root}/lib`)) {
    const [, name, entry] = /^jsr:(@std\/[^@]+)@[^/]+(\/.*)$/.exec(specifier) ?? [];
    try {
      const { latest } = JSON.parse(await Deno.readTextFile(`${folder}/${name}/meta.json`));
      const { exports } = JSON.parse(await Deno.readTextFile(`${folder}/${name}/${latest}_meta.json`));
      imports[specifier] = new URL(exports[`.${entry}`], `file://${folder}/${name}/${latest}/`).href;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it comes from JSR
    }
  }
  return imports;
}

/** The packages of JSR that the modules of a folder import. */
async function findSpecifiers(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await findSpecifiers(path));
    else found.push(...(await Deno.readTextFile(path)).match(/(?<=")jsr:@std\/[^"]+(?=")/g) ?? []);
  }
  return found;
}

/** Where Deno keeps what it has downloaded. */
async function findCache(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"], stderr: "null" }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
