/**
 * Samples on standard output or in a file.
 *
 * @module
 */

import { EncodeError } from "../../formats/errors.ts";
import type { Format, FormatOptions } from "../../formats/format.ts";
import type { Output } from "../../system/output.ts";
import type { Sample } from "../../samples/sample.ts";
import { InputError } from "../../system/input_error.ts";
import type { Log } from "../../terminal/log.ts";
import { createFormatOf, type NamedFormat } from "./options.ts";

/** Prints samples. */
export interface Printer {
  /** The format; undefined if nothing is printed. */
  readonly format: Format | undefined;
  /** Number of samples that were printed. */
  readonly printed: number;
  /** Number of samples that the format cannot carry. */
  readonly refused: number;
  /** Prints samples. */
  print(samples: readonly Sample[]): void;
  /** Writes the warnings that were held back. */
  flushLogs(): void;
}

/**
 * Chooses the format to print in.
 *
 * @param specification The format, or one of the name `"none"`
 * @param defaults Options of the format that the specification does not name, such as the signals
 * @param target Reasons against a binary format: it would go to a terminal, or the figures would follow it
 * @throws {InputError} If there is no such format, or it cannot be printed there
 */
export async function choosePrintFormat(
  specification: NamedFormat,
  defaults: FormatOptions,
  target: { isTerminal: boolean; hasStats?: boolean },
): Promise<Format | undefined> {
  if (specification.type === "none") return undefined;
  const format = await createFormatOf("print", specification, defaults);
  if (!format.isText && target.isTerminal) {
    throw new InputError(`Cannot print ${format.name} on a terminal: it is binary; write it to a file or a pipe`);
  }
  if (!format.isText && target.hasStats) {
    throw new InputError(`Cannot print figures after ${format.name}: it is binary; give --stats=FILE`);
  }
  return format;
}

/**
 * Creates a printer. Samples that the format cannot carry are skipped, counted, and reported as warnings.
 *
 * @param format The format to print in, if anything is to be printed
 * @param output The writer to print to
 * @param log The log for warnings
 */
export function createPrinter(format: Format | undefined, output: Pick<Output, "write">, log: Log): Printer {
  const warnings = log.throttled("warning");
  const write = format?.createByteEncoder?.() ?? format?.createEncoder();
  let printed = 0;
  let refused = 0;

  function printOne(samples: readonly Sample[]): void {
    if (write === undefined) return;
    try {
      output.write(write(samples));
      printed += samples.length;
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      if (samples.length > 1) {
        // Some of them can be printed.
        for (const sample of samples) printOne([sample]);
        return;
      }
      refused++;
      warnings.log(`${error.message}; it is not printed`);
    }
  }

  return {
    format,
    get printed() {
      return printed;
    },
    get refused() {
      return refused;
    },
    print: printOne,
    flushLogs: () => warnings.flush(),
  };
}
