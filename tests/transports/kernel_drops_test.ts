import { assertEquals } from "@std/assert";
import { countUdpDrops } from "../../lib/transports/udp/kernel_drops.ts";
import { timeLimit } from "../_time_limits.ts";

/** Opens and closes sockets until it is terminated, on an address whose ports no other test needs. */
const restless = `
  postMessage("begins");
  for (;;) {
    const options = { transport: "udp", hostname: "127.0.0.7", port: 0 };
    for (const socket of Array.from({ length: 60 }, () => Deno.listenDatagram(options))) socket.close();
  }`;

Deno.test({
  name: "countUdpDrops() finds a socket while others come and go, for which the system's table leaves it out",
  ignore: Deno.build.os !== "linux",
  timeout: timeLimit,
  async fn() {
    const sockets = Array.from(
      { length: 40 },
      () => Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }),
    );
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(restless)}`, { type: "module" });
    await new Promise((resolve) => worker.onmessage = resolve);
    const counts = Array.from({ length: 400 }, (_, index) => {
      const { addr } = sockets[index % sockets.length] ?? {};
      return countUdpDrops(addr as Deno.NetAddr);
    });
    worker.terminate();
    for (const socket of sockets) socket.close();
    assertEquals(counts.filter((count) => count !== 0), []);
  },
});
