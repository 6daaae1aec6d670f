/**
 * A link: a transport that is a connection, which is made in the background and made again when it is lost.
 *
 * @module
 */

import { Changes } from "../../system/changes.ts";
import { sleep } from "../../system/wait.ts";
import { checkLengths } from "../sending.ts";
import type { ReadyOptions, Transport, TransportStats } from "../transport.ts";
import { type Dial, type LinkConnection, RefusedError } from "./connection.ts";
import { Inbox } from "./inbox.ts";
import type { ConnectionOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { retryDelay } from "./retry.ts";

/** The longest time that closing takes, in milliseconds. */
export const closingTime = 2000;

/** The longest time of an attempt to connect, in milliseconds. */
const dialTime = 10_000;

/** A connection that was up for less time than this, in milliseconds, counts as a failed attempt. */
const stableTime = 1000;

/** Settings of a link that its transport decides. */
export interface LinkSettings {
  /** The address that it receives from, for messages. */
  readonly local: string;
  /** The address that it sends to; undefined where it only receives. */
  readonly remote: string | undefined;
  /** The longest message that it sends, in bytes. */
  readonly maximumLength: number;
  /** The largest number of samples in a message that the receiver takes, where it has a limit. */
  readonly maximumSamples?: number;
  /** Connects once. */
  readonly dial: Dial;
  /** Returns the number of messages that were taken and not confirmed, where that outlives a connection. */
  readonly pending?: () => number;
  /** Returns the number of messages that were taken and given back. */
  readonly returned?: () => number;
}

/** A transport that is a connection. */
export class Link implements Transport {
  readonly local: string;
  readonly remote: string | undefined;
  readonly maximumLength: number;
  readonly maximumSamples: number | undefined;
  readonly closed: Promise<Error | undefined>;
  readonly #resolveClosed: (reason: Error | undefined) => void;
  readonly #dial: Dial;
  readonly #pending: (() => number) | undefined;
  readonly #returned: (() => number) | undefined;
  readonly #fails: boolean;
  readonly #onStateChange: ConnectionOptions["onStateChange"];
  readonly #inbox = new Inbox();
  readonly #outbox: Outbox;
  /** Aborted when the link is closed or has ended. */
  readonly #ended = new AbortController();
  /** Functions that wake the calls which wait for a change of the state. */
  readonly #changes = new Changes();
  #connection: LinkConnection | undefined;
  /** True while messages that have waited go out: new ones wait behind them. */
  #isEmptying = false;
  #isClosed = false;
  /** True while a closed link waits for a connection that could still deliver what was sent. */
  #isDelivering = false;
  /** The attempt to connect that goes on. */
  #dialing: Promise<unknown> | undefined;
  /** Reasons that were reported since the link was up: each is worth one report. */
  readonly #reported = new Set<string>();
  #connects = 0;
  #losses = 0;
  #unsent = 0;

  /**
   * Creates the link, which begins to connect.
   *
   * @param settings Settings that its transport decides
   * @param options Options of the user
   */
  constructor(settings: LinkSettings, { whenDown = "drop-oldest", onStateChange }: ConnectionOptions = {}) {
    this.local = settings.local;
    this.remote = settings.remote;
    this.maximumLength = settings.maximumLength;
    this.maximumSamples = settings.maximumSamples;
    this.#dial = settings.dial;
    this.#pending = settings.pending;
    this.#returned = settings.returned;
    this.#fails = whenDown === "fail";
    this.#outbox = new Outbox(whenDown === "drop-newest");
    this.#onStateChange = onStateChange;
    ({ promise: this.closed, resolve: this.#resolveClosed } = Promise.withResolvers<Error | undefined>());
    void this.#run();
  }

  receive(limit?: number): Promise<readonly Uint8Array[]> {
    return this.#inbox.receive(limit);
  }

  async send(datagrams: readonly Uint8Array[]): Promise<number> {
    const { remote } = this;
    if (remote === undefined) throw new TypeError(`Cannot send over ${this.local}: it only receives`);
    checkLengths(datagrams, this.maximumLength, remote, "message");
    let taken = 0;
    for (const datagram of datagrams) {
      const sent = this.#sendOne(datagram);
      if (sent !== true && !(await sent)) break;
      taken++;
    }
    return taken;
  }

  /** Sends a message, or lets it wait; false where the link is closed. Most messages take no promise. */
  #sendOne(message: Uint8Array): boolean | Promise<boolean> {
    if (this.#isClosed) return false;
    const connection = this.#connection;
    if (connection === undefined) {
      this.#outbox.push(message);
      return true;
    }
    if (this.#isEmptying) {
      const isOver = () => !this.#isEmptying || this.#connection === undefined || this.#isClosed;
      return this.#changes.until(isOver).then(() => this.#sendOne(message));
    }
    try {
      const sending = connection.send(message);
      return sending === undefined ? true : this.#hand(message, connection, sending);
    } catch {
      return this.#retry(message, connection);
    }
  }

  /** Waits until the connection has taken a message, and sends it otherwise where that is lost meanwhile. */
  async #hand(message: Uint8Array, connection: LinkConnection, sending: Promise<void>): Promise<boolean> {
    const { signal } = this.#ended;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    signal.addEventListener("abort", end, { once: true });
    try {
      await Promise.race([sending, ended]);
      return !signal.aborted;
    } catch {
      return await this.#retry(message, connection);
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  /** Sends a message that a connection has not taken because it is lost, which its own end will say at once. */
  async #retry(message: Uint8Array, connection: LinkConnection): Promise<boolean> {
    await this.#changes.until(() => this.#connection !== connection || this.#isClosed);
    return await this.#sendOne(message);
  }

  async ready({ signal, onWait }: ReadyOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#connection !== undefined || this.#isClosed) return;
    onWait?.();
    await this.#changes.until(() => this.#connection !== undefined || this.#isClosed, signal);
  }

  stats(): TransportStats {
    return {
      ignored: 0,
      kernelDrops: undefined,
      receiveBuffer: undefined,
      link: {
        connects: this.#connects,
        losses: this.#losses,
        droppedWhileDown: this.#outbox.dropped,
        droppedBySlowPeers: 0,
        droppedUnread: this.#inbox.dropped,
        returned: this.#returned?.() ?? 0,
        unsent: this.#unsent,
        isUp: this.#connection !== undefined,
      },
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#inbox.close();
    void this.#finish();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Connects again and again until the link is closed. */
  async #run(): Promise<void> {
    const { signal } = this.#ended;
    let attempt = 0;
    while (this.#isWanted) {
      const { connection, error } = await this.#tryDial();
      if (connection === undefined) {
        if (!this.#isWanted) break;
        const isFinal = this.#fails || (error instanceof RefusedError && this.#connects === 0);
        if (isFinal) return this.#fail(`Cannot connect to ${this.#other}: ${error?.message}`);
        this.#report(error?.message ?? "", false, error instanceof RefusedError);
      } else {
        const started = performance.now();
        const reason = await this.#use(connection);
        if (this.#isClosed) break;
        if (this.#fails) return this.#fail(`Lost the connection to ${this.#other}: ${reason}`);
        this.#report(reason, true);
        if (performance.now() - started > stableTime) attempt = 0;
      }
      await sleep(retryDelay(attempt++), signal);
    }
  }

  /** True while a connection is of use. */
  get #isWanted(): boolean {
    return !this.#isClosed || this.#isDelivering;
  }

  /** The address of the other end, for messages. */
  get #other(): string {
    return this.remote ?? this.local;
  }

  /** Connects once, or says why not. */
  async #tryDial(): Promise<{ connection?: LinkConnection; error?: Error }> {
    const attempt = new AbortController();
    const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<Error>();
    const stop = (error: Error) => {
      attempt.abort(error);
      giveUp(error);
    };
    const timer = setTimeout(() => stop(new Error(`it did not answer within ${dialTime / 1000} s`)), dialTime);
    const end = () => stop(new Error("the link was closed"));
    this.#ended.signal.addEventListener("abort", end, { once: true });
    const dialing = this.#dial({ signal: attempt.signal, onMessage: (message) => this.#inbox.push(message) });
    this.#dialing = dialing.catch(() => {});
    try {
      const result = await Promise.race([dialing, givenUp]);
      if (!(result instanceof Error)) return { connection: result };
      dialing.then(disconnect, () => {}); // it may still come
      return { error: result };
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    } finally {
      clearTimeout(timer);
      this.#ended.signal.removeEventListener("abort", end);
    }
  }

  /** Uses a connection until it is lost; returns the reason. */
  async #use(connection: LinkConnection): Promise<string> {
    if (!this.#isWanted) { // since the link was closed meanwhile
      await connection.close();
      return "";
    }
    this.#connection = connection;
    this.#connects++;
    this.#reported.clear();
    this.#onStateChange?.({ isUp: true });
    void this.#empty(connection);
    this.#changes.notify();
    const reason = await connection.closed;
    if (this.#connection === connection && !this.#isClosed) {
      this.#connection = undefined;
      this.#losses++;
      this.#changes.notify();
    }
    return reason;
  }

  /** Sends what has waited for the connection. */
  async #empty(connection: LinkConnection): Promise<void> {
    this.#isEmptying = true;
    for (let message; (message = this.#outbox.shift()) !== undefined;) {
      try {
        await connection.send(message);
      } catch {
        this.#outbox.unshift(message);
        break;
      }
      // When it is closed meanwhile, closing sends the rest.
      if (this.#connection !== connection) break;
    }
    this.#isEmptying = false;
    this.#changes.notify();
  }

  /** Reports a change of the state; later attempts that fail are none, unless the other end refuses them. */
  #report(reason: string, wasUp: boolean, isRefused = false): void {
    if (this.#reported.has(reason) || (this.#reported.size > 0 && !isRefused)) return;
    this.#reported.add(reason);
    this.#onStateChange?.({ isUp: false, reason, wasUp });
  }

  /** Ends the link because of an error; what has arrived can still be received. */
  #fail(message: string): void {
    this.#isClosed = true;
    this.#unsent += this.#outbox.length + (this.#pending?.() ?? 0);
    this.#inbox.end();
    this.#ended.abort();
    this.#changes.notify();
    this.#resolveClosed(new Error(message));
  }

  /** Delivers what was taken, as far as the time allows, and ends the connection. */
  async #finish(): Promise<void> {
    const { promise: overdue, resolve } = Promise.withResolvers<"overdue">();
    const timer = setTimeout(() => resolve("overdue"), closingTime);
    this.#changes.notify();
    if (this.#connection === undefined && this.#connects > 0 && this.#outbox.length + (this.#pending?.() ?? 0) > 0) {
      // The connection was lost: the next one delivers what waits, if it comes in time.
      this.#isDelivering = true;
      const isOver = () => this.#connection !== undefined || this.#ended.signal.aborted;
      await Promise.race([this.#changes.until(isOver), overdue]);
      this.#isDelivering = false;
    }
    const connection = this.#connection;
    if (connection !== undefined) {
      const result = await Promise.race([this.#deliver(connection), connection.closed, overdue]);
      if (result === "overdue") connection.abort?.();
      this.#connection = undefined;
    }
    this.#unsent += (this.#pending?.() ?? connection?.pending ?? 0) + this.#outbox.length + Number(this.#isEmptying); // that one is on its way
    this.#ended.abort();
    this.#changes.notify();
    await Promise.race([this.#dialing, overdue]); // an attempt that is given up cleans up
    clearTimeout(timer);
    this.#resolveClosed(undefined);
  }

  async #deliver(connection: LinkConnection): Promise<void> {
    await this.#changes.until(() => !this.#isEmptying || this.#ended.signal.aborted);
    if (!this.#ended.signal.aborted) await connection.close().catch(() => {});
  }
}

function disconnect(connection: LinkConnection): void {
  if (connection.abort !== undefined) connection.abort();
  else void connection.close();
}
