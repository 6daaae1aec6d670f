/**
 * The endings of the names of compressed files.
 *
 * @module
 */

/**
 * Tells how a file is compressed, by the ending of its name.
 *
 * @param path Path of the file
 * @returns Its ending, `"gz"` or `"zst"`, or undefined
 */
export function compressionOf(path: string): "gz" | "zst" | undefined {
  const [, ending] = /\.(gz|zst)$/i.exec(path) ?? [];
  return ending?.toLowerCase() as "gz" | "zst" | undefined;
}
