/**
 * Opens and reads files, with errors that name the file.
 *
 * @module
 */

import { explainSystemError } from "./errors.ts";

/**
 * Returns a path as messages name it.
 *
 * @param path Path of a file, or `"-"` for standard input
 */
export function describePath(path: string): string {
  return path === "-" ? "standard input" : path;
}

/**
 * Opens a file for reading.
 *
 * @param path Path of the file
 * @returns The file, which the caller closes
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {Deno.errors.PermissionDenied} If it may not be read
 * @throws {Deno.errors.IsADirectory} If it is a folder
 */
export async function openToRead(path: string): Promise<Deno.FsFile> {
  const file = await Deno.open(path).catch((error) => {
    throw explainSystemError(error, `Cannot open ${path}`);
  });
  // A folder can be opened, and turns out to be one when it is read.
  if (!(await file.stat()).isDirectory) return file;
  file.close();
  throw new Deno.errors.IsADirectory(`Cannot read ${path}: it is a folder`);
}

/**
 * Reads all of a file that is short, such as a configuration.
 *
 * @param path Path of the file
 * @returns Its bytes
 * @throws {Deno.errors.NotFound} If there is no such file
 * @throws {Deno.errors.PermissionDenied} If it may not be read
 * @throws {Deno.errors.IsADirectory} If it is a folder
 */
export async function readWholeFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw explainSystemError(error, `Cannot read ${path}`);
  }
}

/**
 * Reads all of a text that is short, as {@linkcode readWholeFile} does.
 *
 * @param path Path of the file
 * @returns Its text; bytes that are not UTF-8 become U+FFFD
 */
export async function readWholeText(path: string): Promise<string> {
  return new TextDecoder().decode(await readWholeFile(path));
}
