/**
 * Journals: samples of a recording whose file is complete only when it is closed. Such a file is of no use after a crash;
 * its journal is, up to the last whole sample.
 *
 * A journal is a line of JSON that says what file it is for, and a stream of Protocol Buffers messages.
 *
 * @module
 */

import { DecodeError, type EncodeError } from "../formats/errors.ts";
import type { StreamEncoder } from "../formats/format.ts";
import { protobuf } from "../formats/protobuf.ts";
import { type FormatSpecification, parseSpecification } from "../formats/specification.ts";
import type { Sample } from "../samples/sample.ts";
import { parseSignals, type Signal } from "../samples/signals.ts";
import { openToRead } from "../system/open.ts";
import { writeTolerantly } from "./file_format.ts";
import { createFileFormat } from "./file_formats.ts";
import { readStream } from "./stream_file.ts";

const name = "journal";
const version = 1;

/** Longest first line, 16 MiB: it has the names of all signals. */
const maximumHead = 2 ** 24;

/** The file that a journal is for. */
export interface JournalHead {
  /** Format of the file. */
  readonly format: FormatSpecification;
  /** Signals of the samples; undefined if they are not known. */
  readonly signals?: readonly Signal[] | undefined;
}

/** Returns the path of the journal of a file. */
export function journalPath(path: string): string {
  return `${path}.journal`;
}

/** Creates the encoder of a journal. */
export function createJournalEncoder({ format, signals }: JournalHead): StreamEncoder {
  // Reception belongs to the recording, and is not part of what VILLASnode sends by default.
  const encode = protobuf({ ts_received: true }).createEncoder();
  const encoder = new TextEncoder();
  let isBegun = false;
  return (samples) => {
    const bytes = encode(samples) as Uint8Array;
    if (isBegun) return bytes;
    isBegun = true;
    const head = encoder.encode(
      `${JSON.stringify({ journal: "villas-client", version, format: parseSpecification(format), signals })}\n`,
    );
    const all = new Uint8Array(head.length + bytes.length);
    all.set(head);
    all.set(bytes, head.length);
    return all;
  };
}

/** Options of completing a file. */
export interface CompleteOptions {
  /** Called with each sample that the format of the file cannot carry; it is left out. Default: it throws. */
  onEncodeError?: (error: EncodeError) => void;
  /** Called with what is wrong in the journal, such as a sample that was cut off at its end. */
  onDecodeError?: (error: DecodeError) => void;
  /** Called with the number of samples so far. */
  onProgress?: (samples: number) => void;
  /** Ends it; the journal stays, and there is no file. */
  signal?: AbortSignal;
}

/** A file that was completed. */
export interface Completion {
  /** Name of its format. */
  readonly format: string;
  /** Number of samples that it holds, and of those that the format cannot carry. */
  readonly samples: number;
  readonly refused: number;
  /** True if it was completed; false if the signal ended it. */
  readonly isComplete: boolean;
  /** Sentences on what the file does not hold exactly as it was. */
  readonly notes: readonly string[];
}

/**
 * Writes a file from its journal, and removes the journal if the file holds all of its samples.
 *
 * @param path Path of the file
 * @param options What to do with samples that cannot be written
 * @returns What was written
 * @throws {DecodeError} If there is no journal beside the path that can be read
 * @throws {EncodeError} If the format cannot carry a sample and `onEncodeError` is not given
 */
export async function completeJournal(path: string, options: CompleteOptions = {}): Promise<Completion> {
  const { signal } = options;
  const journal = journalPath(path);
  const { head: { format: specification, signals }, length } = await readHead(journal);
  const format = await createFileFormat(specification, signals === undefined ? {} : { signals });
  if (format.create === undefined) {
    throw new DecodeError(name, `it is for a file of ${format.name}, which cannot be written`, { line: 1 });
  }
  let samples = 0;
  let refused = 0;
  await using writer = await format.create(path);
  const reading = {
    place: { start: length, length: Infinity },
    onDecodeError: options.onDecodeError ?? raise,
    ...signal === undefined ? {} : { signal },
  };
  for await (const batch of readStream(journal, protobuf(), reading)) {
    samples += await writeTolerantly(writer, batch as Sample[], (error) => {
      refused++;
      (options.onEncodeError ?? raise)(error);
    });
    options.onProgress?.(samples);
  }
  const result = { format: format.name, samples, refused };
  if (signal?.aborted) return { ...result, isComplete: false, notes: [] };
  const notes = await writer.finish();
  // What the file does not hold is nowhere else.
  if (refused === 0) await Deno.remove(journal);
  return { ...result, isComplete: true, notes };
}

async function readHead(path: string): Promise<{ head: JournalHead; length: number }> {
  const fail = (reason: string): never => {
    throw new DecodeError(name, reason, { line: 1 }, { source: "file" });
  };
  using file = await openToRead(path);
  let text = "";
  let length = 0;
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const count = await file.read(buffer);
    if (count === null) return fail("it ends inside its first line");
    const end = buffer.subarray(0, count).indexOf(10);
    text += decoder.decode(buffer.subarray(0, end < 0 ? count : end), { stream: true });
    length += end < 0 ? count : end + 1;
    if (end >= 0) break;
    if (length > maximumHead) return fail("its first line does not end");
  }
  try {
    const head = JSON.parse(text);
    if (head.journal !== "villas-client" || head.version !== version) return fail("it is not one of this program");
    const signals = head.signals === undefined ? {} : { signals: parseSignals(head.signals) };
    return { head: { format: parseSpecification(head.format), ...signals }, length };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return fail(`its first line is not its head: ${error.message}`);
  }
}

function raise(error: Error): never {
  throw error;
}
