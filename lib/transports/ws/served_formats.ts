/**
 * The formats that clients of a WebSocket server ask for, besides that of its address.
 *
 * @module
 */

import type { PeerFormats } from "../transport.ts";

/** The longest time that a client waits for a format, in milliseconds. */
const preparationTime = 2000;

/** Prepares a format. */
type Prepare = (format: string) => Promise<void>;

/** Formats of the clients of a server, and of the messages that came from them. */
export class ServedFormats implements PeerFormats {
  readonly used = new Set<string>();
  /** Names of all formats that may be asked for. */
  readonly names: readonly string[];
  /** Number of clients by format. */
  readonly #clients = new Map<string, number>();
  /** Formats of messages that were not in that of the address; a message takes its entry along. */
  readonly #formats = new WeakMap<Uint8Array, string>();
  readonly #prepared = new Map<string, Promise<void>>();
  readonly #prepare: Promise<Prepare>;
  readonly #resolvePrepare: (prepare: Prepare) => void;
  /** True once a client had another format: until then no message needs to be looked up. */
  #isUsed = false;

  /**
   * Creates the formats of a server without clients.
   *
   * @param names Names of the formats that may be asked for
   */
  constructor(names: readonly string[]) {
    this.names = names;
    ({ promise: this.#prepare, resolve: this.#resolvePrepare } = Promise.withResolvers<Prepare>());
  }

  prepareWith(prepare: Prepare): void {
    this.#resolvePrepare(prepare);
  }

  /**
   * Waits until a format is prepared.
   *
   * @param format Name of the format
   * @returns The reason why a client cannot have it; undefined where it is ready
   */
  async prepare(format: string): Promise<string | undefined> {
    const { promise: overdue, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(() => resolve(`The format ${format} is not ready yet`), preparationTime);
    let preparing = this.#prepared.get(format);
    if (preparing === undefined) {
      preparing = this.#prepare.then((prepare) => prepare(format));
      this.#prepared.set(format, preparing);
    }
    try {
      return await Promise.race([preparing.then(() => undefined), overdue]);
    } catch (error) {
      return (error as Error).message;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Counts a client of a format that is prepared. */
  join(format: string): void {
    this.#isUsed = true;
    this.#clients.set(format, (this.#clients.get(format) ?? 0) + 1);
    this.used.add(format);
  }

  /** Counts that a client of a format has left. */
  leave(format: string): void {
    const left = (this.#clients.get(format) ?? 1) - 1;
    this.#clients.set(format, left);
    if (left === 0) this.used.delete(format);
  }

  /** Keeps the format of a message that has come. */
  mark(message: Uint8Array, format: string): void {
    this.#formats.set(message, format);
  }

  formatOf(message: Uint8Array): string | undefined {
    return this.#isUsed ? this.#formats.get(message) : undefined;
  }
}
