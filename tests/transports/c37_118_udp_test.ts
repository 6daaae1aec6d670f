/**
 * Streams of synchrophasors over UDP: commands and data in datagrams, commands over TCP, and data that comes by itself.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Client, connect, parseSignals } from "@villas/client";
import { commands, decodeCommand } from "@villas/client/c37_118";
import { openUdp } from "@villas/client/transports";
import { recorded } from "../formats/c37_118/_frames.ts";
import { FakePmu } from "./_fake_pmu.ts";

const [configuration, first, second] = ["cfg2", "data0", "data1"].map(recorded) as [Uint8Array, Uint8Array, Uint8Array];

/** Takes the times of so many samples, in nanoseconds of their second. */
async function takeTimes(client: Client, count: number): Promise<(number | undefined)[]> {
  const times: (number | undefined)[] = [];
  while (times.length < count) {
    const messages = await client.receive({ limit: 1, timeout: 20 });
    if (messages.length === 0) break;
    times.push(...messages.flat().map(({ tsOrigin }) => tsOrigin?.nsec));
  }
  return times;
}

Deno.test("a PDC over UDP commands a PMU with datagrams, and stops the data at its end", async () => {
  const pmu = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const received: number[] = [];
  const serving = (async () => {
    for await (const [datagram, source] of pmu) {
      const command = decodeCommand(datagram)?.command ?? 0;
      received.push(command);
      if (command === commands.sendConfiguration2) await pmu.send(configuration, source);
      if (command === commands.start) { for (const frame of [first, second]) await pmu.send(frame, source); }
      if (command === commands.stop) return;
    }
  })();
  const { port } = pmu.addr as Deno.NetAddr;
  const client = await connect({ remote: `c37.118+udp://127.0.0.1:${port}/7` });
  assertEquals(await takeTimes(client, 2), [0, 500_000]);
  client.close();
  await client.closed;
  await serving;
  pmu.close();
  assertEquals(received, [commands.sendConfiguration2, commands.start, commands.stop]);
});

Deno.test("a PDC commands a PMU over TCP, and takes its data from datagrams", async () => {
  using free = await openUdp({ local: "udp://127.0.0.1:0" });
  const port = Number(free.local.split(":").at(-1));
  free.close();
  await using pmu = new FakePmu();
  const client = await connect({ remote: pmu.address, local: `c37.118+udp://127.0.0.1:${port}` });
  const connection = await pmu.accept();
  assertEquals((await connection.nextCommand())?.command, commands.sendConfiguration2);
  await connection.send(configuration);
  assertEquals((await connection.nextCommand())?.command, commands.start);
  using sender = await openUdp({ local: "udp://127.0.0.1:0", remote: `udp://127.0.0.1:${port}` });
  await sender.send([first, second]);
  assertEquals(await takeTimes(client, 2), [0, 500_000]);
  client.close();
  assertEquals((await connection.nextCommand())?.command, commands.stop);
  await client.closed;
});

Deno.test("a PDC over UDP takes what a PMU sends by itself, such as a client of udp with the format c37.118", async () => {
  await using client = await connect({ local: "c37.118+udp://127.0.0.1:0" });
  const signals = parseSignals('[{"name": "va", "type": "complex"}]');
  await using pmu = await connect({ local: "udp://127.0.0.1:0", remote: client.local, format: "c37.118", signals });
  const samples = [20, 40].map((time) => ({
    tsOrigin: { sec: 7, nsec: time * 1e6 },
    values: [{ real: 1, imag: time }],
  }));
  for (const sample of samples) await pmu.send(sample);
  assertEquals(await takeTimes(client, 2), [20_000_000, 40_000_000]);
  assertEquals(client.format.signals?.[0]?.name, "pmu0_va");
});
