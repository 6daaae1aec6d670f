/**
 * VILLASnode's format `iotagent_ul`: names and values for FIWARE's IoT Agent for UltraLight 2.0.
 *
 * @module
 */

import { isComplex, type Sample, type Value } from "../samples/sample.ts";
import { checkSample } from "./check.ts";
import type { LineHandler } from "./text/lines.ts";
import { SignalNames } from "./json/signal_names.ts";
import { checkOptions } from "./options.ts";
import { createTextFormat } from "./text/text_format.ts";
import { readValue, TextValueError, writeValue } from "./text/text_values.ts";
import { DecodeError, EncodeError } from "./errors.ts";
import type { Format, FormatOptions } from "./format.ts";

const name = "iotagent_ul";

/** Decimals of a float, whatever `real_precision` says. */
const decimals = 6;

// After the sixth decimal, or the last digit of an integer, the name of the next sample's first value may follow at
// once.
const pairPattern = /([^|]{1,256})\|([-+]?(?:[0-9]{1,310}(?:\.[0-9]{1,6})?|nan|inf))/y;

/**
 * Creates the format `iotagent_ul`: `NAME|VALUE|NAME|VALUE`, without a line end.
 *
 * A datagram carries one sample; in a file they follow each other without anything in between, as VILLASnode writes
 * them. VILLASnode takes the bits of all values for those of floats; here, integers and booleans are written as whole
 * numbers, and complex values are refused. An unset value is `nan`.
 *
 * VILLASnode does not read this format. Here it can be read back, each value as the signal at its index; line ends
 * between samples are accepted, and names are not compared.
 *
 * @param options The signals, whose names are written
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value, if two signals have the same name, or
 * if a name contains `|`
 *
 * @see VILLASnode's `lib/formats/iotagent_ul.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { iotagentUl } from "@villas/client/formats";
 *
 * const format = iotagentUl({ signals: parseSignals("fi") });
 * const datagram = format.encode([{ values: [230.5, -1n] }]);
 * assertEquals(new TextDecoder().decode(datagram), "signal0|230.500000|signal1|-1");
 * assertEquals(format.decode(datagram), [{ values: [230.5, -1n] }]);
 * ```
 */
export function iotagentUl(options: FormatOptions = {}): Format {
  checkOptions(name, options);
  const { signals } = options;
  const names = new SignalNames(name, signals);
  const divided = signals?.find((signal) => signal.name?.includes("|"));
  if (divided !== undefined) {
    throw new TypeError(`Cannot name the values of format ${name}: "${divided.name}" contains "|"`);
  }

  function write({ values }: Sample, sampleIndex: number): string {
    return values.map((value, index) => {
      if (isComplex(value)) {
        throw new EncodeError(name, `value ${index} is of type complex, which the format cannot carry`, sampleIndex);
      }
      return `${names.at(index)}|${writeValue(value, decimals)}`;
    }).join("|");
  }

  const handler: LineHandler = {
    line(text, number, samples) {
      let values: Value[] = [];
      for (let pos = 0; pos < text.length;) {
        pairPattern.lastIndex = pos;
        const [pair, pairName = "", value = ""] = pairPattern.exec(text) ?? [];
        if (pair === undefined) throw createDecodeError('expected a name, "|" and a value', number, pos);
        try {
          values.push(readValue(value, signals?.[values.length]));
        } catch (error) {
          if (!(error instanceof TextValueError)) throw error;
          throw createDecodeError(error.message, number, pos + pairName.length + 1);
        }
        pos += pair.length;
        if (text.startsWith("|", pos)) {
          if (++pos === text.length) throw createDecodeError('expected a name after the last "|"', number, pos);
        } else {
          samples.push({ values });
          values = [];
        }
      }
    },
  };

  return createTextFormat({
    name,
    carriesTypes: true,
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

function createDecodeError(reason: string, line: number, pos: number): DecodeError {
  return new DecodeError(name, reason, { line, column: pos + 1 });
}
