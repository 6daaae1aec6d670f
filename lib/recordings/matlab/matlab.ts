/**
 * The format of files `matlab`: variables for MATLAB, Octave and SciPy.
 *
 * @module
 */

import type { Signal } from "../../samples/signals.ts";
import { checkFileOptions } from "../file_options.ts";
import type { FileFormat } from "../file_format.ts";

const name = "matlab";

/** Options of the format `matlab`. */
export interface MatlabOptions {
  /** Writing: the signals; default: those that the first sample has. */
  signals?: readonly Signal[];
}

/**
 * Creates the format `matlab`: MAT-files of level 5, which `load` of MATLAB and Octave and `scipy.io.loadmat` read.
 *
 * Each signal is a column of its name, made valid where it is not a name of MATLAB's. Beside the signals there are `time`
 * (seconds since the first sample), `datenum` (days of MATLAB's calendar), `time_ns` (nanoseconds since 1970, which lose
 * nothing), `sequence` and `received_ns` where the samples have them, and `signal_info`, which says in JSON which variable
 * has which signal, with its unit. Floats, integers (int64), booleans (logical) and complex values keep their types. There is
 * no place for the start of a frame; an unset float is NaN, other unset values are refused.
 *
 * Files of other programs are read, too, compressed ones among them: the numeric variables that have as many rows as the
 * time, which is `time`, `t` or `tout` in seconds. Files of level 7.3 (HDF5) and of level 4 are not read.
 *
 * @param options The signals
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value
 *
 * @see MathWorks, "MAT-File Format", chapter 1 (level 5)
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { matlab } from "@villas/client/recordings";
 *
 * const path = await Deno.makeTempFile({ suffix: ".mat" });
 * {
 *   await using writer = await matlab().create(path, { signals: [{ name: "va", unit: "V", type: "float" }] });
 *   await writer.write([{ tsOrigin: { sec: 5, nsec: 7 }, values: [230.1] }]);
 *   await writer.finish();
 * }
 * const reader = await matlab().open(path);
 * assertEquals(reader.signals, [{ name: "va", unit: "V", type: "float" }]);
 * assertEquals((await Array.fromAsync(reader.batches())).flat(), [{ tsOrigin: { sec: 5, nsec: 7 }, values: [230.1] }]);
 * await Deno.remove(path);
 * ```
 */
export function matlab(options: MatlabOptions = {}): FileFormat & Required<Pick<FileFormat, "create">> {
  checkFileOptions(name, options, {});
  return {
    name,
    isText: false,
    async open(path, reading = {}) {
      const { openMatlab } = await import("./reader.ts");
      return await openMatlab(path, reading);
    },
    async create(path, creating = {}) {
      const { createMatlabWriter } = await import("./writer.ts");
      const signals = creating.signals ?? options.signals;
      return await createMatlabWriter(path, { ...creating, ...signals && { signals } });
    },
  };
}
