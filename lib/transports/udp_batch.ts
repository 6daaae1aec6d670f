/**
 * The transport `udp` at the speed of the machine: many datagrams a system call, on Linux.
 *
 * @module
 */

import { type Libc, loadLibc } from "./udp/libc.ts";
import { checkMulticast, joinMulticast } from "./udp/multicast.ts";
import { findNewSocket, findSockets } from "./udp/socket_handle.ts";
import { toUdpAddress } from "./address.ts";
import { resolveEndpoints } from "./udp/endpoint.ts";
import { createUdpBatches } from "./udp/batches.ts";
import { createUdpTransport, listenUdp } from "./udp/transport.ts";
import type { Transport, TransportOptions } from "./transport.ts";

/**
 * Opens a UDP socket whose datagrams are received and sent many a system call (`recvmmsg`, `sendmmsg`), with a receive
 * buffer of several megabytes. It is {@linkcode openUdp} in everything else: where there is nothing to receive, and where
 * the system does not take what is sent, Deno waits, as it does there, and says what is wrong.
 *
 * Datagrams of one length that are sent together cross the system as one message, which is cut at its end
 * (`UDP_SEGMENT`): a capture on this machine may show them as one long packet. What arrives is what was sent.
 *
 * It needs Linux on x86-64 or ARM64 with the GNU C library, and the permission `--allow-ffi`, which it does not ask the
 * user for. Where one of these is missing, it opens a plain socket, and says why through `onFallback`.
 *
 * @param options As for {@linkcode openUdp}
 * @returns The open transport, with `receiveBuffer` where it receives in batches
 * @throws As {@linkcode openUdp}
 *
 * @see `recvmmsg(2)`, `sendmmsg(2)`, `udp(7)`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openUdpBatch } from "@villas/client/transports";
 *
 * using a = await openUdpBatch({ local: "udp://127.0.0.1:0", onFallback: (why) => console.log(why) });
 * using b = await openUdpBatch({ local: "udp://127.0.0.1:0", remote: a.local });
 * await b.send([new Uint8Array([1]), new Uint8Array([2, 3])]);
 * let received = 0;
 * while (received < 2) received += (await a.receive()).length;
 * assertEquals(received, 2);
 * ```
 */
export async function openUdpBatch(options: TransportOptions = {}): Promise<Transport> {
  const { multicast, onFallback } = options;
  if (multicast !== undefined) checkMulticast(multicast);
  const { local, remote } = await resolveEndpoints(
    options.local === undefined ? undefined : toUdpAddress(options.local),
    options.remote === undefined ? undefined : toUdpAddress(options.remote),
  );
  const libc = tryLoad(onFallback);
  // Members of one multicast group may share an address; nobody else does.
  const earlier = libc === undefined || local.port === 0 ? new Map<bigint, number>() : findSockets(libc, local);
  const conn = listenUdp(local, multicast);
  const bound = conn.addr as Deno.NetAddr;
  const socket = libc && findNewSocket(libc, bound, earlier);
  if (libc !== undefined && socket === undefined) onFallback?.("Deno's socket cannot be found");
  if (multicast !== undefined) await joinMulticast(conn, multicast);
  const batches = libc === undefined || socket === undefined ? undefined : createUdpBatches(libc, socket, bound);
  return createUdpTransport(conn, remote, options, batches);
}

/** The C library, where it can be had. */
function tryLoad(onFallback: TransportOptions["onFallback"]): Libc | undefined {
  try {
    return loadLibc();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotSupported)) throw error;
    onFallback?.(error.message);
    return undefined;
  }
}
