/**
 * Opens datagram sockets, with errors that say the address and the reason.
 *
 * @module
 */

import { explainSystemError } from "../system/errors.ts";

type ListenOptions =
  | (Deno.UdpListenOptions & { transport: "udp" })
  | (Deno.UnixListenOptions & { transport: "unixpacket" });

/**
 * Opens a datagram socket.
 *
 * @param options Options of the socket
 * @param address The address, for messages
 * @throws {Deno.errors.NotSupported} If Deno runs without `--unstable-net`
 */
export function listenDatagram(options: ListenOptions, address: string): Deno.DatagramConn {
  if (typeof Deno.listenDatagram !== "function") {
    throw new Deno.errors.NotSupported(
      `Cannot open ${address}: datagram sockets need Deno's flag --unstable-net, ` +
        `as in "deno run --unstable-net --allow-net ...", or "unstable": ["net"] in deno.json`,
    );
  }
  try {
    // The two overloads take one kind of options each.
    return options.transport === "udp" ? Deno.listenDatagram(options) : Deno.listenDatagram(options);
  } catch (error) {
    throw explainOpening(error, address);
  }
}

/** Returns the error of the system with the address and the reason. */
export function explainOpening(error: unknown, address: string): unknown {
  return explainSystemError(error, `Cannot open ${address}`, "create");
}
