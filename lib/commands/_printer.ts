/**
 * Prints samples on standard output.
 *
 * @module
 */

import type { Format } from "../formats/format.ts";
import { createFormat } from "../formats/table.ts";
import type { Output } from "../output.ts";
import type { Sample } from "../sample.ts";
import type { Signal } from "../signals.ts";

/**
 * Makes what prints samples.
 *
 * @param specification The format to print in, its name or the format itself, or `"none"`
 * @param signals Names of the values, for formats that write them
 * @param output Where to print
 */
export async function createPrinter(
  specification: string | Format,
  signals: readonly Signal[] | undefined,
  output: Output,
): Promise<(samples: readonly Sample[]) => void> {
  if (specification === "none") return () => {};
  const format = await createFormat(specification, signals === undefined ? {} : { signals });
  const write = format.writer();
  return (samples) => output.write(write(samples));
}
