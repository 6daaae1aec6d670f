/**
 * Reads the text formats as VILLASnode does: villas.human (`lib/formats/villas_human.cpp`), csv and tsv
 * (`column.cpp`), both one line per sample (`line.cpp`), and value (`value.cpp`).
 *
 * @module
 */

import { checkNanoseconds, type NodeSample, type Reading, signalAt, Unreadable } from "./_reading.ts";
import { takeDigits, takeReal, takeTextValue, TextCursor } from "./_text_values.ts";

/** Reads one line with its end. */
type LineReader = (cursor: TextCursor, reading: Reading, delimiter: string) => NodeSample;

/** Reads format `villas.human`. */
export const readHuman = readLines(readHumanLine);

/** Reads format `csv`. */
export const readCsv = readLines(columnReader(","));

/** Reads format `tsv`. */
export const readTsv = readLines(columnReader("\t"));

/** Reads format `value`: the text of one value, and a line feed, without which the node reads on in older text. */
export function readValue(datagram: Uint8Array, reading: Reading): NodeSample[] {
  const cursor = new TextCursor(datagram);
  const signal = signalAt(0, reading);
  const sample = { values: [takeTextValue(cursor, 0, signal, reading)] };
  if (!cursor.takes("\n")) reading.fault(`expected a line feed, not ${cursor.describe()}`);
  else if (cursor.next !== "") reading.fault(`behind the only value stands ${cursor.describe()}`);
  return [sample];
}

function readLines(read: LineReader): (datagram: Uint8Array, reading: Reading) => NodeSample[] {
  return (datagram, reading) => {
    const { delimiter = "\n", comment_prefix: comment = "#", skip_first_line: skipsFirst } = reading.options;
    const cursor = new TextCursor(datagram);
    const samples: NodeSample[] = [];
    if (skipsFirst === true && reading.isFirst) reading.fault("the node skips the first line, which holds a sample");
    while (cursor.next !== "") {
      if (cursor.next === comment) throw new Unreadable("a line is a comment to the node");
      samples.push(read(cursor, reading, String(delimiter)));
    }
    return samples;
  };
}

/** `SECONDS.NANOSECONDS[+OFFSET][(SEQUENCE)][F]{<tab>VALUE}`. */
function readHumanLine(cursor: TextCursor, reading: Reading, delimiter: string): NodeSample {
  const { fault } = reading;
  const sample: NodeSample = { values: [] };
  const sec = takeDigits(cursor, "the seconds");
  if (sec > 0xffff_ffffn) fault(`the node cuts ${sec} seconds to 32 bits`);
  if (!cursor.takes(".")) throw new Unreadable(`expected the nanoseconds, not ${cursor.describe()}`);
  const start = cursor.position;
  const nsec = takeDigits(cursor, "the nanoseconds");
  const length = cursor.position - start;
  // The node reads a number of nanoseconds, not a fraction; "0.0" is how VILLASnode writes that there is no time.
  if (length !== 9 && !(sec === 0n && nsec === 0n)) fault(`the nanoseconds have ${length} digits, not 9`);
  checkNanoseconds(nsec, reading);
  sample.time = { sec, nsec };
  if (cursor.next === "+" || cursor.next === "-") checkOffset(takeReal(cursor, "the offset"), reading);
  if (cursor.takes("(")) {
    sample.sequence = takeSequence(cursor, reading);
    if (!cursor.takes(")")) throw new Unreadable(`expected a closing parenthesis, not ${cursor.describe()}`);
  }
  if (cursor.takes("F")) sample.newFrame = true;
  takeValues(cursor, sample, ["\t", " "], delimiter, reading);
  return sample;
}

/** `SECONDS,NANOSECONDS,OFFSET,SEQUENCE{,VALUE}`: the node reads all four columns, though it writes three. */
function columnReader(usual: string): LineReader {
  return (cursor, reading, delimiter) => {
    const separator = String(reading.options.separator ?? usual);
    const expectSeparator = (column: string) => {
      if (!cursor.takes(separator)) throw new Unreadable(`expected ${column}, not ${cursor.describe()}`);
    };
    const sample: NodeSample = { values: [] };
    const sec = takeDigits(cursor, "column 1 (seconds)");
    expectSeparator("column 2 (nanoseconds)");
    const nsec = takeDigits(cursor, "column 2 (nanoseconds)");
    checkNanoseconds(nsec, reading);
    sample.time = { sec, nsec };
    expectSeparator("column 3 (offset)");
    checkOffset(takeReal(cursor, "column 3 (offset)"), reading);
    expectSeparator("column 4 (sequence)");
    sample.sequence = takeSequence(cursor, reading);
    takeValues(cursor, sample, [separator], delimiter, reading);
    if (sample.values.length === 0) {
      reading.fault("the node does not take the sequence number of a line without values");
    }
    return sample;
  };
}

/** Takes values, each behind one separator, and the end of the line. */
function takeValues(
  cursor: TextCursor,
  sample: NodeSample,
  separators: readonly string[],
  delimiter: string,
  reading: Reading,
): void {
  const { values } = sample;
  while (cursor.next !== delimiter && separators.some((separator) => cursor.takes(separator))) {
    const signal = signalAt(values.length, reading);
    values.push(takeTextValue(cursor, values.length, signal, reading));
  }
  if (!cursor.takes(delimiter)) throw new Unreadable(`the line does not end at ${cursor.describe()}`);
}

function takeSequence(cursor: TextCursor, { fault }: Reading): bigint {
  const sequence = takeDigits(cursor, "the sequence number");
  if (sequence >= 2n ** 64n) fault(`the sequence number ${sequence} does not fit into 64 bits`);
  return sequence;
}

/** Notes an offset from which no time of reception can be made. */
function checkOffset(offset: number, { fault }: Reading): void {
  if (!Number.isFinite(Math.fround(offset))) fault(`the offset is ${offset}`);
}
