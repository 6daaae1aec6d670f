/**
 * The files that are converted: their samples, and the signals that the samples have.
 *
 * @module
 */

import { nameJoinedSignals } from "../../recordings/alignment/joined_names.ts";
import { signalsOfSample } from "../../recordings/column_check.ts";
import { castWholeNumbers, untypedTextFormats } from "../../recordings/convert.ts";
import type { ReadOptions, RecordingReader } from "../../recordings/file_format.ts";
import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { describePath } from "../../system/open.ts";
import type { Session } from "../../terminal/command.ts";
import type { Recording } from "./recording.ts";

/** Counts of what was read so far. */
export interface ReadCounters {
  /** Number of samples. */
  samples: number;
  /** Number of bytes. */
  bytes: number;
  /** Number of records that could not be read. */
  unreadable: number;
}

/** The signals of samples, as far as they are known. */
export interface KnownSignals {
  /** The signals. */
  readonly signals?: readonly Signal[] | undefined;
  /** Their names, if their types are not known. */
  readonly names?: readonly string[] | undefined;
}

/** A file that has been opened. */
export class Source {
  /** Its path and format. */
  readonly recording: Recording;
  /** Changes the values of samples in place, where what is written needs it. */
  convertValues: (samples: Sample[]) => Sample[] = (samples) => samples;
  readonly #reader: RecordingReader;
  readonly #counters: ReadCounters;
  readonly #flushLogs: () => void;
  /** Samples that were read before the others. */
  #beginning: AsyncGenerator<Sample[], void, undefined> | undefined;
  #first: Sample[] | undefined;

  private constructor(recording: Recording, reader: RecordingReader, counters: ReadCounters, flushLogs: () => void) {
    this.recording = recording;
    this.#reader = reader;
    this.#counters = counters;
    this.#flushLogs = flushLogs;
  }

  /**
   * Opens a file; its samples are read later.
   *
   * @param recording The file
   * @param counters Counts what is read
   * @param session The session, whose log has what cannot be read
   * @param reading What ends the reading, and how much is read at a time
   * @throws {Error} If it cannot be opened, with its path
   */
  static async open(
    recording: Recording,
    counters: ReadCounters,
    { log }: Session,
    reading: Pick<ReadOptions, "signal" | "pieceLength">,
  ): Promise<Source> {
    const { path, format } = recording;
    const unreadable = log.throttled("warning");
    log.debug(`Reading ${describePath(path)} as ${format.name}`);
    const reader = await format.open(path, {
      ...reading,
      onRead: (bytes) => counters.bytes += bytes,
      onWarning: (message) => log.warning(`${describePath(path)}: ${message}`),
      onDecodeError(error) {
        counters.unreadable++;
        unreadable.log(`${describePath(path)}: ${error.message}`);
      },
    }).catch((error) => {
      throw named(error, path);
    });
    return new Source(recording, reader, counters, () => unreadable.flush());
  }

  /** The signals that the file names. */
  get known(): KnownSignals {
    const { signals, names } = this.#reader;
    return { signals, names };
  }

  /** True if digits alone may be a float or an integer in it, unless signals tell. */
  get isUntyped(): boolean {
    return untypedTextFormats.includes(this.recording.format.name);
  }

  /**
   * Reads the first samples, unless the file names its signals, and returns the signals: those of the file, or those that
   * the first sample has. Whole numbers of text are taken for floats.
   */
  async findSignals(): Promise<readonly Signal[]> {
    const { signals, names } = this.#reader;
    if (signals !== undefined) return signals;
    this.#beginning ??= this.#reader.batches();
    this.#first ??= (await this.#beginning.next()).value ?? [];
    if (this.isUntyped) castWholeNumbers(this.#first);
    const [first = { values: names?.map(() => null) ?? [] }] = this.#first;
    return signalsOfSample(first, names);
  }

  /** Reads the samples. */
  async *batches(): AsyncGenerator<Sample[], void, undefined> {
    const rest = this.#beginning ?? this.#reader.batches();
    const take = (samples: Sample[]) => {
      this.#counters.samples += samples.length;
      return this.convertValues(samples);
    };
    if (this.#first !== undefined && this.#first.length > 0) yield take(this.#first);
    for await (const samples of rest) yield take(samples);
    this.#flushLogs();
  }
}

/** Reads the samples of several files, one after the other. */
export async function* readAll(sources: readonly Source[]): AsyncGenerator<Sample[], void, undefined> {
  for (const source of sources) yield* source.batches();
}

/** Names the file in an error that does not. */
function named(error: unknown, path: string): unknown {
  const { message } = error as Error;
  return message.includes(path) ? error : new Error(`Cannot read ${path}: ${message}`, { cause: error });
}

/** Returns the signals, and the names, that all files have; undefined if one does not have them, or they differ. */
export function findCommonSignals(sources: readonly Source[]): KnownSignals {
  return {
    signals: inCommon(sources.map(({ known }) => known.signals)),
    names: inCommon(sources.map(({ known }) => known.names)),
  };
}

function inCommon<T>(found: readonly (T | undefined)[]): T | undefined {
  const [first, ...others] = found;
  const text = JSON.stringify(first);
  return others.every((other) => JSON.stringify(other) === text) ? first : undefined;
}

/**
 * Finds the signals of several files side by side, each with a name of its own.
 *
 * @param sources The files
 * @param given The signals of each of them, if the user gave them
 * @returns The signals of each file
 */
export async function findJoinedSignals(
  sources: readonly Source[],
  given: readonly Signal[] | undefined,
): Promise<readonly (readonly Signal[])[]> {
  const lists: (readonly Signal[])[] = [];
  for (const source of sources) lists.push(given ?? await source.findSignals());
  const names = nameJoinedSignals(
    sources.map(({ recording }, index) => ({
      path: recording.path,
      names: (lists[index] ?? []).map(({ name }) => name),
    })),
  );
  let next = 0;
  return lists.map((list) => list.map((signal) => ({ ...signal, name: names[next++] ?? "" })));
}
