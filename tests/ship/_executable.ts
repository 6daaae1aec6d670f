/**
 * Makes the executable that users download, if this machine can.
 *
 * @module
 */

const root = new URL("../../", import.meta.url);

/** The executable in a folder of its own. */
export interface Executable extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
}

/**
 * Makes the executable as `deno task compile` does, in a temporary folder.
 *
 * @returns The executable; undefined where the runtime for it can be neither downloaded nor found by `DENORT_BIN`: then a
 * line on the console says so
 */
export async function makeExecutable(): Promise<Executable | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "villas-executable-" });
  const path = `${folder}/villas-client${Deno.build.os === "windows" ? ".exe" : ""}`;
  const script = new URL(".ci/compile.ts", root).pathname;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", `--config=${new URL("deno.json", root).pathname}`, script, path],
  }).output();
  if (success) return { path, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
  await Deno.remove(folder, { recursive: true });
  const reason = new TextDecoder().decode(stderr).trim();
  if (Deno.env.has("DENORT_BIN") || !/download|error sending request|dns error|base binary/i.test(reason)) {
    throw new Error(reason);
  }
  console.warn(`SKIPPED: no runtime for deno compile (set DENORT_BIN and DENO_COMPILE where it cannot be downloaded)`);
  return undefined;
}
