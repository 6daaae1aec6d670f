/**
 * Starts the command `recv` and a sender facing it.
 *
 * @module
 */

import { openUdp, type Transport } from "@villas/client/transports";
import { type Running, start } from "./_cli.ts";

/** A sender and a receiver. */
export interface Pair extends AsyncDisposable {
  /** The sender: a bare transport, so that it sends whatever bytes. */
  readonly peer: Transport;
  /** The command. */
  readonly recv: Running;
}

/** Starts `recv` on a free port, and a sender that sends to it. */
export function startRecv(...args: string[]): Promise<Pair> {
  return face(start("recv", "--local", "udp://127.0.0.1:0", ...args));
}

/** Opens a sender that sends to where a process says that it receives. */
export async function face(recv: Running): Promise<Pair> {
  const pattern = /Receiving on (\S+) from/;
  // On a terminal both outputs are one.
  const [, remote = ""] = await Promise.any([recv.expectError(pattern), recv.expectOutput(pattern)]);
  const peer = await openUdp({ local: "udp://127.0.0.1:0", remote });
  return {
    peer,
    recv,
    async [Symbol.asyncDispose]() {
      peer.close();
      await recv[Symbol.asyncDispose]();
    },
  };
}
