/**
 * VILLASnode's format `villas.human`: one sample per line, for people.
 *
 * @module
 */

import type { Sample, Value } from "../samples/sample.ts";
import { secondsBetween } from "../samples/timestamp.ts";
import { createLineFormat, type LineCursor, type LineOptions, lineRules, readSignalValue } from "./text/line_format.ts";
import { exponentialText } from "./text/numbers.ts";
import { PlainHumanReader } from "./text/plain_human.ts";
import type { TextBuffer } from "./text/text_buffer.ts";
import { maximumUint64 } from "./check.ts";
import { checkOptions } from "./options.ts";
import { addOffset, readFloat, readNanosecond, readSecond, readUnsigned, TextValueError } from "./text/text_values.ts";
import type { Format } from "./format.ts";

export type { LineOptions as VillasHumanOptions } from "./text/line_format.ts";

const name = "villas.human";

const tab = 9;
const opening = 40;
const closing = 41;
const point = 46;
const flag = 70;

/** VILLASnode's text of a missing timestamp. */
const noTimestamp = "0.0";

// All repetitions are bounded, because a line can be long and hostile.
const secondsPattern = /([0-9]{1,64})(?:\.([0-9]{1,64}))?/y;
// Python writes two signs if the offset is negative: +-5e-09.
const offsetPattern = /[-+]{1,2}(?:[0-9]{1,64}(?:\.[0-9]{0,64})?(?:e[-+]?[0-9]{1,8})?|nan|inf)/iy;
const sequencePattern = /\(([0-9]{1,64})\)/y;

/**
 * Creates the format `villas.human`: `SECONDS.NANOSECONDS+OFFSET(SEQUENCE)F`, then the values, separated by tabs.
 *
 * The digits after the point are a number of nanoseconds, not a fraction: `1.5` is 5 ns after the first second. The
 * offset, from origin to reception, is in seconds and only in files; `F` begins a new frame. `0.0` stands for a missing
 * timestamp, and an unset value is written as `nan`.
 *
 * Reading accepts tabs, spaces, commas and semicolons between values, and lines of VILLASnode's Python package. With
 * `ts_origin: false` a line begins with `0.0`, which VILLASnode can read, or, as VILLASnode writes it, without a time.
 * Without signals, text of digits only is an integer, and booleans, which are written as 0 and 1, are read as such. A
 * value beyond the signals is an error, because VILLASnode does not survive it; fewer are fine.
 *
 * @param options The signals, what to leave out, and the style of lines
 * @returns The format
 * @throws {TypeError} If an option does not exist or does not accept its value
 *
 * @see VILLASnode's `lib/formats/villas_human.cpp` and `lib/formats/line.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { villasHuman } from "@villas/client/formats";
 *
 * const format = villasHuman({ real_precision: 2 });
 * const datagram = format.encode([{ sequence: 7n, tsOrigin: { sec: 1, nsec: 5 }, values: [230.1, -1n] }]);
 * assertEquals(new TextDecoder().decode(datagram), "1.000000005(7)\t230.10\t-1\n");
 * assertEquals(format.decode(datagram), [{ tsOrigin: { sec: 1, nsec: 5 }, sequence: 7n, values: [230.1, -1n] }]);
 * ```
 */
export function villasHuman(options: LineOptions = {}): Format {
  checkOptions(name, options, lineRules);
  const {
    signals,
    sequence: withSequence = true,
    ts_origin: withOrigin = true,
    offset: withOffset = true,
    data: withData = true,
    real_precision = 17,
  } = options;

  function write(sample: Sample, isDatagram: boolean, text: TextBuffer): void {
    const { tsOrigin, tsReceived, sequence, newFrame, values } = sample;
    if (withOrigin && tsOrigin !== undefined) {
      text.integer(tsOrigin.sec);
      text.character(point);
      text.nanoseconds(tsOrigin.nsec);
      if (withOffset && !isDatagram && tsReceived !== undefined) {
        text.ascii(exponentialText(secondsBetween(tsReceived, tsOrigin)));
      }
    } else {
      text.ascii(noTimestamp);
    }
    if (withSequence && sequence !== undefined) {
      text.character(opening);
      text.integer(sequence);
      text.character(closing);
    }
    if (newFrame) text.character(flag);
    if (withData) text.values(values, real_precision, tab);
  }

  function read(cursor: LineCursor, onFraction?: (time: string) => void): Sample {
    const sample: Sample = { values: [] };
    // Without a time, a line may begin with the tab in front of its first value.
    while (withOrigin && isBlank(cursor.text.charCodeAt(cursor.pos))) cursor.pos++;
    readTimestamps(cursor, sample, onFraction);
    const [brackets, digits = ""] = takeMatch(cursor, sequencePattern) ?? [];
    if (brackets !== undefined) {
      sample.sequence = readUnsigned("sequence number", digits, maximumUint64);
      cursor.pos += brackets.length;
    }
    if (cursor.text.startsWith("F", cursor.pos)) {
      sample.newFrame = true;
      cursor.pos++;
    }
    readValues(cursor, sample.values);
    return sample;
  }

  function readTimestamps(cursor: LineCursor, sample: Sample, onFraction?: (time: string) => void): void {
    const [time, sec = "", nsec = ""] = takeMatch(cursor, secondsPattern) ?? [];
    if (time === undefined) {
      // Without origin timestamps VILLASnode writes nothing in their place.
      if (withOrigin && !cursor.text.startsWith("(")) {
        throw new TextValueError("expected seconds and nanoseconds such as 1.000000005");
      }
    } else if (time !== noTimestamp) {
      const seconds = readSecond(sec);
      cursor.pos += time.length - nsec.length;
      sample.tsOrigin = { sec: seconds, nsec: nsec === "" ? 0 : readNanosecond(nsec) };
      cursor.pos += nsec.length;
      if (nsec !== "" && nsec.length !== 9) onFraction?.(time);
    } else {
      cursor.pos += time.length;
    }
    const [offset] = takeMatch(cursor, offsetPattern) ?? [];
    if (offset === undefined) return;
    const seconds = readFloat(offset.replace(/^[-+](?=[-+])/, ""));
    const received = sample.tsOrigin && addOffset(sample.tsOrigin, seconds);
    if (received !== undefined) sample.tsReceived = received;
    cursor.pos += offset.length;
  }

  function readValues(cursor: LineCursor, values: Value[]): void {
    const { text } = cursor;
    while (cursor.pos < text.length) {
      const start = cursor.pos;
      const isAnnounced = skipSeparator(cursor);
      if (cursor.pos === start) throw new TextValueError("expected a tab, a space or a comma before a value");
      if (cursor.pos === text.length && !isAnnounced) return;
      const end = endOfValue(cursor);
      values.push(readSignalValue(text.slice(cursor.pos, end), values.length, signals));
      cursor.pos = end;
    }
  }

  return createLineFormat({
    name,
    plain: new PlainHumanReader(signals),
    header(names) {
      const columns = withData ? names.map((name) => `\t${name}`).join("") : "";
      const [time, offset, sequence] = [
        withOrigin ? "seconds.nanoseconds" : "",
        withOffset ? "+offset" : "",
        withSequence ? "(sequence)" : "",
      ];
      return ` ${time}${offset}${sequence}${columns}`;
    },
    write,
    read: (cursor) => read(cursor),
    createFileReader(onWarning) {
      let onFraction: ((time: string) => void) | undefined = (time) => {
        onFraction = undefined;
        const digits = time.replace(/^.*\./, "");
        onWarning(
          `The time ${time} has ${digits.length} of 9 digits behind the point: they are read as ` +
            `${Number(digits)} ns, as VILLASnode reads them, and not as a fraction of a second`,
        );
      };
      return { read: (cursor) => read(cursor, onFraction) };
    },
  }, options);
}

function takeMatch({ text, pos }: LineCursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = pos;
  return pattern.exec(text) ?? undefined;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Tells whether a character is a comma or a semicolon: unlike blanks, each of them announces a value. */
function isMark(code: number): boolean {
  return code === 0x2c || code === 0x3b;
}

/** Skips blanks with at most one comma or semicolon among them; returns whether there was one. */
function skipSeparator(cursor: LineCursor): boolean {
  const { text } = cursor;
  while (isBlank(text.charCodeAt(cursor.pos))) cursor.pos++;
  if (!isMark(text.charCodeAt(cursor.pos))) return false;
  cursor.pos++;
  while (isBlank(text.charCodeAt(cursor.pos))) cursor.pos++;
  return true;
}

function endOfValue({ text, pos }: LineCursor): number {
  while (pos < text.length && !isBlank(text.charCodeAt(pos)) && !isMark(text.charCodeAt(pos))) pos++;
  return pos;
}
