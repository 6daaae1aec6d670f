/**
 * Checks of what a command sends or receives against the signals of its link, before anything is sent or awaited.
 *
 * @module
 */

import { autoOptions } from "../../client/auto_format.ts";
import { createGuard, UnfitSampleError } from "../../client/guard.ts";
import { EncodeError } from "../../formats/errors.ts";
import { createFormat, type FormatSpecification } from "../../formats/table.ts";
import type { LinkSignals } from "../../samples/directions.ts";
import type { Sample, Value } from "../../samples/sample.ts";
import { defaultSignalCount, formatSignals, type Signal, type SignalType } from "../../samples/signals.ts";
import { parseValues } from "../../samples/values.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import { sentSignals } from "./signals.ts";

/**
 * Checks that there is such a format and that it carries the signals; one that is detected shows that later.
 *
 * @throws {InputError} If it is not so
 */
export async function checkFormat(specification: FormatSpecification, signals: LinkSignals): Promise<void> {
  if (await readInput(() => autoOptions(specification)) !== undefined) return;
  await readInput(() => createFormat(specification));
  await checkCapacity(specification, signals);
}

/**
 * Checks that a format carries samples of the signals that are given, before anything is sent or awaited.
 *
 * @throws {InputError} If it does not
 */
export async function checkCapacity(specification: FormatSpecification, signals: LinkSignals): Promise<void> {
  const lists = [["receive", signals.in], ["send", sentSignals(signals)]] as const;
  for (const [verb, list] of lists) {
    if (list === undefined) continue;
    const format = await readInput(() => createFormat(specification, { signals: list }));
    try {
      const { length } = format.encode([createSample(list)]);
      if (length > 65_507) throw new EncodeError(format.name, `it is ${length} bytes long; UDP carries 65507`, 0);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      const what = formatSignals(list);
      throw new InputError(`Cannot ${verb} signals ${what} as ${format.name}: ${error.reason}`, { cause: error });
    }
  }
}

const someValues: Readonly<Record<SignalType, Value>> = {
  float: 1.5,
  integer: 1n,
  boolean: true,
  complex: { real: 1.5, imag: 0.5 },
};

function createSample(signals: readonly Signal[]): Sample {
  return { sequence: 1n, tsOrigin: { sec: 1, nsec: 1 }, values: signals.map(({ type }) => someValues[type]) };
}

/**
 * Describes a sample that was not sent, and names the option that would let it pass.
 *
 * @param error The reason
 */
export function describeUnsent(error: Error): string {
  if (!(error instanceof UnfitSampleError) || !error.isDefault) return error.message;
  const { index, mismatch, fittingSignals } = error;
  return `Cannot send sample ${index}: ${mismatch}; a VILLASnode accepts up to 64 floats unless its in.signals says ` +
    `otherwise: give --signals ${fittingSignals} if it does, or --signals any to send samples unchecked`;
}

/**
 * Rejects values that a command would send again and again, before it begins.
 *
 * @param format Name of the format of the datagrams
 * @param values Values of each sample
 * @param signals Signals of the link
 * @throws {Error} If the receiver would not survive them; the message names the option that would let them pass
 */
export function checkUnsent(format: string, values: readonly Value[], { out }: LinkSignals): void {
  try {
    createGuard(format, out)?.([{ values: [...values] }]);
  } catch (error) {
    throw error instanceof UnfitSampleError ? new Error(describeUnsent(error), { cause: error }) : error;
  }
}

/**
 * Reads values that a command would send again and again, and rejects those that the node would not survive.
 *
 * @param text Values separated by commas, such as `"230.1,7i"`
 * @param format Name of the format of the datagrams
 * @param signals Signals of the link
 * @throws {InputError} If they cannot be parsed, or do not fit the signals that are given
 * @throws {Error} If the receiver would not survive them
 */
export async function readSentValues(text: string, format: string, signals: LinkSignals): Promise<Value[]> {
  const values = await readInput(() => parseValues(text, sentSignals(signals)));
  checkUnsent(format, values, signals);
  return values;
}

/**
 * Rejects a number of values that the receiver does not accept, before a command sends any.
 *
 * @param format Name of the format of the datagrams
 * @param count Number of values of each sample, all of them of the types that the signals have
 * @param signals Signals of the link
 * @throws {InputError} If it exceeds the signals that are given
 * @throws {Error} If it exceeds what a VILLASnode accepts by default; the message names the option that would let them pass
 */
export function checkNumber(format: string, count: number, signals: LinkSignals): void {
  const list = sentSignals(signals);
  if (list !== undefined && count > list.length) {
    throw new InputError(`Cannot send ${count} values: ${list.length} signals are given`);
  }
  if (list !== undefined || count <= defaultSignalCount || createGuard(format, signals.out) === undefined) return;
  throw new Error(
    `Cannot send ${count} values: a VILLASnode accepts up to ${defaultSignalCount} floats unless its in.signals says ` +
      `otherwise: give --signals ${count}f if it does, or --signals any to send samples unchecked`,
  );
}
