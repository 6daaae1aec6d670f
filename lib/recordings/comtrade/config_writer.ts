/**
 * Writes the configuration of a COMTRADE record, and chooses the factors of its channels.
 *
 * @module
 */

import type { Timestamp } from "../../samples/sample.ts";
import type { ColumnFigures, Spool } from "../_spool.ts";
import { createUniqueNames } from "../unique_names.ts";
import type { ComtradeDataType, ComtradeRevision } from "./config.ts";

/** Settings of a record. */
export interface RecordSettings {
  readonly revision: ComtradeRevision;
  readonly data: ComtradeDataType;
  readonly station: string;
  readonly device: string;
  readonly frequency: number;
}

/** The times of a record as it is written. */
export interface RecordTimes {
  readonly start: Timestamp;
  /** Samples per second; 0 where the stamps count. */
  readonly rate: number;
  /** Unit of the stamps in nanoseconds, and their factor. */
  readonly unit: 1 | 1000;
  readonly multiplier: number;
}

/** Factors of a channel: a value is `a x + b`, where x is stored. */
export interface Factors {
  readonly a: number;
  readonly b: number;
}

/** The largest number that each form of the data stores; what is beyond it stands for a missing value. */
const limits: Readonly<Record<ComtradeDataType, number>> = {
  ascii: 99_998,
  binary: 32_767,
  binary32: 2 ** 31 - 1,
  float32: 3.4028234663852886e38,
};

/** Returns what stands for a missing value. */
export function storedMissing(data: ComtradeDataType): number {
  return data === "ascii" ? 99_999 : data === "binary" ? -0x8000 : data === "binary32" ? -0x8000_0000 : NaN;
}

/**
 * Chooses the factors that keep most of a signal.
 *
 * Values that are multiples of a power of ten keep that step where they fit, and lose nothing. Others get steps that are as
 * fine as the range allows: around zero where they are on both sides of it, so that zero stays zero.
 */
export function chooseFactors({ minimum, maximum, decimals }: ColumnFigures, data: ComtradeDataType): Factors {
  const limit = limits[data];
  const isEmpty = minimum > maximum;
  if (isEmpty) return { a: 1, b: 0 };
  const magnitude = Math.max(Math.abs(minimum), Math.abs(maximum));
  if (data === "float32") return { a: magnitude <= limit ? 1 : magnitude / limit, b: 0 };
  if (decimals <= 9 && magnitude * 10 ** decimals <= limit) return { a: Number(`1e-${decimals}`), b: 0 };
  if (minimum === maximum) return { a: 1, b: minimum };
  if (minimum < 0 && maximum > 0) return { a: magnitude / limit, b: 0 };
  // Halves first: the sum and the difference of two large floats may be infinite.
  return { a: Math.max((maximum / 2 - minimum / 2) / limit, Number.MIN_VALUE), b: minimum / 2 + maximum / 2 };
}

/** Writes the configuration of a record. */
export function formatConfiguration(
  settings: RecordSettings,
  spool: Spool,
  factors: readonly Factors[],
  { start, rate, unit, multiplier }: RecordTimes,
): string {
  const { revision, data, station, device, frequency } = settings;
  const { signals, length } = spool;
  const clean = (text: string) => cleanText(text, revision === 2013);
  const names = createUniqueNames(signals.map(({ name }) => name && clean(name)));
  const analog: string[] = [];
  const states: string[] = [];
  for (const [index, { type, unit = "" }] of signals.entries()) {
    const label = names[index] ?? "";
    if (type === "boolean") {
      states.push(revision === 1991 ? `${states.length + 1},${label},0` : `${states.length + 1},${label},,,0`);
      continue;
    }
    const { a, b } = factors[index] ?? { a: 1, b: 0 };
    const limit = data === "float32" ? "3.4028235E38" : String(limits[data]);
    const sides = revision === 1991 ? "" : ",1,1,P";
    analog.push(`${analog.length + 1},${label},,,${clean(unit)},${a},${b},0,-${limit},${limit}${sides}`);
  }
  const time = formatTime(start, revision === 1991, unit === 1 ? 9 : 6);
  const year = revision === 1991 ? "" : `,${revision}`;
  const lines = [
    `${clean(station)},${clean(device)}${year}`,
    `${signals.length},${analog.length}A,${states.length}D`,
    ...analog,
    ...states,
    String(frequency),
    rate > 0 ? "1" : "0",
    `${rate},${length}`,
    time,
    time,
    data.toUpperCase(),
    ...revision === 1991 ? [] : [String(multiplier)],
    // UTC; nothing is known of the quality of the clocks and of leap seconds.
    ...revision === 2013 ? ["0,0", "F,3"] : [],
  ];
  return `${lines.join("\r\n")}\r\n`;
}

/** Removes what would end a field; only the revision of 2013 has letters beyond ASCII. */
function cleanText(text: string, isUnicode: boolean): string {
  const plain = text.replace(/[,\r\n\t]+/g, " ").trim();
  return isUnicode ? plain : plain.replace(/[^\x20-\x7e]/g, "_");
}

function formatTime({ sec, nsec }: Timestamp, isMonthFirst: boolean, digits: number): string {
  const [date = "", time = ""] = new Date(sec * 1000).toISOString().slice(0, 19).split("T");
  const [year = "", month, day] = date.split("-");
  const fraction = String(nsec).padStart(9, "0").slice(0, digits);
  return `${isMonthFirst ? `${month}/${day}/${year.slice(2)}` : `${day}/${month}/${year}`},${time}.${fraction}`;
}
