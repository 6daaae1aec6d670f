/**
 * What a format throws: one error for bytes that it cannot read, one for samples that it cannot write.
 *
 * @module
 */

/** Where in the bytes or the text something is. */
export interface Position {
  /** Bytes from the start of the datagram or the file, the first one being 0. */
  offset?: number;
  /** Line of a text, the first one being 1. */
  line?: number;
  /** Column of that line in characters, the first one being 1. */
  column?: number;
}

/** What a {@linkcode DecodeError} may be told besides: the error that led to it, and what was being read. */
export interface DecodeErrorOptions extends ErrorOptions {
  /** What the offset counts in; a datagram where nothing is said. */
  source?: "datagram" | "file";
}

/**
 * Bytes that are not what the format says they should be.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { DecodeError } from "@villas/client";
 * import { protobuf } from "@villas/client/formats";
 *
 * const error = assertThrows(() => protobuf().decode(new Uint8Array([0x0a, 0x7f])), DecodeError);
 * assertEquals(error.message, "Cannot decode datagram as protobuf: it ends inside a field at offset 2");
 * assertEquals(error.offset, 2);
 * ```
 */
export class DecodeError extends Error implements Position {
  /** `"DecodeError"` */
  override name = "DecodeError";
  /** Name of the format that was expected. */
  readonly format: string;
  /** What is wrong, as the end of a sentence, without saying where. */
  readonly reason: string;
  // The positions are declared only: what is not known is not there, not even as undefined.
  /** Bytes from the start of the datagram or the file, the first one being 0. */
  declare readonly offset?: number;
  /** Line of a text, the first one being 1. */
  declare readonly line?: number;
  /** Column of that line in characters, the first one being 1. */
  declare readonly column?: number;

  /**
   * Makes the error; its message is put together from the parts.
   *
   * @param format Name of the format that was expected
   * @param reason What is wrong, as the end of a sentence
   * @param position Where it is wrong; named in the message
   * @param options The error that led to this one, if any, and whether a file was being read
   */
  constructor(format: string, reason: string, position: Position = {}, options: DecodeErrorOptions = {}) {
    const { offset, line, column } = position;
    const where = line !== undefined
      ? ` at line ${line}${column !== undefined ? `, column ${column}` : ""}`
      : offset !== undefined
      ? ` at offset ${offset}`
      : "";
    const { source = "datagram" } = options;
    super(`Cannot decode ${line !== undefined ? "text" : source} as ${format}: ${reason}${where}`, options);
    this.format = format;
    this.reason = reason;
    if (offset !== undefined) this.offset = offset;
    if (line !== undefined) this.line = line;
    if (column !== undefined) this.column = column;
  }
}

/**
 * A sample that the format cannot carry or that the receiving VILLASnode would not survive. Nothing has been sent.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { EncodeError, parseSignals } from "@villas/client";
 * import { protobuf } from "@villas/client/formats";
 *
 * const format = protobuf({ signals: parseSignals("2f") });
 * const error = assertThrows(() => format.encode([{ values: [1, 2n] }]), EncodeError);
 * assertEquals(
 *   error.message,
 *   "Cannot encode sample 0 as protobuf: value 1 is of type integer, signal1 of type float",
 * );
 * ```
 */
export class EncodeError extends Error {
  /** `"EncodeError"` */
  override name = "EncodeError";
  /** Name of the format. */
  readonly format: string;
  /** What is wrong, as the end of a sentence. */
  readonly reason: string;
  /** Which of the samples it is, the first one being 0. */
  readonly index: number;

  /**
   * Makes the error; its message is put together from the parts.
   *
   * @param format Name of the format
   * @param reason What is wrong, as the end of a sentence
   * @param index Which of the samples it is, the first one being 0
   */
  constructor(format: string, reason: string, index: number) {
    super(`Cannot encode sample ${index} as ${format}: ${reason}`);
    this.format = format;
    this.reason = reason;
    this.index = index;
  }

  /**
   * Creates the same error for another place, such as that of the sample in a recording.
   *
   * @param index Which of the samples it is, the first one being 0
   * @returns The error
   */
  withIndex(index: number): EncodeError {
    return new EncodeError(this.format, this.reason, index);
  }
}
