/**
 * The range of each signal of a file of floats, found without making samples of its bytes.
 *
 * @module
 */

/** Receives what a scanner finds in a file instead of samples: their heads in columns, and the ranges of their values. */
export interface ScanReceiver {
  /**
   * Takes the heads of the next samples, whose memory is used again.
   *
   * @param count How many they are
   * @param heads Their sequence numbers and timestamps of origin, the first ones of longer arrays
   */
  takeHeads(count: number, heads: HeadColumns): void;
  /** Takes the ranges of the values. */
  readonly ranges: ColumnRanges;
}

/** Heads of samples, an array for each part. */
export interface HeadColumns {
  /** The sequence numbers. */
  readonly sequence: Uint32Array;
  /** Seconds of the timestamps of origin. */
  readonly sec: Uint32Array;
  /** Their nanoseconds, 0 to 999 999 999. */
  readonly nsec: Uint32Array;
}

/** Smallest and largest float of each column, and the number of those that are NaN. */
export class ColumnRanges {
  #minimum = new Float64Array();
  #maximum = new Float64Array();
  #nan = new Float64Array();
  /** Number of rows by their length. */
  readonly #rows = new Map<number, number>();

  /** Number of columns. */
  get width(): number {
    return this.#minimum.length;
  }

  /**
   * Takes a value.
   *
   * @param column Its column
   * @param value The float
   */
  take(column: number, value: number): void {
    this.#reserve(column + 1);
    if (value !== value) this.#nan[column] = this.nanCount(column) + 1;
    if (value < this.minimum(column)) this.#minimum[column] = value;
    if (value > this.maximum(column)) this.#maximum[column] = value;
  }

  /**
   * Takes the range of some values of a column, none of which is NaN.
   *
   * @param column The column
   * @param minimum The smallest one
   * @param maximum The largest one
   */
  takeRange(column: number, minimum: number, maximum: number): void {
    this.take(column, minimum);
    this.take(column, maximum);
  }

  /**
   * Counts rows whose values were taken.
   *
   * @param width Number of values of each
   * @param count Number of rows
   */
  countRows(width: number, count: number): void {
    this.#reserve(width);
    this.#rows.set(width, (this.#rows.get(width) ?? 0) + count);
  }

  /** Returns the smallest float of a column; positive infinity where there is none. */
  minimum(column: number): number {
    return this.#minimum[column] ?? Infinity;
  }

  /** Returns the largest float of a column; negative infinity where there is none. */
  maximum(column: number): number {
    return this.#maximum[column] ?? -Infinity;
  }

  /** Returns the number of values in a column. */
  valueCount(column: number): number {
    let sum = 0;
    for (const [width, count] of this.#rows) if (width > column) sum += count;
    return sum;
  }

  /** Returns the number of values in a column that are NaN. */
  nanCount(column: number): number {
    return this.#nan[column] ?? 0;
  }

  #reserve(width: number): void {
    if (width <= this.width) return;
    this.#minimum = extend(this.#minimum, width, Infinity);
    this.#maximum = extend(this.#maximum, width, -Infinity);
    this.#nan = extend(this.#nan, width, 0);
  }
}

function extend(array: Float64Array, length: number, filling: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(length).fill(filling);
  longer.set(array);
  return longer;
}
