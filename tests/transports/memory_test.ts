import { assertEquals, assertRejects } from "@std/assert";
import { openMemory } from "@villas/client/transports";
import { pattern, receiveAll, testTransport } from "./contract.ts";

let addresses = 0;

testTransport({
  name: "openMemory()",
  open: openMemory,
  newAddress: () => `memory:contract-${++addresses}`,
  noticesAbsence: false,
});

Deno.test("openMemory() gives a name of its own where none is said", async () => {
  using a = await openMemory();
  using b = await openMemory({ remote: a.local });
  await b.send([pattern(3)]);
  assertEquals(await receiveAll(a, 1), [pattern(3)]);
});

Deno.test("openMemory() takes a copy of what is sent", async () => {
  using a = await openMemory();
  using b = await openMemory({ remote: a.local });
  const datagram = pattern(3);
  await b.send([datagram]);
  datagram.fill(255);
  assertEquals(await receiveAll(a, 1), [pattern(3)]);
});

Deno.test("openMemory() gives all datagrams that are there at once", async () => {
  using a = await openMemory();
  using b = await openMemory({ remote: a.local });
  await b.send([pattern(1), pattern(2)]);
  await b.send([pattern(3)]);
  assertEquals(await a.receive(), [pattern(1), pattern(2), pattern(3)]);
});

Deno.test("openMemory() drops and counts what comes on top of 1024 datagrams", async () => {
  using a = await openMemory();
  using b = await openMemory({ remote: a.local });
  await b.send(Array.from({ length: 1030 }, (_, number) => pattern(2, number)));
  assertEquals(await a.stats().kernelDrops, 6);
  const received = await receiveAll(a, 1024);
  assertEquals(received, Array.from({ length: 1024 }, (_, number) => pattern(2, number)));
  assertEquals(await b.stats().kernelDrops, 0);
});

Deno.test("openMemory() refuses addresses of other transports", async () => {
  for (const address of ["", "memory", "memory:", "udp://127.0.0.1:1", "unix:/run/a"]) {
    const message = `Cannot parse "${address}" as an address in memory: expected "memory:NAME"`;
    await assertRejects(() => openMemory({ local: address }), SyntaxError, message);
    await assertRejects(() => openMemory({ remote: address }), SyntaxError, message);
  }
});
