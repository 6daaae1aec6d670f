/**
 * Files as ends of a bridge: a recording that is replayed, or one that is written while samples pass.
 *
 * @module
 */

import type { End } from "./bridge_ends.ts";
import type { BridgeSink, BridgeSource } from "../../client/bridge.ts";
import type { SendResult } from "../../client/send_queue.ts";
import { createFileFormat } from "../../recordings/file_formats.ts";
import { readBatches } from "../../recordings/files.ts";
import { replay } from "../../recordings/replay.ts";
import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { readInput } from "../../system/input_error.ts";
import { openToRead } from "../../system/open.ts";
import type { Session } from "../../terminal/command.ts";
import type { NamedFormat } from "./options.ts";
import { Recorder } from "./recorder.ts";
import { defaultFileFormat, formatOfEnding } from "./recording.ts";
import { createRecorderSettings } from "./recording_output.ts";
import { withSignals } from "./signals.ts";

/** A file that samples come from. */
export class FileSource implements BridgeSource {
  readonly #steps: AsyncIterator<{ readonly samples: readonly Sample[] }>;
  readonly #faults: { count: number };
  /** Samples that a limit has left. */
  #rest: readonly Sample[] = [];

  private constructor(steps: AsyncIterator<{ readonly samples: readonly Sample[] }>, faults: { count: number }) {
    this.#steps = steps;
    this.#faults = faults;
  }

  /** Number of records that could not be read. */
  get refused(): number {
    return this.#faults.count;
  }

  /**
   * Opens a file.
   *
   * @param end The end of the bridge
   * @param signal Ends the reading
   * @param onDecodeError Called with each record that cannot be read; the others are given all the same
   * @throws {InputError} If its format is not known, or cannot be read
   */
  static async open(end: End, signal: AbortSignal, onDecodeError: (error: Error) => void): Promise<FileSource> {
    const { path = "-", signals, timing = path === "-" ? "fast" : "original" } = end;
    const specification = formatOf(end, defaultFileFormat);
    const list = signals === "any" ? undefined : signals;
    const format = await readInput(() => createFileFormat(specification, withSignals(list)), `Cannot read ${path}`);
    await readInput(() => format.stream?.createDecoder(() => {}), `Cannot read ${path}`);
    if (path !== "-") await checkReadable(path);
    const faults = { count: 0 };
    const reading = {
      signal,
      onDecodeError(error: Error) {
        faults.count++;
        onDecodeError(error);
      },
    };
    const steps = replay(() => readBatches(path, format, reading), { timing, signal });
    return new FileSource(steps[Symbol.asyncIterator](), faults);
  }

  /** Gives the samples that are due, each as a message. */
  async receive({ limit = Infinity }: { limit?: number } = {}): Promise<readonly (readonly Sample[])[]> {
    if (this.#rest.length === 0) {
      const { value, done } = await this.#steps.next();
      if (done || value === undefined) return [];
      this.#rest = value.samples;
    }
    const taken = this.#rest.slice(0, limit);
    this.#rest = this.#rest.slice(limit);
    return taken.map((sample) => [sample]);
  }
}

/** Reports now what would otherwise be reported later; a pipe would wait for its writer. */
async function checkReadable(path: string): Promise<void> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile && !found.isDirectory) return;
  using _ = await openToRead(path);
}

/** A file that samples go to. It is opened with the first one, so that an older recording survives a run without any. */
export class FileSink implements BridgeSink, AsyncDisposable {
  /** Name of the format. */
  readonly format: string;
  readonly #recorder: Recorder;
  readonly #closed: AbortSignal;
  readonly #isBroken: () => boolean;
  #prepared = 0;
  #isClosed = false;

  private constructor(format: string, recorder: Recorder, closed: AbortSignal, isBroken: () => boolean) {
    this.format = format;
    this.#recorder = recorder;
    this.#closed = closed;
    this.#isBroken = isBroken;
  }

  /**
   * Prepares to write a file.
   *
   * @param end The end of the bridge
   * @param signals Signals of the samples, if they are known
   * @param session The session
   * @param onBroken Called when nothing more can be written
   * @throws {InputError} If its format is not known
   */
  static async open(
    end: End,
    signals: readonly Signal[] | undefined,
    session: Session,
    onBroken: () => void,
  ): Promise<FileSink> {
    const { path = "-", append } = end;
    const settings = await createRecorderSettings({ path, format: formatOf(end, "json"), signals, append }, session);
    let isBroken = false;
    const recorder = await Recorder.create(
      settings,
      session,
      () => {
        isBroken = true;
        onBroken();
      },
    );
    return new FileSink(settings.format?.name ?? "none", recorder, session.ended, () => isBroken);
  }

  /** Number of samples that the format cannot carry. */
  get refused(): number {
    return this.#recorder.refused;
  }

  /** Number of samples that are safe in the file; undefined until it is closed. */
  get written(): number | undefined {
    return this.#isClosed ? this.#recorder.written : undefined;
  }

  /** Error that ended the writing, if any. */
  get failure(): string | undefined {
    return this.#recorder.failure;
  }

  enqueue(samples: readonly Sample[]): void {
    this.#recorder.record(samples);
    this.#prepared++;
  }

  async flush(): Promise<SendResult> {
    const prepared = this.#prepared;
    this.#prepared = 0;
    await this.#recorder.settle(this.#closed);
    return this.#isBroken() ? { sent: 0, undelivered: prepared } : { sent: prepared, undelivered: 0 };
  }

  /** Writes everything that is buffered, and closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recorder.finish();
    this.#recorder[Symbol.dispose]();
    this.#isClosed = true;
  }
}

/** Returns the format of a file: the given one, the one that its name ends with, or that of a name without an ending. */
function formatOf({ path = "-", format }: End, ofStandardOutput: string): NamedFormat {
  if (format !== undefined) return format;
  const otherwise = path === "-" ? ofStandardOutput : defaultFileFormat;
  return { type: formatOfEnding(path, `it as ${path},format=NAME`, otherwise) };
}
