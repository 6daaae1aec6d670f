/**
 * A buffer that grows, such as for the bytes of a sample that comes in several chunks.
 *
 * @module
 */

/** Bytes that are appended and taken all at once. */
export class ByteBuffer {
  #memory = new Uint8Array(1024);
  #length = 0;

  /** Number of bytes. */
  get length(): number {
    return this.#length;
  }

  /** The bytes, valid until the next call of {@linkcode append}. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.subarray(0, this.#length);
  }

  /**
   * Appends bytes; the memory at least doubles where it must grow.
   *
   * @param bytes The bytes, which are copied
   */
  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#memory.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#memory.length));
      larger.set(this.bytes);
      this.#memory = larger;
    }
    this.#memory.set(bytes, this.#length);
    this.#length = length;
  }

  /** Removes all bytes; the memory stays, for those to come. */
  clear(): void {
    this.#length = 0;
  }
}
