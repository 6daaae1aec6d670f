/**
 * Streams of synchrophasors on the command line: options of a PDC, and what a PMU needs to be told.
 *
 * @module
 */

import { InputError } from "../../system/input_error.ts";
import { file, flag } from "../../terminal/option.ts";
import type { Address } from "../../transports/address.ts";
import type { LinkSignals } from "../../samples/directions.ts";
import type { NamedFormat } from "./options.ts";

/** Options of a command that reads frames. */
export const pdcOptions = {
  "stat-signals": flag({
    help: "add the status of each PMU (STAT) as an integer behind its other values (c37.118)",
  }),
  "station-names": flag({
    help: "begin names of signals with the name of the station instead of pmu0_, pmu1_, ... (c37.118)",
  }),
};

/** Recording of the true values. */
export const referenceOption = file("FILE", {
  help:
    "compare what arrives with the true values in this recording, by time and order of the values: total vector error of " +
    "phasors (TVE), errors of frequency (FE) and its rate of change (RFE)",
}, "read");

/** Values of the options of a PDC. */
interface PdcValues {
  readonly "stat-signals": boolean;
  readonly "station-names": boolean;
}

/**
 * Adds the options of a PDC to a format.
 *
 * @param values Values of the options
 * @param format The format
 * @throws {InputError} If the format is another one than `c37.118`
 */
export function withPdcOptions(values: PdcValues, format: NamedFormat): NamedFormat {
  const { "stat-signals": hasStatus, "station-names": hasStations } = values;
  if (!hasStatus && !hasStations) return format;
  if (format.type !== "c37.118") {
    const option = hasStatus ? "stat-signals" : "station-names";
    throw new InputError(`Cannot use --${option} with the format ${format.type}: only c37.118 has it`);
  }
  return {
    ...format,
    ...hasStatus ? { stat_signals: true } : {},
    ...hasStations ? { names: "station" } : {},
  };
}

/**
 * Checks that a PMU is told what it serves: PDCs ask for that before the first sample.
 *
 * @param destination The address that samples are sent to
 * @param format The format, which may describe the PMUs
 * @param signals Signals of the link
 * @throws {InputError} If it is not
 */
export function checkServedSignals(destination: Address | undefined, format: NamedFormat, { out }: LinkSignals): void {
  if (destination?.transport !== "c37.118" || format.pmus !== undefined) return;
  if (out !== undefined && out !== "any") return;
  throw new InputError(
    "Cannot be a PMU of unknown signals: give --signals with their names and types, such as " +
      '[{"name": "va", "type": "complex"}, {"name": "frequency"}]',
  );
}
