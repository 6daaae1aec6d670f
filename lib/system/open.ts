/**
 * Opens files, and says what the system says about them in words that name the file.
 *
 * @module
 */

/** A path as messages name it. */
export function describePath(path: string): string {
  return path === "-" ? "standard input" : path;
}

/**
 * Opens a file for reading.
 *
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {Deno.errors.PermissionDenied} If it may not be read
 * @throws {Deno.errors.IsADirectory} If it is a folder
 */
export async function openToRead(path: string): Promise<Deno.FsFile> {
  const file = await Deno.open(path).catch((error) => {
    throw explain(error, `Cannot open ${path}`);
  });
  // A folder can be opened, and says what it is when it is read.
  if (!(await file.stat()).isDirectory) return file;
  file.close();
  throw new Deno.errors.IsADirectory(`Cannot read ${path}: it is a folder`);
}

/** What the system says, in the words of this project. */
const reasons: readonly [new (message: string, options?: ErrorOptions) => Error, string][] = [
  [Deno.errors.NotFound, "there is no such file or folder"],
  [Deno.errors.PermissionDenied, "the system does not permit it"],
  [Deno.errors.IsADirectory, "it is a folder"],
  [Deno.errors.NotADirectory, "a part of the path is no folder"],
];

/** The same error with a message that says what was to be done. */
export function explain(error: unknown, what: string): unknown {
  // Deno's own message names the missing flag.
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  for (const [ErrorClass, reason] of reasons) {
    if (error instanceof ErrorClass) return new ErrorClass(`${what}: ${reason}`, { cause: error });
  }
  return new Error(`${what}: ${error.message}`, { cause: error });
}
