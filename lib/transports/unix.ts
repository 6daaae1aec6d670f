/**
 * The transport `unix`: VILLASnode's socket node with `layer = "unix"`, datagrams between two files of one machine.
 *
 * @module
 */

import { listenDatagram } from "./_listen.ts";
import {
  inspectSocketFile,
  isSameFile,
  type OwnSocketFile,
  rememberSocketFile,
  removeStaleSocket,
} from "./_socket_file.ts";
import { type Address, formatUnixAddress, type PathAddress, toUnixAddress } from "./address.ts";
import { checkLimit, copyDatagrams, Turns } from "./receiving.ts";
import { createSender, noRemote } from "./sending.ts";
import type { DatagramTransport, ReadyOptions, TransportOptions, TransportStats } from "./transport.ts";

/** Local address of VILLASnode's Python client. */
const defaultLocal = "unix:/var/run/villas-node.client.sock";

/** The longest datagram that VILLASnode reads whole: its buffer has 64 KiB (`lib/nodes/socket.hpp`). */
const maximumLength = 65_536;

/** Longer than what Linux lets a sender send by default (212,992 bytes), so that nothing is cut without a word. */
const receiveBufferLength = 262_144;

/** Time between two looks for the remote, in milliseconds. */
const readyInterval = 50;

/**
 * Opens a unix datagram socket.
 *
 * Its file appears with the rights that the umask leaves. A stale one is replaced; one that somebody listens on is not.
 * The file is removed when the transport is closed. A source is the remote if its path is that of the remote or leads to
 * the same file, as `/run/a.sock` and `/var/run/a.sock` do.
 *
 * A datagram that the remote's full queue does not take waits in the kernel, which Deno asks again and again. Closing
 * ends the wait of the sender, but the system takes no datagram back: Deno goes on asking until the remote reads or
 * ends, or this process ends.
 *
 * @param options Addresses such as `unix:/var/run/villas-node.client.sock`, the default of `local`
 * @returns The open transport
 * @throws {Deno.errors.AddrInUse} If another process has the local address, or its file is not a socket
 * @throws {Deno.errors.NotFound} If there is no folder for the socket's file
 * @throws {Deno.errors.NotSupported} If Deno runs without `--unstable-net`
 * @throws {SyntaxError} If an address cannot be parsed
 *
 * @see VILLASnode, `lib/nodes/socket.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openUnix } from "@villas/client/transports";
 *
 * const folder = await Deno.makeTempDir();
 * {
 *   using a = await openUnix({ local: `unix:${folder}/a.sock` });
 *   using b = await openUnix({ local: `unix:${folder}/b.sock`, remote: a.local });
 *   await b.send([new TextEncoder().encode("hello")]);
 *   const [datagram] = await a.receive();
 *   assertEquals(new TextDecoder().decode(datagram), "hello");
 * }
 * await Deno.remove(folder); // the sockets have removed their files
 * ```
 */
export async function openUnix(options: TransportOptions = {}): Promise<DatagramTransport> {
  const local = toUnixAddress(options.local ?? defaultLocal);
  const remote = options.remote === undefined ? undefined : toUnixAddress(options.remote);
  await removeStaleSocket(local.path, local.text);
  return new UnixTransport(local, remote, openSockets(local), options);
}

interface Sockets {
  readonly receiver: Deno.DatagramConn;
  readonly sender: Deno.DatagramConn;
}

/**
 * Opens two sockets of one name, because Deno refuses to send on a unix socket that waits for a datagram ("Socket
 * already in use"). What is sent to the name arrives at the one that was bound to the file last.
 */
function openSockets({ path, text }: PathAddress): Sockets {
  const sender = listenDatagram({ transport: "unixpacket", path }, text);
  try {
    Deno.removeSync(path);
    return { receiver: listenDatagram({ transport: "unixpacket", path }, text), sender };
  } catch (error) {
    sender.close();
    throw error;
  }
}

class UnixTransport implements DatagramTransport {
  readonly local: string;
  readonly maximumLength = maximumLength;
  readonly closed: Promise<undefined>;
  readonly #resolveClosed: (reason: undefined) => void;
  readonly #sockets: Sockets;
  readonly #file: OwnSocketFile;
  readonly #anySource: boolean;
  readonly #onIgnored: TransportOptions["onIgnored"];
  readonly #turns = new Turns();
  readonly #buffer = new Uint8Array(receiveBufferLength);
  /** The list that receive() returns. */
  readonly #received: Uint8Array[] = [];
  /** The path that the datagram in it came from, if its socket has one. */
  #from: string | null = null;
  /** Functions that end the sends which wait in the kernel. */
  readonly #waiting = new Set<(reason: unknown) => void>();
  #remote: PathAddress | undefined;
  /** The path that the remote calls itself, where it is another one than ours for the same file. */
  #alias: string | undefined;
  #ignored = 0;
  #isClosed = false;

  constructor(
    local: PathAddress,
    remote: PathAddress | undefined,
    sockets: Sockets,
    { anySource = false, onIgnored }: TransportOptions,
  ) {
    this.local = local.text;
    this.#remote = remote;
    this.#sockets = sockets;
    this.#file = rememberSocketFile(local.path);
    this.#anySource = anySource;
    this.#onIgnored = onIgnored;
    ({ promise: this.closed, resolve: this.#resolveClosed } = Promise.withResolvers<undefined>());
  }

  get remote(): string | undefined {
    return this.#remote?.text;
  }

  async receive(limit = Infinity): Promise<readonly Uint8Array[]> {
    checkLimit(limit); // one datagram per call is all that Deno gives
    if (!this.#turns.take()) await this.#turns.wait();
    const received = this.#received;
    received.length = 0;
    try {
      while (!this.#isClosed && received.length === 0) {
        try {
          const [datagram, source] = await this.#sockets.receiver.receive(this.#buffer);
          const from = (source as Deno.UnixAddr).path;
          this.#from = from;
          if (this.#isWanted(from) || await this.#isAlias(from)) received.push(datagram);
          else this.#ignore(from ? formatUnixAddress(from) : "a socket without address");
        } catch (error) {
          if (this.#isClosed) break;
          // The datagram is lost: Deno does not give a path that is not UTF-8, nor what came from there.
          if (!(error instanceof Deno.errors.InvalidData)) throw error;
          this.#ignore("a socket whose path is not UTF-8");
        }
      }
      if (this.#isClosed) received.length = 0;
      return this.#turns.isAwaited ? copyDatagrams(received) : received;
    } finally {
      this.#turns.pass();
    }
  }

  sourceOf(): string | undefined {
    return this.#from ? formatUnixAddress(this.#from) : undefined;
  }

  #isWanted(from: string | null): boolean {
    return this.#anySource || this.#remote === undefined || from === this.#remote.path ||
      (from !== null && from === this.#alias);
  }

  /** Finds out whether the remote calls itself otherwise than we do. */
  async #isAlias(from: string | null): Promise<boolean> {
    const remote = this.#remote;
    if (!from || from.startsWith("\0") || remote === undefined) return false;
    if (!(await isSameFile(from, remote.path))) return false;
    this.#alias = from;
    return true;
  }

  #ignore(from: string): void {
    this.#ignored++;
    this.#onIgnored?.(from);
  }

  async send(datagrams: readonly Uint8Array[]): Promise<number> {
    const remote = this.#remote; // of the whole batch, whatever is set meanwhile
    if (remote === undefined) throw noRemote(this.local);
    const destination: Deno.UnixAddr = { transport: "unixpacket", path: remote.path };
    const send = createSender({
      remote: remote.text,
      maximumLength,
      sendOne: (datagram) => this.#sendOne(datagram, destination),
      isClosed: () => this.#isClosed,
    });
    return await send(datagrams);
  }

  /** Sends one datagram; rejects when the transport is closed meanwhile, which no system call does. */
  #sendOne(datagram: Uint8Array, destination: Deno.UnixAddr): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (how: (value: unknown) => void) => (value: unknown) => {
        this.#waiting.delete(reject);
        how(value);
      };
      this.#waiting.add(reject);
      this.#sockets.sender.send(datagram, destination).then(settle(resolve), settle(reject));
    });
  }

  // deno-lint-ignore require-await -- errors become rejections, as those of the other transports
  async setRemote(address: string | Address): Promise<void> {
    this.#remote = toUnixAddress(address);
    this.#alias = undefined;
  }

  async ready({ signal, onWait }: ReadyOptions = {}): Promise<void> {
    let hasWaited = false;
    while (!this.#isClosed) {
      signal?.throwIfAborted();
      if (this.#remote === undefined || await inspectSocketFile(this.#remote.path) === "live") return;
      if (!hasWaited) onWait?.();
      hasWaited = true;
      await pause(readyInterval, signal);
    }
  }

  stats(): TransportStats {
    // The kernel drops nothing: it lets the sender wait instead.
    return { ignored: this.#ignored, kernelDrops: undefined, receiveBuffer: undefined };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file.remove();
    this.#sockets.receiver.close();
    this.#sockets.sender.close();
    for (const end of this.#waiting) end(new Error("The transport is closed"));
    this.#resolveClosed(undefined);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Waits some time; rejects at once when the signal is aborted. */
function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
  });
}
