/**
 * Samples for files that have one column for each signal: their types and number do not change from sample to sample.
 *
 * @module
 */

import { EncodeError } from "../formats/errors.ts";
import type { Sample, Value } from "../samples/sample.ts";
import type { Signal, SignalType } from "../samples/signals.ts";
import { typeOfValue } from "../samples/value_types.ts";
import { plural } from "../system/text.ts";

/** Returns the signals that a first sample has, with names if there are any; unset values are taken for floats. */
export function signalsOfSample({ values }: Pick<Sample, "values">, names: readonly string[] = []): Signal[] {
  return values.map((value, index) => {
    const type = typeOfValue(value);
    const name = names[index];
    return { ...name && { name }, type: type === "invalid" ? "float" : type };
  });
}

/**
 * Checks samples against the columns of a file.
 *
 * A float that is unset or missing becomes NaN; a value of another type has no such place, and is refused.
 *
 * @param format Name of the format, for errors
 * @param samples The samples
 * @param signals The columns
 * @param refuse Finds a reason why the format cannot carry a value, besides its type
 * @throws {EncodeError} If a sample does not fit
 */
export function checkColumns(
  format: string,
  samples: readonly Sample[],
  signals: readonly Signal[],
  refuse?: (value: Value, type: SignalType) => string | undefined,
): void {
  for (const [index, sample] of samples.entries()) {
    const { values, type } = sample;
    if (type !== undefined) throw new EncodeError(format, `it is a ${type} mark, not data`, index);
    if (values.length > signals.length) {
      throw new EncodeError(
        format,
        `it has ${plural(values.length, "value")}, and the file ${plural(signals.length, "column")}`,
        index,
      );
    }
    for (let i = 0; i < signals.length; i++) {
      const value = values[i] ?? null;
      const wanted = signals[i]?.type ?? "float";
      const found = typeOfValue(value);
      if (found !== wanted && !(found === "invalid" && wanted === "float")) {
        const what = found === "invalid" ? "not set" : `of type ${found}`;
        throw new EncodeError(format, `value ${i} is ${what}, its column of type ${wanted}`, index);
      }
      const reason = refuse?.(value, wanted);
      if (reason !== undefined) throw new EncodeError(format, `value ${i} ${reason}`, index);
    }
  }
}
