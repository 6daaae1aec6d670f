/**
 * The interface of a transport: datagrams to the world and back.
 *
 * @module
 */

import type { FrameCounters } from "../formats/c37_118/frame_splitter.ts";
import type { Address } from "./address.ts";
import type { LinkStats } from "./link/connection.ts";

/** Options that every transport has. */
export interface TransportOptions {
  /** The address to receive on; each transport has a default, the one of VILLASnode's Python client. */
  local?: string | Address;
  /** The address to send to; without it, nothing can be sent, and datagrams from every source are received. */
  remote?: string | Address;
  /** Receives from other sources than the remote, too; default false. */
  anySource?: boolean;
  /** Called for each datagram that is ignored because it is from another source than the remote. */
  onIgnored?: (from: string) => void;
}

/** Options for waiting for the remote: see {@linkcode Transport.ready}. */
export interface ReadyOptions {
  /** Ends the wait. */
  signal?: AbortSignal;
  /** Called once if there is anything to wait for. */
  onWait?: () => void;
}

/** Figures of a transport; undefined where they are not known, or where the transport does not have them. */
export interface TransportStats {
  /** Number of datagrams that were ignored because they came from another source than the remote. */
  readonly ignored: number;
  /**
   * Number of datagrams that the kernel dropped because they were not received in time, until now or until the transport
   * was closed. Known for `udp` on Linux, if Deno runs with `--allow-all`, or in batches. It is looked up when it is read,
   * which may take a millisecond.
   */
  readonly kernelDrops: number | undefined;
  /**
   * Size of the kernel's receive buffer, in bytes. The kernel's own bookkeeping takes most of it for short datagrams.
   * Known for `udp` in batches.
   */
  readonly receiveBuffer: number | undefined;
  /** True if datagrams were not sent because no network leads to the remote (`udp`). */
  readonly hasNoRoute?: boolean;
  /** Figures of the connection, of the transports that connect. */
  readonly link?: LinkStats;
  /** Counters of frames, good and damaged (`c37.118`). */
  readonly frames?: FrameCounters;
}

/** Formats of a transport each of whose peers chooses its own (`ws`, as a server). */
export interface PeerFormats {
  /** Names of the formats that peers have at the moment, other than that of the transport's address. */
  readonly used: ReadonlySet<string>;

  /** Returns the name of the format of a received datagram; undefined where it is that of the transport's address. */
  formatOf(datagram: Uint8Array): string | undefined;

  /**
   * Sets the function that is called before the first peer of a format is let in. Until it is set, such peers wait, for 2 s
   * at most.
   *
   * @param prepare Makes everything ready for a format; resolves when it is
   */
  prepareWith(prepare: (format: string) => Promise<void>): void;
}

/**
 * Datagrams of one call in other formats, by the name of the format: each list has the datagrams at the same places, null
 * where the format cannot carry one, and nothing where no peer had the format yet.
 */
export type Variants = ReadonlyMap<string, readonly (Uint8Array | null | undefined)[]>;

/**
 * Datagrams to the world and back.
 *
 * Datagrams from other sources than the remote are counted and ignored, unless `anySource` was asked for. One writer at a
 * time: a call of `send` begins after the last one has ended.
 */
export interface Transport extends Disposable {
  /** The address that it receives on, such as `"udp://127.0.0.1:12001"`. */
  readonly local: string;
  /** The address that it sends to, if any. */
  readonly remote: string | undefined;
  /** The longest datagram that it sends, in bytes. */
  readonly maximumLength: number;
  /**
   * True if it keeps what the format says before the first sample, and tells it to each receiver that asks (`c37.118`, a PMU);
   * default false.
   */
  readonly keepsPreamble?: boolean;
  /** The largest number of samples in a message that the receiver takes, where it has a limit of its own (`ws`: 128). */
  readonly maximumSamples?: number | undefined;
  /** Formats that peers choose, where they can: whoever sends and receives has to have them (`ws`, as a server). */
  readonly peerFormats?: PeerFormats | undefined;
  /** Resolves when the transport has ended: with the reason, or with undefined where {@linkcode close} ended it. */
  readonly closed: Promise<Error | undefined>;

  /**
   * Waits for datagrams. Calls that overlap take turns in their order: each datagram goes to one of them.
   *
   * @param limit The largest number of datagrams to take, a whole number of 1 or more; default: as many as there are. The
   * others stay where they are.
   * @returns The datagrams that are there, in the order of their arrival, at least one; an empty list when the transport is
   * closed, now or before. The list and the datagrams are valid until the next call; those of a call that another one
   * waits behind are copies, and stay.
   * @param handle Called instead, by a transport that polls, with the datagrams of a poll in the very turn that finds them,
   * as long as it returns true: they are dealt with then, and the wait goes on. Others do not call it
   * @throws {RangeError} If the limit is not a whole number of 1 or more
   */
  receive(limit?: number, handle?: (datagrams: readonly Uint8Array[]) => boolean): Promise<readonly Uint8Array[]>;

  /**
   * Returns the address that a datagram came from, such as `"udp://127.0.0.1:12000"`; undefined where the transport cannot
   * tell.
   *
   * @param index Index of the datagram in the list that {@linkcode Transport.receive} returned last, until its next call
   */
  sourceOf?(index: number): string | undefined;

  /**
   * Sends datagrams to the remote, in their order, until one is not taken because the remote is not there: where the
   * system says so (`unix`), where no network leads to it (`udp`), or because the transport is closed. A transport that
   * connects takes them while the connection is down, too, as its option `whenDown` says.
   *
   * Where the remote does not read (`unix`, connections), this waits; {@linkcode Transport.close} ends the wait.
   *
   * @param datagrams The datagrams; they must stay as they are until the promise resolves
   * @param variants The same in the formats of {@linkcode Transport.peerFormats} that are used; other transports ignore them
   * @returns Number of datagrams that the system took, counted from the first; the others were not sent
   * @throws {RangeError} If one is longer than {@linkcode Transport.maximumLength}
   * @throws {TypeError} If there is no remote
   * @throws {Error} If the system refuses the first one for another reason. Whatever is thrown, nothing was sent.
   */
  send(datagrams: readonly Uint8Array[], variants?: Variants): Promise<number>;

  /**
   * Sends datagrams as {@linkcode Transport.send} does, as many as the system takes at once. Only transports have it that
   * need not wait for that.
   *
   * @param datagrams The datagrams, none of them longer than {@linkcode Transport.maximumLength}
   * @returns Number of datagrams that the system took, counted from the first; the others are for `send`, which finds out why
   */
  sendNow?(datagrams: readonly Uint8Array[]): number;

  /**
   * Waits until the remote is there, where a sender can tell (`unix`: its file; a connection: that it is up), or the
   * transport is closed. Resolves at once elsewhere, and where there is no remote.
   *
   * @param options The end of the wait, and a callback for its beginning
   * @throws The signal's reason, an `AbortError` where it has no other, if the signal ends the wait or has come before it
   */
  ready(options?: ReadyOptions): Promise<void>;

  /** Returns the figures of the transport. */
  stats(): TransportStats;

  /**
   * Ends receiving and sending; may be called again. A transport that connects delivers what was sent before, for 2 s at
   * most; {@linkcode closed} resolves after that.
   */
  close(): void;
}

/** A transport of datagrams that may be sent to any address: `udp`, `unix` and `memory`. */
export interface DatagramTransport extends Transport {
  /**
   * Changes the remote.
   *
   * @param address The address to send to, and to receive from, from now on
   * @throws {SyntaxError} If the address cannot be parsed
   * @throws {TypeError} If nothing can be sent to it from the local address
   */
  setRemote(address: string | Address): Promise<void>;
}
