/**
 * Ports of the loopback that nobody has, for programs that do not say which one they have taken.
 *
 * @module
 */

/** Returns a free TCP port. */
export function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Returns free UDP ports, each another one. */
export function findFreeUdpPorts(count: number): number[] {
  const sockets = Array.from(
    { length: count },
    () => Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }),
  );
  for (const socket of sockets) socket.close();
  return sockets.map(({ addr }) => (addr as Deno.NetAddr).port);
}

/** Returns a free UDP port. */
export function findFreeUdpPort(): number {
  return findFreeUdpPorts(1)[0] ?? 0;
}
