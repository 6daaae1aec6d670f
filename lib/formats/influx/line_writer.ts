/**
 * Writes samples as lines of InfluxDB's line protocol.
 *
 * @module
 */

import { isComplex, type Sample, type Timestamp, type Value } from "../../samples/sample.ts";
import type { Signal, SignalType } from "../../samples/signals.ts";
import { typeOfValue } from "../../samples/value_types.ts";
import { checkSample } from "../check.ts";
import { EncodeError } from "../errors.ts";
import { fixedText } from "../text/numbers.ts";
import { escapeKey, escapeMeasurement, findNameProblem } from "./names.ts";

const name = "influx";

/** The last time in nanoseconds since 1970 that InfluxDB takes, in two parts; it is in the year 2262. */
const lastSecond = 9_223_372_036;
const lastNanosecond = 854_775_806;

/** Names that InfluxDB keeps for itself, of fields and of tags. */
const reservedFields: readonly string[] = ["time"];
const reservedTags: readonly string[] = ["time", "_field", "_measurement"];

/** The beginning of all lines, and what stands in them. */
export interface LineSettings {
  /** Name of the measurement. */
  readonly measurement: string;
  /** Values of tags by their names. */
  readonly tags: Readonly<Record<string, string>>;
  readonly signals: readonly Signal[] | undefined;
  /** Names of the signals, if nothing else is known of them. */
  readonly names?: readonly string[];
  /** True if lines have a timestamp. */
  readonly hasTime: boolean;
  /** True if lines have values; a line without any is none. */
  readonly hasData: boolean;
  /** Decimals of a float; undefined for the shortest text that stands for the same float. */
  readonly precision: number | undefined;
}

/** Writes the lines of one file, or of one link: a field keeps the type that it was first written with. */
export class LineWriter {
  readonly #settings: LineSettings;
  readonly #omitted: Map<string, number>;
  readonly #series: string;
  /** Texts in front of the values, of complex ones those in front of their parts. */
  readonly #keys: { plain: string; real: string; imag: string }[] = [];
  /** Types of the fields, from their first values on. */
  readonly #types: (SignalType | undefined)[] = [];

  /**
   * Creates the writer.
   *
   * @param settings The beginning of the lines, and the signals
   * @param omitted Counts the values that are left out, by their reason
   * @throws {TypeError} If a name cannot be written, is reserved, or occurs twice
   */
  constructor(settings: LineSettings, omitted: Map<string, number>) {
    this.#settings = settings;
    this.#omitted = omitted;
    this.#series = createSeries(settings);
    checkFields(settings.signals ?? (settings.names ?? []).map((name) => ({ name })));
  }

  /**
   * Writes a sample as a line, with its end.
   *
   * @param sample The sample
   * @param index Its index, for errors
   * @throws {EncodeError} If the line protocol cannot carry it
   */
  write(sample: Sample, index: number): string {
    const { signals, hasTime, hasData } = this.#settings;
    checkSample(name, sample, index, signals, true);
    if (sample.type !== undefined) throw new EncodeError(name, `it is a ${sample.type} mark, not data`, index);
    const { values } = sample;
    this.#checkTypes(values, index);
    let fields = "";
    const left: string[] = [];
    for (let i = 0; hasData && i < values.length; i++) {
      const value = values[i] ?? null;
      if (value === null) continue;
      const reason = findOmission(value);
      if (reason !== undefined) {
        left.push(reason);
        continue;
      }
      if (fields !== "") fields += ",";
      fields += this.#field(value, i);
    }
    if (fields === "") {
      const why = left.length === 0 ? "no value" : `no value but ${[...new Set(left)].join(" and ")}`;
      throw new EncodeError(name, `it has ${why}, and a line needs one`, index);
    }
    const time = hasTime ? writeTime(sample.tsOrigin ?? sample.tsReceived, index) : "";
    for (const reason of left) this.#omitted.set(reason, (this.#omitted.get(reason) ?? 0) + 1);
    this.#keepTypes(values);
    return `${this.#series} ${fields}${time}\n`;
  }

  /** Refuses a value of another type than its field has: InfluxDB would refuse the line. */
  #checkTypes(values: readonly Value[], index: number): void {
    for (let i = 0; i < values.length; i++) {
      const type = typeOfValue(values[i] ?? null);
      const fixed = this.#types[i];
      if (type === "invalid" || fixed === undefined || type === fixed) continue;
      const field = this.#nameAt(i);
      throw new EncodeError(name, `value ${i} is of type ${type}, and the field ${field} has type ${fixed}`, index);
    }
  }

  #keepTypes(values: readonly Value[]): void {
    for (let i = 0; i < values.length; i++) {
      if (this.#types[i] !== undefined) continue;
      const type = typeOfValue(values[i] ?? null);
      if (type !== "invalid") this.#types[i] = type;
    }
  }

  #field(value: Value, index: number): string {
    const keys = this.#keysAt(index);
    if (isComplex(value)) {
      return `${keys.real}${this.#float(Math.fround(value.real))},${keys.imag}${this.#float(Math.fround(value.imag))}`;
    }
    if (typeof value === "number") return keys.plain + this.#float(value);
    return `${keys.plain}${value}${typeof value === "bigint" ? "i" : ""}`;
  }

  #float(value: number): string {
    const { precision } = this.#settings;
    if (precision !== undefined) return fixedText(value, precision);
    return Object.is(value, -0) ? "-0" : String(value);
  }

  #nameAt(index: number): string {
    const { signals, names } = this.#settings;
    return (signals?.[index]?.name ?? names?.[index]) || `signal${index}`;
  }

  #keysAt(index: number): { plain: string; real: string; imag: string } {
    const known = this.#keys[index];
    if (known !== undefined) return known;
    const key = escapeKey(this.#nameAt(index));
    return this.#keys[index] = { plain: `${key}=`, real: `${key}_re=`, imag: `${key}_im=` };
  }
}

/** Writes the measurement and the tags, which InfluxDB takes soonest in the order of their names. */
function createSeries({ measurement, tags }: LineSettings): string {
  refuseName(
    "measurement",
    measurement,
    measurement.startsWith("#") ? "a line that begins so is a comment" : undefined,
  );
  const names = Object.keys(tags).sort();
  const pairs = names.map((key) => {
    const value = tags[key] ?? "";
    refuseName("tag", key, reservedTags.includes(key) ? "InfluxDB keeps it for itself" : undefined);
    refuseName(`value of tag "${key}"`, value);
    return `,${escapeKey(key)}=${escapeKey(value)}`;
  });
  return escapeMeasurement(measurement) + pairs.join("");
}

/** Refuses names of fields that cannot be written, and those that occur twice, of which InfluxDB would keep one. */
function checkFields(signals: readonly Partial<Signal>[]): void {
  const used = new Set<string>();
  for (const [index, signal] of signals.entries()) {
    const field = signal.name || `signal${index}`;
    refuseName("field", field, reservedFields.includes(field) ? "InfluxDB keeps it for itself" : undefined);
    for (const key of signal.type === "complex" ? [`${field}_re`, `${field}_im`] : [field]) {
      if (used.has(key)) throw new TypeError(`Cannot name the values of format ${name}: "${key}" has two meanings`);
      used.add(key);
    }
  }
}

function refuseName(what: string, text: string, reason = findNameProblem(text)): void {
  if (reason !== undefined) {
    throw new TypeError(`Cannot write ${JSON.stringify(text)} as the ${what} of format ${name}: ${reason}`);
  }
}

/** Returns the reason why a value has no place, if it has none. */
function findOmission(value: Value): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : value === value ? "infinity" : "NaN";
  if (!isComplex(value)) return undefined;
  return findOmission(Math.fround(value.real)) ?? findOmission(Math.fround(value.imag));
}

/** Writes the nanoseconds since 1970, after a space; the empty text where there is no time. */
function writeTime(time: Timestamp | undefined, index: number): string {
  if (time === undefined) return "";
  const { sec, nsec } = time;
  if (sec > lastSecond || sec === lastSecond && nsec > lastNanosecond) {
    throw new EncodeError(name, "its timestamp is after the year 2262, where the format ends", index);
  }
  return sec === 0 ? ` ${nsec}` : ` ${sec}${String(nsec).padStart(9, "0")}`;
}
