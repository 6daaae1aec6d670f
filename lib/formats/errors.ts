/**
 * The two errors that formats throw: one for bytes that cannot be decoded, one for samples that cannot be encoded.
 *
 * @module
 */

/** A position in bytes or text. */
export interface Position {
  /** Bytes from the start of the datagram or file, the first one being 0. */
  offset?: number;
  /** Line of a text, the first one being 1. */
  line?: number;
  /** Column of that line in characters, the first one being 1. */
  column?: number;
}

/** Options of a {@linkcode DecodeError}: the error that caused it, and the kind of source. */
export interface DecodeErrorOptions extends ErrorOptions {
  /** The source that the offset counts in; default `"datagram"`. */
  source?: "datagram" | "file";
}

/**
 * Bytes that do not conform to the expected format.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { DecodeError } from "@villas/client";
 * import { protobuf } from "@villas/client/formats";
 *
 * const error = assertThrows(() => protobuf().decode(new Uint8Array([0x0a, 0x7f])), DecodeError);
 * assertEquals(error.message, "Cannot decode datagram as protobuf at offset 2: it ends inside a field");
 * assertEquals(error.offset, 2);
 * ```
 */
export class DecodeError extends Error implements Position {
  /** `"DecodeError"` */
  override name = "DecodeError";
  /** Name of the expected format. */
  readonly format: string;
  /** The reason, as a clause, without the position. */
  readonly reason: string;
  // The positions are declared only: an unknown one is not a property, not even an undefined one.
  /** Bytes from the start of the datagram or file, the first one being 0. */
  declare readonly offset?: number;
  /** Line of a text, the first one being 1. */
  declare readonly line?: number;
  /** Column of that line in characters, the first one being 1. */
  declare readonly column?: number;

  /**
   * Creates the error; its message consists of the parts.
   *
   * @param format Name of the expected format
   * @param reason The reason, as a clause
   * @param position The position of the error; the message names it
   * @param options The error that caused this one, if any, and the kind of source
   */
  constructor(format: string, reason: string, position: Position = {}, options: DecodeErrorOptions = {}) {
    const { offset, line, column } = position;
    const where = line !== undefined
      ? ` at line ${line}${column !== undefined ? `, column ${column}` : ""}`
      : offset !== undefined
      ? ` at offset ${offset}`
      : "";
    const { source = "datagram" } = options;
    super(`Cannot decode ${line !== undefined ? "text" : source} as ${format}${where}: ${reason}`, options);
    this.format = format;
    this.reason = reason;
    if (offset !== undefined) this.offset = offset;
    if (line !== undefined) this.line = line;
    if (column !== undefined) this.column = column;
  }
}

/**
 * A sample that the format cannot carry, or that the receiving VILLASnode would not survive. Nothing has been sent.
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
  /** The reason, as a clause. */
  readonly reason: string;
  /** Index of the sample, the first one being 0. */
  readonly index: number;

  /**
   * Creates the error; its message consists of the parts.
   *
   * @param format Name of the format
   * @param reason The reason, as a clause
   * @param index Index of the sample, the first one being 0
   */
  constructor(format: string, reason: string, index: number) {
    super(`Cannot encode sample ${index} as ${format}: ${reason}`);
    this.format = format;
    this.reason = reason;
    this.index = index;
  }

  /**
   * Creates the same error for another index, such as that of the sample in a recording.
   *
   * @param index Index of the sample, the first one being 0
   * @returns The error
   */
  withIndex(index: number): EncodeError {
    return new EncodeError(this.format, this.reason, index);
  }
}
