/**
 * Decodes `protobuf` files in chunks.
 *
 * VILLASnode writes the messages of a file back to back, without a length before them. A message has only one field,
 * which may be repeated, so consecutive messages are one long message: a sequence of fields, each a sample. This file
 * finds where they begin and end; each of them is decoded as a datagram.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { ByteBuffer } from "../_byte_buffer.ts";
import { DecodeError } from "../errors.ts";
import type { Format, StreamDecoder } from "../format.ts";
import { messageSamples, recursionLimit, Wire } from "./schema.ts";
import { WireError, WireReader } from "./wire_reader.ts";

/** Most memory that one sample may take, in bytes: 16 MiB, far more than the 64 KiB of the largest datagram. */
const maximumSampleLength = 2 ** 24;

/** The beginning of a field. */
interface FieldHeader {
  /** The number and wire type of the field. */
  readonly tag: number;
  /** Length of the field in bytes, header included. */
  readonly length: number;
}

/** A decoder of one file. */
export class ProtobufStreamDecoder implements StreamDecoder {
  readonly #decode: Format["decode"];
  readonly #onDecodeError: (error: DecodeError) => void;
  readonly #reader = new WireReader();
  /** The bytes of the current field that came in earlier chunks: those of a sample, or of an incomplete header. */
  readonly #held = new ByteBuffer();
  /** The numbers of the groups around the current field. Nothing writes groups any more, but they can be skipped. */
  readonly #groups: number[] = [];
  /** Offset of the current field in the file. */
  #offset = 0;
  /** The header of the current field, once it is complete. */
  #header: FieldHeader | undefined;
  /** Bytes of the current field that came in earlier chunks. */
  #seen = 0;
  /** Whether the current field is a sample, whose bytes are held. */
  #isHeld = false;
  /** Whether the rest of the file cannot be decoded. */
  #isLost = false;

  /**
   * Creates the decoder.
   *
   * @param decode Decodes one field, which is a complete message
   * @param onDecodeError Called with each error
   */
  constructor(decode: Format["decode"], onDecodeError: (error: DecodeError) => void) {
    this.#decode = decode;
    this.#onDecodeError = onDecodeError;
  }

  push(chunk: Uint8Array): Sample[] {
    const samples: Sample[] = [];
    let pos = 0;
    while (pos < chunk.length && !this.#isLost) {
      if (this.#header === undefined && (this.#seen > 0 || !this.#begin(chunk.subarray(pos)))) {
        if (this.#isLost || !this.#extendHeader(chunk.subarray(pos, ++pos))) continue;
      }
      pos = this.#takeField(chunk, pos, samples);
    }
    return samples;
  }

  end(): Sample[] {
    if (!this.#isLost && this.#seen > 0) this.#report("the file ends inside the field that begins here", this.#offset);
    else if (!this.#isLost && this.#groups.length > 0) this.#report("the file ends inside a group", this.#offset);
    this.#isLost = true;
    return [];
  }

  /** Takes the next byte of a header that came in parts; returns whether it is complete. */
  #extendHeader(byte: Uint8Array): boolean {
    this.#held.append(byte);
    this.#seen++;
    return this.#begin(this.#held.bytes);
  }

  /** Reads the header of the field that begins with these bytes; returns whether it is complete. */
  #begin(bytes: Uint8Array): boolean {
    try {
      this.#header = this.#readHeader(bytes);
      if (this.#header !== undefined) this.#trackGroups(this.#header);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#isLost = true;
      this.#report(`${error.message}, so the rest of the file cannot be decoded`, this.#offset, error);
      return false;
    }
    if (this.#header === undefined) return false;
    const { tag, length } = this.#header;
    this.#isHeld = tag === messageSamples && this.#groups.length === 0;
    if (this.#isHeld && length > maximumSampleLength) {
      this.#isHeld = false;
      this.#report(`a sample takes ${length} bytes, more than ${maximumSampleLength}`, this.#offset);
    }
    return true;
  }

  /** Reads a header up to where the length of the field is known; undefined if the bytes end before. */
  #readHeader(bytes: Uint8Array): FieldHeader | undefined {
    const reader = this.#reader;
    reader.open(bytes);
    try {
      const tag = reader.readTag();
      switch (tag & 7) {
        case Wire.delimited: {
          const length = reader.readLength();
          return { tag, length: reader.offset + length };
        }
        case Wire.startGroup:
        case Wire.endGroup:
          return { tag, length: reader.offset };
        case Wire.fixed64:
          return { tag, length: reader.offset + 8 };
        case Wire.fixed32:
          return { tag, length: reader.offset + 4 };
        default:
          reader.skipField(tag, 0);
          return { tag, length: reader.offset };
      }
    } catch (error) {
      if (error instanceof WireError && error.isTruncated) return undefined;
      throw error;
    }
  }

  #trackGroups({ tag }: FieldHeader): void {
    const number = tag >>> 3;
    if ((tag & 7) === Wire.startGroup && this.#groups.push(number) > recursionLimit) {
      throw new WireError("groups are nested too deeply");
    }
    if ((tag & 7) === Wire.endGroup && this.#groups.pop() !== number) {
      throw new WireError("a group ends that did not begin");
    }
  }

  /** Takes the bytes of the current field; returns the position after them. */
  #takeField(chunk: Uint8Array, pos: number, samples: Sample[]): number {
    const { length } = this.#header ?? { length: 0 };
    const end = pos + Math.min(length - this.#seen, chunk.length - pos);
    const isWhole = end - pos === length;
    // Memory grows as bytes come, because those that a length promises may never come.
    if (this.#isHeld && !isWhole) this.#held.append(chunk.subarray(pos, end));
    this.#seen += end - pos;
    if (this.#seen === length) {
      if (this.#isHeld) this.#decodeField(isWhole ? chunk.subarray(pos, end) : this.#held.bytes, samples);
      this.#finish(length);
    }
    return end;
  }

  #decodeField(field: Uint8Array, samples: Sample[]): void {
    try {
      samples.push(...this.#decode(field));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#report(error.reason, this.#offset + (error.offset ?? 0), error);
    }
  }

  #finish(length: number): void {
    this.#offset += length;
    this.#header = undefined;
    this.#seen = 0;
    this.#held.clear();
  }

  #report(reason: string, offset: number, cause?: unknown): void {
    this.#onDecodeError(new DecodeError("protobuf", reason, { offset }, { source: "file", cause }));
  }
}
