/**
 * Opens datagram sockets, with errors that say the address and the reason.
 *
 * @module
 */

type ListenOptions =
  | (Deno.UdpListenOptions & { transport: "udp" })
  | (Deno.UnixListenOptions & { transport: "unixpacket" });

/** Reasons of the system's errors when a socket is opened. */
const reasons = [
  [Deno.errors.AddrInUse, "the address is in use"],
  [Deno.errors.AddrNotAvailable, "this machine has no such address"],
  [Deno.errors.PermissionDenied, "the system denies permission"],
  [Deno.errors.NotFound, "there is no such folder"],
  [Deno.errors.NotADirectory, "a part of the path is not a folder"],
] as const;

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
  // Deno's own message names the missing flag.
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  for (const [Reason, words] of reasons) {
    if (error instanceof Reason) return new Reason(`Cannot open ${address}: ${words}`, { cause: error });
  }
  return new Error(`Cannot open ${address}: ${error.message}`, { cause: error });
}
