/**
 * The whole screen of a terminal, for what renews itself: drawn in place, with keys, and given back as it was.
 *
 * @see ECMA-48 (cursor, erasing); xterm's control sequences (alternate screen 1049, cursor 25, line breaks 7)
 *
 * @module
 */

/** A key that was pressed. */
export type Key = "up" | "down" | "space" | "q";

/** What the screen needs of its streams. */
export interface ScreenStreams {
  /** The terminal that is drawn on. */
  readonly output: { writeSync(bytes: Uint8Array): number };
  /** The keyboard; undefined where there is none. */
  readonly input?: Pick<typeof Deno.stdin, "setRaw" | "readable"> | undefined;
}

/** To the alternate screen, without cursor and automatic line breaks; and back. */
const enter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const leave = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/**
 * To the first line; the line from the cursor on away; that, and everything below, away. Lines are erased before they are
 * written: behind the last column, the cursor still stands on it, and erasing would take its character.
 */
const home = "\x1b[H";
const clearRest = "\x1b[K";
const clearBelow = "\x1b[J";

const keys: Readonly<Record<string, Key>> = {
  "\x1b[A": "up",
  "\x1bOA": "up",
  "\x1b[B": "down",
  "\x1bOB": "down",
  " ": "space",
  q: "q",
};

/** The screen while it is taken; disposing of it restores the terminal. */
export class Screen implements Disposable {
  readonly #streams: ScreenStreams;
  readonly #encoder = new TextEncoder();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #isOpen = true;
  /** True while the shell has the terminal. */
  #isStopped = false;
  readonly #suspend = () => this.#stop();
  readonly #resume = () => this.#take();
  readonly #canSuspend = Deno.build.os !== "windows" &&
    Deno.permissions.querySync({ name: "run" }).state === "granted";

  /**
   * Takes the screen.
   *
   * @param streams The terminal
   * @param onKey Called for each key that means something; a signal such as Ctrl-C stays one
   */
  constructor(streams: ScreenStreams, onKey: (key: Key) => void) {
    this.#streams = streams;
    const hasKeys = this.#take();
    if (this.#canSuspend) {
      Deno.addSignalListener("SIGTSTP", this.#suspend);
      Deno.addSignalListener("SIGCONT", this.#resume);
    }
    if (!hasKeys) return;
    if (streams.input !== undefined) void this.#readKeys(streams.input.readable, onKey);
  }

  /** Draws the lines from the top, and removes what stood there before. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen || this.#isStopped) return;
    const last = lines.length - 1;
    const drawn = lines.map((line, index) => `${index === last ? clearBelow : clearRest}${line}`);
    this.#write(`${home}${drawn.join("\r\n")}`);
  }

  /** Gives the terminal back as it was. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#canSuspend) {
      Deno.removeSignalListener("SIGTSTP", this.#suspend);
      Deno.removeSignalListener("SIGCONT", this.#resume);
    }
    this.#giveBack();
    this.#reader?.cancel().catch(() => {});
  }

  /** Takes the screen, and tells whether there are keys. */
  #take(): boolean {
    this.#isStopped = false;
    this.#write(enter);
    try {
      // Keys come one by one, and Ctrl-C stays an interrupt.
      this.#streams.input?.setRaw(true, { cbreak: true });
      return true;
    } catch {
      return false; // not every terminal has this mode
    }
  }

  #giveBack(): void {
    this.#write(leave);
    try {
      this.#streams.input?.setRaw(false);
    } catch {
      // The terminal has gone.
    }
  }

  /** Gives the terminal to the shell, which Ctrl-Z asks for, until the shell lets the process go on. */
  #stop(): void {
    // Timers may be due before the process hears that it goes on.
    this.#isStopped = true;
    this.#giveBack();
    Deno.kill(Deno.pid, "SIGSTOP");
  }

  async #readKeys(readable: ReadableStream<Uint8Array>, onKey: (key: Key) => void): Promise<void> {
    const reader = this.#reader = readable.getReader();
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        // deno-lint-ignore no-control-regex -- what a terminal sends for an arrow
        for (const [text] of decoder.decode(value).matchAll(/\x1b[[O][A-Z]|[^]/g)) {
          const key = Object.hasOwn(keys, text) ? keys[text] : undefined;
          if (key !== undefined && this.#isOpen) onKey(key);
        }
      }
    } catch {
      // The keyboard has gone, or the screen is given back.
    }
  }

  #write(text: string): void {
    try {
      let rest = this.#encoder.encode(text);
      while (rest.length > 0) rest = rest.subarray(this.#streams.output.writeSync(rest));
    } catch {
      // Nobody sees it.
    }
  }
}
