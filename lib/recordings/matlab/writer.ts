/**
 * Writes MAT-files: collects the samples, then writes one variable after the other.
 *
 * @module
 */

import { EncodeError } from "../../formats/errors.ts";
import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { type Column, Spool } from "../_spool.ts";
import { PartFile } from "../_part_file.ts";
import { checkColumns, signalsOfSample } from "../column_check.ts";
import type { CreateOptions, RecordingWriter } from "../file_format.ts";
import { createUniqueNames } from "../unique_names.ts";
import { classes, dataTypes, datenumOf1970, flags, headerLength, padded, remarkName, reservedNames } from "./layout.ts";

const name = "matlab";

/** The most samples: a variable of more than 2 GiB is beyond what readers of level 5 take. */
const maximumSamples = 2 ** 28 - 1;

/** Longest name of a variable. */
const maximumName = 63;

/** Words that no variable may be named. */
const keywords = new Set(
  ("break case catch classdef continue else elseif end for function global if otherwise parfor persistent return spmd " +
    "switch try while").split(" "),
);

/** Creates the writer of a file. */
export async function createMatlabWriter(
  path: string,
  options: CreateOptions,
): Promise<RecordingWriter> {
  return new MatlabWriter(path, await PartFile.create(path), options);
}

class MatlabWriter implements RecordingWriter {
  readonly #path: string;
  readonly #file: PartFile;
  readonly #names: readonly string[] | undefined;
  readonly #remark: string | undefined;
  #signals: readonly Signal[] | undefined;
  #spool: Spool | undefined;

  constructor(path: string, file: PartFile, { signals, names, remark }: CreateOptions) {
    this.#names = names;
    this.#remark = remark;
    this.#path = path;
    this.#file = file;
    this.#signals = signals;
  }

  async write(samples: readonly Sample[]): Promise<void> {
    const [first] = samples;
    if (first === undefined) return;
    this.#signals ??= signalsOfSample(first, this.#names);
    checkColumns(name, samples, this.#signals);
    this.#spool ??= await Spool.create(this.#path, this.#signals);
    if (this.#spool.length + samples.length > maximumSamples) {
      throw new EncodeError(name, `a file holds at most ${maximumSamples} samples`, 0);
    }
    await this.#spool.append(samples);
  }

  async finish(): Promise<readonly string[]> {
    const spool = this.#spool ??= await Spool.create(this.#path, this.#signals ?? []);
    await this.#file.write(createHeader());
    await this.#writeTimes(spool);
    const reserved = this.#remark === undefined ? reservedNames : [...reservedNames, remarkName];
    const names = createUniqueNames(
      [...reserved, ...spool.signals.map(({ name }, index) => name || `signal${index}`)],
      validName,
      maximumName,
    ).slice(reserved.length);
    for (const [index, { type }] of spool.signals.entries()) {
      await this.#writeVariable(names[index] ?? "", spool.length, {
        class: type === "integer" ? classes.int64 : type === "boolean" ? classes.uint8 : classes.double,
        type: type === "integer" ? dataTypes.int64 : type === "boolean" ? dataTypes.uint8 : dataTypes.double,
        flags: type === "boolean" ? flags.logical : type === "complex" ? flags.complex : 0,
        parts: type === "complex" ? [spool.column(index), spool.column(index, "imag")] : [spool.column(index)],
      });
    }
    await this.#writeText(
      "signal_info",
      JSON.stringify(spool.signals.map((signal, index) => ({ variable: names[index], ...signal }))),
    );
    if (this.#remark !== undefined) await this.#writeText(remarkName, this.#remark);
    await this.#file.finish();
    return describeLosses(spool);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spool?.[Symbol.asyncDispose]();
    this.#spool = undefined;
    await this.#file[Symbol.asyncDispose]();
  }

  async #writeTimes(spool: Spool): Promise<void> {
    const { length, first, untimed } = spool;
    if (untimed < length) {
      const start = BigInt(first?.sec ?? 0) * 1_000_000_000n + BigInt(first?.nsec ?? 0);
      const seconds = (time: bigint) => time === 0n ? NaN : Number(time - start) / 1e9;
      const days = (time: bigint) => time === 0n ? NaN : datenumOf1970 + Number(time) / 86_400e9;
      const numbers = (convert: (time: bigint) => number) => convertTimes(spool, convert);
      const double = { class: classes.double, type: dataTypes.double, flags: 0 };
      await this.#writeVariable("time", length, { ...double, parts: [numbers(seconds)] });
      await this.#writeVariable("datenum", length, { ...double, parts: [numbers(days)] });
      await this.#writeVariable("time_ns", length, { ...int64, parts: [spool.times("origin")] });
    }
    if (spool.received > 0) {
      await this.#writeVariable("received_ns", length, { ...int64, parts: [spool.times("received")] });
    }
    if (spool.numbered > 0) {
      const uint64 = { class: classes.uint64, type: dataTypes.uint64, flags: 0 };
      await this.#writeVariable("sequence", length, { ...uint64, parts: [spool.sequences()] });
    }
  }

  async #writeVariable(variable: string, length: number, { parts, ...kind }: Variable): Promise<void> {
    const width = kind.type === dataTypes.uint8 ? 1 : 8;
    const data = 8 + padded(length * width);
    await this.#file.write(createVariableHead(variable, [length, 1], kind, parts.length * data));
    for (const part of parts) {
      await this.#file.write(createTag(kind.type, length * width));
      for await (const { buffer, byteOffset, byteLength } of part) {
        await this.#file.write(new Uint8Array(buffer, byteOffset, byteLength));
      }
      await this.#file.write(new Uint8Array(padded(length * width) - length * width));
    }
  }

  /** Writes text as UTF-16: SciPy and Octave both read that, and only one of them UTF-8. */
  async #writeText(variable: string, text: string): Promise<void> {
    const kind = { class: classes.char, type: dataTypes.utf16, flags: 0 };
    const length = text.length * 2;
    await this.#file.write(createVariableHead(variable, [1, text.length], kind, 8 + padded(length)));
    await this.#file.write(createTag(kind.type, length));
    const bytes = new Uint8Array(padded(length));
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), true);
    await this.#file.write(bytes);
  }
}

const int64 = { class: classes.int64, type: dataTypes.int64, flags: 0 };

/** The kind of a variable, and its data: a complex one has two parts. */
interface Variable {
  readonly class: number;
  readonly type: number;
  readonly flags: number;
  readonly parts: readonly AsyncIterable<Column | BigUint64Array>[];
}

async function* convertTimes(
  spool: Spool,
  convert: (time: bigint) => number,
): AsyncGenerator<Float64Array, void, undefined> {
  for await (const times of spool.times("origin")) yield Float64Array.from(times, convert);
}

function createHeader(): Uint8Array {
  const header = new Uint8Array(headerLength).fill(0x20, 0, 116);
  new TextEncoder().encodeInto("MATLAB 5.0 MAT-file, written by villas-client", header);
  const view = new DataView(header.buffer);
  view.setUint16(124, 0x0100, true);
  header.set([0x49, 0x4d], 126);
  return header;
}

function createTag(type: number, length: number): Uint8Array {
  const tag = new Uint8Array(8);
  const view = new DataView(tag.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  return tag;
}

function createVariableHead(
  variable: string,
  dimensions: readonly [number, number],
  kind: { readonly class: number; readonly flags: number },
  dataLength: number,
): Uint8Array {
  const nameLength = padded(variable.length);
  const length = 16 + 16 + 8 + nameLength;
  const head = new Uint8Array(8 + length);
  const view = new DataView(head.buffer);
  const put = (...words: number[]) => words.forEach((word, index) => view.setUint32(pos + index * 4, word, true));
  let pos = 0;
  put(dataTypes.matrix, length + dataLength);
  pos = 8;
  put(
    dataTypes.uint32,
    8,
    kind.class | kind.flags,
    0,
    dataTypes.int32,
    8,
    ...dimensions,
    dataTypes.int8,
    variable.length,
  );
  new TextEncoder().encodeInto(variable, head.subarray(48));
  return head;
}

/** Returns a name that MATLAB accepts. */
function validName(text: string): string {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^A-Za-z0-9_]/g, "_");
  return /^[A-Za-z]/.test(plain) && !keywords.has(plain) ? plain : `x${plain}`;
}

function describeLosses({ length, untimed, numbered, received, signals }: Spool): string[] {
  const notes: string[] = [];
  if (untimed > 0 && untimed < length) notes.push(`${untimed} samples have no timestamp: NaN in time, 0 in time_ns`);
  if (numbered > 0 && numbered < length) notes.push(`${length - numbered} samples have no sequence number: 0`);
  if (received > 0 && received < length) notes.push(`${length - received} samples have no receive timestamp: 0`);
  const changed = signals.filter(({ name }) => name !== undefined && name !== "" && name !== validName(name));
  if (changed.length > 0) {
    notes.push(`Names that are none in MATLAB are changed, such as ${changed[0]?.name}; signal_info has all of them`);
  }
  return notes;
}
