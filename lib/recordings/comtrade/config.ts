/**
 * The configuration of a COMTRADE record: channels, rates and times, as its `.cfg` file has them.
 *
 * @see IEEE C37.111-1991, -1999 and -2013 (IEC 60255-24), clause on the configuration file
 *
 * @module
 */

import { DecodeError } from "../../formats/errors.ts";
import type { Timestamp } from "../../samples/sample.ts";

/** Edition of the standard that a record follows. */
export type ComtradeRevision = 1991 | 1999 | 2013;

/** Form of the samples: text, or integers of 16 and 32 bits, or floats of 32 bits. */
export type ComtradeDataType = "ascii" | "binary" | "binary32" | "float32";

/** An analogue channel: its value is `a x + b` in its unit, where x is what the data hold. */
export interface AnalogChannel {
  readonly name: string;
  readonly phase: string;
  readonly component: string;
  readonly unit: string;
  readonly a: number;
  readonly b: number;
  /** Rated values of the transformer, of which the ratio turns one side into the other. */
  readonly primary: number;
  readonly secondary: number;
  /** Side that the values are of; undefined in 1991, which does not say it. */
  readonly side?: "primary" | "secondary";
}

/** A status channel. */
export interface DigitalChannel {
  readonly name: string;
  readonly phase: string;
  readonly component: string;
  /** State without a disturbance. */
  readonly normal: 0 | 1;
}

/** A sampling rate, and the number of the last sample that was taken at it. */
export interface SamplingRate {
  /** Samples per second; 0 where the time stamps of the samples count. */
  readonly rate: number;
  readonly lastSample: number;
}

/** The configuration of a record. */
export interface Configuration {
  readonly station: string;
  readonly device: string;
  readonly revision: ComtradeRevision;
  readonly analog: readonly AnalogChannel[];
  readonly digital: readonly DigitalChannel[];
  /** Nominal frequency in hertz; NaN if it is not said. */
  readonly frequency: number;
  readonly rates: readonly SamplingRate[];
  /** Time of the first sample, in UTC as far as the record says how local time differs. */
  readonly start: Timestamp;
  /** Time of the trigger, in the same way. */
  readonly trigger: Timestamp;
  readonly dataType: ComtradeDataType;
  /** Factor of the time stamps. */
  readonly timeMultiplier: number;
  /** Unit of the time stamps in nanoseconds: 1 where the start or the trigger has nine fraction digits, else 1000. */
  readonly stampUnit: 1 | 1000;
  /** Offset of local time from UTC as the record has it, such as `"-5h30"`; empty if it does not say one. */
  readonly timeCode: string;
  /** Quality of the clock, and the leap second, as the record has them; empty if it does not say them. */
  readonly timeQuality: string;
  readonly leapSecond: string;
}

const name = "comtrade";

/** More channels than a record can have by the standard (six digits in a line of the file). */
const maximumChannels = 999_999;

/** More sampling rates than any record has. */
const maximumRates = 100_000;

/** The lines of a configuration, taken one by one; errors name the line. */
class Lines {
  readonly #lines: readonly string[];
  /** Number of lines that were taken. */
  taken = 0;

  constructor(text: string) {
    this.#lines = text.split(/\r\n|\n|\r/);
  }

  /** Returns the fields of the next line; undefined at the end. */
  peek(): string[] | undefined {
    const line = this.#lines[this.taken];
    return line === undefined || (line.trim() === "" && this.#isLast) ? undefined : split(line);
  }

  /** Takes the next line, which has at least some fields. */
  take(what: string, minimum: number): string[] {
    const fields = this.peek();
    if (fields === undefined) throw this.fault(`it ends where ${what} should be`, 1);
    this.taken++;
    if (fields.length < minimum) throw this.fault(`expected ${what}, of ${minimum} fields, and found ${fields.length}`);
    return fields;
  }

  /** Creates an error at the line taken last, or some lines after it. */
  fault(reason: string, after = 0): DecodeError {
    return new DecodeError(name, reason, { line: this.taken + after }, { source: "file" });
  }

  get #isLast(): boolean {
    return this.#lines.slice(this.taken).every((line) => line.trim() === "");
  }
}

function split(line: string): string[] {
  return line.split(",").map((field) => field.trim());
}

/**
 * Reads a configuration.
 *
 * It accepts what recorders write though the standard does not have it: other line ends, blanks, counts of channels that
 * disagree, a missing line for a record without rates, missing lines at the end, and months before days where the year
 * cannot be read otherwise.
 *
 * @param text Text of the file
 * @param onWarning Called with a sentence on each thing that was taken in a way that may not have been meant
 * @returns The configuration
 * @throws {DecodeError} If it cannot be read; the error names the line
 */
export function parseConfiguration(text: string, onWarning: (message: string) => void = () => {}): Configuration {
  const lines = new Lines(text.replace(/^\ufeff/, ""));
  const [station = "", device = "", year = ""] = lines.take("the names of station and device", 1);
  const revision = parseRevision(year, lines);
  const [analogCount, digitalCount] = parseCounts(lines, onWarning);
  const analog: AnalogChannel[] = [];
  const digital: DigitalChannel[] = [];
  for (let i = 0; i < analogCount; i++) analog.push(parseAnalog(lines, i, onWarning));
  for (let i = 0; i < digitalCount; i++) digital.push(parseDigital(lines, i));
  const [frequency = ""] = lines.take("the line frequency", 1);
  const rates = parseRates(lines);
  const start = parseTime(lines, "the time of the first sample", revision, onWarning);
  const trigger = parseTime(lines, "the time of the trigger", revision, onWarning);
  const dataType = parseDataType(lines);
  const multiplier = lines.peek() === undefined ? [""] : lines.take("the factor of the time stamps", 1);
  const timeMultiplier = multiplier[0] === ""
    ? 1
    : parseNumber(multiplier[0] ?? "", "factor of the time stamps", lines);
  if (!(timeMultiplier > 0)) throw lines.fault(`the factor of the time stamps is ${timeMultiplier}, not above 0`);
  const [timeCode = ""] = lines.peek() === undefined ? [] : lines.take("the time code", 1);
  const offset = parseTimeCode(timeCode, lines, onWarning);
  const [timeQuality = "", leapSecond = ""] = lines.peek() === undefined ? [] : lines.take("the time quality", 1);
  if (leapSecond === "1" || leapSecond === "2") {
    const change = leapSecond === "1" ? "added" : "left out";
    onWarning(`A leap second is ${change} during the record, which does not say where: times count on without it`);
  }
  return {
    ...{
      station,
      device,
      revision,
      analog,
      digital,
      rates,
      dataType,
      timeMultiplier,
      timeCode,
      timeQuality,
      leapSecond,
    },
    frequency: frequency === "" ? NaN : Number(frequency),
    start: toTimestamp(start.seconds - offset, start.nsec, "first sample", onWarning),
    trigger: toTimestamp(trigger.seconds - offset, trigger.nsec, "trigger", () => {}),
    stampUnit: start.digits > 6 || trigger.digits > 6 ? 1 : 1000,
  };
}

function parseRevision(year: string, lines: Lines): ComtradeRevision {
  if (year === "" || year === "1991") return 1991;
  if (!/^[0-9]{4}$/.test(year)) throw lines.fault(`its revision is "${year}": expected 1991, 1999 or 2013`);
  // Recorders write the year in which the standard reached them: 1997, 2001, 2014.
  return Number(year) < 1995 ? 1991 : Number(year) < 2013 ? 1999 : 2013;
}

function parseCounts(lines: Lines, onWarning: (message: string) => void): [number, number] {
  const [total = "", ...parts] = lines.take("the number of channels", 2);
  const counts = { A: NaN, D: 0 };
  for (const part of parts) {
    const [, digits = "", letter = ""] = /^([0-9]{1,6})\s*([AD])$/i.exec(part) ?? [];
    if (letter === "" && part !== "") {
      throw lines.fault(`"${part.slice(0, 40)}" is not a number of channels such as 3A or 8D`);
    }
    if (letter !== "") counts[letter.toUpperCase() as "A" | "D"] = Number(digits);
  }
  const analog = Number.isNaN(counts.A) ? 0 : counts.A;
  if (analog + counts.D > maximumChannels) throw lines.fault(`it has ${analog + counts.D} channels: too many`);
  if (Number(total) !== analog + counts.D) {
    onWarning(`It claims ${total.slice(0, 20)} channels and lists ${analog} analogue and ${counts.D} status channels`);
  }
  return [analog, counts.D];
}

function parseAnalog(lines: Lines, index: number, onWarning: (message: string) => void): AnalogChannel {
  const what = `analogue channel ${index + 1}`;
  const fields = lines.take(what, 7);
  const [, label = "", phase = "", component = "", unit = "", a = "", b = ""] = fields;
  const [primary = "", secondary = "", side = ""] = fields.slice(10);
  const factor = a === "" ? 1 : parseNumber(a, `factor a of ${what}`, lines);
  if (factor === 0) onWarning(`Factor a of ${what} is 0: its value is always the same`);
  return {
    ...{ name: label, phase, component, unit, a: factor },
    b: b === "" ? 0 : parseNumber(b, `offset b of ${what}`, lines),
    primary: primary === "" ? 1 : parseNumber(primary, `primary factor of ${what}`, lines),
    secondary: secondary === "" ? 1 : parseNumber(secondary, `secondary factor of ${what}`, lines),
    ...side === "" ? {} : { side: side.toUpperCase() === "P" ? "primary" : "secondary" },
  };
}

function parseDigital(lines: Lines, index: number): DigitalChannel {
  const fields = lines.take(`status channel ${index + 1}`, 2);
  const [, label = "", ...rest] = fields;
  // 1991 has number, name and state only.
  const [phase = "", component = "", normal = ""] = rest.length >= 3 ? rest : ["", "", rest[0] ?? ""];
  return { name: label, phase, component, normal: normal === "1" ? 1 : 0 };
}

function parseRates(lines: Lines): SamplingRate[] {
  const [text = ""] = lines.take("the number of sampling rates", 1);
  const count = parseNumber(text, "number of sampling rates", lines);
  if (!Number.isInteger(count) || count < 0 || count > maximumRates) {
    throw lines.fault(`the number of sampling rates is ${text.slice(0, 40)}`);
  }
  // Without rates, one line has the rate 0 all the same; some recorders leave it out.
  if (count === 0 && lines.peek()?.[0]?.includes("/")) return [{ rate: 0, lastSample: 0 }];
  const rates: SamplingRate[] = [];
  for (let i = 0; i < Math.max(count, 1); i++) {
    const [rate = "", last = ""] = lines.take(`sampling rate ${i + 1} and its last sample`, 1);
    const parsed = { rate: parseNumber(rate, "sampling rate", lines), lastSample: last === "" ? 0 : Number(last) };
    if (parsed.rate < 0) throw lines.fault(`sampling rate ${i + 1} is below 0`);
    if (!Number.isSafeInteger(parsed.lastSample) || parsed.lastSample < (rates.at(-1)?.lastSample ?? 0)) {
      throw lines.fault(`the last sample of sampling rate ${i + 1} is "${last.slice(0, 40)}"`);
    }
    rates.push(parsed);
  }
  return rates;
}

/** A point in time, local or UTC, and how many fraction digits it has. */
interface ParsedTime {
  readonly seconds: number;
  readonly nsec: number;
  readonly digits: number;
}

function parseTime(
  lines: Lines,
  what: string,
  revision: ComtradeRevision,
  onWarning: (message: string) => void,
): ParsedTime {
  const [date = "", time = ""] = lines.take(what, 1);
  const days = parseDate(date, what, revision, lines, onWarning);
  const clock = /^([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.([0-9]{0,12}))?$/.exec(time);
  if (clock === null && time !== "") throw lines.fault(`${what} is "${time.slice(0, 40)}": expected hh:mm:ss.ssssss`);
  const [, hours = "0", minutes = "0", seconds = "0", fraction = ""] = clock ?? [];
  if (Number(hours) > 24 || Number(minutes) > 59 || Number(seconds) > 60) {
    throw lines.fault(`${what} is "${time.slice(0, 40)}", which no clock shows`);
  }
  return {
    seconds: days * 86400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
    nsec: Number(fraction.padEnd(9, "0").slice(0, 9)),
    digits: fraction.length,
  };
}

/** Returns the day as a number since 1970: mm/dd/yy in 1991, dd/mm/yyyy since 1999. */
function parseDate(
  date: string,
  what: string,
  revision: ComtradeRevision,
  lines: Lines,
  onWarning: (message: string) => void,
): number {
  const [, first = "", second = "", year = ""] = /^([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{2,4})$/.exec(date) ?? [];
  if (year === "") {
    if (date !== "" && !/^[/\s]*$/.test(date)) {
      throw lines.fault(`${what} is "${date.slice(0, 40)}": expected a date such as 31/12/2013`);
    }
    onWarning(`It does not say ${what}: taken as 1970-01-01`);
    return 0;
  }
  let [day, month] = revision === 1991 ? [Number(second), Number(first)] : [Number(first), Number(second)];
  if (month > 12 && day <= 12) {
    onWarning(`${date} has no month ${month}: day and month are taken the other way round`);
    [day, month] = [month, day];
  }
  if (month < 1 || month > 12 || day < 1 || day > 31) {
    onWarning(`${what} is ${date}, which is no date: taken as 1970-01-01`);
    return 0;
  }
  const short = Number(year);
  const full = year.length > 2 ? short : short < 70 ? 2000 + short : 1900 + short;
  return Date.UTC(full, month - 1, day) / 86_400_000;
}

function parseDataType(lines: Lines): ComtradeDataType {
  const [text = ""] = lines.take("the type of the data file", 1);
  const type = text.toLowerCase();
  if (type === "ascii" || type === "binary" || type === "binary32" || type === "float32") return type;
  throw lines.fault(`its data are of type "${text.slice(0, 40)}": expected ASCII, BINARY, BINARY32 or FLOAT32`);
}

/** Returns by how many seconds the times of the record are ahead of UTC. */
function parseTimeCode(code: string, lines: Lines, onWarning: (message: string) => void): number {
  if (code === "" || code === "0") return 0;
  if (code.toLowerCase() === "x") {
    onWarning("It does not say how its local time differs from UTC: its times are taken as UTC");
    return 0;
  }
  const [, sign = "", hours = "", minutes = "0"] = /^([-+]?)([0-9]{1,2})(?:h([0-9]{1,2}))?$/i.exec(code) ?? [];
  if (hours === "") throw lines.fault(`its time code is "${code.slice(0, 40)}": expected one such as -5h30`);
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

function toTimestamp(sec: number, nsec: number, what: string, onWarning: (message: string) => void): Timestamp {
  if (sec >= 0) return { sec, nsec };
  onWarning(`The time of the ${what} is before 1970: taken as 1970-01-01`);
  return { sec: 0, nsec: 0 };
}

function parseNumber(text: string, what: string, lines: Lines): number {
  // Not Number() alone: it takes "0x10" and "".
  const number = /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?$/i.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(number)) throw lines.fault(`the ${what} is "${text.slice(0, 40)}", which is not a number`);
  return number;
}
