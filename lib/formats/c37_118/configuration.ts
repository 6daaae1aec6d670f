/**
 * The configuration of a stream of synchrophasors: what a PMU or a PDC says of the data that it sends.
 *
 * @module
 */

import type { Signal } from "../../samples/signals.ts";

/** The configuration of a stream. */
export interface Configuration {
  /** Identifier of the stream; each PMU has its own besides. */
  readonly idcode: number;
  /** Units of a fraction of a second, TIME_BASE without its flags, 1 to 16,777,215. */
  readonly timeBase: number;
  /** The upper 8 bits of TIME_BASE, which are reserved. A VILLASnode takes them for a part of the number; default 0. */
  readonly timeBaseFlags?: number;
  /** Frames per second if it is positive, seconds per frame if it is negative; see {@linkcode framesPerSecond}. */
  readonly dataRate: number;
  /** The PMUs whose data is in each frame, in its order. */
  readonly pmus: readonly PmuConfiguration[];
}

/** The configuration of one PMU of a stream. */
export interface PmuConfiguration {
  /** Name of the station. */
  readonly station: string;
  /** Identifier of the PMU. */
  readonly idcode: number;
  /** Formats of the numbers in its data. */
  readonly numbers: NumberFormats;
  /** The phasors. */
  readonly phasors: readonly PhasorChannel[];
  /** The analogue values. */
  readonly analogs: readonly AnalogChannel[];
  /** The words of 16 digital values. */
  readonly digitals: readonly DigitalWord[];
  /** Nominal frequency of the line, in Hz. */
  readonly nominalFrequency: 50 | 60;
  /** Counter of changes of the configuration, 0 to 65,535. */
  readonly changeCount: number;
  /** What only configuration 3 says; undefined in the others. */
  readonly details?: PmuDetails | undefined;
}

/** Formats of the numbers in the data of a PMU: FORMAT. */
export interface NumberFormats {
  /** True if phasors are magnitude and angle, false if they are real and imaginary part. */
  readonly isPolar: boolean;
  /** True if phasors are float32, false if they are 16-bit integers to be scaled. */
  readonly hasFloatPhasors: boolean;
  /** True if analogue values are float32, false if they are 16-bit integers to be scaled. */
  readonly hasFloatAnalogs: boolean;
  /** True if frequency and ROCOF are float32, false if they are 16-bit integers. */
  readonly hasFloatFrequency: boolean;
}

/** A phasor. */
export interface PhasorChannel {
  /** Name: 16 bytes in configurations 1 and 2, 255 bytes in configuration 3. */
  readonly name: string;
  /** Quantity: a voltage in V or a current in A. */
  readonly unit: "volt" | "ampere";
  /**
   * V or A per unit of a 16-bit phasor. Floats are not scaled: the number has no meaning for them and is carried as it is
   * written, 1 in the canonical form.
   */
  readonly scale: number;
  /** Angle to subtract from that of a 16-bit phasor, in radians (only configuration 3 has it). */
  readonly angleOffset: number;
  /** Sequence or phase, bits 8 to 10 of the flags of PHSCALE: see {@linkcode phasorComponents}. */
  readonly component: number;
  /** The other bits of the flags of PHSCALE: what was done to the phasor on its way; see {@linkcode phasorModifications}. */
  readonly modifications: number;
}

/** An analogue value. */
export interface AnalogChannel {
  /** Name: 16 bytes in configurations 1 and 2, 255 bytes in configuration 3. */
  readonly name: string;
  /** Kind of value: 0 a point on the wave, 1 rms, 2 peak, 64 to 255 up to the user (configuration 3 does not say it). */
  readonly kind: number;
  /** Factor of a 16-bit value; a whole number in configurations 1 and 2. Floats are not scaled. */
  readonly scale: number;
  /** Number to add to a 16-bit value after the factor (only configuration 3 has it). */
  readonly offset: number;
}

/** A word of 16 digital values. */
export interface DigitalWord {
  /** Names of the bits, the first being that of the lowest bit; missing ones are empty. */
  readonly names: readonly string[];
  /** The normal state of each bit. */
  readonly normal: number;
  /** The bits that are in use: only these become values. */
  readonly mask: number;
}

/** What only configuration 3 says of a PMU. */
export interface PmuDetails {
  /** Global identifier: 16 bytes as a UUID in text. */
  readonly guid: string;
  /** Latitude in degrees; not a number or infinite where it is not known. */
  readonly latitude: number;
  /** Longitude in degrees. */
  readonly longitude: number;
  /** Elevation in metres. */
  readonly elevation: number;
  /** Class of performance: `"M"` for measurement, `"P"` for protection, or another character. */
  readonly serviceClass: string;
  /** Length of the measurement window, in microseconds. */
  readonly window: number;
  /** Group delay, in microseconds. */
  readonly groupDelay: number;
}

/** Names of the components of phasors by their number; 3 and 7 are reserved. */
export const phasorComponents: readonly (string | undefined)[] = [
  ...["zero_sequence", "positive_sequence", "negative_sequence", undefined, "phase_a", "phase_b", "phase_c"],
];

/** Bits of {@linkcode PhasorChannel.modifications}, by VILLASnode's names. */
export const phasorModifications: Readonly<Record<string, number>> = {
  upsampled_with_interpolation: 1 << 17,
  upsampled_with_extrapolation: 1 << 18,
  downsampled_with_reselection: 1 << 19,
  downsampled_with_fir_filter: 1 << 20,
  downsampled_with_non_fir_filter: 1 << 21,
  filtered_without_resampling: 1 << 22,
  magnitude_adjusted_for_calibration: 1 << 23,
  phase_adjusted_for_calibration: 1 << 24,
  phase_adjusted_for_rotation: 1 << 25,
  pseudo_phasor_value: 1 << 26,
  other: 0x8000_0000,
};

/** Units of phasors. */
const unitSymbols = { volt: "V", ampere: "A" } as const;

/** Choices of {@linkcode signalsOf}. */
export interface SignalNaming {
  /**
   * Prefix of the names: `"index"` for `pmu0_`, as VILLASnode's client names them, or `"station"` for the name of the
   * station.
   */
  readonly prefix?: "index" | "station";
  /** Adds STAT of each PMU as an integer, behind all other signals. */
  readonly hasStatus?: boolean;
}

/**
 * Returns the frames per second of a configuration.
 *
 * @param dataRate DATA_RATE: frames per second if positive, seconds per frame if negative
 * @returns Frames per second; 0 where the configuration does not say it
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { framesPerSecond } from "@villas/client/c37_118";
 *
 * assertEquals([50, -2, 0].map(framesPerSecond), [50, 0.5, 0]);
 * ```
 */
export function framesPerSecond(dataRate: number): number {
  return dataRate >= 0 ? dataRate : -1 / dataRate;
}

/**
 * Lists the signals of the samples that a stream becomes, in the order of the values: for each PMU its phasors, frequency,
 * ROCOF, analogue values and the digital bits that its masks name.
 *
 * @param configuration The configuration
 * @param naming Choices for names and STAT
 * @returns The signals; a name that occurs twice has a number behind it, from the second one on
 *
 * @see VILLASnode's `lib/nodes/c37_118.cpp`, `clientBuildSignals`
 */
export function signalsOf({ pmus }: Configuration, naming: SignalNaming = {}): Signal[] {
  const { prefix = "index", hasStatus = false } = naming;
  const names = new UniqueNames();
  const signals: Signal[] = [];
  const prefixes = pmus.map(({ station }, index) => prefix === "index" || station === "" ? `pmu${index}` : station);
  for (const [index, { phasors, analogs, digitals }] of pmus.entries()) {
    const nameOf = (name: string) => names.add(`${prefixes[index]}_${name}`);
    for (const { name, unit } of phasors) {
      signals.push({ name: nameOf(name), unit: unitSymbols[unit], type: "complex" });
    }
    signals.push({ name: nameOf("frequency"), unit: "Hz", type: "float" });
    signals.push({ name: nameOf("rocof"), unit: "Hz/s", type: "float" });
    for (const { name } of analogs) signals.push({ name: nameOf(name), type: "float" });
    for (const { names: bits, mask } of digitals) {
      for (let bit = 0; bit < 16; bit++) {
        if (mask >> bit & 1) signals.push({ name: nameOf(bits[bit] ?? ""), type: "boolean" });
      }
    }
  }
  if (hasStatus) {
    for (const prefix of prefixes) {
      signals.push({ name: names.add(`${prefix}_stat`), type: "integer" });
    }
  }
  return signals;
}

/** Names that occur once each. */
class UniqueNames {
  readonly #taken = new Set<string>();
  /** The last number behind a name, so that thousands of equal names take no time. */
  readonly #numbers = new Map<string, number>();

  /** Returns the name, with a number behind it if it is taken. */
  add(name: string): string {
    let unique = name;
    let number = this.#numbers.get(name) ?? 1;
    while (this.#taken.has(unique)) unique = `${name}_${++number}`;
    this.#numbers.set(name, number);
    this.#taken.add(unique);
    return unique;
  }
}

/**
 * Describes a configuration in a line for people.
 *
 * @param configuration The configuration
 * @returns Text such as `stream 7, 50 frames/s: STATION-A (2 phasors, 1 analog, 1 digital)`
 */
export function describeConfiguration({ idcode, dataRate, pmus }: Configuration): string {
  const stations = pmus.slice(0, 8).map(({ station, idcode, phasors, analogs, digitals }) => {
    const bits = digitals.reduce((sum, { mask }) => sum + mask.toString(2).replaceAll("0", "").length, 0);
    const counts = [[phasors.length, "phasor"], [analogs.length, "analog"], [bits, "digital"]] as const;
    const parts = counts.filter(([count]) => count > 0).map(([count, what]) =>
      `${count} ${what}${count > 1 ? "s" : ""}`
    );
    return `${station || "unnamed"} ${[`id ${idcode}`, ...parts].join(", ")}`;
  });
  const more = pmus.length > stations.length ? [`and ${pmus.length - stations.length} more`] : [];
  const rate = dataRate < 0 ? `one frame in ${-dataRate} s` : `${dataRate} frames/s`;
  return `Stream ${idcode}, ${rate}: ${[...stations, ...more].join("; ") || "no PMU"}`;
}
