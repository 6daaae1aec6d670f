/**
 * The description of a stream of synchrophasors, as a user or VILLASnode's configuration writes it.
 *
 * @see VILLASnode, `lib/nodes/c37_118.cpp`
 *
 * @module
 */

/** A stream that is served, with the keys of the section `out` of VILLASnode's node type `c37.118`, and some more. */
export interface StreamDescription {
  /** Identifier of the stream; default 1. */
  readonly idcode?: number | undefined;
  /** Frames per second, such as 50 or 0.5; default 50. */
  readonly data_rate?: number | undefined;
  /** Units per second of the times, 1 to 16,777,215; default 1,000,000. */
  readonly time_base?: number | undefined;
  /** The PMUs; default: one that has all the signals, or one for each of the prefixes `pmu0_`, `pmu1_`, ... of their names. */
  readonly pmus?: readonly PmuDescription[] | undefined;
  /** Takes STAT of the PMUs from the integer signals whose names end in `_stat`, in their order; default false. */
  readonly stat_signals?: boolean | undefined;
}

/** A PMU that is served. */
export interface PmuDescription {
  /** Name of the station. */
  readonly name: string;
  /** Identifier of the PMU; default 1. */
  readonly idcode?: number;
  /** Name of the signal that is the frequency in Hz; default: the nominal frequency. */
  readonly frequency?: string;
  /** Name of the signal that is the rate of change of the frequency in Hz/s; default: 0. */
  readonly rocof?: string;
  /** The phasors, which are complex signals. */
  readonly phasor?: readonly PhasorDescription[];
  /** The analogue values, which are float signals. */
  readonly analog?: readonly AnalogDescription[];
  /** The digital values, which are boolean signals; 16 of them make a word. */
  readonly digital?: readonly DigitalDescription[];
  /** Nominal frequency in Hz; default 50. */
  readonly nominal_frequency?: 50 | 60;
  /** Counter of changes of the configuration; default 0. VILLASnode has no such key. */
  readonly change_count?: number;
  /** Type of the phasors; default `"float"`. VILLASnode has no such key, and scales `"int16"` wrongly when it receives it. */
  readonly phasor_type?: "float" | "int16";
  /** Type of the analogue values; default `"float"`. VILLASnode has no such key. */
  readonly analog_type?: "float" | "int16";
  /** Type of frequency and ROCOF; default `"float"`. VILLASnode has no such key. */
  readonly frequency_type?: "float" | "int16";
  /** Sends phasors as magnitude and angle; default false. VILLASnode has no such key. */
  readonly polar?: boolean;
  /** Global identifier, a UUID; default: all zeros. */
  readonly guid?: string;
  /** Latitude in degrees. */
  readonly latitude?: number;
  /** Longitude in degrees. */
  readonly longitude?: number;
  /** Elevation in metres. */
  readonly elevation?: number;
  /** Class of performance; default `"measurement"`. */
  readonly service_class?: "measurement" | "protection";
  /** Length of the measurement window in microseconds; default 0. */
  readonly window?: number;
  /** Group delay in microseconds; default 0. */
  readonly group_delay?: number;
}

/** A phasor that is served. */
export interface PhasorDescription {
  /** Name of the signal. */
  readonly signal: string;
  /** Name in the configuration; default: that of the signal. */
  readonly name?: string;
  /** Quantity. */
  readonly unit: "volt" | "ampere";
  /** Sequence or phase; default `"phase_a"`. */
  readonly component?: string;
  /** Names of what was done to the phasor on its way. */
  readonly modifications?: readonly string[];
  /** V or A per unit of an `int16` phasor, which needs it. VILLASnode has no such key. */
  readonly scale?: number;
}

/** An analogue value that is served. */
export interface AnalogDescription {
  /** Name of the signal. */
  readonly signal: string;
  /** Name in the configuration; default: that of the signal. */
  readonly name?: string;
  /** Kind of value; default `"point_on_wave"`. */
  readonly unit?: "point_on_wave" | "rms" | "peak";
  /** Factor of an `int16` value, a whole number; default 1. VILLASnode has no such key. */
  readonly scale?: number;
}

/** A digital value that is served. */
export interface DigitalDescription {
  /** Name of the signal. */
  readonly signal: string;
  /** Name in the configuration; default: that of the signal. */
  readonly name?: string;
  /** Normal state; default false. */
  readonly normal?: boolean;
}
