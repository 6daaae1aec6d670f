/**
 * What a transport is: datagrams to the world and back. Every other file of this folder is one of them, or a part that
 * several of them share (`_*.ts`).
 *
 * @module
 */

import type { Address } from "./address.ts";

/** How a transport is opened. */
export interface TransportOptions {
  /** The address to receive on; each transport has a default, the one of VILLASnode's Python client. */
  local?: string | Address;
  /** The address to send to; without it nothing can be sent, and whatever comes is received. */
  remote?: string | Address;
  /** Whether to receive from others than the remote, too; default false. */
  anySource?: boolean;
  /** The multicast group to receive from (`udp` only). */
  multicast?: MulticastOptions;
  /**
   * Whether to receive and send many datagrams a system call, with a larger receive buffer (`udp` only); default false.
   * It needs Linux and the permission `--allow-ffi`; without these, datagrams go one by one as usual.
   */
  batch?: boolean;
  /** Called once where `batch` is asked for and cannot be, with what is missing. */
  onFallback?: (why: string) => void;
  /** Called for each datagram that is ignored because it is from another source than the remote. */
  onIgnored?: (from: string) => void;
}

/** A multicast group to join, as the `multicast` setting of VILLASnode's socket node. */
export interface MulticastOptions {
  /** Address of the group, such as `"224.1.2.3"` or `"ff02::1234"`. */
  group: string;
  /** The interface to join on: its IPv4 address, or its index for IPv6; default: the system's choice. */
  interface?: string;
  /** Whether what this socket sends to the group comes back to this machine; default false. */
  loop?: boolean;
  /** How many routers a datagram may pass, 0 to 255 (IPv4 only); default: the system's, usually 1. */
  ttl?: number;
}

/** How to wait for the remote: see {@linkcode Transport.ready}. */
export interface ReadyOptions {
  /** Ends the wait. */
  signal?: AbortSignal;
  /** Called once if there is anything to wait for. */
  onWait?: () => void;
}

/**
 * Datagrams to the world and back.
 *
 * Datagrams from others than the remote are counted and ignored, unless `anySource` was asked for. One reader and one
 * writer at a time: a call of `receive` or `send` begins after the last one has ended.
 */
export interface Transport extends Disposable {
  /** The address that it receives on, such as `"udp://127.0.0.1:12001"`. */
  readonly local: string;
  /** The address that it sends to, if any. */
  readonly remote: string | undefined;
  /** The longest datagram that it sends, in bytes. */
  readonly maximumLength: number;
  /**
   * How much the kernel keeps of datagrams that wait for the receiver, in bytes with its own bookkeeping, which is most
   * of it for short datagrams; undefined where it is not known: without `batch`.
   */
  readonly receiveBuffer?: number | undefined;
  /** Number of datagrams that were ignored because they came from another source than the remote. */
  readonly ignored: number;

  /**
   * Waits for datagrams.
   *
   * @param limit How many to take at most, 1 or more; default: as many as there are. The others stay where they are.
   * @returns Those that are there, in the order of their arrival, at least one; an empty list when the transport is
   * closed, now or before. The list and the datagrams are valid until the next call.
   */
  receive(limit?: number): Promise<readonly Uint8Array[]>;

  /**
   * Sends datagrams to the remote, in their order, until one is not taken because the remote is not there: where the
   * system says so (`unix`), where no network leads to it (`udp`), or because the transport is closed.
   *
   * Where the remote does not read (`unix`), this waits; {@linkcode Transport.close} ends the wait.
   *
   * @param datagrams What to send; it must stay as it is until the promise resolves
   * @returns How many the system took, counted from the first; the others were not sent
   * @throws {RangeError} If one is longer than {@linkcode Transport.maximumLength}
   * @throws {TypeError} If there is no remote
   * @throws {Error} If the system refuses the first one for another reason. Whatever is thrown, nothing was sent.
   */
  send(datagrams: readonly Uint8Array[]): Promise<number>;

  /**
   * Changes the remote.
   *
   * @param address Where to send to, and to receive from, from now on
   * @throws {SyntaxError} If the address cannot be read
   * @throws {TypeError} If nothing can be sent to it from the local address
   */
  setRemote(address: string | Address): Promise<void>;

  /**
   * Waits until the remote is there, where a sender can tell (`unix`: its file), or the transport is closed; at once
   * elsewhere, and where there is no remote.
   *
   * @param options How to end the wait, and whom to tell of it
   * @throws The signal's reason, an `AbortError` where it has no other, if the signal ends the wait or has come before it
   */
  ready(options?: ReadyOptions): Promise<void>;

  /**
   * Number of datagrams that the kernel dropped because they were not received in time, where it says so: `udp` on
   * Linux, if Deno runs with `--allow-all`, or in batches.
   *
   * @returns The number until now, or until the transport was closed; undefined where it is not known
   */
  countKernelDrops(): number | undefined;

  /** Ends receiving and sending; may be called again. */
  close(): void;
}
