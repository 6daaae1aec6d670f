/**
 * The recording of `recv`: a file that is opened with the first sample, so that an older one survives a run without any.
 *
 * @module
 */

import { compressionOf } from "../../recordings/compression_ending.ts";
import { completeJournal, journalPath } from "../../recordings/journal.ts";
import { InputError } from "../../system/input_error.ts";
import { openToRead } from "../../system/open.ts";
import { plural } from "../../system/text.ts";
import type { Sample } from "../../samples/sample.ts";
import type { Session } from "../../terminal/command.ts";
import {
  checkDestination,
  type Destination,
  type DestinationOptions,
  explainWriting,
  failureOf,
  openDestination,
  waitForRoom,
} from "./output.ts";
import { createPrinter, type Printer, type PrintFormat } from "./printer.ts";

/** Where and how to record. */
export interface RecorderSettings {
  /** Path of the file, or `"-"` for standard output. */
  readonly path: string;
  /** The format; undefined if nothing is recorded. */
  readonly format: PrintFormat | undefined;
  /** The same without a header, for a file that has one. */
  readonly continued: PrintFormat | undefined;
  /** Returns what is to be recorded of samples that have just arrived. */
  readonly reduce: (samples: readonly Sample[]) => readonly Sample[];
  /** Options of opening a file that exists. */
  readonly options: DestinationOptions;
}

/** Something that records samples: one file, or one after the other. */
export interface SampleRecorder extends Disposable {
  /** True if a file was opened, and thereby changed. */
  readonly isOpen: boolean;
  /** Number of samples that were written, or printed. */
  readonly written: number;
  /** Number of samples that the format cannot carry. */
  readonly refused: number;
  /** Error that ended the recording, if any. */
  readonly failure: string | undefined;
  /** Where the samples are, for the summary. */
  readonly place: string;
  /** Number of events, if only samples around events are recorded. */
  readonly events?: number;
  /** Takes samples. */
  record(arrived: readonly Sample[]): void;
  /** Opens the file if samples wait for it, and waits where it is slower than the samples. */
  settle(ended: AbortSignal): Promise<void>;
  /** Writes everything that is buffered; what could not be written is told by `failure`. */
  finish(): Promise<void>;
}

/** Records samples in a file, or prints them. */
export class Recorder implements SampleRecorder {
  readonly #settings: RecorderSettings;
  readonly #session: Session;
  readonly #onBroken: () => void;
  #destination: Destination | undefined;
  #printer: Printer | undefined;
  /** Samples that came before the file was open. */
  #waiting: Sample[] = [];
  #received = 0;
  #failure: string | undefined;
  #safe: number | undefined;
  /** Samples of the journal that the file cannot carry. */
  #unwritable = 0;

  /**
   * Creates a recorder whose file is opened with the first sample.
   *
   * @param settings Where and how to record
   * @param session The session
   * @param onBroken Called when nothing more can be written: the disk is full, or the reader is gone
   */
  constructor(settings: RecorderSettings, session: Session, onBroken: () => void) {
    this.#settings = settings;
    this.#session = session;
    this.#onBroken = onBroken;
  }

  /**
   * Creates the recorder. A pipe or a device is opened now, because its reader waits for that.
   *
   * @param settings Where and how to record
   * @param session The session
   * @param onBroken Called when nothing more can be written: the disk is full, or the reader is gone
   * @throws {Error} If it is known already that the file cannot be opened
   */
  static async create(settings: RecorderSettings, session: Session, onBroken: () => void): Promise<Recorder> {
    const recorder = new Recorder(settings, session, onBroken);
    const { path, format, options } = settings;
    const isLater = await checkDestination(path, options);
    if (format?.isJournal) await checkJournal(path, isLater, format.name, options);
    else if (!isLater) await recorder.#open();
    return recorder;
  }

  get isOpen(): boolean {
    return this.#printer !== undefined;
  }

  get written(): number {
    return (this.#safe ?? this.#printer?.printed ?? 0) - this.#unwritable;
  }

  get refused(): number {
    return (this.#printer?.refused ?? 0) + this.#unwritable;
  }

  get place(): string {
    return this.#settings.path;
  }

  /** Number of samples that it took. */
  get taken(): number {
    return this.#received;
  }

  /** Number of bytes that they have become so far. */
  get bytes(): number {
    return this.#destination?.given ?? 0;
  }

  get failure(): string | undefined {
    const { refused, written } = this;
    const name = this.#settings.format?.name ?? "none";
    const lost = this.#failure === undefined ? 0 : this.#received - refused - written;
    const parts = [
      ...this.#failure === undefined ? [] : [this.#failure],
      ...lost === 0
        ? []
        : [`${plural(lost, "sample")} that ${lost === 1 ? "was" : "were"} received ${lost === 1 ? "is" : "are"} lost`],
      ...refused === 0 ? [] : [`Skipped ${plural(refused, "sample")} that ${name} cannot carry`],
    ];
    return parts.length === 0 ? undefined : parts.join("; ");
  }

  record(arrived: readonly Sample[]): void {
    const samples = this.#settings.reduce(arrived);
    this.#received += samples.length;
    if (this.#printer === undefined) this.#waiting.push(...samples);
    else this.#print(samples);
  }

  async settle(ended: AbortSignal): Promise<void> {
    if (this.#printer === undefined && this.#waiting.length > 0) await this.#open();
    const output = this.#destination?.output;
    if (output?.isFull) await waitForRoom(output, ended);
  }

  async finish(): Promise<void> {
    if (this.#printer === undefined && this.#waiting.length > 0) await this.#open();
    if (this.#destination !== undefined) {
      const error = await failureOf(this.#destination);
      if (error !== undefined) {
        this.#failure = error.message;
        this.#safe = error.samples;
      }
      if (this.#settings.format?.isJournal) await this.#complete();
    } else if (this.#waiting.length > 0) {
      this.#failure = `Cannot write ${this.#settings.path}: nobody reads it`;
    }
    this.#printer?.flushLogs();
  }

  [Symbol.dispose](): void {
    this.#destination?.[Symbol.dispose]();
  }

  /** Writes the file of the journal. */
  async #complete(): Promise<void> {
    const { path } = this.#settings;
    const { log } = this.#session;
    const later = `; the samples are in ${journalPath(path)}: villas-client repair ${path} completes the file`;
    // The journal could not be written, and neither can the file.
    if (this.#failure !== undefined) {
      this.#failure += later;
      return;
    }
    const warnings = log.throttled("warning");
    try {
      const { refused, notes } = await completeJournal(path, { onEncodeError: ({ message }) => warnings.log(message) });
      this.#unwritable = refused;
      for (const note of notes) log.warning(`${path}: ${note}`);
      if (refused > 0) log.warning(`The samples that it cannot carry are in ${journalPath(path)}`);
    } catch (error) {
      const { message } = explainWriting(error, path) as Error;
      this.#failure = `${message}${later}`;
    }
    warnings.flush();
  }

  #print(samples: readonly Sample[]): void {
    this.#printer?.print(samples);
    this.#destination?.mark(this.#printer?.printed ?? 0);
  }

  async #open(): Promise<void> {
    const { path: target, format, continued, options } = this.#settings;
    const isText = format?.isText ?? false;
    const path = format?.isJournal ? journalPath(target) : target;
    const end = options.append === true && path !== "-" ? await readEnd(path) : undefined;
    const isCompressed = compressionOf(path) !== undefined;
    const destination = await openDestination(path, this.#session, { ...options, isText });
    if (destination === undefined) return;
    // The disk is full, or the reader is gone.
    destination.output.broken.addEventListener("abort", this.#onBroken, { once: true });
    // A line that a crash has cut off must not take the next one along.
    if (isText && !isCompressed && end !== undefined && end !== "\n") destination.output.write("\n");
    this.#destination = destination;
    this.#printer = createPrinter(end === undefined ? format : continued, destination.output, this.#session.log);
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 0) this.#print(waiting);
  }
}

/** Checks that a file that is written at the end can be, and that no older recording would be lost with its journal. */
async function checkJournal(
  path: string,
  isRegular: boolean,
  format: string,
  { append }: DestinationOptions,
): Promise<void> {
  if (append) throw new InputError(`Cannot append to ${path}: a file of ${format} ends where it was closed`);
  if (!isRegular) throw new InputError(`Cannot write ${format} to ${path}: it is not a file`);
  const journal = journalPath(path);
  await checkDestination(journal);
  if (await Deno.stat(journal).then(() => true, () => false)) {
    throw new Error(
      `Cannot write ${path}: ${journal} has the samples of an earlier run; villas-client repair ${path} completes its file`,
    );
  }
}

/** Returns the last character of a file; undefined if it is empty, or there is none. */
async function readEnd(path: string): Promise<string | undefined> {
  try {
    using file = await openToRead(path);
    const { isFile, size } = await file.stat();
    if (!isFile || size === 0) return undefined;
    await file.seek(-1, Deno.SeekMode.End);
    const last = new Uint8Array(1);
    await file.read(last);
    return String.fromCharCode(last[0] ?? 0);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
