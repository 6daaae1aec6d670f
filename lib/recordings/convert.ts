/**
 * Samples into a file of a format: all that the format can carry, and a word about each that it cannot.
 *
 * @module
 */

import { EncodeError } from "../formats/errors.ts";
import type { Format, StreamEncoder } from "../formats/format.ts";
import type { Sample } from "../samples/sample.ts";

/** What to do with samples that a format cannot carry. */
export interface ConvertOptions {
  /**
   * Called with each sample that the format cannot carry; it is left out. The error's `index` counts from the first
   * sample of the file. It may throw to end the conversion. Default: it throws.
   */
  report?: (error: EncodeError) => void;
  /**
   * Whether text formats return bytes (UTF-8), too, which costs less. Each piece is valid only until the next one is
   * requested. Default: false.
   */
  bytes?: boolean;
}

/**
 * Turns samples into the pieces of a file, as they come.
 *
 * Nothing is kept but what one list of samples becomes, so that a file of any size converts in constant memory.
 *
 * @param samples The samples, such as those of `readSamples` or of a client, some at a time
 * @param format The format of the file
 * @param options What to do with samples that it cannot carry
 * @returns What to append to the file: text for a text format unless `bytes` is set, else bytes
 * @throws {EncodeError} If the format cannot carry a sample and `report` is not given
 *
 * @example A file of JSON becomes one of comma-separated values
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { csv, json } from "@villas/client/formats";
 * import { convert, readSamples } from "@villas/client/recordings";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"ts": {"origin": [1, 5]}, "sequence": 7, "data": [1.5, 2]}\n');
 * let text = "";
 * for await (const piece of convert(readSamples(path, json()), csv({ real_precision: 1 }))) text += piece;
 * assertEquals(text, "# secs,nsecs,offset,sequence,signal0,signal1\n1,000000005,nan,7,1.5,2\n");
 * await Deno.remove(path);
 * ```
 */
export async function* convert(
  samples: AsyncIterable<readonly Sample[]>,
  format: Format,
  options: ConvertOptions = {},
): AsyncGenerator<string | Uint8Array, void, undefined> {
  const { report = raise, bytes = false } = options;
  const encode = bytes ? format.createByteEncoder?.() : undefined;
  const write = createPieceWriter(encode ?? format.createEncoder(), report);
  for await (const list of samples) yield* write(list);
}

function raise(error: EncodeError): never {
  throw error;
}

/**
 * Starts to write a file of what the format can carry.
 *
 * @param format The format of the file
 * @param report Called with each sample that it cannot carry, as {@linkcode ConvertOptions.report}
 * @returns A function that is given all samples, some at a time, and returns the pieces to append to the file for them
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
  report: (error: EncodeError) => void,
): (samples: readonly Sample[]) => (string | Uint8Array)[] {
  const write = createPieceWriter(format.createEncoder(), report);
  return (samples) => [...write(samples)];
}

/**
 * Creates the function that writes what can be written, piece by piece: each may be valid until the next one is asked
 * for.
 */
function createPieceWriter(
  write: StreamEncoder,
  report: (error: EncodeError) => void,
): (samples: readonly Sample[]) => Generator<string | Uint8Array, void, undefined> {
  /** Samples of the lists before, written or not. */
  let count = 0;

  return function* (samples) {
    for (let start = 0; start < samples.length;) {
      // A list is rarely refused, and writing it at once is much faster than one sample after the other.
      const rest = start === 0 ? samples : samples.slice(start);
      try {
        yield write(rest);
        break;
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error;
        if (error.index > 0) yield write(rest.slice(0, error.index));
        start += error.index + 1;
        report(new EncodeError(error.format, error.reason, count + start - 1));
      }
    }
    count += samples.length;
  };
}
