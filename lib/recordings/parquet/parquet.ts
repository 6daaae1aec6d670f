/**
 * The format of files `parquet`: tables for data frames and databases.
 *
 * @module
 */

import { oneOf } from "../../formats/options.ts";
import type { Signal } from "../../samples/signals.ts";
import type { FileFormat } from "../file_format.ts";
import { checkFileOptions } from "../file_options.ts";
import { loadPackages } from "../../system/packages.ts";

const name = "parquet";

/** Options of the format `parquet`. */
export interface ParquetOptions {
  /** Writing: the signals; default: those that the first sample has. */
  signals?: readonly Signal[];
  /** Writing: compression of the pages, `"none"` (the default, and the fastest) or `"snappy"`. */
  compression?: "none" | "snappy";
}

/**
 * Creates the format `parquet`: a column for each signal, in row groups of bounded size.
 *
 * Floats are DOUBLE, integers INT64, booleans BOOLEAN; a complex signal has two columns, `.real` and `.imag`. In front of
 * them there are `time` (a timestamp of nanoseconds in UTC), the same as INT64 in `time_ns`, because readers cut nanoseconds
 * in one way or another, and `received_ns` and `sequence` where the first sample has them. Names, units and types are in the
 * metadata, under `villas.signals`. An unset float is NaN, other unset values are refused. A file without samples is not
 * written, because some readers cannot open it.
 *
 * Files of other programs are read, too: their numeric and boolean columns, with the time of the first column of timestamps,
 * or of one named `time`, `t` or `timestamp` in seconds. Pages of delta encodings and nested columns are not read.
 *
 * @param options The signals, and the compression
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value
 *
 * @see https://github.com/apache/parquet-format
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parquet } from "@villas/client/recordings";
 *
 * const path = await Deno.makeTempFile({ suffix: ".parquet" });
 * {
 *   await using writer = await parquet().create(path, { signals: [{ name: "va", unit: "V", type: "float" }] });
 *   await writer.write([{ tsOrigin: { sec: 5, nsec: 7 }, values: [230.1] }]);
 *   await writer.finish();
 * }
 * const reader = await parquet().open(path);
 * assertEquals(reader.signals, [{ name: "va", unit: "V", type: "float" }]);
 * assertEquals((await Array.fromAsync(reader.batches())).flat(), [{ tsOrigin: { sec: 5, nsec: 7 }, values: [230.1] }]);
 * await Deno.remove(path);
 * ```
 */
export function parquet(options: ParquetOptions = {}): FileFormat & Required<Pick<FileFormat, "create">> {
  checkFileOptions(name, options, { compression: oneOf("none", "snappy") });
  const { compression = "none" } = options;
  return {
    name,
    isText: false,
    async open(path, reading = {}) {
      const { openParquet } = await loadPackages(() => import("./reader.ts"));
      return await openParquet(path, reading);
    },
    async create(path, creating = {}) {
      const { createParquetWriter } = await loadPackages(() => import("./writer.ts"));
      const signals = creating.signals ?? options.signals;
      return await createParquetWriter(path, { ...creating, ...signals && { signals } }, compression);
    },
  };
}
