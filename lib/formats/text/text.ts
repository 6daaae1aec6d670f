/**
 * Makes a format out of functions that read lines and write texts: what all text formats have in common.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { createLineReader, decodeLines, type LineHandler } from "./lines.ts";
import type { DecodeError } from "../errors.ts";
import type { Format } from "../format.ts";

/** What is special about a text format. */
export interface TextFraming {
  /** VILLASnode's name of the format. */
  readonly name: string;
  /** The ASCII character that ends a line; default is the line feed. */
  readonly delimiter?: string;
  /** What takes the lines of one datagram. */
  createDatagramHandler(): LineHandler;
  /** Fast path: reads a datagram, or returns undefined if it is to be read as text. */
  decodePlain?: ((datagram: Uint8Array) => Sample[] | undefined) | undefined;
  /** What takes the lines of one file. */
  createFileHandler(onDecodeError: (error: DecodeError) => void): LineHandler;
  /** Writes one datagram, or throws an `EncodeError`. */
  writeDatagram(samples: readonly Sample[]): string;
  /** Starts to write a file. */
  fileWriter(): (samples: readonly Sample[]) => string;
  /** The same as bytes, which are valid until the next call, where these cost less than text. */
  createByteEncoder?: (() => (samples: readonly Sample[]) => Uint8Array) | undefined;
}

const encoder = new TextEncoder();

/** Makes the format. */
export function createTextFormat(framing: TextFraming): Format {
  const { name, delimiter = "\n" } = framing;
  return {
    name,
    isText: true,
    decode(datagram) {
      return framing.decodePlain?.(datagram) ??
        decodeLines(name, delimiter, datagram, framing.createDatagramHandler());
    },
    encode(samples) {
      return encoder.encode(framing.writeDatagram(samples));
    },
    encodeInto(samples, buffer) {
      const text = framing.writeDatagram(samples);
      const { read, written } = encoder.encodeInto(text, buffer);
      if (read === text.length) return written;
      const length = encoder.encode(text).length;
      throw new RangeError(`Cannot encode ${length} bytes into a buffer: it has ${buffer.length} bytes`);
    },
    createDecoder(onDecodeError) {
      return createLineReader(name, delimiter, onDecodeError, framing.createFileHandler(onDecodeError));
    },
    createEncoder() {
      return framing.fileWriter();
    },
    createByteEncoder: framing.createByteEncoder,
  };
}
