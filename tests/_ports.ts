/**
 * Ports of the loopback that nobody has, for programs that do not say which one they have taken, and servers that come later.
 *
 * They are below those that systems give to whoever asks for any port (from 32768 on Linux, 49152 elsewhere): nobody gets one
 * by chance before its program takes it.
 *
 * @module
 */

/** The lowest port, and how many there are. */
const lowestPort = 20_000;
const portCount = 12_000;

/** Returns a free TCP port. */
export function findFreePort(): number {
  const [listener] = openFree(1, (port) => Deno.listen({ hostname: "127.0.0.1", port }));
  listener?.close();
  return (listener?.addr as Deno.NetAddr).port;
}

/** Returns free UDP ports, each another one. */
export function findFreeUdpPorts(count: number): number[] {
  const sockets = openFree(
    count,
    (port) => Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }),
  );
  for (const socket of sockets) socket.close();
  return sockets.map(({ addr }) => (addr as Deno.NetAddr).port);
}

/** Returns a free UDP port. */
export function findFreeUdpPort(): number {
  return findFreeUdpPorts(1)[0] ?? 0;
}

/** Opens sockets at ports that are free: at random, because other tests look for some at the same time. */
function openFree<Socket>(count: number, open: (port: number) => Socket): Socket[] {
  const sockets: Socket[] = [];
  for (let tries = 0; sockets.length < count; tries++) {
    try {
      sockets.push(open(lowestPort + Math.floor(Math.random() * portCount)));
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse) || tries > portCount) throw error;
    }
  }
  return sockets;
}
