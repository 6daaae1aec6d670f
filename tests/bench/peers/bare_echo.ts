/**
 * The least that an echo can be on Deno: what the socket gives goes back, unread. Says "ready PORT" on standard error.
 *
 * @module
 */

const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
console.error(`ready ${(socket.addr as Deno.NetAddr).port}`);
const buffer = new Uint8Array(65_536);
for (;;) {
  const [datagram, from] = await socket.receive(buffer);
  await socket.send(datagram, from);
}
