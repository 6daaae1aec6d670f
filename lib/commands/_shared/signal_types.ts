/**
 * Types and names of generated signals: what a node or a PMU is to make of the floats that waveforms are.
 *
 * @module
 */

import { type GeneratedSignal, toSignalList } from "../../generators/waveform.ts";
import type { Sample } from "../../samples/sample.ts";
import type { Signal, SignalType } from "../../samples/signals.ts";
import { castFloat } from "../../samples/value_types.ts";
import type { Session } from "../../terminal/command.ts";
import type { NamedFormat } from "./options.ts";
import type { SignalValues } from "./signal_options.ts";
import { checkNumber } from "./signal_checks.ts";
import { directionsOf, sentSignals } from "./signals.ts";

/** Describes the stream of a PMU that has the generated signals: their names, their types and their rate. */
export function servedStream(
  format: NamedFormat,
  values: SignalValues,
  generated: readonly GeneratedSignal[],
  types: readonly SignalType[],
) {
  const given = sentSignals(directionsOf(values));
  const out = toSignalList(generated).map((signal, index): Signal => {
    const { name = signal.name, unit } = generated[index]?.name === undefined ? given?.[index] ?? {} : {};
    const shownUnit = signal.unit ?? unit;
    return {
      ...name === undefined ? {} : { name },
      ...shownUnit === undefined ? {} : { unit: shownUnit },
      type: types[index] ?? signal.type,
    };
  });
  return { format: { data_rate: values.rate, ...format }, signals: { out } };
}

/** Returns the types of the values: floats, unless the options say what the node has. */
export function typesOf(values: SignalValues, count: number, { nameOf }: Session): readonly SignalType[] {
  const signals = directionsOf(values, nameOf);
  const list = sentSignals(signals);
  if (values.remote !== undefined) checkNumber(values.format?.type ?? "protobuf", count, signals);
  return Array.from({ length: count }, (_, index) => list?.[index]?.type ?? "float");
}

/** Casts the generated floats to the types of the node's signals, as VILLASnode's `cast` hook does. */
export function castTo(types: readonly SignalType[], sampleOf: (step: number) => Sample): (step: number) => Sample {
  if (types.every((type) => type === "float")) return sampleOf;
  return (step) => {
    const sample = sampleOf(step);
    return {
      ...sample,
      values: sample.values.map((value, index) => castFloat(Number(value), types[index] ?? "float")),
    };
  };
}
