/**
 * Descriptions of the PMUs that we serve: in the words of VILLASnode's configuration, or derived from a list of signals.
 *
 * @module
 */

import type { Signal, SignalType } from "../../samples/signals.ts";
import {
  type AnalogChannel,
  type Configuration,
  type DigitalWord,
  type PhasorChannel,
  phasorComponents,
  phasorModifications,
  type PmuConfiguration,
  type PmuDetails,
} from "./configuration.ts";
import type {
  AnalogDescription,
  DigitalDescription,
  PhasorDescription,
  PmuDescription,
  StreamDescription,
} from "./stream_description.ts";

/** A stream that is served, ready to be encoded. */
export interface ServedStream {
  /** The configuration. */
  readonly configuration: Configuration;
  /** The signals of the samples that are sent. */
  readonly signals: readonly Signal[];
  /**
   * Index of the value of a sample for each signal of the configuration, in its order, and for each STAT behind them; -1 for
   * none.
   */
  readonly sources: readonly number[];
}

/** Kinds of analogue values by their number. */
const analogKinds = ["point_on_wave", "rms", "peak"];

/** What VILLASnode writes where the keys are missing. */
const defaults = { idcode: 1, data_rate: 50, time_base: 1_000_000 } as const;

/**
 * Turns a description of a stream into its configuration.
 *
 * @param description The description
 * @param signals The signals of the samples; default: those that the description names, in its order
 * @returns The configuration, and where its values come from
 * @throws {TypeError} If the description is not one, or names a signal that is not there or is of another type
 *
 * @see VILLASnode's `lib/nodes/c37_118.cpp`, `parseConfig`
 *
 * @example A PMU with one phasor
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describePmu } from "@villas/client/c37_118";
 *
 * const { configuration, signals } = describePmu({
 *   idcode: 7,
 *   data_rate: 10,
 *   pmus: [{ name: "LAB", frequency: "f", rocof: "df", phasor: [{ signal: "va", unit: "volt" }] }],
 * });
 * assertEquals(configuration.dataRate, 10);
 * assertEquals(signals.map(({ name }) => name), ["va", "f", "df"]);
 * ```
 */
export function describePmu(description: StreamDescription, signals?: readonly Signal[]): ServedStream {
  const { idcode = defaults.idcode, data_rate = defaults.data_rate, time_base = defaults.time_base } = description;
  const whole = (value: unknown, what: string, minimum: number, maximum: number) => {
    if (Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum) return value as number;
    throw fault(`${what} is ${JSON.stringify(value)}, which is not a whole number from ${minimum} to ${maximum}`);
  };
  const statuses = description.stat_signals ? findStatuses(signals ?? []) : [];
  const isStatus = (_signal: Signal, index: number) => statuses.includes(index);
  const pmus = description.pmus ??
    defaultPmus(nameAll(signals ?? []).filter((signal, index) => !isStatus(signal, index)));
  const sources = new Sources(signals);
  const list = pmus.map((pmu, index) => toPmu(pmu, `pmus[${index}]`, sources));
  const configuration = {
    idcode: whole(idcode, "idcode", 0, 0xffff),
    timeBase: whole(time_base, "time_base", 1, 0xff_ffff),
    dataRate: toDataRate(data_rate),
    pmus: list,
  };
  if (statuses.length > list.length) {
    throw fault(`there are ${statuses.length} signals of STAT, and PMUs: ${list.length}`);
  }
  const stats = description.stat_signals ? list.map((_, index) => statuses[index] ?? -1) : [];
  return { configuration, signals: sources.found, sources: [...sources.indices, ...stats] };
}

/** A signal with a name. */
type NamedSignal = Signal & { readonly name: string };

function nameAll(signals: readonly Signal[]): NamedSignal[] {
  return signals.map((signal, index) => ({ ...signal, name: signal.name ?? `signal${index}` }));
}

/** Finds the signals that are STAT of a PMU: integers with the name that the reader of frames gives them. */
function findStatuses(signals: readonly Signal[]): number[] {
  return [...signals.keys()].filter((index) => {
    const { name = "", type } = signals[index] ?? {};
    return type === "integer" && /(?:^|_)stat$/.test(name);
  });
}

/** Converts frames per second, as VILLASnode does. */
function toDataRate(rate: unknown): number {
  if (typeof rate !== "number" || !(rate >= 1 / 32_768 && rate <= 32_767)) {
    throw fault(`data_rate is ${JSON.stringify(rate)}, which is not a number of frames per second up to 32767`);
  }
  return rate >= 1 ? Math.round(rate) : -Math.round(1 / rate);
}

/** Describes a PMU for each prefix such as `pmu0_`, where all names have one, as those of received samples do; else one. */
function defaultPmus(signals: readonly NamedSignal[]): PmuDescription[] {
  const integer = signals.find(({ type }) => type === "integer");
  if (integer !== undefined) {
    throw fault(`signal "${integer.name}" is an integer, for which a synchrophasor frame has no place: send a float`);
  }
  const groups = Map.groupBy(signals, ({ name }) => /^pmu(\d{1,5})_./.exec(name)?.[1] ?? "");
  if (groups.has("") || groups.size === 0) return [defaultPmu(signals, "villas-client", 1, 0)];
  const numbers = [...groups.keys()].sort((a, b) => Number(a) - Number(b));
  return numbers.map((number, index) => {
    return defaultPmu(groups.get(number) ?? [], `pmu${number}`, index + 1, `pmu${number}_`.length);
  });
}

/**
 * Describes a PMU that has these signals: complex ones are phasors, in A where their unit is A or their name begins with an
 * i, floats named `frequency` and `rocof` are that, other floats are analogue values, and booleans are digital ones.
 */
function defaultPmu(
  signals: readonly NamedSignal[],
  station: string,
  idcode: number,
  prefixLength: number,
): PmuDescription {
  const shortName = ({ name }: NamedSignal) => name.slice(prefixLength);
  const ofType = (wanted: SignalType) => signals.filter(({ type }) => type === wanted);
  const isCurrent = (signal: NamedSignal) =>
    signal.unit === undefined ? /^i/i.test(shortName(signal)) : signal.unit === "A";
  const channel = (signal: NamedSignal) => ({ signal: signal.name, name: shortName(signal) });
  const find = (what: string) => ofType("float").find((signal) => shortName(signal).toLowerCase() === what)?.name;
  const [frequency, rocof] = [find("frequency"), find("rocof")];
  return {
    name: station,
    idcode,
    ...frequency === undefined ? {} : { frequency },
    ...rocof === undefined ? {} : { rocof },
    phasor: ofType("complex").map((signal) => ({ ...channel(signal), unit: isCurrent(signal) ? "ampere" : "volt" })),
    analog: ofType("float").filter(({ name }) => name !== frequency && name !== rocof).map(channel),
    digital: ofType("boolean").map(channel),
  };
}

function toPmu(pmu: PmuDescription, where: string, sources: Sources): PmuConfiguration {
  if (typeof pmu !== "object" || pmu === null) throw fault(`${where} is not an object`);
  const { name, idcode = 1, nominal_frequency: nominalFrequency = 50, change_count: changeCount = 0 } = pmu;
  if (typeof name !== "string") throw fault(`${where}.name is missing`);
  if (!Number.isInteger(idcode) || idcode < 0 || idcode > 0xffff) {
    throw fault(`${where}.idcode is ${JSON.stringify(idcode)}, which is not a whole number from 0 to 65535`);
  }
  if (nominalFrequency !== 50 && nominalFrequency !== 60) throw fault(`${where}.nominal_frequency is not 50 or 60`);
  const numbers = {
    isPolar: pmu.polar ?? false,
    hasFloatPhasors: isFloat(pmu.phasor_type, `${where}.phasor_type`),
    hasFloatAnalogs: isFloat(pmu.analog_type, `${where}.analog_type`),
    hasFloatFrequency: isFloat(pmu.frequency_type, `${where}.frequency_type`),
  };
  const list = <T>(key: "phasor" | "analog" | "digital", read: (entry: T, where: string) => unknown) => {
    const entries: unknown = pmu[key] ?? [];
    if (!Array.isArray(entries)) throw fault(`${where}.${key} is not a list`);
    return entries.map((entry, index) => read(entry as T, `${where}.${key}[${index}]`));
  };
  // The order of the reads is that of the values in a data frame.
  const phasors = list<PhasorDescription>("phasor", (entry, where) => {
    sources.add(entry.signal, "complex", `${where}.signal`);
    return toPhasor(entry, where, numbers.hasFloatPhasors);
  }) as PhasorChannel[];
  sources.addOptional(pmu.frequency, `${where}.frequency`, "Hz");
  sources.addOptional(pmu.rocof, `${where}.rocof`, "Hz/s");
  const analogs = list<AnalogDescription>("analog", (entry, where) => {
    sources.add(entry.signal, "float", `${where}.signal`);
    return toAnalog(entry, where);
  }) as AnalogChannel[];
  const bits = list<DigitalDescription>("digital", (entry, where) => {
    sources.add(entry.signal, "boolean", `${where}.signal`);
    return { name: entry.name ?? entry.signal, normal: entry.normal ?? false };
  }) as { name: string; normal: boolean }[];
  const details = toDetails(pmu, where);
  return {
    station: name,
    idcode,
    numbers,
    phasors,
    analogs,
    digitals: toWords(bits),
    nominalFrequency,
    changeCount,
    details,
  };
}

function toPhasor(entry: PhasorDescription, where: string, isFloat: boolean): PhasorChannel {
  const { signal, name = signal, unit, component = "phase_a", modifications = [], scale } = entry;
  if (unit !== "volt" && unit !== "ampere") throw fault(`${where}.unit is not "volt" or "ampere"`);
  const code = phasorComponents.indexOf(component);
  if (code < 0) {
    throw fault(
      `${where}.component is ${JSON.stringify(component)}, not one of ${phasorComponents.filter(Boolean).join(", ")}`,
    );
  }
  let flags = 0;
  for (const modification of modifications) {
    const bit = Object.hasOwn(phasorModifications, modification) ? phasorModifications[modification] : undefined;
    if (bit === undefined) throw fault(`${where}.modifications has ${JSON.stringify(modification)}, which is none`);
    flags = (flags | bit) >>> 0;
  }
  if (!isFloat && !(typeof scale === "number" && scale > 0)) {
    throw fault(`${where}.scale is missing: a phasor of 16 bits needs the V or A of one unit, such as 0.01`);
  }
  return { name, unit, scale: isFloat ? 1 : scale ?? 1, angleOffset: 0, component: code, modifications: flags };
}

function toAnalog(
  { signal, name = signal, unit = "point_on_wave", scale = 1 }: AnalogDescription,
  where: string,
): AnalogChannel {
  const kind = analogKinds.indexOf(unit);
  if (kind < 0) throw fault(`${where}.unit is not one of ${analogKinds.join(", ")}`);
  if (!Number.isInteger(scale) || scale === 0) throw fault(`${where}.scale is not a whole number other than 0`);
  return { name, kind, scale, offset: 0 };
}

function toWords(bits: readonly { name: string; normal: boolean }[]): DigitalWord[] {
  const words: DigitalWord[] = [];
  for (let start = 0; start < bits.length; start += 16) {
    const part = bits.slice(start, start + 16);
    const normal = part.reduce((word, { normal }, bit) => word | Number(normal) << bit, 0);
    const names = Array.from({ length: 16 }, (_, bit) => part[bit]?.name ?? "");
    words.push({ names, normal, mask: 2 ** part.length - 1 });
  }
  return words;
}

function toDetails(pmu: PmuDescription, where: string): PmuDetails {
  const { guid = "", latitude = NaN, longitude = NaN, elevation = NaN, service_class = "measurement" } = pmu;
  const digits = guid.replaceAll("-", "");
  if (guid !== "" && !/^[0-9a-f]{32}$/i.test(digits)) throw fault(`${where}.guid is not a UUID`);
  return {
    ...{ guid: guid.toLowerCase() || "00000000-0000-0000-0000-000000000000", latitude, longitude, elevation },
    ...{ serviceClass: service_class === "protection" ? "P" : "M", window: pmu.window ?? 0 },
    groupDelay: pmu.group_delay ?? 0,
  };
}

function isFloat(type: unknown, where: string): boolean {
  if (type === undefined || type === "float") return true;
  if (type === "int16") return false;
  throw fault(`${where} is ${JSON.stringify(type)}, not "float" or "int16"`);
}

function fault(reason: string): TypeError {
  return new TypeError(`Cannot describe a PMU: ${reason}`);
}

/** Finds the signals that a description names. */
class Sources {
  /** Index of the value for each signal of the configuration. */
  readonly indices: number[] = [];
  /** The signals that were found, in the order of the description. */
  readonly found: Signal[];
  readonly #isGiven: boolean;

  constructor(signals: readonly Signal[] | undefined) {
    this.#isGiven = signals !== undefined;
    this.found = nameAll(signals ?? []);
  }

  add(name: unknown, type: SignalType, where: string, unit?: string): void {
    if (typeof name !== "string") throw fault(`${where} is missing`);
    let index = this.found.findIndex((signal) => signal.name === name);
    if (index < 0) {
      if (this.#isGiven) {
        const names = this.found.slice(0, 16).map(({ name }) => name).join(", ");
        throw fault(`${where} is "${name}", and there is no such signal: there are ${names || "none"}`);
      }
      index = this.found.push({ name, type, ...unit === undefined ? {} : { unit } }) - 1;
    }
    const found = this.found[index]?.type;
    if (found !== type) throw fault(`${where} is "${name}", which is of type ${found}, not ${type}`);
    this.indices.push(index);
  }

  addOptional(name: string | undefined, where: string, unit: string): void {
    if (name === undefined) this.indices.push(-1);
    else this.add(name, "float", where, unit);
  }
}
