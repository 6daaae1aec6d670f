/**
 * Reads Parquet files: one row group after the other, column by column.
 *
 * @module
 */

import { type FileMetaData, parquetMetadataAsync, parquetScan } from "npm:hyparquet@1.31.5";
import type { DecodeError } from "../../formats/errors.ts";
import type { Sample, Timestamp, Value } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { openToRead } from "../../system/open.ts";
import type { ReadOptions, RecordingReader } from "../file_format.ts";
import { fault } from "./faults.ts";
import { remarkKey } from "./names.ts";
import { findPageFault, findStructureFault } from "./pages.ts";
import { createPlan, type Plan } from "./plan.ts";
import { inflateSnappy } from "./snappy.ts";

/** The most bytes of metadata, and of the columns of a row group, which are decoded as a whole. */
const maximumMetadata = 2 ** 26;
const maximumGroup = 2 ** 30;

/** The most rows of a row group, and of all columns together in it. */
const maximumRows = 2 ** 26;

/** The most rows that are given at a time. */
const batchRows = 8192;

/** A file that pieces are read from. */
interface FileSource {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/** Opens a file. */
export async function openParquet(path: string, options: ReadOptions): Promise<RecordingReader> {
  using file = await openToRead(path);
  const plan = createPlan(await readMetadata(await sourceOf(file)), options.onWarning ?? (() => {}));
  const remark = plan.metadata.key_value_metadata?.find(({ key }) => key === remarkKey)?.value;
  return {
    signals: plan.signals.map(({ signal }) => signal),
    ...remark === undefined ? {} : { properties: { remark } },
    batches: () => readRows(path, plan, options),
  };
}

async function sourceOf(file: Deno.FsFile): Promise<FileSource> {
  const { isFile, size } = await file.stat();
  if (!isFile) throw fault("it is not a file with a beginning and an end", 0);
  // Columns are read at the same time, and the position of a file is only one.
  let last: Promise<unknown> = Promise.resolve();
  return {
    byteLength: size,
    slice(start, end = size) {
      const reading = last.then(() => readAt(file, start, Math.min(end, size)));
      last = reading.catch(() => {});
      return reading;
    },
  };
}

async function readAt(file: Deno.FsFile, start: number, end: number): Promise<ArrayBuffer> {
  if (!(start >= 0 && end >= start && end - start <= maximumGroup)) throw new RangeError(`no bytes ${start} to ${end}`);
  const bytes = new Uint8Array(end - start);
  await file.seek(start, Deno.SeekMode.Start);
  for (let length = 0; length < bytes.length;) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) throw new RangeError(`the file ends at ${start + length}`);
    length += count;
  }
  return bytes.buffer;
}

async function readMetadata(source: FileSource): Promise<FileMetaData> {
  const { byteLength } = source;
  if (byteLength < 12) throw fault("it is too short for a file of Parquet", 0);
  const tail = new DataView(await source.slice(byteLength - 8));
  if (tail.getUint32(4, true) !== 0x31524150) {
    throw fault(
      'it does not end with "PAR1": the recording was cut off, or it is another kind of file',
      byteLength - 4,
    );
  }
  const length = tail.getUint32(0, true);
  if (length > byteLength - 12 || length > maximumMetadata) {
    throw fault(`its metadata would be ${length} bytes long`, byteLength - 8);
  }
  const damage = findStructureFault(new Uint8Array(await source.slice(byteLength - 8 - length, byteLength - 8)));
  if (damage !== undefined) throw fault(`its metadata cannot be read: ${damage}`, byteLength - 8 - length);
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(source);
  } catch (error) {
    throw fault(`its metadata cannot be read: ${describeDamage(error)}`, byteLength - 8 - length, error);
  }
  checkMetadata(metadata, byteLength, byteLength - 8 - length);
  return metadata;
}

/** Checks the counts of the metadata before anything is made as large as they say. */
function checkMetadata({ schema, row_groups: groups }: FileMetaData, size: number, offset: number): void {
  const check = (count: unknown, what: string, maximum: number): number => {
    const number = typeof count === "bigint" ? Number(count) : count;
    if (typeof number === "number" && number >= 0 && number <= maximum) return number;
    throw fault(
      number === undefined ? `its metadata has no ${what}` : `its metadata says that the ${what} is ${number}`,
      offset,
    );
  };
  const isList = Array.isArray(schema) && Array.isArray(groups) &&
    groups.every(({ columns }) => Array.isArray(columns));
  if (!isList || schema.some(({ name }) => typeof name !== "string")) {
    throw fault("its metadata has no columns", offset);
  }
  for (const [index, group] of groups.entries()) {
    const rows = check(group.num_rows, `number of rows of row group ${index}`, maximumRows);
    let bytes = 0;
    for (const { meta_data: column } of group.columns) {
      bytes += check(column?.total_uncompressed_size, "length of a column", maximumGroup);
      check(column?.total_compressed_size, "compressed length of a column", size);
      const values = check(column?.num_values, "number of values of a column", maximumRows);
      if (values !== rows) {
        throw fault(`row group ${index} has ${rows} rows, and a column of it ${values} values`, offset);
      }
    }
    check(bytes, `length of row group ${index}`, maximumGroup);
  }
}

/** Timestamps stay the numbers that they are: none of the units loses digits then. */
const parsers = {
  timestampFromMilliseconds: (time: bigint) => time,
  timestampFromMicroseconds: (time: bigint) => time,
  timestampFromNanoseconds: (time: bigint) => time,
};

const compressors = { SNAPPY: inflateSnappy };

async function* readRows(path: string, plan: Plan, options: ReadOptions): AsyncGenerator<Sample[], void, undefined> {
  const { signal, onDecodeError = raise, onRead } = options;
  if (signal?.aborted) return;
  using file = await openToRead(path);
  const source = await sourceOf(file);
  const { metadata, signals, time, received, sequence } = plan;
  const wanted = [time?.column, received, sequence, ...signals.flatMap(({ columns }) => columns)]
    .filter((column) => column !== undefined);
  let rowStart = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    const rows = Number(group.num_rows);
    if (rows === 0 || wanted.length === 0) continue;
    const columns = new Map<string, ArrayLike<unknown>>();
    try {
      await checkPages(source, metadata, group, new Set(wanted));
      const range = { rowStart, rowEnd: rowStart + rows };
      const scan = parquetScan({
        file: source,
        metadata,
        columns: [...new Set(wanted)],
        ...range,
        parsers,
        compressors,
      });
      for (const column of new Set(wanted)) {
        const data = await (await scan).readColumn({ column, ...range });
        if (data.length !== rows) throw new RangeError(`column ${column} has ${data.length} of ${rows} values`);
        columns.set(column, data);
        if (signal?.aborted) return;
      }
    } catch (error) {
      const offset = Number(group.columns[0]?.meta_data?.data_page_offset ?? 0);
      onDecodeError(fault(`row group ${index} cannot be read: ${describeDamage(error)}`, offset, error));
      rowStart += rows;
      continue;
    }
    onRead?.(Number(group.total_byte_size));
    for (let row = 0; row < rows; row += batchRows) {
      const length = Math.min(batchRows, rows - row);
      yield Array.from({ length }, (_, index) => sampleOf(plan, columns, row + index));
      if (signal?.aborted) return;
    }
    rowStart += rows;
  }
}

/** Checks the pages of the columns that are read. */
async function checkPages(
  source: FileSource,
  { schema }: FileMetaData,
  group: FileMetaData["row_groups"][number],
  wanted: Set<string>,
): Promise<void> {
  for (const { meta_data: column } of group.columns) {
    const [path = ""] = column?.path_in_schema ?? [];
    if (column === undefined || !wanted.has(path)) continue;
    const start = Number(column.dictionary_page_offset ?? column.data_page_offset);
    const chunk = new Uint8Array(await source.slice(start, start + Number(column.total_compressed_size)));
    const limits = { values: Number(group.num_rows), bytes: Number(column.total_uncompressed_size) };
    const element = schema.find(({ name }) => name === path);
    const reason = findPageFault(chunk, limits, {
      // What is neither, the library takes for optional.
      isOptional: element?.repetition_type !== "REQUIRED",
      isBoolean: element?.type === "BOOLEAN",
      inflate: column.codec === "SNAPPY" ? inflateSnappy : undefined,
    });
    if (reason !== undefined) throw new RangeError(`column ${path.slice(0, 64)}: ${reason}`);
  }
}

function sampleOf(
  { signals, time, received, sequence }: Plan,
  columns: ReadonlyMap<string, ArrayLike<unknown>>,
  row: number,
): Sample {
  const at = (column: string | undefined) => column === undefined ? undefined : columns.get(column)?.[row];
  const sample: Sample = {
    values: signals.map(({ signal, columns: [real = "", imag] }) => {
      if (signal.type === "complex") return { real: Number(at(real)), imag: Number(at(imag)) };
      return valueOf(at(real), signal.type);
    }),
  };
  const number = at(sequence);
  if (typeof number === "bigint") sample.sequence = BigInt.asUintN(64, number);
  const tsOrigin = timestampOf(at(time?.column), time?.unit ?? 1);
  const tsReceived = timestampOf(at(received), 1);
  if (tsOrigin !== undefined) sample.tsOrigin = tsOrigin;
  if (tsReceived !== undefined) sample.tsReceived = tsReceived;
  return sample;
}

function valueOf(found: unknown, type: Signal["type"]): Value {
  if (found === null || found === undefined) return null;
  if (type === "integer") {
    if (typeof found === "bigint") return BigInt.asIntN(64, found) === found ? found : Number(found);
    return Number.isInteger(found) ? BigInt(found as number) : null;
  }
  return typeof found === "number" || typeof found === "boolean" ? found : null;
}

function timestampOf(found: unknown, unit: number): Timestamp | undefined {
  if (typeof found === "number") {
    if (!(found >= 0 && found * unit < 2 ** 43 * 1e9)) return undefined;
    const seconds = found * unit / 1e9;
    const sec = Math.floor(seconds);
    const nsec = Math.round((seconds - sec) * 1e9);
    return nsec < 1e9 ? { sec, nsec } : { sec: sec + 1, nsec: 0 };
  }
  if (typeof found !== "bigint" || found < 0n) return undefined;
  const nanoseconds = found * BigInt(unit);
  return { sec: Number(nanoseconds / 1_000_000_000n), nsec: Number(nanoseconds % 1_000_000_000n) };
}

/** Describes an error of the library's: its own ones say something, those of the language nothing. */
function describeDamage(error: unknown): string {
  const { message } = error as Error;
  return /^(parquet|column) /.test(message) ? message.replace(/\s+/g, " ").slice(0, 200) : "it is damaged";
}

function raise(error: DecodeError): never {
  throw error;
}
