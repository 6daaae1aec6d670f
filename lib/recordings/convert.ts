/**
 * Converts samples into a file of a format: all that the format can carry, and an error for each that it cannot.
 *
 * @module
 */

import { EncodeError } from "../formats/errors.ts";
import type { Format, StreamEncoder } from "../formats/format.ts";
import type { Sample } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import type { FileFormat } from "./file_format.ts";

/** Options of converting samples. */
export interface ConvertOptions {
  /**
   * Called with each sample that the format cannot carry; it is left out. The error's `index` counts from the first
   * sample of the file. It may throw to end the conversion. Default: it throws.
   */
  onEncodeError?: (error: EncodeError) => void;
  /**
   * Returns bytes (UTF-8) for text formats, too, which costs less. Each piece is valid only until the next one is
   * requested. Default: false.
   */
  bytes?: boolean;
}

/**
 * Converts samples into the pieces of a file, as they arrive.
 *
 * It keeps no more than the piece of one batch, so that a file of any size converts in constant memory.
 *
 * @param batches The samples in batches, such as those of `readBatches` or of a client
 * @param format The format of the file
 * @param options What to do with samples that it cannot carry
 * @returns The pieces to append to the file: text for a text format unless `bytes` is set, else bytes
 * @throws {EncodeError} If the format cannot carry a sample and `onEncodeError` is not given
 *
 * @example Convert a file of JSON to comma-separated values
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { csv, json } from "@villas/client/formats";
 * import { convert, readBatches } from "@villas/client/recordings";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"ts": {"origin": [1, 5]}, "sequence": 7, "data": [1.5, 2]}\n');
 * let text = "";
 * for await (const piece of convert(readBatches(path, json()), csv({ real_precision: 1 }))) text += piece;
 * assertEquals(text, "# secs,nsecs,offset,sequence,signal0,signal1\n1,000000005,nan,7,1.5,2\n");
 * await Deno.remove(path);
 * ```
 */
export async function* convert(
  batches: AsyncIterable<readonly Sample[]>,
  format: Format,
  options: ConvertOptions = {},
): AsyncGenerator<string | Uint8Array, void, undefined> {
  const { onEncodeError = raise, bytes = false } = options;
  const encode = bytes ? format.createByteEncoder?.() : undefined;
  const write = createPieceWriter(encode ?? format.createEncoder(), onEncodeError);
  for await (const samples of batches) yield* write(samples);
}

function raise(error: EncodeError): never {
  throw error;
}

/**
 * Starts a file of the samples that the format can carry.
 *
 * @param format The format of the file
 * @param onEncodeError Called with each sample that it cannot carry, as {@linkcode ConvertOptions.onEncodeError}
 * @returns A function that takes the samples in batches, and returns the pieces to append to the file for a batch
 *
 * @example A complex value has no place in VILLASnode's binary messages
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { villasBinary } from "@villas/client/formats";
 * import { createTolerantWriter } from "@villas/client/recordings";
 *
 * const messages: string[] = [];
 * const write = createTolerantWriter(villasBinary(), ({ message }) => messages.push(message));
 * const pieces = write([{ values: [1] }, { values: [{ real: 1, imag: 2 }] }, { values: [3] }]);
 * assertEquals(pieces.map(({ length }) => length), [20, 20]);
 * assertEquals(messages, [
 *   "Cannot encode sample 1 as villas.binary: value 0 is of type complex, which the format cannot carry",
 * ]);
 * ```
 */
export function createTolerantWriter(
  format: Format,
  onEncodeError: (error: EncodeError) => void,
): (samples: readonly Sample[]) => (string | Uint8Array)[] {
  const write = createPieceWriter(format.createEncoder(), onEncodeError);
  return (samples) => [...write(samples)];
}

/**
 * Creates the function that writes what can be written, piece by piece: each may be valid until the next one is asked
 * for.
 */
export function createPieceWriter(
  write: StreamEncoder,
  onEncodeError: (error: EncodeError) => void,
): (samples: readonly Sample[]) => Generator<string | Uint8Array, void, undefined> {
  /** Number of samples in the batches before, written or not. */
  let count = 0;

  return function* (samples) {
    for (let start = 0; start < samples.length;) {
      // A batch is rarely refused, and writing it at once is much faster than sample by sample.
      const rest = start === 0 ? samples : samples.slice(start);
      try {
        yield write(rest);
        break;
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error;
        if (error.index > 0) yield write(rest.slice(0, error.index));
        start += error.index + 1;
        onEncodeError(new EncodeError(error.format, error.reason, count + start - 1));
      }
    }
    count += samples.length;
  };
}

/** Formats whose values are 32 or 64 bits that may be those of a float or of an integer. */
const bitFormats: readonly string[] = ["gtnet", "raw", "villas.binary", "villas.web"];

/** Text formats in which digits alone may be a float without a fraction, or an integer. */
export const untypedTextFormats: readonly string[] = ["csv", "iotagent_ul", "tsv", "value", "villas.human"];

/**
 * Creates the step between reading one format and writing another that keeps the meaning of every number where no signals
 * give the types of the values:
 *
 * | from | to | step |
 * |---|---|---|
 * | `raw`, `gtnet`, `villas.binary`, `villas.web` | any | refused: the same bits are one number as a float and another as an integer |
 * | `csv`, `tsv`, `villas.human`, `value`, `iotagent_ul` | `raw`, `gtnet`, `villas.binary`, `villas.web`, `influx`, files of other tools | whole numbers become floats, as in VILLASnode's converter |
 * | any other | any | none: the values have types, or are floats in any case (`opal.asyncip`) |
 *
 * @param from The format that is read
 * @param to The format that is written
 * @param signals The signals that both formats were created with, if any: with them, there is nothing to do
 * @returns A function that takes a batch of samples and returns it, with the values changed where that is needed
 * @throws {TypeError} If the format that is read cannot be converted without signals
 *
 * @see VILLASnode, `src/villas-convert.cpp` (64 floats by default), `lib/formats/villas_binary.cpp`, `lib/formats/raw.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { csv, json, villasBinary } from "@villas/client/formats";
 * import { createValueConverter } from "@villas/client/recordings";
 *
 * assertThrows(() => createValueConverter(villasBinary(), csv()), TypeError, "without signals");
 * const convertValues = createValueConverter(csv(), villasBinary());
 * assertEquals(convertValues([{ values: [1n, 2.5] }]), [{ values: [1, 2.5] }]);
 * assertEquals(createValueConverter(csv(), json())([{ values: [1n, 2.5] }]), [{ values: [1n, 2.5] }]);
 * ```
 */
export function createValueConverter(
  from: Pick<Format, "name">,
  to: Format | FileFormat,
  signals?: readonly Signal[],
): (samples: Sample[]) => Sample[] {
  if (signals !== undefined) return (samples) => samples;
  if (bitFormats.includes(from.name)) {
    throw new TypeError(
      `Cannot convert from ${from.name} without signals: its values do not say whether they are floats or integers`,
    );
  }
  const isCast = untypedTextFormats.includes(from.name) && takesOneType(to);
  if (!isCast) return (samples) => samples;
  return (samples) => {
    castWholeNumbers(samples);
    return samples;
  };
}

/**
 * Returns whether all values of a signal need the same type, as bits, columns and fields of InfluxDB do; text of `1` may well
 * be a float then.
 */
function takesOneType(to: Format | FileFormat): boolean {
  const stream = "decode" in to ? to : to.stream;
  return stream === undefined || stream.name === "influx" || (bitFormats.includes(stream.name) && takesFloats(stream));
}

/** Returns whether a format has room for floats: words of 8 and 16 bits have none. */
function takesFloats(format: Format): boolean {
  try {
    format.encode([{ values: [0.5] }]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Casts integers to floats, in place, as VILLASnode's tools read them without signals: `1` in a file of text may well be a
 * float. An integer that a float cannot hold exactly stays as it is.
 *
 * @param samples The samples, whose values are replaced
 * @returns Whether any value was cast
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { castWholeNumbers } from "@villas/client/recordings";
 *
 * const samples = [{ values: [1n, 2n ** 53n + 1n, true] }];
 * assertEquals([castWholeNumbers(samples), samples], [true, [{ values: [1, 2n ** 53n + 1n, true] }]]);
 * ```
 */
export function castWholeNumbers(samples: readonly Sample[]): boolean {
  let isCast = false;
  for (const { values } of samples) {
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      if (typeof value !== "bigint" || BigInt(Number(value)) !== value) continue;
      values[index] = Number(value);
      isCast = true;
    }
  }
  return isCast;
}
