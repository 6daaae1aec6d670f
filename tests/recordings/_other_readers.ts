/**
 * Readers of other makers, which say what a file of ours holds.
 *
 * @module
 */

/** Runs a command; undefined where there is none. */
async function output(command: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, { args, stdin: "null" }).output();
    if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

async function works(command: string, ...args: string[]): Promise<boolean> {
  return await output(command, ...args).then((found) => found !== undefined, () => false);
}

/** Finds a Python that has SciPy; undefined, and a line on the console, where there is none. */
export async function findScipy(): Promise<string | undefined> {
  for (const command of ["python3", "/usr/bin/python3"]) {
    if (await works(command, "-c", "import scipy.io")) return command;
  }
  console.warn("SKIPPED: no python3 with scipy (Debian: apt-get install python3-scipy)");
  return undefined;
}

/** Finds Octave; undefined, and a line on the console, where there is none. */
export async function findOctave(): Promise<string | undefined> {
  if (await works("octave-cli", "--version")) return "octave-cli";
  console.warn("SKIPPED: no octave-cli (Debian: apt-get install --no-install-recommends octave)");
  return undefined;
}

/** A variable as another reader has it: its class, and its numbers in full, column by column. */
export interface ForeignVariable {
  readonly type: string;
  readonly real: readonly string[];
  readonly imag?: readonly string[];
}

const scipyScript = `
import json, sys, scipy.io, numpy
found = {}
for name, value in scipy.io.loadmat(sys.argv[1], chars_as_strings=True).items():
    if name.startswith("__"): continue
    flat = value.flatten(order="F")
    if value.dtype.kind == "U":
        found[name] = {"type": "char", "real": [str(v) for v in flat]}
    elif value.dtype.kind == "c":
        found[name] = {"type": str(value.dtype), "real": [repr(float(v.real)) for v in flat], "imag": [repr(float(v.imag)) for v in flat]}
    elif value.dtype.kind == "f":
        found[name] = {"type": str(value.dtype), "real": [repr(float(v)) for v in flat]}
    else:
        found[name] = {"type": str(value.dtype), "real": [str(int(v)) for v in flat]}
print(json.dumps(found))
`;

/** Reads a MAT-file with SciPy. */
export async function readWithScipy(python: string, path: string): Promise<Record<string, ForeignVariable>> {
  return JSON.parse(await output(python, "-c", scipyScript, path) ?? "");
}

const octaveScript = `
s = load(getenv("RECORDING"));
for [value, name] = s
  value = value(:);
  if ischar(value)
    printf("%s\\tchar\\t%s\\n", name, value);
  elseif iscomplex(value)
    printf("%s\\tcomplex\\t%s\\t%s\\n", name, sprintf("%.17g ", real(value)), sprintf("%.17g ", imag(value)));
  elseif isinteger(value)
    printf("%s\\t%s\\t%s\\n", name, class(value), sprintf("%ld ", value));
  else
    printf("%s\\t%s\\t%s\\n", name, class(value), sprintf("%.17g ", value));
  endif
endfor
`;

/** Runs a script of Octave's, with the path of a file in the environment; returns what it prints. */
export async function runOctave(octave: string, script: string, path: string): Promise<string> {
  const args = ["--quiet", "--norc", "--eval", script];
  const { success, stdout, stderr } = await new Deno.Command(octave, { args, stdin: "null", env: { RECORDING: path } })
    .output();
  if (!success) throw new Error(`Octave failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Reads a MAT-file with Octave. */
export async function readWithOctave(octave: string, path: string): Promise<Record<string, ForeignVariable>> {
  const text = await runOctave(octave, octaveScript, path);
  return Object.fromEntries(
    text.split("\n").filter((line) => line !== "").map((line) => {
      const [name = "", type = "", real = "", imag] = line.split("\t");
      const numbers = (list: string) => type === "char" ? [list] : list.trim().split(" ").filter((part) => part !== "");
      return [name, { type, real: numbers(real), ...imag === undefined ? {} : { imag: numbers(imag) } }];
    }),
  );
}
