import { assertEquals } from "@std/assert";
import { TcpRelay } from "./_tcp_relay.ts";

Deno.test({
  name: "TcpRelay ends every connection when it is closed or cut, at whatever moment of its making",
  timeout: 60_000,
  async fn() {
    using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const served: Promise<void>[] = [];
    const serving = (async () => {
      for await (const conn of server) served.push(readToEnd(conn));
    })().catch(() => {});
    for (let turns = 0; turns < 60; turns++) {
      const relay = new TcpRelay(server.addr.port);
      const client = await Deno.connect({ hostname: "127.0.0.1", port: relay.port });
      for (let turn = 0; turn < turns % 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (turns % 3 === 0) relay.cut();
      await relay[Symbol.asyncDispose]();
      // The end of the other side, or a reset: not a wait for ever.
      await readToEnd(client);
      assertEquals(relay.connections, 0);
    }
    server.close();
    await serving;
    await Promise.all(served);
  },
});

async function readToEnd(conn: Deno.Conn): Promise<void> {
  try {
    while (await conn.read(new Uint8Array(16)) !== null);
  } catch {
    // Reset.
  } finally {
    conn.close();
  }
}
