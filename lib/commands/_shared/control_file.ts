/**
 * The file of a controller: loaded, loaded again when it is saved, and named in messages.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Controller } from "../../controllers/controller.ts";
import type { ControlFault } from "../../controllers/faults.ts";
import { loadController, type LoadedController } from "../../controllers/load.ts";
import { InputError } from "../../system/input_error.ts";
import { sleep, unlessAborted } from "../../system/wait.ts";
import type { Session } from "../../terminal/command.ts";
import { ownModules } from "./own_modules.ts";

/** Time for an editor to write all of a file, in milliseconds. */
const settleMs = 60;

/** Time after which it is said that a file is still being loaded, in milliseconds. */
const patienceMs = 2000;

/** A controller and the files that it comes from. */
export class ControlFile {
  /** Path of the file, as it was given. */
  readonly path: string;
  #loaded: LoadedController;
  /** Texts of the files as they were loaded first. */
  readonly #texts: string;

  private constructor(path: string, loaded: LoadedController, texts: string) {
    this.path = path;
    this.#loaded = loaded;
    this.#texts = texts;
  }

  /**
   * Loads a file. One that waits for something that does not come, at its top, is given up at an interrupt.
   *
   * @param path Path of the file
   * @param session The session
   * @returns The file; undefined where it was interrupted
   * @throws {InputError} If it is not a controller
   */
  static async load(path: string, { log, ended }: Pick<Session, "log" | "ended">): Promise<ControlFile | undefined> {
    const timer = setTimeout(() => log.info(`Still loading ${path}: it waits at its top`), patienceMs);
    try {
      const loaded = await unlessAborted(loadController(path, { ownModules }), ended);
      return loaded && new ControlFile(path, loaded, await readTexts(loaded.files));
    } finally {
      clearTimeout(timer);
    }
  }

  /** The controller as it was loaded last. */
  get controller(): Controller {
    return this.#loaded.controller;
  }

  /** Place of the step, for messages. */
  get place(): string {
    return this.#loaded.place;
  }

  /** Describes a fault, with its place in the file. */
  describe({ message, error }: Pick<ControlFault, "message" | "error">): string {
    return `${this.#loaded.locate(error) ?? this.#loaded.place}: ${message}`;
  }

  /**
   * Loads the file again whenever it, or a file that it imports, is saved.
   *
   * @param signal Ends it
   * @param replace Takes the new controller; where that fails, the old one stays
   * @param onFailure Called with the reason why the old one stays
   */
  async watch(
    signal: AbortSignal,
    replace: (controller: Controller) => Promise<void>,
    onFailure: (reason: string) => void,
  ): Promise<void> {
    let seen = this.#texts;
    while (!signal.aborted) {
      const { files } = this.#loaded;
      seen = await waitForChange(files, seen, signal);
      if (signal.aborted) return;
      const before = this.#loaded;
      try {
        // A file that waits at its top for something that does not come must not hold up the end.
        const loaded = await unlessAborted(loadController(this.path, { ownModules }), signal);
        if (loaded === undefined) return;
        this.#loaded = loaded;
        await unlessAborted(replace(loaded.controller), signal);
      } catch (error) {
        const reason = error instanceof InputError
          ? error.message
          : `Cannot use ${this.describe({ message: String(error), error })}`;
        this.#loaded = before;
        onFailure(reason);
      }
      // A file that is imported now for the first time is as it was loaded, but for a change within these milliseconds.
      if (this.#loaded.files.join() !== files.join()) seen = await readTexts(this.#loaded.files);
    }
  }
}

/** Reads files as one text; one that is not there is empty. */
async function readTexts(files: readonly string[]): Promise<string> {
  return (await Promise.all(files.map((file) => Deno.readTextFile(file).catch(() => "")))).join("\0");
}

/**
 * Waits until files have another text than before, and are at rest.
 *
 * @param seen The text that they had
 * @returns The text that they have
 */
async function waitForChange(files: readonly string[], seen: string, signal: AbortSignal): Promise<string> {
  // An editor may write a new file and give it the name: the folders see that, too.
  const watcher = Deno.watchFs([...new Set(files.map((file) => dirname(file)))], { recursive: false });
  const events = watcher[Symbol.asyncIterator]();
  let isClosed = false;
  // Some Denos do not allow to close a watcher twice, as leaving a for await would after an interrupt.
  const close = () => {
    if (!isClosed) watcher.close();
    isClosed = true;
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    // What was saved before the watcher was there has no event.
    let texts = await readTexts(files);
    while (texts === seen && !signal.aborted) {
      const { value: event, done = false } = await events.next();
      if (done) break;
      if (event.kind === "access" || !event.paths.some((path: string) => files.includes(path))) continue;
      await sleep(settleMs, signal);
      texts = await readTexts(files);
    }
    return texts;
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}
