/**
 * Samples on standard output or in a file.
 *
 * @module
 */

import { EncodeError } from "../../formats/errors.ts";
import type { Format, FormatOptions } from "../../formats/format.ts";
import { createFormat } from "../../formats/table.ts";
import type { Output } from "../../system/output.ts";
import type { Sample } from "../../samples/sample.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import type { Log } from "../../terminal/log.ts";
import { createFileFormat, toolFormatNames } from "../../recordings/file_formats.ts";
import type { NamedFormat } from "./options.ts";
import { describeOmissions } from "./omissions.ts";
import type { TableOptions } from "./sample_table.ts";

/** A format to print in: one of VILLASnode's, or the table. */
export interface PrintFormat
  extends Pick<Format, "name" | "isText" | "createEncoder" | "createByteEncoder" | "omitted"> {
  /** True if what is encoded is the journal of a file that is written at the end. */
  readonly isJournal?: boolean;
}

/** Prints samples. */
export interface Printer {
  /** The format; undefined if nothing is printed. */
  readonly format: PrintFormat | undefined;
  /** Number of samples that were printed. */
  readonly printed: number;
  /** Number of samples that the format cannot carry. */
  readonly refused: number;
  /** Prints samples. */
  print(samples: readonly Sample[]): void;
  /** Writes the warnings that were held back. */
  flushLogs(): void;
}

/** Where samples are printed, and what only a table has. */
export interface PrintTarget extends Pick<TableOptions, "time" | "indices"> {
  /** True if they go to a terminal: not in a binary format, and a table fits its width. */
  readonly isTerminal: boolean;
  /** True if the figures follow them: not after a binary format. */
  readonly hasStats?: boolean;
  /** True if they go to a file with a path of its own: only there can they be files of other tools. */
  readonly isFile?: boolean;
  /** Beginning of the messages on what is wrong with the format; default `"Cannot use --print"`. */
  readonly place?: string;
}

const defaultPlace = "Cannot use --print";

/**
 * Chooses the format to print in.
 *
 * @param specification The format, or one of the name `"none"` or `"table"`
 * @param defaults Options of the format that the specification does not name, such as the signals
 * @param target Where it is printed
 * @throws {InputError} If there is no such format, or it cannot be printed there
 */
export async function choosePrintFormat(
  specification: NamedFormat,
  defaults: FormatOptions,
  target: PrintTarget,
): Promise<PrintFormat | undefined> {
  if (specification.type === "none") return undefined;
  if (specification.type === "table") return await createTable(specification, defaults, target);
  if (toolFormatNames.includes(specification.type)) return await createJournalFormat(specification, defaults, target);
  const { place = defaultPlace } = target;
  const format = await readInput(() => createFormat(specification, defaults), place);
  if (!format.isText && target.isTerminal) {
    throw new InputError(`Cannot print ${format.name} on a terminal: it is binary; write it to a file or a pipe`);
  }
  if (!format.isText && target.hasStats) {
    throw new InputError(`Cannot print figures after ${format.name}: it is binary; give --stats=FILE`);
  }
  return format;
}

/** Creates the format of the journal of a file of another tool, which is complete only when it is closed. */
async function createJournalFormat(
  specification: NamedFormat,
  defaults: FormatOptions,
  { isFile = false, place = defaultPlace }: PrintTarget,
): Promise<PrintFormat> {
  const { name, create } = await readInput(() => createFileFormat(specification, defaults), place);
  if (create === undefined) throw new InputError(`Cannot write ${name}: it is only read`);
  if (!isFile) {
    const advice = place === defaultPlace ? "give --output FILE" : "give the path of a file";
    throw new InputError(`Cannot print ${name}: it is a file of its own; ${advice}`);
  }
  const { createJournalEncoder } = await import("../../recordings/journal.ts");
  const head = { format: specification, signals: defaults.signals };
  return { name, isText: false, isJournal: true, createEncoder: () => createJournalEncoder(head) };
}

async function createTable(
  { type: name, real_precision: digits, ...others }: NamedFormat,
  { signals }: FormatOptions,
  { isTerminal, time, indices }: PrintTarget,
): Promise<PrintFormat> {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new InputError(`Cannot set option "${unknown}" of a table: it has real_precision`);
  if (digits !== undefined && !isDecimals(digits)) {
    throw new InputError("Cannot set real_precision of a table: expected a whole number from 0 to 31");
  }
  const { createTableWriter } = await import("./sample_table.ts");
  const options = { signals, indices, digits, time, ...isTerminal && { measure: measureTerminal } };
  return { name, isText: true, createEncoder: () => createTableWriter(options) };
}

function isDecimals(digits: unknown): digits is number {
  return typeof digits === "number" && Number.isInteger(digits) && digits >= 0 && digits <= 31;
}

/** Returns the size of the terminal; undefined if nobody has given it one. */
function measureTerminal() {
  try {
    const size = Deno.consoleSize();
    return size.columns === 0 ? undefined : size;
  } catch {
    return undefined;
  }
}

/**
 * Creates a printer. Samples that the format cannot carry are skipped, counted, and reported as warnings.
 *
 * @param format The format to print in, if anything is to be printed
 * @param output The writer to print to
 * @param log The log for warnings
 * @param reduce Returns what is to be printed of samples; default: all of them
 */
export function createPrinter(
  format: PrintFormat | undefined,
  output: Pick<Output, "write">,
  log: Log,
  reduce: (samples: readonly Sample[]) => readonly Sample[] = (samples) => samples,
): Printer {
  const warnings = log.throttled("warning");
  const write = format?.createByteEncoder?.() ?? format?.createEncoder();
  let printed = 0;
  let refused = 0;
  let hasOmitted = false;

  /** Says once that values are left out; how many of them, is said in the end. */
  function reportOmissions({ name, omitted }: PrintFormat): void {
    const [reason] = omitted?.keys() ?? [];
    if (reason === undefined || hasOmitted) return;
    hasOmitted = true;
    log.warning(`A value is ${reason}, which ${name} has no place for: such values are left out`);
  }

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
    print(samples) {
      const chosen = reduce(samples);
      if (chosen.length > 0) printOne(chosen);
      if (format?.omitted !== undefined) reportOmissions(format);
    },
    flushLogs() {
      warnings.flush();
      const omission = format && describeOmissions(format);
      if (omission !== undefined) log.warning(omission);
    },
  };
}
