/**
 * Reads MAT-files: the variables that are signals, row by row.
 *
 * @module
 */

import { DecodeError } from "../../formats/errors.ts";
import type { Sample, Timestamp, Value } from "../../samples/sample.ts";
import { parseSignals, type Signal, type SignalType } from "../../samples/signals.ts";
import type { ReadOptions, RecordingReader } from "../file_format.ts";
import { classes, datenumOf1970, type NumberReader, numberReaders, remarkName, reservedNames } from "./layout.ts";
import { findVariables, type NumericVariable, type StoredNumbers, type Variables } from "./variables.ts";

const name = "matlab";

/** Bytes of all columns that are read at a time. */
const blockBytes = 2 ** 20;
const maximumRows = 8192;

/** Names of the time in files of other programs, in seconds. */
const timeNames: readonly string[] = ["time", "t", "tout", "timestamp"];

/** The most signals, as in a list of signals. */
const maximumSignals = 65_536;

/** Opens a file. */
export async function openMatlab(path: string, options: ReadOptions): Promise<RecordingReader> {
  const { onDecodeError = raise, onWarning = () => {} } = options;
  const table = await planTable(path, onDecodeError, onWarning);
  const { signals, remark } = table;
  return {
    signals,
    ...remark === undefined ? {} : { properties: { remark } },
    batches: () => readTable(path, table, options),
  };
}

/** A column: where in which variable its numbers are. */
interface Column {
  readonly variable: NumericVariable;
  /** Index of the first number, and the distance to the next one. */
  readonly first: number;
  readonly stride: number;
}

/** The table that the variables make up. */
interface Table {
  readonly rows: number;
  readonly signals: readonly Signal[];
  readonly columns: readonly Column[];
  readonly timeNs: Column | undefined;
  readonly time: Column | undefined;
  readonly received: Column | undefined;
  readonly sequence: Column | undefined;
  /** Seconds since 1970 that the time counts from. */
  readonly start: number;
  /** The remark of the file, where it was written by this program. */
  readonly remark: string | undefined;
}

async function planTable(
  path: string,
  onDecodeError: (error: DecodeError) => void,
  onWarning: (message: string) => void,
): Promise<Table> {
  using variables = await findVariables(path, onDecodeError);
  const { numeric, others } = variables;
  const byName = new Map(numeric.map((variable) => [variable.name, variable]));
  const info = readInfo(variables);
  const timeVariable = byName.get("time_ns") ?? timeNames.map((wanted) => findAnyCase(numeric, wanted)).find(isVector);
  const rows = timeVariable === undefined ? longest(numeric) : timeVariable.rows * timeVariable.columns;
  const vector = (variable: NumericVariable | undefined) =>
    variable !== undefined && hasOneColumn(variable) && variable.rows * variable.columns === rows
      ? { variable, first: 0, stride: 1 }
      : undefined;
  const timeNs = vector(byName.get("time_ns"));
  const time = timeNs === undefined ? vector(timeVariable) : undefined;
  const isOwn = info !== undefined;
  const left = new Set<NumericVariable | undefined>([timeVariable]);
  for (const reserved of reservedNames) if (isOwn || reserved === "datenum") left.add(byName.get(reserved));
  const found = isOwn
    ? info.flatMap(({ variable, signal }) => {
      const column = vector(byName.get(variable));
      if (column === undefined) onWarning(`The variable ${variable} is missing, or of another length`);
      return column === undefined ? [] : [{ signal: { ...signal, type: typeOf(column.variable) }, column }];
    })
    : numeric.filter((variable) => !left.has(variable)).flatMap((variable) => columnsOf(variable, rows));
  const skipped = [
    ...others,
    ...isOwn
      ? []
      : numeric.filter((variable) => !left.has(variable) && columnsOf(variable, rows).length === 0).map(({ name }) =>
        name
      ),
  ];
  if (skipped.length > 0 && !isOwn) {
    const more = skipped.length > 5 ? `, and ${skipped.length - 5} more` : "";
    onWarning(
      `Variables that are not signals of ${rows} values are left out: ${skipped.slice(0, 5).join(", ")}${more}`,
    );
  }
  if (found.length > maximumSignals) {
    throw new DecodeError(name, `it has ${found.length} signals, more than ${maximumSignals}`, {}, { source: "file" });
  }
  return {
    rows: found.length === 0 && timeVariable === undefined ? 0 : rows,
    signals: found.map(({ signal }) => signal),
    columns: found.map(({ column }) => column),
    ...{ timeNs, time },
    received: isOwn ? vector(byName.get("received_ns")) : undefined,
    sequence: isOwn ? vector(byName.get("sequence")) : undefined,
    start: time === undefined ? 0 : await readStart(variables, vector(byName.get("datenum"))),
    remark: isOwn ? variables.texts.get(remarkName) : undefined,
  };
}

/** Reads which variable has which signal, where the file was written by this program. */
function readInfo({ texts }: Variables): { variable: string; signal: Signal }[] | undefined {
  const text = texts.get("signal_info");
  if (text === undefined) return undefined;
  try {
    const entries = JSON.parse(text) as { variable?: unknown }[];
    const signals = parseSignals(entries);
    return entries.map(({ variable }, index) => {
      if (typeof variable !== "string") throw new SyntaxError("no variable");
      return { variable, signal: signals[index] ?? { type: "float" } };
    });
  } catch {
    // It is a variable of another program.
    return undefined;
  }
}

function findAnyCase(variables: readonly NumericVariable[], wanted: string): NumericVariable | undefined {
  return variables.find(({ name }) => name.toLowerCase() === wanted);
}

function isVector(variable: NumericVariable | undefined): boolean {
  return variable !== undefined && variable.imaginary === undefined && hasOneColumn(variable);
}

function hasOneColumn({ rows, columns }: NumericVariable): boolean {
  return rows === 1 || columns === 1;
}

/** Returns the number of rows of most variables that have more than one. */
function longest(variables: readonly NumericVariable[]): number {
  const counts = new Map<number, number>();
  for (const { rows, columns } of variables) {
    // One of a billion rows and no column is nothing.
    if (rows * columns === 0) continue;
    const length = rows === 1 ? columns : rows;
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || b - a)[0]?.[0] ?? 0;
}

/** Returns the columns of a variable that has a row, or a column, for each sample. */
function columnsOf(variable: NumericVariable, rows: number): { signal: Signal; column: Column }[] {
  const type = typeOf(variable);
  const isUpright = variable.rows === rows;
  if (!isUpright && variable.columns !== rows) return [];
  const count = isUpright ? variable.columns : variable.rows;
  if (count > maximumSignals) return [];
  return Array.from({ length: count }, (_, index) => ({
    signal: { name: count === 1 ? variable.name : `${variable.name}_${index + 1}`, type },
    column: { variable, first: isUpright ? index * rows : index, stride: isUpright ? 1 : count },
  }));
}

function typeOf({ class: variableClass, isLogical, imaginary }: NumericVariable): SignalType {
  if (isLogical) return "boolean";
  if (imaginary !== undefined) return "complex";
  return variableClass === classes.double || variableClass === classes.single ? "float" : "integer";
}

/** Returns the seconds that a time in seconds counts from, where the file has the days of MATLAB's calendar, too. */
async function readStart({ isLittle }: Variables, datenum: Column | undefined): Promise<number> {
  if (datenum === undefined || datenum.variable.real.count === 0) return 0;
  const [first = NaN] = await new ColumnReader(datenum, isLittle).read(0, 1);
  const seconds = (Number(first) - datenumOf1970) * 86_400;
  // A float64 holds days to some microseconds: the start of a simulation is a round number.
  return seconds >= 0 ? Math.round(seconds * 1e3) / 1e3 : 0;
}

async function* readTable(path: string, plan: Table, options: ReadOptions): AsyncGenerator<Sample[], void, undefined> {
  const { signal, onRead } = options;
  if (signal?.aborted || plan.rows === 0) return;
  // The errors were reported when it was opened.
  const variables = await findVariables(path, () => {});
  try {
    const places = new Map(variables.numeric.map((variable) => [variable.name, variable]));
    const reader = (column: Column | undefined) => {
      const variable = column && places.get(column.variable.name);
      return column && variable && new ColumnReader({ ...column, variable }, variables.isLittle);
    };
    const columns = plan.columns.map((column) => reader(column));
    const timeNs = reader(plan.timeNs);
    const time = reader(plan.time);
    const received = reader(plan.received);
    const sequence = reader(plan.sequence);
    const all = [...columns, timeNs, time, received, sequence];
    const width = all.reduce((sum, column) => sum + (column?.width ?? 0), 0);
    const step = Math.max(1, Math.min(maximumRows, Math.floor(blockBytes / Math.max(width, 1))));
    for (let row = 0; row < plan.rows; row += step) {
      const count = Math.min(step, plan.rows - row);
      const values: (readonly Value[])[] = [];
      for (const column of columns) values.push(await column?.readValues(row, count) ?? []);
      const times = await timeNs?.read(row, count);
      const seconds = await time?.read(row, count);
      const receptions = await received?.read(row, count);
      const numbers = await sequence?.read(row, count);
      if (signal?.aborted) return;
      onRead?.(count * width);
      yield Array.from({ length: count }, (_, index) => {
        const sample: Sample = { values: values.map((column) => column[index] ?? null) };
        const tsOrigin = times === undefined
          ? fromSeconds(Number(seconds?.[index] ?? NaN), plan.start)
          : fromNanoseconds(times[index]);
        const tsReceived = fromNanoseconds(receptions?.[index]);
        const number = numbers?.[index];
        if (number !== undefined) sample.sequence = BigInt.asUintN(64, BigInt(number));
        if (tsOrigin !== undefined) sample.tsOrigin = tsOrigin;
        if (tsReceived !== undefined) sample.tsReceived = tsReceived;
        return sample;
      });
    }
  } finally {
    variables[Symbol.dispose]();
  }
}

function fromNanoseconds(time: number | bigint | undefined): Timestamp | undefined {
  if (time === undefined || typeof time === "number" || time <= 0n) return undefined;
  return { sec: Number(time / 1_000_000_000n), nsec: Number(time % 1_000_000_000n) };
}

function fromSeconds(seconds: number, start: number): Timestamp | undefined {
  const total = start + seconds;
  if (!(total >= 0 && total < 2 ** 43)) return undefined;
  // The whole seconds of the start are added apart, so that the fraction keeps its digits.
  const whole = Math.floor(seconds);
  const fraction = Math.round((seconds - whole + (start - Math.floor(start))) * 1e9);
  const carry = Math.floor(fraction / 1e9);
  return { sec: Math.floor(start) + whole + carry, nsec: fraction - carry * 1e9 };
}

/** Reads the numbers of a column. */
class ColumnReader {
  readonly #column: Column;
  readonly #isLittle: boolean;

  constructor(column: Column, isLittle: boolean) {
    this.#column = column;
    this.#isLittle = isLittle;
  }

  /** Bytes of a row. */
  get width(): number {
    const { variable: { real, imaginary }, stride } = this.#column;
    const width = (numberReaders[real.type]?.width ?? 8) * stride;
    return imaginary === undefined ? width : width + (numberReaders[imaginary.type]?.width ?? 8) * stride;
  }

  /** Reads the real parts of some rows. */
  async read(row: number, count: number): Promise<(number | bigint)[]> {
    return await this.#readNumbers(this.#column.variable.real, row, count);
  }

  /** Reads the values of some rows, of the type that the variable has. */
  async readValues(row: number, count: number): Promise<Value[]> {
    const { variable } = this.#column;
    const real = await this.read(row, count);
    if (variable.imaginary !== undefined) {
      const imaginary = await this.#readNumbers(variable.imaginary, row, count);
      return real.map((part, index) => ({ real: Number(part), imag: Number(imaginary[index]) }));
    }
    switch (typeOf(variable)) {
      case "boolean":
        return real.map((part) => Number(part) !== 0);
      case "integer":
        return real.map((part) => typeof part === "bigint" ? part : Number.isInteger(part) ? BigInt(part) : part);
      default:
        return real.map(Number);
    }
  }

  async #readNumbers({ file, offset, type }: StoredNumbers, row: number, count: number): Promise<(number | bigint)[]> {
    const { first, stride } = this.#column;
    const { width, read } = numberReaders[type] as NumberReader;
    const bytes = new Uint8Array(((count - 1) * stride + 1) * width);
    await file.seek(offset + (first + row * stride) * width, Deno.SeekMode.Start);
    for (let length = 0; length < bytes.length;) {
      const found = await file.read(bytes.subarray(length));
      if (found === null) throw new DecodeError(name, "it has become shorter", { offset }, { source: "file" });
      length += found;
    }
    const view = new DataView(bytes.buffer);
    const numbers: (number | bigint)[] = new Array(count);
    for (let index = 0; index < count; index++) numbers[index] = read(view, index * stride * width, this.#isLittle);
    return numbers;
  }
}

function raise(error: DecodeError): never {
  throw error;
}
