/**
 * Finds the columns of a Parquet file that are read, and the signals that they are.
 *
 * @module
 */

import type { FileMetaData, SchemaElement } from "npm:hyparquet@1.31.5";
import { parseSignals, type Signal } from "../../samples/signals.ts";
import { fault } from "./faults.ts";
import { signalsKey } from "./names.ts";

/** Names of the time in files of other programs, in seconds. */
const timeNames: readonly string[] = ["time", "t", "timestamp"];

/** A signal, and the columns that it is read from: two for a complex one. */
interface SignalColumns {
  readonly signal: Signal;
  readonly columns: readonly string[];
}

/** The columns of a file. */
export interface Plan {
  readonly metadata: FileMetaData;
  readonly signals: readonly SignalColumns[];
  /** Column of the time, and the nanoseconds of its unit. */
  readonly time: { readonly column: string; readonly unit: number } | undefined;
  readonly received: string | undefined;
  readonly sequence: string | undefined;
}

/**
 * Finds the columns that are read.
 *
 * @param metadata The metadata, of which what is damaged may be anything
 * @param onWarning Called for what is left out
 * @returns The columns
 * @throws {DecodeError} If they cannot be told
 */
export function createPlan(metadata: FileMetaData, onWarning: (message: string) => void): Plan {
  try {
    return planColumns(metadata, onWarning);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw fault("its metadata is damaged", 0, error);
  }
}

function planColumns(metadata: FileMetaData, onWarning: (message: string) => void): Plan {
  const root = metadata.schema[0];
  const elements = metadata.schema.slice(1);
  const flat = elements.filter(({ num_children: children, repetition_type: repetition }) =>
    children === undefined && repetition !== "REPEATED"
  );
  if (root === undefined || root.num_children !== elements.length) {
    onWarning("Columns inside of other columns are left out");
    if (elements.some(({ num_children: children }) => children !== undefined)) {
      throw fault("it has columns inside of other columns", 0);
    }
  }
  const info = readInfo(metadata);
  const has = (column: string) => flat.some((element) => element.name === column && element.type === "INT64");
  if (info !== undefined) {
    return {
      metadata,
      signals: info.filter(({ columns }) => columns.every((column) => flat.some(({ name }) => name === column))),
      time: has("time_ns") ? { column: "time_ns", unit: 1 } : undefined,
      received: has("received_ns") ? "received_ns" : undefined,
      sequence: has("sequence") ? "sequence" : undefined,
    };
  }
  const stamped = flat.find((element) => unitOf(element) !== undefined);
  const named = flat.find(({ name, type }) =>
    timeNames.includes(name.toLowerCase()) &&
    (type === "DOUBLE" || type === "FLOAT" || type === "INT64" || type === "INT32")
  );
  const time = stamped ?? named;
  const signals = flat.filter((element) => element !== time).flatMap((element) => {
    const type = typeOf(element);
    return type === undefined ? [] : [{ signal: { name: element.name, type }, columns: [element.name] }];
  });
  const left = flat.filter((element) => element !== time && typeOf(element) === undefined).map(({ name }) => name);
  if (left.length > 0) {
    onWarning(`Columns that are neither numbers nor booleans are left out: ${left.slice(0, 5).join(", ")}`);
  }
  return {
    metadata,
    signals,
    time: time === undefined ? undefined : { column: time.name, unit: unitOf(time) ?? 1e9 },
    ...{ received: undefined, sequence: undefined },
  };
}

/** Returns the nanoseconds of the unit of a column of timestamps. */
function unitOf({ type, converted_type: converted, logical_type: logical }: SchemaElement): number | undefined {
  if (type !== "INT64") return undefined;
  if (converted === "TIMESTAMP_MILLIS") return 1e6;
  if (converted === "TIMESTAMP_MICROS") return 1e3;
  if (logical?.type !== "TIMESTAMP") return undefined;
  return { MILLIS: 1e6, MICROS: 1e3, NANOS: 1 }[logical.unit];
}

function typeOf({ type, converted_type: converted, logical_type: logical }: SchemaElement): Signal["type"] | undefined {
  if (type === "BOOLEAN") return "boolean";
  if (converted === "DECIMAL" || logical?.type === "DECIMAL" || logical?.type === "FLOAT16") return undefined;
  if (type === "DOUBLE" || type === "FLOAT") return "float";
  const isInteger = converted === undefined || /^U?INT/.test(converted);
  return (type === "INT32" || type === "INT64") && isInteger ? "integer" : undefined;
}

/** Reads the list of signals, where the file was written by this program. */
function readInfo({ key_value_metadata: entries }: FileMetaData): SignalColumns[] | undefined {
  const text = entries?.find(({ key }) => key === signalsKey)?.value;
  if (text === undefined) return undefined;
  try {
    const list = JSON.parse(text) as { columns?: unknown }[];
    const signals = parseSignals(list);
    return list.map(({ columns }, index) => {
      const signal = signals[index];
      const isList = Array.isArray(columns) && columns.every((column) => typeof column === "string");
      if (signal === undefined || !isList || columns.length !== (signal.type === "complex" ? 2 : 1)) {
        throw new SyntaxError("no columns");
      }
      return { signal, columns };
    });
  } catch {
    // It is of another program, which happens to use the same key.
    return undefined;
  }
}
