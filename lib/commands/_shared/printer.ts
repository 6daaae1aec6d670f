/**
 * Prints samples on standard output or into a file.
 *
 * @module
 */

import { EncodeError } from "../../formats/errors.ts";
import type { Format, FormatOptions } from "../../formats/format.ts";
import type { Output } from "../../system/output.ts";
import type { Sample } from "../../samples/sample.ts";
import { UsageError } from "../../terminal/command.ts";
import { createFormatOf } from "./format.ts";
import type { Log } from "../../terminal/log.ts";

/** Prints samples. */
export interface Printer {
  /** The format; undefined where nothing is printed. */
  readonly format: Format | undefined;
  /** Number of samples that were printed. */
  readonly printed: number;
  /** Number of samples that the format cannot carry. */
  readonly refused: number;
  /** Prints some. */
  print(samples: readonly Sample[]): void;
  /** Says what is held back of messages about what cannot be printed. */
  endMessages(): void;
}

/**
 * Chooses what to print in.
 *
 * @param specification The format, or `"none"`
 * @param defaults Options of the format that the specification does not name, such as the signals
 * @param target What stands against a binary format: that a terminal shows it, or that the figures follow behind it
 * @throws {UsageError} If there is no such format, or it cannot be printed there
 */
export async function choosePrintFormat(
  specification: string,
  defaults: FormatOptions,
  target: { isTerminal: boolean; hasStats?: boolean },
): Promise<Format | undefined> {
  if (specification === "none") return undefined;
  const format = await createFormatOf("print", specification, defaults);
  if (!format.isText && target.isTerminal) {
    throw new UsageError(`Cannot print ${format.name} on a terminal, as it is binary: write it to a file or a pipe`);
  }
  if (!format.isText && target.hasStats) {
    throw new UsageError(`Cannot print figures behind ${format.name}, as it is binary: give --stats=FILE`);
  }
  return format;
}

/**
 * Makes what prints samples. What the format cannot carry is left out, counted, and reported as a warning.
 *
 * @param format The format to print in, if anything is to be printed
 * @param output Where to print
 * @param log Where to say what cannot be printed
 */
export function createPrinter(format: Format | undefined, output: Pick<Output, "write">, log: Log): Printer {
  const warnings = log.limited("warning");
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
      warnings.say(`${error.message}; it is not printed`);
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
    endMessages: () => warnings.end(),
  };
}
