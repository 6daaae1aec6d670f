/**
 * Folders of tests, which are gone afterwards.
 *
 * @module
 */

/**
 * Gives a test a folder of its own.
 *
 * @param use What is done in it
 * @returns What `use` returns
 */
export async function withFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "villas-test-" });
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Lists the names in a folder, in order. */
export async function listNames(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}
