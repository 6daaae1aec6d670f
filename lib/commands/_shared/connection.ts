/**
 * An open connection of a command: the client, and everything that closes it.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { Log, ThrottledLog } from "../../terminal/log.ts";

/** Time without a datagram after which a command that waits for one says so, in milliseconds. */
const silenceMs = 5000;

/** Values of the options that say when to quit, in samples and seconds. */
export interface LimitValues {
  readonly duration?: number | undefined;
  readonly timeout?: number | undefined;
}

/** Reports of a connection while it is open. */
export interface Reporting {
  /** Logs about this connection. */
  readonly throttled: readonly ThrottledLog[];
  /** The log of the command. */
  readonly log: Log;
  /** Reports that no datagram arrived. */
  readonly awaitsDatagrams: boolean | undefined;
}

/** A client, and everything that closes it. */
export class Connection implements AsyncDisposable {
  /** The client. */
  readonly client: Client;
  readonly #closed = new AbortController();
  readonly #ended: AbortSignal;
  readonly #interrupt = (): void => this.#close("interrupt");
  readonly #throttled: readonly ThrottledLog[];
  readonly #log: Log;
  readonly #limits: LimitValues;
  readonly #awaitsDatagrams: boolean;
  #hasUnmatched = false;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #durationTimer: ReturnType<typeof setTimeout> | undefined;
  #idleTimer: IdleTimer | undefined;
  #source: string | undefined;
  #ending: "interrupt" | "duration" | "timeout" | undefined;

  /**
   * Creates the connection of a client that is open.
   *
   * @param client The client
   * @param limits When to close it
   * @param ended Aborted by an interrupt
   * @param reporting What to report, and where
   */
  constructor(client: Client, limits: LimitValues, ended: AbortSignal, reporting: Reporting) {
    this.client = client;
    this.#limits = limits;
    this.#ended = ended;
    this.#throttled = reporting.throttled;
    this.#log = reporting.log;
    this.#awaitsDatagrams = reporting.awaitsDatagrams ?? false;
    if (ended.aborted) this.#interrupt();
    ended.addEventListener("abort", this.#interrupt, { once: true });
  }

  /** Aborted when the client is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Why the client was closed; undefined while it is open. */
  get ending(): "interrupt" | "duration" | "timeout" | undefined {
    return this.#ending;
  }

  /**
   * Starts the times after which it is closed. Once the command has said that it is ready, and not before: the runtime takes
   * 10 ms to load what its first timer needs.
   */
  startTimers(): void {
    const { duration, timeout } = this.#limits;
    if (this.#awaitsDatagrams) this.#silenceTimer = setTimeout(() => this.#reportSilence(), silenceMs);
    if (duration !== undefined) this.#durationTimer = setTimeout(() => this.#close("duration"), duration * 1000);
    if (timeout !== undefined) this.#idleTimer = new IdleTimer(timeout * 1000, () => this.#close("timeout"));
  }

  /** Restarts the time to wait for samples: some have come. */
  resetIdleTimer(): void {
    this.#idleTimer?.reset();
    const { sourceDescription } = this.client.format;
    if (sourceDescription !== this.#source) this.#reportSource(sourceDescription);
    if (!this.#hasUnmatched && this.client.format.unmatchedNames?.size) this.#reportUnmatched();
  }

  /** Says what the other end says of itself, at first and when it changes. */
  #reportSource(description: string | undefined): void {
    if (description !== undefined) {
      if (this.#source === undefined) this.#log.info(description);
      else this.#log.warning(`The configuration has changed. ${description}`);
    }
    this.#source = description;
  }

  #reportUnmatched(): void {
    this.#hasUnmatched = true;
    const names = [...this.client.format.unmatchedNames ?? []];
    this.#log.warning(`Ignoring values whose names match no signal: ${names.join(", ")}`);
  }

  #reportSilence(): void {
    const { datagrams, ignored } = this.client.counters.received;
    if (datagrams + ignored > 0) return;
    const seconds = silenceMs / 1000;
    if (this.client.stats().link?.peers === 0) {
      this.#log.info(
        `No client has connected to ${this.client.local} for ${seconds} s: a VILLASnode does so when its destinations ` +
          "name this address, and once something asks its API, such as curl http://HOST:PORT/api/v2/status within 30 s " +
          "of its start",
      );
      return;
    }
    this.#log.info(`Nothing has come to ${this.client.local} for ${seconds} s: villas-client doctor looks into it`);
  }

  /** Writes what throttled logs about this connection have held back. */
  flushLogs(): void {
    for (const log of this.#throttled) log.flush();
  }

  /** Waits for the remote, as the Python client does; the wait ends when the connection is closed. */
  async waitForRemote(log: Log): Promise<void> {
    const { client, closed } = this;
    try {
      // A link says itself why it is not there yet.
      const isServer = client.stats().link?.peers !== undefined;
      const onWait = () => {
        if (isServer) log.info("Waiting for a client to connect");
        else if (!this.isLink) log.info(`Waiting for ${client.remote} to appear`);
      };
      await client.ready({ signal: closed, onWait });
    } catch (error) {
      if (!closed.aborted) throw error;
    }
  }

  /** True where the transport makes connections. */
  get isLink(): boolean {
    return this.client.stats().link !== undefined;
  }

  /**
   * Ends a connection that has to deliver what was sent, before it is summed up.
   *
   * @returns The error that has ended it, if one has
   */
  async finish(): Promise<Error | undefined> {
    if (!this.isLink) return undefined;
    this.client.close();
    return await this.client.closed;
  }

  /** Closes the client and stops the timers. */
  [Symbol.asyncDispose](): PromiseLike<void> {
    clearTimeout(this.#durationTimer);
    clearTimeout(this.#silenceTimer);
    this.#idleTimer?.stop();
    this.#ended.removeEventListener("abort", this.#interrupt);
    return this.client[Symbol.asyncDispose]();
  }

  #close(why: "interrupt" | "duration" | "timeout"): void {
    this.#ending ??= why;
    this.client.close();
    this.#closed.abort();
  }
}

/** Calls back after a time without a reset. A reset costs the reading of a clock, not a timer. */
class IdleTimer {
  readonly #milliseconds: number;
  readonly #callback: () => void;
  #lastTime = performance.now();
  #timer: ReturnType<typeof setTimeout>;

  constructor(milliseconds: number, callback: () => void) {
    this.#milliseconds = milliseconds;
    this.#callback = callback;
    this.#timer = setTimeout(() => this.#check(), milliseconds);
  }

  reset(): void {
    this.#lastTime = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    const left = this.#lastTime + this.#milliseconds - performance.now();
    if (left <= 0) this.#callback();
    else this.#timer = setTimeout(() => this.#check(), left);
  }
}
