/**
 * VILLASnode's format `value`: one value as text, and nothing else.
 *
 * @module
 */

import type { Sample } from "../samples/sample.ts";
import { checkSample } from "./check.ts";
import type { LineHandler } from "./text/lines.ts";
import { checkOptions } from "./options.ts";
import { createTextFormat } from "./text/text_format.ts";
import { readValue, TextValueError, writeValue } from "./text/text_values.ts";
import { DecodeError, EncodeError } from "./errors.ts";
import type { Format, FormatOptions } from "./format.ts";

const name = "value";

/**
 * Creates the format `value`: a value and a line feed.
 *
 * Only a sample of exactly one value can be written, and only one sample per datagram: VILLASnode turns more into
 * garbage. In files, an unset value is `nan`. Without signals, text of digits only is read as an integer.
 *
 * @param options The signal, and the decimals of a float
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value
 *
 * @see VILLASnode's `lib/formats/value.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { value } from "@villas/client/formats";
 *
 * const format = value({ real_precision: 1 });
 * assertEquals(new TextDecoder().decode(format.encode([{ values: [230.5] }])), "230.5\n");
 * assertEquals(format.decode(new TextEncoder().encode("42\n")), [{ values: [42n] }]);
 * ```
 */
export function value(options: FormatOptions = {}): Format {
  checkOptions(name, options);
  const { signals, real_precision = 17 } = options;

  function write({ values }: Sample, index: number): string {
    if (values.length !== 1) {
      throw new EncodeError(name, `it has ${values.length} values, and the format carries exactly one`, index);
    }
    return `${writeValue(values[0] ?? null, real_precision)}\n`;
  }

  const handler: LineHandler = {
    line(text, number, samples) {
      const trimmed = text.trim();
      if (trimmed === "") return;
      try {
        samples.push({ values: [readValue(trimmed, signals?.[0])] });
      } catch (error) {
        if (!(error instanceof TextValueError)) throw error;
        throw new DecodeError(name, error.message, { line: number, column: text.search(/\S/) + 1 }, { cause: error });
      }
    },
  };

  return createTextFormat({
    name,
    isOpenEnded: true,
    // Without decimals, a float looks like an integer.
    carriesTypes: real_precision > 0,
    createDatagramHandler: () => handler,
    createFileHandler: () => handler,
    writeDatagram(samples) {
      if (samples.length > 1) throw new EncodeError(name, "a datagram of this format holds only one sample", 1);
      return samples.map((sample, index) => {
        checkSample(name, sample, index, signals);
        return write(sample, index);
      }).join("");
    },
    createFileWriter: () => (samples) => samples.map(write).join(""),
  });
}
