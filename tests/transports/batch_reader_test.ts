import { assert, assertEquals, assertRejects } from "@std/assert";
import { createBuffers, DatagramBatchReader } from "../../lib/transports/udp/batch_reader.ts";

/** A socket, and another one that sends numbered datagrams to it. */
function openPair() {
  const address = { transport: "udp", hostname: "127.0.0.1", port: 0 } as const;
  const conn = Deno.listenDatagram(address);
  const sender = Deno.listenDatagram(address);
  let number = 0;
  return {
    conn,
    async send(count: number): Promise<void> {
      for (; count > 0; count--) await sender.send(Uint8Array.of(number++), conn.addr);
    },
    [Symbol.dispose]() {
      conn.close();
      sender.close();
    },
  };
}

Deno.test("DatagramBatchReader takes together what is there, in its order, as many as there are buffers", async () => {
  using pair = openPair();
  const reader = new DatagramBatchReader(pair.conn, createBuffers(4, 16));
  await pair.send(11);
  const bursts: number[][] = [];
  for (let count = 0; count < 11; count += bursts.at(-1)?.length ?? 0) {
    bursts.push((await reader.read()).map(([datagram]) => datagram[0] ?? NaN));
  }
  assertEquals(bursts.flat(), Array.from({ length: 11 }, (_, number) => number));
  assertEquals(Math.max(...bursts.map(({ length }) => length)), 4);
});

Deno.test("DatagramBatchReader hands over a datagram that comes alone without waiting for another", async () => {
  using pair = openPair();
  const reader = new DatagramBatchReader(pair.conn, createBuffers(4, 16));
  for (let number = 0; number < 5; number++) {
    const reading = reader.read();
    await pair.send(1);
    const [[datagram, from] = [], ...others] = await reading;
    assertEquals([...datagram ?? []], [number]);
    assert((from as Deno.NetAddr).port > 0);
    assertEquals(others, []);
  }
});

Deno.test("DatagramBatchReader leaves alone what it has handed over while Deno fills the next buffer", async () => {
  using pair = openPair();
  const reader = new DatagramBatchReader(pair.conn, createBuffers(3, 16));
  const seen: number[] = [];
  for (let round = 0; round < 50; round++) {
    await pair.send(2);
    const messages = await reader.read();
    const before = messages.map(([datagram]) => datagram.slice());
    await pair.send(1); // into the buffer that Deno has, or the kernel's
    assertEquals(messages.map(([datagram]) => datagram), before);
    seen.push(...before.map(([number = NaN]) => number));
  }
  while (seen.length < 150) seen.push(...(await reader.read()).map(([[number = NaN]]) => number));
  assertEquals(seen, Array.from({ length: 150 }, (_, number) => number));
});

Deno.test("DatagramBatchReader says in its place what failed, and goes on behind it", async () => {
  using pair = openPair();
  let calls = 0;
  const failing = {
    receive(buffer: Uint8Array) {
      return ++calls === 3
        ? Promise.reject(new Deno.errors.ConnectionReset("nobody there"))
        : pair.conn.receive(buffer);
    },
  } as Deno.DatagramConn;
  const reader = new DatagramBatchReader(failing, createBuffers(8, 16));
  await pair.send(4);
  const seen: (number | undefined | string)[] = [];
  while (seen.length < 5) {
    try {
      seen.push(...(await reader.read()).map(([datagram]) => datagram[0]));
    } catch (error) {
      seen.push((error as Error).message);
    }
  }
  assertEquals(seen, [0, 1, "nobody there", 2, 3]);
});

Deno.test("DatagramBatchReader ends waiting when the socket is closed", async () => {
  const pair = openPair();
  const reader = new DatagramBatchReader(pair.conn, createBuffers(4, 16));
  const reading = reader.read();
  pair[Symbol.dispose]();
  await assertRejects(() => reading, Deno.errors.Interrupted);
  await assertRejects(() => reader.read(), Deno.errors.BadResource);
});
