/**
 * Writes samples as other programs do: the files that `send` reads, and the datagrams that a node sends. Text is written
 * here, not by the client's formats, so that it can be what these never write: `1` for a float, `nan`, a missing column.
 *
 * @module
 */

import { createFormat, type Format, isComplex, type Sample, type Value } from "@villas/client";
import type { Random } from "../_random.ts";
import type { FormatChoice } from "./_settings.ts";
import type { NodeSignal } from "./node_model.ts";

/** Formats of files that `send` is given. */
export const fileFormats = ["csv", "json", "protobuf", "villas.human"] as const;

/** Name of a file format. */
export type FileFormat = typeof fileFormats[number];

const encoder = new TextEncoder();

/** Writes a file; samples that its format cannot carry are left out. */
export async function writeFile(random: Random, format: FileFormat, samples: readonly Sample[]): Promise<Uint8Array> {
  switch (format) {
    case "csv": {
      const header = random.chance(0.5) ? "# secs,nsecs,offset,sequence,signal0\n" : "";
      return encoder.encode(
        header +
          samples.map((sample) => csvLine(sample, [","], random.pick(offsets), (value) => textOf(random, value))).join(
            "",
          ),
      );
    }
    case "villas.human":
      return encoder.encode(samples.map((sample) => humanLine(random, sample)).join(""));
    case "json":
      return encoder.encode(samples.map((sample) => `${jsonObject(random, sample)}\n`).join(""));
    case "protobuf": {
      const protobuf = await createFormat("protobuf");
      return concatenate(samples.flatMap((sample) => encodeOrNothing(() => protobuf.encode([sample]))));
    }
  }
}

/** Writes the datagrams that a node sends, one per sample; those that the format cannot carry are left out. */
export async function writeDatagrams(
  format: FormatChoice,
  signals: readonly NodeSignal[] | undefined,
  samples: readonly Sample[],
): Promise<Uint8Array[]> {
  const { type, specification } = format;
  if (type === "csv" || type === "tsv") {
    // Of the four columns that VILLASnode reads, it writes three on a network.
    const { separator = type === "csv" ? "," : "\t", delimiter = "\n" } = specification;
    return samples.map((sample) => encoder.encode(csvLine(sample, [separator, delimiter], undefined, nodeTextOf)));
  }
  let writer: Format;
  try {
    writer = await createFormat(specification, signals === undefined ? {} : { signals });
  } catch {
    return [];
  }
  return samples.flatMap((sample) => encodeOrNothing(() => writer.encode([sample])));
}

function encodeOrNothing(encode: () => Uint8Array): Uint8Array[] {
  try {
    return [encode()];
  } catch {
    return [];
  }
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(pieces.flatMap((piece) => [...piece]));
}

const nothing = "nan";
const offsets = [nothing, "0.000000000", "0.250000000"];

function csvLine(
  { tsOrigin, sequence, values }: Sample,
  [separator = ",", delimiter = "\n"]: readonly unknown[],
  offset: string | undefined,
  write: (value: Value) => string,
): string {
  const columns = [tsOrigin?.sec ?? nothing, tsOrigin?.nsec.toString().padStart(9, "0") ?? nothing];
  if (offset !== undefined) columns.push(offset);
  columns.push(String(sequence ?? nothing), ...values.map(write));
  return columns.join(String(separator)) + String(delimiter);
}

function humanLine(random: Random, { tsOrigin, sequence, newFrame, values }: Sample): string {
  const time = tsOrigin === undefined ? "0.0" : `${tsOrigin.sec}.${tsOrigin.nsec.toString().padStart(9, "0")}`;
  const offset = random.pick(["", "+2.500000e-01"]);
  const number = sequence === undefined ? "" : `(${sequence})`;
  const text = values.map((value) => `\t${textOf(random, value)}`).join("");
  return `${time}${offset}${number}${newFrame ? "F" : ""}${text}\n`;
}

function jsonObject(random: Random, { tsOrigin, sequence, newFrame, values }: Sample): string {
  const members: string[] = [];
  if (tsOrigin !== undefined) members.push(`"ts": {"origin": [${tsOrigin.sec}, ${tsOrigin.nsec}]}`);
  if (newFrame) members.push('"flags": ["new_frame"]');
  if (sequence !== undefined) members.push(`"sequence": ${sequence}`);
  members.push(`"data": [${values.map((value) => jsonOf(random, value)).join(", ")}]`);
  return `{${members.join(", ")}}`;
}

/** Writes a value as VILLASnode does, a float with 17 digits behind the point. */
function nodeTextOf(value: Value): string {
  if (value === null) return "";
  if (isComplex(value)) {
    const imag = nodeTextOf(value.imag);
    return `${nodeTextOf(value.real)}${imag.startsWith("-") ? "" : "+"}${imag}i`;
  }
  if (typeof value !== "number") return `${typeof value === "boolean" ? Number(value) : value}`;
  if (!Number.isFinite(value)) return `${value}`.toLowerCase().replace("infinity", "inf");
  const sign = Object.is(value, -0) ? "-" : "";
  return sign + (Math.abs(value) < 1e21 ? value.toFixed(17) : `${BigInt(value)}.${"0".repeat(17)}`);
}

/** Writes a value as text; a whole float may lack its fraction, as in other programs' files. */
function textOf(random: Random, value: Value): string {
  if (value === null) return "";
  if (isComplex(value)) {
    const imag = textOf(random, value.imag);
    return `${textOf(random, value.real)}${/^[-+]/.test(imag) ? "" : "+"}${imag}i`;
  }
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "bigint") return `${value}`;
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return random.chance(0.5) || !Number.isInteger(value) ? floatText(value) : `${BigInt(value)}`;
}

/** Writes a value as JSON; NaN is null, as in other programs' files, and an infinity a number that is too large. */
function jsonOf(random: Random, value: Value): string {
  if (isComplex(value)) return `{"real": ${jsonOf(random, value.real)}, "imag": ${jsonOf(random, value.imag)}}`;
  if (typeof value !== "number") return `${value}`;
  if (Number.isNaN(value)) return "null";
  if (!Number.isFinite(value)) return value > 0 ? "1e999" : "-1e999";
  // What JSON.stringify makes of a whole float.
  return random.chance(0.3) ? JSON.stringify(value) : floatText(value);
}

function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  return /[.e]/.test(`${value}`) ? `${value}` : `${value}.0`;
}
