/**
 * The least that receiving can be on Deno: what comes is counted, unread. Says "ready PORT" on standard error.
 *
 * @module
 */

const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
console.error(`ready ${(socket.addr as Deno.NetAddr).port}`);
const buffer = new Uint8Array(65_536);
let datagrams = 0;
while (datagrams >= 0) {
  await socket.receive(buffer);
  datagrams++;
}
