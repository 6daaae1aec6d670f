/**
 * Opens datagram sockets, and says in words why one cannot be opened.
 *
 * @module
 */

type ListenOptions =
  | (Deno.UdpListenOptions & { transport: "udp" })
  | (Deno.UnixListenOptions & { transport: "unixpacket" });

/** What the system's errors mean where a socket is opened. */
const reasons = [
  [Deno.errors.AddrInUse, "the address is in use"],
  [Deno.errors.AddrNotAvailable, "this machine has no such address"],
  [Deno.errors.PermissionDenied, "the system denies permission"],
  [Deno.errors.NotFound, "there is no such folder"],
  [Deno.errors.NotADirectory, "a part of the path is no folder"],
] as const;

/** Opens a datagram socket; `address` is how messages call it. */
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

/** The error of the system, with the address and what it means there. */
export function explainOpening(error: unknown, address: string): unknown {
  // Deno's own message names the missing flag.
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  for (const [Reason, words] of reasons) {
    if (error instanceof Reason) return new Reason(`Cannot open ${address}: ${words}`, { cause: error });
  }
  return new Error(`Cannot open ${address}: ${error.message}`, { cause: error });
}
