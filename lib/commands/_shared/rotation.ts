/**
 * Recordings in one file after the other, with names by time.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import { nowMilliseconds } from "../../samples/timestamp.ts";
import { describeSystemError } from "../../system/errors.ts";
import { InputError } from "../../system/input_error.ts";
import { plural } from "../../system/text.ts";
import type { Session } from "../../terminal/command.ts";
import type { RotationLimit } from "./rotate_options.ts";
import { Recorder, type RecorderSettings, type SampleRecorder } from "./recorder.ts";

/** The most files that are closed while the next one fills. */
const maximumPending = 8;

/** How to divide a recording. */
export interface RotationSettings {
  readonly limit: RotationLimit;
  /** Number of files that stay; undefined for all. */
  readonly keep: number | undefined;
}

/**
 * Writes a time into the name of a file, as strftime does: `%Y`, `%m`, `%d`, `%H`, `%M`, `%S`, `%y`, `%j`, `%s`, `%F`, `%T`
 * and `%%`, in UTC.
 *
 * @param pattern The name
 * @param milliseconds The time, since 1970
 * @throws {InputError} If it has another one
 */
export function expandTime(pattern: string, milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) -
    Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000;
  const fields: Readonly<Record<string, string>> = {
    Y: String(date.getUTCFullYear()),
    y: two(date.getUTCFullYear() % 100),
    m: two(date.getUTCMonth() + 1),
    d: two(date.getUTCDate()),
    H: two(date.getUTCHours()),
    M: two(date.getUTCMinutes()),
    S: two(date.getUTCSeconds()),
    j: String(day + 1).padStart(3, "0"),
    s: String(Math.floor(milliseconds / 1000)),
    F: date.toISOString().slice(0, 10),
    T: date.toISOString().slice(11, 19),
    "%": "%",
  };
  return pattern.replace(/%(.?)/gs, (all, letter: string) => {
    const text = fields[letter];
    if (text === undefined) {
      throw new InputError(
        `Cannot use ${all} in the name of a file: there are ${
          Object.keys(fields).map((field) => `%${field}`).join(", ")
        }`,
      );
    }
    return text;
  });
}

/** Records samples in one file after the other; none is lost between them. */
export class RotatingRecorder implements SampleRecorder {
  readonly #settings: RecorderSettings;
  readonly #rotation: RotationSettings;
  readonly #session: Session;
  readonly #onBroken: () => void;
  #current: Recorder | undefined;
  #opened = 0;
  /** Files that are full and not closed yet, in order. */
  #closing: Promise<void> = Promise.resolve();
  #pending = 0;
  /** Paths of the files of this run that are there, and of the last one. */
  readonly #paths: string[] = [];
  #last = "";
  readonly #failures: string[] = [];
  #files = 0;
  #written = 0;
  #refused = 0;

  private constructor(
    settings: RecorderSettings,
    rotation: RotationSettings,
    session: Session,
    onBroken: () => void,
  ) {
    this.#settings = settings;
    this.#rotation = rotation;
    this.#session = session;
    this.#onBroken = onBroken;
  }

  /**
   * Creates the recorder.
   *
   * @param settings Where and how to record; the path has the time
   * @param rotation Limit and number of the files
   * @param session The session
   * @param onBroken Called when nothing more can be written
   * @throws {InputError} If the path does not have the time
   * @throws {Error} If it is known already that the files cannot be opened
   */
  static async create(
    settings: RecorderSettings,
    rotation: RotationSettings,
    session: Session,
    onBroken: () => void,
  ): Promise<RotatingRecorder> {
    const { path } = settings;
    if (!/%[^%]/.test(path)) {
      throw new InputError(
        `Cannot use --rotate with ${path}: expected a name that has the time, such as run-%Y%m%dT%H%M%S.csv`,
      );
    }
    // What is wrong with the folder is wrong now.
    const first = { ...settings, path: expandTime(path, nowMilliseconds()) };
    using _ = await Recorder.create(first, session, onBroken);
    return new RotatingRecorder(settings, rotation, session, onBroken);
  }

  get isOpen(): boolean {
    return this.#files > 0;
  }

  get written(): number {
    return this.#written + (this.#current?.written ?? 0);
  }

  get refused(): number {
    return this.#refused + (this.#current?.refused ?? 0);
  }

  get failure(): string | undefined {
    return this.#failures.length === 0 ? undefined : this.#failures.join("; ");
  }

  get place(): string {
    return `${plural(this.#files, "file")} up to ${this.#last}`;
  }

  record(arrived: readonly Sample[]): void {
    const { kind, amount } = this.#rotation.limit;
    for (let start = 0; start < arrived.length;) {
      const current = this.#current ??= this.#begin();
      const room = kind === "samples" ? Math.max(amount - current.taken, 1) : arrived.length;
      current.record(arrived.slice(start, start + room));
      start += room;
      if (this.#isFull(current)) this.#end(current);
    }
  }

  /** Begins a new file with the next sample. */
  divide(): void {
    if (this.#current !== undefined) this.#end(this.#current);
  }

  async settle(ended: AbortSignal): Promise<void> {
    const current = this.#current;
    if (current !== undefined) {
      await current.settle(ended);
      if (this.#current === current && this.#isFull(current)) this.#end(current);
    }
    // What arrives must not wait for the last file, unless they are closed more slowly than they fill.
    if (this.#pending > maximumPending) await this.#closing;
  }

  async finish(): Promise<void> {
    this.divide();
    await this.#closing;
  }

  [Symbol.dispose](): void {
    this.#current?.[Symbol.dispose]();
  }

  #begin(): Recorder {
    const now = nowMilliseconds();
    this.#opened = now;
    const name = expandTime(this.#settings.path, now);
    let path = name;
    // Files that fill within a second must not overwrite each other.
    for (let index = 2; this.#paths.includes(path) || path === this.#last; index++) {
      path = name.replace(/((?:\.[a-z][a-z0-9_]*){0,3})$/i, `-${index}$1`);
    }
    this.#last = path;
    this.#paths.push(path);
    this.#files++;
    return new Recorder({ ...this.#settings, path }, this.#session, this.#onBroken);
  }

  #isFull(current: Recorder): boolean {
    const { kind, amount } = this.#rotation.limit;
    if (kind === "event") return false;
    if (kind === "samples") return current.taken >= amount;
    return kind === "bytes" ? current.bytes >= amount : nowMilliseconds() - this.#opened >= amount * 1000;
  }

  #end(current: Recorder): void {
    this.#current = undefined;
    this.#pending++;
    this.#closing = this.#closing.then(() => this.#close(current)).finally(() => this.#pending--);
  }

  async #close(recorder: Recorder): Promise<void> {
    await recorder.finish();
    recorder[Symbol.dispose]();
    this.#written += recorder.written;
    this.#refused += recorder.refused;
    const { failure } = recorder;
    if (failure !== undefined) this.#failures.push(`${recorder.place}: ${failure}`);
    const { keep = Infinity } = this.#rotation;
    while (this.#paths.length > keep) {
      const path = this.#paths.shift() ?? "";
      await Deno.remove(path).catch((error) =>
        this.#session.log.warning(`Cannot remove ${path}: ${describeSystemError(error)}`)
      );
    }
  }
}
