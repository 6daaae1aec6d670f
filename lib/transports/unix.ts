/**
 * The transport `unix`: VILLASnode's socket node with `layer = "unix"`, datagrams between two files of one machine.
 *
 * @module
 */

import { listenDatagram } from "./_listen.ts";
import { inspectSocketFile } from "./_socket_file.ts";
import { checkLengths, noRemote, type ReadyOptions, type Transport, type TransportOptions } from "./transport.ts";

/** Where the Python client of VILLASnode receives by default. */
const defaultLocal = "unix:/var/run/villas-node.client.sock";

/** The longest path that fits into the system's address structure (`sockaddr_un`), in bytes. */
const maximumPathLength = 107;

/** The longest datagram that VILLASnode reads whole: its buffer has 64 KiB (`lib/nodes/socket.hpp`). */
const maximumLength = 65_536;

/** Longer than what Linux lets a sender send by default (212,992 bytes), so that nothing is cut without a word. */
const receiveBufferLength = 262_144;

const empty = new Uint8Array();

/** How often to look whether the remote is there, in milliseconds. */
const readyInterval = 50;

/**
 * Opens a unix datagram socket.
 *
 * Its file appears with the rights that the umask leaves. One that a dead process left is replaced; one that somebody
 * listens on is not. The file is removed when the transport is closed.
 *
 * @param options Addresses such as `unix:/var/run/villas-node.client.sock`, the default of `local`
 * @returns The open transport
 * @throws {Deno.errors.AddrInUse} If another process has the local address, or it is a file of another kind
 * @throws {Deno.errors.NotSupported} If Deno runs without `--unstable-net`
 * @throws {SyntaxError} If an address cannot be read
 *
 * @see VILLASnode, `lib/nodes/socket.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openUnix } from "@villas/client";
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
export async function openUnix(options: TransportOptions = {}): Promise<Transport> {
  const { anySource = false, onIgnored } = options;
  const local = parse(options.local ?? defaultLocal);
  let remote = options.remote === undefined ? undefined : parse(options.remote);
  if (options.multicast !== undefined) throw new TypeError("Cannot join a multicast group on a unix socket");
  await removeStale(local);
  const conn = listenDatagram({ transport: "unixpacket", path: local }, format(local));
  const file = await identify(local);
  const buffer = new Uint8Array(receiveBufferLength);
  const received: Uint8Array[] = [];
  let ignored = 0;
  let closed = false;
  // A send to a remote that does not read waits in the kernel, and closing the socket does not wake it.
  let endSending = () => {};
  const sendingEnded = new Promise<void>((resolve) => endSending = resolve);

  /** Sends one datagram; whether the remote was there to take it. */
  async function sendOne(datagram: Uint8Array, path: string): Promise<boolean> {
    try {
      await Promise.race([conn.send(datagram, { transport: "unixpacket", path }), sendingEnded]);
      return !closed;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) return false;
      if (closed) return false;
      throw error;
    }
  }

  const transport: Transport = {
    local: format(local),
    get remote() {
      return remote && format(remote);
    },
    maximumLength,
    get ignored() {
      return ignored;
    },
    async receive() {
      received.length = 0;
      while (!closed) {
        try {
          const [datagram, from] = await conn.receive(buffer) as [Uint8Array, Deno.UnixAddr];
          if (anySource || remote === undefined || from.path === remote) {
            received.push(datagram);
            break;
          }
          ignored++;
          onIgnored?.(from.path ? format(from.path) : "a socket without address");
        } catch (error) {
          if (!closed) throw error;
        }
      }
      return received;
    },
    async send(datagrams) {
      if (remote === undefined) throw noRemote(transport.local);
      checkLengths(datagrams, transport);
      let taken = 0;
      while (taken < datagrams.length && await sendOne(datagrams[taken] ?? empty, remote)) taken++;
      return taken;
    },
    setRemote(address) {
      remote = parse(address);
      return Promise.resolve();
    },
    async ready({ signal, onWait }: ReadyOptions = {}) {
      signal?.throwIfAborted();
      if (remote === undefined || await inspectSocketFile(remote) === "live") return;
      onWait?.();
      do {
        await pause(readyInterval, signal);
      } while (await inspectSocketFile(remote) !== "live");
    },
    countKernelDrops: () => Promise.resolve(undefined), // the kernel lets the sender wait instead
    close() {
      if (closed) return;
      closed = true;
      conn.close();
      endSending();
      removeOwn(local, file);
    },
    [Symbol.dispose]() {
      transport.close();
    },
  };
  return transport;
}

/** Reads `unix:PATH`. */
function parse(address: string): string {
  const path = /^(?:unix:)?(.+)$/.exec(address)?.[1];
  if (path === undefined || path.includes("\0")) {
    throw new SyntaxError(`Cannot parse "${address}" as a unix socket address: expected "unix:PATH"`);
  }
  const { length } = new TextEncoder().encode(path);
  if (length > maximumPathLength) {
    throw new SyntaxError(
      `Cannot use "${address}" as a unix socket address: its path has ${length} bytes, more than ${maximumPathLength}`,
    );
  }
  return path;
}

function format(path: string): string {
  return `unix:${path}`;
}

async function removeStale(path: string): Promise<void> {
  const state = await inspectSocketFile(path);
  if (state === "live" || state === "other") {
    const what = state === "live" ? "another process listens on it" : "there is a file that is no socket";
    throw new Deno.errors.AddrInUse(`Cannot open ${format(path)}: ${what}`);
  }
  if (state === "stale") await Deno.remove(path);
}

/** What tells the file of this socket from one that another process has put in its place since. */
async function identify(path: string): Promise<number | null> {
  return (await Deno.lstat(path)).ino;
}

function removeOwn(path: string, file: number | null): void {
  try {
    if (Deno.lstatSync(path).ino === file) Deno.removeSync(path);
  } catch {
    // It has gone already, or its folder is not ours to change: closing has done what it can.
  }
}

/** Resolves after some time; rejects at once when the signal is aborted. */
function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
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
