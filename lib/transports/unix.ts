/**
 * The transport `unix`: VILLASnode's socket node with `layer = "unix"`, datagrams between two files of one machine.
 *
 * @module
 */

import { formatUnixAddress, toUnixAddress } from "./address.ts";
import { listenDatagram } from "./listen.ts";
import { createSender, noRemote } from "./send.ts";
import { inspectSocketFile, isSameFile, rememberSocketFile, removeStaleSocket } from "./_socket_file.ts";
import type { ReadyOptions, Transport, TransportOptions } from "./transport.ts";

/** Where the Python client of VILLASnode receives by default. */
const defaultLocal = "unix:/var/run/villas-node.client.sock";

/** The longest datagram that VILLASnode reads whole: its buffer has 64 KiB (`lib/nodes/socket.hpp`). */
const maximumLength = 65_536;

/** Longer than what Linux lets a sender send by default (212,992 bytes), so that nothing is cut without a word. */
const receiveBufferLength = 262_144;

/** How often to look whether the remote is there, in milliseconds. */
const readyInterval = 50;

/**
 * Opens a unix datagram socket.
 *
 * Its file appears with the rights that the umask leaves. One that a dead process left is replaced; one that somebody
 * listens on is not. The file is removed when the transport is closed. A source is the remote if its path is that of the
 * remote or leads to the same file, as `/run/a.sock` and `/var/run/a.sock` do.
 *
 * A datagram that the remote's full queue does not take waits in the kernel, which Deno asks again and again. Closing
 * ends the wait of the sender, but the system takes no datagram back: Deno goes on asking until the remote reads or
 * dies, or this process ends.
 *
 * @param options Addresses such as `unix:/var/run/villas-node.client.sock`, the default of `local`
 * @returns The open transport
 * @throws {Deno.errors.AddrInUse} If another process has the local address, or a file is there that is no socket
 * @throws {Deno.errors.NotFound} If there is no folder for the socket's file
 * @throws {Deno.errors.NotSupported} If Deno runs without `--unstable-net`
 * @throws {SyntaxError} If an address cannot be read
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
export async function openUnix(options: TransportOptions = {}): Promise<Transport> {
  const { anySource = false, onIgnored } = options;
  const { path, text: local } = toUnixAddress(options.local ?? defaultLocal);
  let remote = options.remote === undefined ? undefined : toUnixAddress(options.remote).path;
  let remoteAddress = remote === undefined ? undefined : formatUnixAddress(remote);
  if (options.multicast !== undefined) throw new TypeError("Cannot join a multicast group on a unix socket");
  await removeStaleSocket(path, local);
  const { conn, sender } = openSockets(path, local);
  const file = rememberSocketFile(path);
  const buffer = new Uint8Array(receiveBufferLength);
  const received: Uint8Array[] = [];
  /** The path that the remote calls itself, where it is another one than ours for the same file. */
  let alias: string | undefined;
  let ignored = 0;
  let closed = false;
  /** What ends the sends that wait in the kernel. */
  const waiting = new Set<(reason: unknown) => void>();

  function ignore(from: string): void {
    ignored++;
    onIgnored?.(from);
  }

  function isWanted(from: string | null): boolean {
    return anySource || remote === undefined || from === remote || (from !== null && from === alias);
  }

  /** Whether the remote calls itself otherwise than we do. */
  async function isAlias(from: string | null): Promise<boolean> {
    if (!from || from.startsWith("\0") || remote === undefined || !(await isSameFile(from, remote))) return false;
    alias = from;
    return true;
  }

  /** Sends one datagram; rejects when the transport is closed meanwhile, as no system call does. */
  function sendOne(datagram: Uint8Array, address: Deno.UnixAddr): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (how: (value: unknown) => void) => (value: unknown) => {
        waiting.delete(reject);
        how(value);
      };
      waiting.add(reject);
      sender.send(datagram, address).then(settle(resolve), settle(reject));
    });
  }

  const transport: Transport = {
    local,
    get remote() {
      return remoteAddress;
    },
    maximumLength,
    get ignored() {
      return ignored;
    },
    async receive() {
      received.length = 0;
      while (!closed) {
        let from: string | null;
        try {
          const [datagram, source] = await conn.receive(buffer);
          received[0] = datagram;
          from = (source as Deno.UnixAddr).path;
        } catch (error) {
          if (closed) break;
          // The datagram is lost: Deno gives no path that is not UTF-8, nor what came from there.
          if (!(error instanceof Deno.errors.InvalidData)) throw error;
          ignore("a socket whose path is not UTF-8");
          continue;
        }
        if (isWanted(from) || await isAlias(from)) break;
        received.length = 0;
        ignore(from ? formatUnixAddress(from) : "a socket without address");
      }
      if (closed) received.length = 0;
      return received;
    },
    async send(datagrams) {
      if (remote === undefined || remoteAddress === undefined) throw noRemote(local);
      // That of the whole batch, whatever is set meanwhile.
      const address: Deno.UnixAddr = { transport: "unixpacket", path: remote };
      const send = createSender({
        remote: remoteAddress,
        maximumLength,
        sendOne: (datagram) => sendOne(datagram, address),
        isClosed: () => closed,
      });
      return await send(datagrams);
    },
    // deno-lint-ignore require-await -- errors become rejections, as those of the other transports
    async setRemote(address) {
      remote = toUnixAddress(address).path;
      remoteAddress = formatUnixAddress(remote);
      alias = undefined;
    },
    async ready({ signal, onWait }: ReadyOptions = {}) {
      let waited = false;
      while (!closed) {
        signal?.throwIfAborted();
        if (remote === undefined || await inspectSocketFile(remote) === "live") return;
        if (!waited) onWait?.();
        waited = true;
        await pause(readyInterval, signal);
      }
    },
    countKernelDrops: () => undefined, // the kernel lets the sender wait instead
    close() {
      if (closed) return;
      closed = true;
      file.remove();
      conn.close();
      sender.close();
      for (const end of waiting) end(new Error("The transport is closed"));
    },
    [Symbol.dispose]() {
      transport.close();
    },
  };
  return transport;
}

/** Resolves after some time; rejects at once when the signal is aborted. */
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

/**
 * Opens two sockets of one name, because Deno refuses to send on a unix socket that waits for a datagram ("Socket
 * already in use"). What is sent to the name arrives at the one that was bound to the file last.
 */
function openSockets(path: string, local: string): { conn: Deno.DatagramConn; sender: Deno.DatagramConn } {
  const sender = listenDatagram({ transport: "unixpacket", path }, local);
  try {
    Deno.removeSync(path);
    return { conn: listenDatagram({ transport: "unixpacket", path }, local), sender };
  } catch (error) {
    sender.close();
    throw error;
  }
}
