/**
 * Files that are written under another name until they are complete: what has a file's name is a whole file, and one that
 * was there before stays until then.
 *
 * @module
 */

/** A file that is being written. */
export class PartFile implements AsyncDisposable {
  /** Number of bytes that were written. */
  length = 0;
  readonly #path: string;
  readonly #partPath: string;
  #file: Deno.FsFile | undefined;

  private constructor(path: string, partPath: string, file: Deno.FsFile) {
    this.#path = path;
    this.#partPath = partPath;
    this.#file = file;
  }

  /**
   * Begins to write a file.
   *
   * @param path Path that it will have
   * @throws The system's error if it cannot be written
   */
  static async create(path: string): Promise<PartFile> {
    const found = await Deno.stat(path).catch(() => undefined);
    if (found?.isDirectory) throw new Error(`Cannot write ${path}: it is a folder`);
    const partPath = `${path}.part`;
    return new PartFile(path, partPath, await Deno.open(partPath, { write: true, create: true, truncate: true }));
  }

  /** Writes bytes behind those before. */
  async write(bytes: Uint8Array): Promise<void> {
    const file = this.#open();
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
    this.length += bytes.length;
  }

  /** Writes bytes over those at a position. */
  async overwrite(position: number, bytes: Uint8Array): Promise<void> {
    const file = this.#open();
    await file.seek(position, Deno.SeekMode.Start);
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
    await file.seek(0, Deno.SeekMode.End);
  }

  /** Completes the file: it gets its name. */
  async finish(): Promise<void> {
    const file = this.#open();
    this.#file = undefined;
    try {
      // Otherwise a power cut might leave the name without the data.
      await file.syncData();
    } finally {
      file.close();
    }
    await Deno.rename(this.#partPath, this.#path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#file === undefined) return;
    this.#file.close();
    this.#file = undefined;
    await Deno.remove(this.#partPath).catch(() => {});
  }

  #open(): Deno.FsFile {
    if (this.#file === undefined) throw new Error(`Cannot write ${this.#path}: it is complete`);
    return this.#file;
  }
}
