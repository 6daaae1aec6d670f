/**
 * The transport `udp`: VILLASnode's socket node with `layer = "udp"`, over IPv4 and IPv6, unicast, broadcast and
 * multicast.
 *
 * @module
 */

import { toUdpAddress } from "./address.ts";
import { type Endpoint, resolveEndpoints } from "./udp/endpoint.ts";
import type { BusyPollOptions, Pollable } from "./udp/busy_poller.ts";
import { type Libc, loadLibc } from "./udp/libc.ts";
import type { MulticastOptions } from "./udp/multicast.ts";
import { NativeBatches } from "./udp/native_batches.ts";
import { findNewSocket, findSocket, findSockets, type SocketsByCookie } from "./udp/socket_handle.ts";
import { listenUdp, UdpTransport } from "./udp/transport.ts";
import type { DatagramTransport, TransportOptions } from "./transport.ts";

/** Options of the transport `udp`. */
export interface UdpOptions extends TransportOptions {
  /** The multicast group to receive from. */
  multicast?: MulticastOptions;
  /**
   * Receives and sends many datagrams per system call (`recvmmsg`, `sendmmsg`), with a receive buffer of several
   * megabytes; default: where that is possible. With false, datagrams go one by one.
   *
   * Datagrams of one length that are sent together cross the system as one message, which is cut at its end
   * (`UDP_SEGMENT`): a capture on this machine may show them as one long packet. What arrives is what was sent.
   *
   * It needs Linux on x86-64 or ARM64 with the GNU C library, and the permission `--allow-ffi`, which it does not ask the
   * user for. Where one of these is missing, datagrams go one by one, too.
   */
  batch?: boolean;
  /**
   * Polls for datagrams again and again instead of waiting for the system to wake the process: answers come sooner, and one
   * processor core is always busy; default false. Timers, signals and other sockets go on, each at most 0.2 ms later. It
   * waits as without this after a while without datagrams, so that an idle process takes no core, and wherever other
   * programs take the core away.
   *
   * It needs what `batch` needs, and a machine with two cores or more.
   */
  busyPoll?: boolean | BusyPollOptions;
  /** Called once where batches are not possible, with the reason; never with `batch: false`. */
  onFallback?: (reason: string) => void;
}

/**
 * Opens a UDP socket.
 *
 * Host names are looked up once, when the socket is opened; of the addresses of a name, one that fits the other end is
 * taken. Where the remote is a multicast group or a broadcast address, answers come from other addresses than the one
 * sent to, so all sources are received.
 *
 * @param options Addresses such as `udp://127.0.0.1:12001`, `udp://[::1]:12001`, `udp://*:12001`, or `HOST:PORT` as
 * VILLASnode writes it; `local` is `udp://0.0.0.0:12001` by default (`udp://[::]:12001` if the remote has an IPv6
 * address), and port 0 takes a free one
 * @returns The open transport
 * @throws {Deno.errors.AddrInUse} If another socket has the local address
 * @throws {Deno.errors.NotSupported} If Deno runs without `--unstable-net`, or `busyPoll` is asked for where it is not
 * possible
 * @throws {Deno.errors.NotFound} If a host name cannot be found
 * @throws {RangeError} If the multicast time to live is out of range, or `idleAfter` is not above 0
 * @throws {SyntaxError} If an address cannot be parsed
 * @throws {TypeError} If one address is of IPv4 and the other of IPv6, the multicast group is not one, or `busyPoll` is
 * asked for without batches
 *
 * @see VILLASnode, `lib/nodes/socket.cpp`; `recvmmsg(2)`, `sendmmsg(2)`, `udp(7)`
 *
 * @example Two ends of one machine
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openUdp } from "@villas/client/transports";
 *
 * using a = await openUdp({ local: "udp://127.0.0.1:0" });
 * using b = await openUdp({ local: "udp://127.0.0.1:0", remote: a.local });
 * await b.send([new TextEncoder().encode("hello")]);
 * const [datagram] = await a.receive();
 * assertEquals(new TextDecoder().decode(datagram), "hello");
 * ```
 *
 * @example Many datagrams per system call, or the reason why not
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openUdp } from "@villas/client/transports";
 *
 * const onFallback = (reason: string) => console.log(`One datagram per system call: ${reason}`);
 * using a = await openUdp({ local: "udp://127.0.0.1:0", onFallback });
 * using b = await openUdp({ local: "udp://127.0.0.1:0", remote: a.local, onFallback });
 * await b.send([new Uint8Array([1]), new Uint8Array([2, 3])]);
 * let received = 0;
 * while (received < 2) received += (await a.receive()).length;
 * assertEquals(received, 2);
 * ```
 */
export async function openUdp(options: UdpOptions = {}): Promise<DatagramTransport> {
  const { multicast, batch = true, busyPoll = false } = options;
  const group = multicast === undefined ? undefined : await prepareGroup(multicast);
  const { local, remote } = await resolveEndpoints(
    options.local === undefined ? undefined : toUdpAddress(options.local),
    options.remote === undefined ? undefined : toUdpAddress(options.remote),
  );
  const polling = busyPoll === false ? undefined : await preparePolling(busyPoll === true ? {} : busyPoll, batch);
  // Members of one multicast group may share an address; nobody else does.
  const others = batch && multicast !== undefined && local.port !== 0 ? findOthers(local) : undefined;
  const conn = listenUdp(local, multicast);
  await group?.join(conn);
  const batches = batch ? openBatches(conn.addr as Deno.NetAddr, others, options) : undefined;
  if (polling !== undefined && batches === undefined) {
    conn.close();
    throw polling.cannotPoll("Deno's socket cannot be found");
  }
  // Past Deno, the system counts what it drops for each socket. Elsewhere, a table of all sockets has to be read.
  const countDrops = batches?.countDrops() === undefined
    ? (await import("./udp/kernel_drops.ts")).countUdpDrops
    : undefined;
  return new UdpTransport(conn, remote, options, { batches, createPoller: polling?.create, countDrops });
}

/**
 * Loads what joins a multicast group, which few sockets do.
 *
 * @throws As {@linkcode openUdp}
 */
async function prepareGroup(options: MulticastOptions) {
  const { checkMulticast, joinMulticast } = await import("./udp/multicast.ts");
  checkMulticast(options);
  return { join: (conn: Deno.DatagramConn) => joinMulticast(conn, options) };
}

/**
 * Loads what polls, which nobody else needs.
 *
 * @throws As {@linkcode openUdp}
 */
async function preparePolling(options: BusyPollOptions, batch: boolean) {
  if (!batch) throw new TypeError("Cannot poll for datagrams instead of waiting: it needs batches");
  const { BusyPoller, cannotPoll, checkPolling } = await import("./udp/busy_poller.ts");
  checkPolling(options);
  return { create: (source: Pollable) => new BusyPoller(source, options), cannotPoll };
}

/** Finds the sockets of this process that have an address already. */
function findOthers(local: Endpoint): SocketsByCookie | undefined {
  const libc = tryLoadLibc();
  return libc && findSockets(libc, local);
}

/** Opens the way past Deno of the socket that was bound last, where there is one. */
function openBatches(
  bound: Endpoint,
  others: SocketsByCookie | undefined,
  { onFallback }: UdpOptions,
): NativeBatches | undefined {
  const libc = tryLoadLibc(onFallback);
  if (libc === undefined) return undefined;
  const socket = others === undefined ? findSocket(libc, bound) : findNewSocket(libc, bound, others);
  if (socket === undefined) onFallback?.("Deno's socket cannot be found");
  return socket === undefined ? undefined : new NativeBatches(libc, socket, bound);
}

/** Loads the C library, where that is possible. */
function tryLoadLibc(onFallback?: UdpOptions["onFallback"]): Libc | undefined {
  try {
    return loadLibc();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotSupported)) throw error;
    onFallback?.(error.message);
    return undefined;
  }
}
