/**
 * Samples as a table for eyes: time, sequence number and values in columns that fit the terminal.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { secondsBetween } from "../../samples/timestamp.ts";
import { formatTitle, formatValue } from "./cells.ts";

/** Form of a time: UTC, seconds since the first sample, seconds since 1970. */
export type TimeStyle = "iso" | "relative" | "epoch";

/** Size of a terminal, in characters. */
export interface TerminalSize {
  /** Width. */
  readonly columns: number;
  /** Height. */
  readonly rows: number;
}

/** Options of a table. */
export interface TableOptions {
  /** Signals of the values, whose names and units stand above the columns. */
  readonly signals?: readonly Signal[] | undefined;
  /** Indices of the values in the received samples, for the names of signals that have none; default: their order. */
  readonly indices?: readonly number[] | undefined;
  /** Decimals of floats; default: five significant digits. */
  readonly digits?: number | undefined;
  /** Form of the times; default `"relative"`. */
  readonly time?: TimeStyle | undefined;
  /** Returns the size of the terminal; undefined if the table may have any width. */
  readonly measure?: () => TerminalSize | undefined;
}

/** Width that a column has at least, so that it need not grow with the first values. */
const timeWidth = 10;
const sequenceWidth = 6;
const valueWidth = 9;

const gap = "  ";

/** Shortest time between two looks at the size of the terminal, in milliseconds. */
const measureInterval = 200;

/**
 * Creates the writer of a table: it returns the lines of the samples, with the names of the columns in front of them
 * at the beginning, when the columns change, and once per screen.
 *
 * Values for which there is no room are omitted, and `+N` beside the names says how many.
 *
 * @param options Names, digits and width
 */
export function createTableWriter(options: TableOptions = {}): (samples: readonly Sample[]) => string {
  const table = new SampleTable(options);
  return (samples) => table.write(samples);
}

class SampleTable {
  readonly #options: TableOptions;
  #size: TerminalSize | undefined;
  #measured = -Infinity;
  #first: Timestamp | undefined;
  /** Titles of the columns: time, sequence number, values. */
  #titles: string[];
  #widths: number[];
  /** The columns that are shown, as indices of titles. */
  #shown: number[] = [];
  /** Number of lines until the titles are repeated; 0 if they are due. */
  #linesLeft = 0;

  constructor(options: TableOptions) {
    this.#options = options;
    this.#titles = [options.time === "iso" ? "time" : "time [s]", "seq"];
    this.#widths = [timeWidth, sequenceWidth];
    this.#addColumns(options.signals?.length ?? options.indices?.length ?? 0);
  }

  write(samples: readonly Sample[]): string {
    this.#measure();
    return samples.map((sample) => this.#writeSample(sample)).join("");
  }

  #writeSample({ type, sequence, tsOrigin, tsReceived, values }: Sample): string {
    const time = tsOrigin ?? tsReceived;
    this.#first ??= time;
    const cells = [
      time === undefined ? "-" : formatTime(time, this.#options.time ?? "relative", this.#first ?? time),
      type ?? sequence?.toString() ?? "-",
    ];
    if (values.length + 2 > this.#titles.length) this.#addColumns(values.length);
    this.#grow(cells, 0);
    if (this.#linesLeft === 0) this.#layOut();
    // Only the values that are shown are worth being written as text, and may change what is shown.
    this.#grow(this.#formatShown(values), 2);
    let text = "";
    if (this.#linesLeft === 0) text = this.#writeTitles();
    this.#linesLeft--;
    return `${text}${this.#join((column) => cells[column] ?? this.#formatValue(values[column - 2]))}\n`;
  }

  /** Widens columns for these cells, the first of which stands in this column. */
  #grow(cells: readonly (string | undefined)[], first: number): void {
    for (const [index, cell = ""] of cells.entries()) {
      if (cell.length <= (this.#widths[first + index] ?? 0)) continue;
      this.#widths[first + index] = cell.length;
      this.#layOut();
    }
  }

  #formatShown(values: readonly Value[]): (string | undefined)[] {
    const shown = new Set(this.#shown);
    return values.map((value, index) => shown.has(index + 2) ? this.#formatValue(value) : undefined);
  }

  #formatValue(value: Value | undefined): string {
    return value === undefined || value === null ? "-" : formatValue(value, this.#options.digits);
  }

  #addColumns(count: number): void {
    const { signals, indices } = this.#options;
    for (let index = this.#titles.length - 2; index < count; index++) {
      const { name = `signal${indices?.[index] ?? index}`, unit } = signals?.[index] ?? {};
      const title = formatTitle(unit ? `${name} [${unit}]` : name);
      this.#titles.push(title);
      this.#widths.push(Math.max(valueWidth, title.length));
    }
    this.#linesLeft = 0;
  }

  /** Chooses the columns that fit: the sequence number gives way to the first value. */
  #layOut(): void {
    this.#linesLeft = 0;
    const room = this.#size?.columns ?? Infinity;
    const all = this.#titles.map((_, column) => column);
    const fits = (columns: readonly number[]) => {
      const width = columns.reduce((sum, column) => sum + (this.#widths[column] ?? 0) + gap.length, -gap.length);
      const hidden = all.length - columns.length - (columns.includes(1) ? 0 : 1);
      return width + (hidden > 0 ? gap.length + `+${hidden}`.length : 0) <= room;
    };
    this.#shown = all;
    while (!fits(this.#shown) && this.#shown.length > 3) this.#shown = this.#shown.slice(0, -1);
    if (!fits(this.#shown)) this.#shown = this.#shown.filter((column) => column !== 1);
  }

  #writeTitles(): string {
    this.#linesLeft = this.#size === undefined ? Infinity : Math.max(1, this.#size.rows - 1);
    const hidden = this.#titles.length - 1 - Math.max(...this.#shown);
    const rest = hidden === 0 ? "" : `${gap}+${hidden}`;
    return `${this.#join((column) => this.#titles[column] ?? "", rest)}\n`;
  }

  #join(cellOf: (column: number) => string, rest = ""): string {
    const line = this.#shown.map((column) => cellOf(column).padStart(this.#widths[column] ?? 0)).join(gap) + rest;
    return this.#size === undefined ? line : line.slice(0, this.#size.columns);
  }

  #measure(): void {
    const { measure } = this.#options;
    const time = performance.now();
    if (measure === undefined || time - this.#measured < measureInterval) return;
    this.#measured = time;
    const size = measure();
    if (size?.columns === this.#size?.columns && size?.rows === this.#size?.rows) return;
    this.#size = size;
    this.#linesLeft = 0;
  }
}

function formatTime(time: Timestamp, style: TimeStyle, first: Timestamp): string {
  if (style === "relative") return secondsBetween(time, first).toFixed(6);
  const nanoseconds = String(time.nsec).padStart(9, "0");
  if (style === "epoch") return `${time.sec}.${nanoseconds}`;
  const date = new Date(time.sec * 1000);
  if (Number.isNaN(date.getTime())) return "-";
  return `${date.toISOString().slice(0, -5)}.${nanoseconds.slice(0, 6)}Z`;
}
