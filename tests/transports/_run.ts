/**
 * Runs small programs in processes of their own, for what cannot be tried in the process of the tests.
 *
 * @module
 */

/** The address of one of the modules in lib/, as a program of its own imports it. */
export function moduleUrl(path: string): string {
  return new URL(`../../lib/${path}`, import.meta.url).href;
}

/** Output of a program, and its exit status. */
export interface Outcome {
  stdout: string;
  stderr: string;
  code: number;
}

/** Runs a TypeScript program with Deno. */
export async function runScript(flags: string[], script: string): Promise<Outcome> {
  const url = `data:application/typescript;base64,${btoa(script)}`;
  return await run(Deno.execPath(), ["run", "--quiet", "--no-config", "--no-prompt", ...flags, url]);
}

/** Time limit of a program, in milliseconds: one that waits for something is a failure, and must not stay. */
const timeLimit = 30_000;

/** Runs a program. */
export async function run(program: string, args: string[]): Promise<Outcome> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeLimit);
  try {
    const command = new Deno.Command(program, { args, env: { NO_COLOR: "1" }, signal: controller.signal });
    const { stdout, stderr, code } = await command.output();
    return { stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr), code };
  } finally {
    clearTimeout(timer);
  }
}

/** Returns true if a program can be run on this machine, for tests of what only it can do. */
export async function canRun(program: string, args: string[]): Promise<boolean> {
  try {
    return (await run(program, args)).code === 0;
  } catch {
    return false;
  }
}
