/**
 * Opens datagram sockets, and says in words why one cannot be opened.
 *
 * @module
 */

type ListenOptions =
  | (Deno.UdpListenOptions & { transport: "udp" })
  | (Deno.UnixListenOptions & { transport: "unixpacket" });

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
    throw explain(error, address);
  }
}

function explain(error: unknown, address: string): unknown {
  if (error instanceof Deno.errors.AddrInUse) {
    return new Deno.errors.AddrInUse(`Cannot open ${address}: the address is in use`, { cause: error });
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return new Deno.errors.AddrNotAvailable(`Cannot open ${address}: this machine has no such address`, {
      cause: error,
    });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new Deno.errors.PermissionDenied(`Cannot open ${address}: the system denies permission`, { cause: error });
  }
  if (error instanceof Deno.errors.NotFound) {
    return new Deno.errors.NotFound(`Cannot open ${address}: there is no such folder`, { cause: error });
  }
  return error;
}
