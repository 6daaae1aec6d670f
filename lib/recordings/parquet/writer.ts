/**
 * Writes Parquet files: gathers a row group of columns, and writes it when it is full.
 *
 * @module
 */

import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from "npm:hyparquet-writer@0.17.0";
import { EncodeError } from "../../formats/errors.ts";
import type { Complex, Sample, Timestamp, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { PartFile } from "../_part_file.ts";
import { checkColumns, signalsOfSample } from "../column_check.ts";
import type { CreateOptions, RecordingWriter } from "../file_format.ts";
import { createUniqueNames } from "../unique_names.ts";
import { remarkKey, reservedColumns, signalsKey } from "./names.ts";

const name = "parquet";

/** Bytes of the values of a row group, about; and its most rows. */
const groupBytes = 2 ** 23;
const maximumRows = 65_536;

/** Creates the writer of a file. */
export async function createParquetWriter(
  path: string,
  options: CreateOptions,
  compression: "none" | "snappy",
): Promise<RecordingWriter> {
  return new ParquetFileWriter(await PartFile.create(path), options, compression);
}

/** A column that gathers the values of a row group. */
interface Column {
  readonly source: Omit<ColumnSource, "data">;
  readonly element: SchemaElement;
  readonly data: Float64Array | BigInt64Array | BigUint64Array | boolean[];
}

/** The columns of a file. */
interface Table {
  readonly signals: readonly Signal[];
  readonly rows: number;
  readonly times: { readonly time: Column; readonly timeNs: Column } | undefined;
  readonly received: Column | undefined;
  readonly sequence: Column | undefined;
  /** The columns of each signal: two for a complex one. */
  readonly values: readonly (readonly Column[])[];
  readonly all: readonly Column[];
}

class ParquetFileWriter implements RecordingWriter {
  readonly #file: PartFile;
  readonly #options: CreateOptions;
  readonly #compression: "none" | "snappy";
  readonly #bytes = new ByteWriter(65_536);
  #table: Table | undefined;
  #writer: ParquetWriter | undefined;
  /** Number of rows that wait in the columns. */
  #used = 0;

  constructor(file: PartFile, options: CreateOptions, compression: "none" | "snappy") {
    this.#file = file;
    this.#options = options;
    this.#compression = compression;
  }

  async write(samples: readonly Sample[]): Promise<void> {
    const [first] = samples;
    if (first === undefined) return;
    const signals = this.#options.signals ?? this.#table?.signals ?? signalsOfSample(first, this.#options.names);
    checkColumns(name, samples, signals);
    const table = this.#table ?? createTable(signals, first);
    checkPresence(samples, table);
    this.#table = table;
    for (const sample of samples) {
      storeRow(table, this.#used++, sample);
      if (this.#used === table.rows) await this.#writeGroup(table);
    }
  }

  async finish(): Promise<readonly string[]> {
    const table = this.#table;
    if (table === undefined) {
      return ["No sample came: no file is written, because some readers cannot open one without rows"];
    }
    if (this.#used > 0) await this.#writeGroup(table);
    await this.#writer?.finish();
    await this.#save();
    await this.#file.finish();
    return [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }

  async #writeGroup(table: Table): Promise<void> {
    this.#writer ??= createWriter(this.#bytes, table, this.#compression, this.#options.remark);
    // No copies, which would wait in memory for the collector; the library is done with them when it has written them.
    const columnData = table.all.map(({ source, data }) => ({
      ...source,
      data: Array.isArray(data) ? data.slice(0, this.#used) : data.subarray(0, this.#used),
    }));
    await this.#writer.write({ columnData, rowGroupSize: this.#used });
    this.#used = 0;
    await this.#save();
  }

  async #save(): Promise<void> {
    await this.#file.write(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}

function createWriter(
  writer: ByteWriter,
  { all, signals, values }: Table,
  compression: "none" | "snappy",
  remark: string | undefined,
): ParquetWriter {
  const list = signals.map((signal, index) => ({
    ...signal,
    columns: values[index]?.map(({ element }) => element.name),
  }));
  return new ParquetWriter({
    writer,
    schema: [{ name: "root", num_children: all.length }, ...all.map(({ element }) => element)],
    codec: compression === "none" ? "UNCOMPRESSED" : "SNAPPY",
    statistics: false,
    kvMetadata: [
      { key: signalsKey, value: JSON.stringify(list) },
      ...remark === undefined ? [] : [{ key: remarkKey, value: remark }],
    ],
    createdBy: "villas-client",
  });
}

function createTable(signals: readonly Signal[], first: Sample): Table {
  const width = signals.reduce((sum, { type }) => sum + (type === "complex" ? 16 : 8), 32);
  const rows = Math.max(1024, Math.min(maximumRows, Math.floor(groupBytes / width)));
  const unique = createUniqueNames([
    ...reservedColumns,
    ...signals.map(({ name }, index) => name || `signal${index}`),
  ]).slice(reservedColumns.length);
  const int64 = (column: string, logical: Partial<SchemaElement> = {}) =>
    createColumn({ name: column, type: "INT64", ...logical }, new BigInt64Array(rows));
  const times = first.tsOrigin === undefined ? undefined : {
    time: int64("time", { logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" } }),
    timeNs: int64("time_ns"),
  };
  const received = first.tsReceived === undefined ? undefined : int64("received_ns");
  const sequence = first.sequence === undefined
    ? undefined
    : createColumn({ name: "sequence", type: "INT64", converted_type: "UINT_64" }, new BigUint64Array(rows));
  const values = signals.map(({ type }, index) => {
    const column = unique[index] ?? "";
    const double = (name: string) => createColumn({ name, type: "DOUBLE" }, new Float64Array(rows));
    if (type === "integer") return [int64(column)];
    if (type === "complex") return [double(`${column}.real`), double(`${column}.imag`)];
    return type === "boolean" ? [createColumn({ name: column, type: "BOOLEAN" }, new Array(rows))] : [double(column)];
  });
  const leading = [times?.time, times?.timeNs, received, sequence].filter((column) => column !== undefined);
  return { signals, rows, times, received, sequence, values, all: [...leading, ...values.flat()] };
}

function createColumn(element: SchemaElement, data: Column["data"]): Column {
  return {
    // A dictionary takes 0 and -0 for the same value.
    source: { name: element.name, encoding: "PLAIN", nullable: false, offsetIndex: false },
    element: { ...element, repetition_type: "REQUIRED" },
    data,
  };
}

/** Checks that samples have what the first one had: a column has a value in each row. */
function checkPresence(samples: readonly Sample[], { times, received, sequence }: Table): void {
  for (const [index, sample] of samples.entries()) {
    const missing = times !== undefined && sample.tsOrigin === undefined
      ? "timestamp"
      : received !== undefined && sample.tsReceived === undefined
      ? "receive timestamp"
      : sequence !== undefined && sample.sequence === undefined
      ? "sequence number"
      : undefined;
    if (missing === undefined) continue;
    throw new EncodeError(name, `it has no ${missing}, and the first sample of the file had one`, index);
  }
}

function storeRow({ times, received, sequence, values, signals }: Table, row: number, sample: Sample): void {
  if (times !== undefined && sample.tsOrigin !== undefined) {
    times.time.data[row] = times.timeNs.data[row] = nanoseconds(sample.tsOrigin);
  }
  if (received !== undefined && sample.tsReceived !== undefined) received.data[row] = nanoseconds(sample.tsReceived);
  if (sequence !== undefined) sequence.data[row] = sample.sequence ?? 0n;
  for (let index = 0; index < values.length; index++) {
    const [column, imaginary] = values[index] ?? [];
    const value: Value = sample.values[index] ?? null;
    if (column === undefined) continue;
    if (imaginary !== undefined && signals[index]?.type === "complex") {
      const { real, imag } = value as Complex;
      column.data[row] = real;
      imaginary.data[row] = imag;
    } else {
      column.data[row] = value === null ? NaN : value as number;
    }
  }
}

function nanoseconds({ sec, nsec }: Timestamp): bigint {
  return BigInt(sec) * 1_000_000_000n + BigInt(nsec);
}
