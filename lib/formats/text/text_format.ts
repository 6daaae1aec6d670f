/**
 * Text formats: a format from functions that read lines and write text.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { decodeLines, type LineHandler, LineStreamDecoder } from "./lines.ts";
import { checkBuffer } from "../check.ts";
import type { DecodeError } from "../errors.ts";
import type { Format } from "../format.ts";

/** The particulars of a text format. */
export interface TextLayout {
  /** VILLASnode's name of the format. */
  readonly name: string;
  /** See {@linkcode Format.carriesTypes}. */
  readonly carriesTypes: boolean;
  /** The ASCII character that ends a line; default: the line feed. */
  readonly delimiter?: string;
  /** True if a line that is cut off may still look like a whole one, as numbers do and JSON does not; default false. */
  readonly isOpenEnded?: boolean;
  /** Creates the handler of the lines of one datagram. */
  createDatagramHandler(): LineHandler;
  /** Fast path: decodes a datagram; undefined if it must be read as text. */
  decodePlain?: ((datagram: Uint8Array) => Sample[] | undefined) | undefined;
  /** Creates the handler of the lines of one file. */
  createFileHandler(onDecodeError: (error: DecodeError) => void, onWarning: (message: string) => void): LineHandler;
  /** Writes one datagram, as text or as bytes that are valid until the next call; may throw `EncodeError`. */
  writeDatagram(samples: readonly Sample[]): string | Uint8Array<ArrayBuffer>;
  /** Creates the function that writes the next samples of a file; the names are those of {@linkcode Format.createEncoder}. */
  createFileWriter(names?: readonly string[]): (samples: readonly Sample[]) => string;
  /** See {@linkcode Format.createByteEncoder}. */
  createByteEncoder?: ((names?: readonly string[]) => (samples: readonly Sample[]) => Uint8Array) | undefined;
}

const encoder = new TextEncoder();

const unendedWarning = "the last line has no end: if the file was cut off there, digits of its last value are missing";

/**
 * Creates a text format.
 *
 * @param layout The particulars of the format
 * @returns The format
 */
export function createTextFormat(layout: TextLayout): Format {
  const { name, carriesTypes, delimiter = "\n" } = layout;
  return {
    name,
    isText: true,
    carriesTypes,
    decode(datagram) {
      return layout.decodePlain?.(datagram) ??
        decodeLines(name, delimiter, datagram, layout.createDatagramHandler());
    },
    encode(samples) {
      const datagram = layout.writeDatagram(samples);
      return typeof datagram === "string" ? encoder.encode(datagram) : datagram.slice();
    },
    encodeInto(samples, buffer) {
      const datagram = layout.writeDatagram(samples);
      if (typeof datagram === "string") {
        const { read, written } = encoder.encodeInto(datagram, buffer);
        if (read < datagram.length) checkBuffer(encoder.encode(datagram).length, buffer);
        return written;
      }
      checkBuffer(datagram.length, buffer);
      buffer.set(datagram);
      return datagram.length;
    },
    createDecoder(onDecodeError, onWarning = () => {}) {
      const handler = layout.createFileHandler(onDecodeError, onWarning);
      const onUnended = layout.isOpenEnded ? () => onWarning(unendedWarning) : undefined;
      return new LineStreamDecoder(name, delimiter, onDecodeError, handler, onUnended);
    },
    createEncoder(names) {
      return layout.createFileWriter(names);
    },
    createByteEncoder: layout.createByteEncoder,
  };
}
