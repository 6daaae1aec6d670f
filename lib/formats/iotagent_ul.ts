/**
 * VILLASnode's `iotagent_ul` format: names and values, as FIWARE's IoT Agent for UltraLight 2.0 wants them.
 *
 * @module
 */

import { isComplex, type Sample, type Value } from "../samples/sample.ts";
import { checkSample } from "./check.ts";
import type { LineHandler } from "./text/lines.ts";
import { SignalNames } from "./json/names.ts";
import { checkOptions } from "./options.ts";
import { createTextFormat } from "./text/text.ts";
import { readValue, TextValueError, writeValue } from "./text/text_values.ts";
import { DecodeError, EncodeError } from "./errors.ts";
import type { Format, FormatOptions } from "./format.ts";

const name = "iotagent_ul";

/** Digits of a float behind the point, whatever `real_precision` says. */
const decimals = 6;

// Behind the sixth decimal, or the last digit of an integer, the name of the next sample's first value may follow at once.
const pairPattern = /([^|]{1,256})\|([-+]?(?:[0-9]{1,310}(?:\.[0-9]{1,6})?|nan|inf))/y;

/**
 * Makes the format `iotagent_ul`: `NAME|VALUE|NAME|VALUE`, without a line end.
 *
 * A datagram carries one sample; in a file they follow each other without anything in between, as VILLASnode writes
 * them. It takes the bits of all values for those of floats: here integers and booleans are written as whole numbers, and
 * complex values are refused. A value that is not set is `nan`.
 *
 * VILLASnode does not read this format. Here it is read back, each value by the signal at its place, and line ends between
 * samples are taken; names are not compared.
 *
 * @param options The signals, whose names are written
 * @returns The format
 * @throws {TypeError} If two signals have the same name, or one has a `|` in it
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
    throw new TypeError(`Cannot name the values of format ${name}: "${divided.name}" has a "|" in it`);
  }

  function write({ values }: Sample, sampleIndex: number): string {
    return values.map((value, index) => {
      if (isComplex(value)) {
        throw new EncodeError(name, `value ${index} is complex, which it cannot carry`, sampleIndex);
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
        if (pair === undefined) throw fault("expected a name and a value with a | between them", number, pos);
        try {
          values.push(readValue(value, signals?.[values.length]));
        } catch (error) {
          if (!(error instanceof TextValueError)) throw error;
          throw fault(error.message, number, pos + pairName.length + 1);
        }
        pos += pair.length;
        if (text.startsWith("|", pos)) {
          if (++pos === text.length) throw fault("expected a name behind the last |", number, pos);
        } else {
          samples.push({ values });
          values = [];
        }
      }
    },
  };

  return createTextFormat({
    name,
    createDatagramHandler: () => handler,
    createFileHandler: () => handler,
    writeDatagram(samples) {
      if (samples.length > 1) throw new EncodeError(name, "a datagram carries only one", 1);
      return samples.map((sample, index) => {
        checkSample(name, sample, index, signals);
        return write(sample, index);
      }).join("");
    },
    fileWriter: () => (samples) => samples.map(write).join(""),
  });
}

function fault(why: string, line: number, pos: number): DecodeError {
  return new DecodeError(name, why, { line, column: pos + 1 });
}
