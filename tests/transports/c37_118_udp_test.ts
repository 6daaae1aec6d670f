/**
 * Streams of synchrophasors over UDP: commands and data in datagrams, commands over TCP, and data that comes by itself.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Client, connect, type ConnectOptions, parseSignals } from "@villas/client";
import { commands, decodeCommand, encodeCommand, frameTypes, typeOfFrame } from "@villas/client/c37_118";
import { sleep } from "@villas/client/system";
import { openUdp } from "@villas/client/transports";
import { timeLimit } from "../_time_limits.ts";
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

Deno.test(
  "a PDC over UDP commands a PMU with datagrams, and stops the data at its end",
  { timeout: timeLimit },
  async () => {
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
  },
);

Deno.test("a PDC commands a PMU over TCP, and takes its data from datagrams", { timeout: timeLimit }, async () => {
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

Deno.test("a PDC over UDP takes what a PMU sends by itself, such as a client of udp with the format c37.118", {
  timeout: timeLimit,
}, async () => {
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

const served = parseSignals('[{"name": "va", "type": "complex"}, {"name": "frequency"}]');
const pmuRole = { role: "pmu" } as const;

/** A sample of a phasor at a time in milliseconds. */
function sampleAt(time: number) {
  return { tsOrigin: { sec: 7, nsec: time * 1e6 }, values: [{ real: 230, imag: time }, 50] };
}

/** Sends a sample again and again until a client has received it. */
async function sendUntilReceived(pmu: Client, pdc: Client): Promise<void> {
  const received = pdc.waitForSamples({ timeout: 20 });
  const ended = new AbortController();
  received.finally(() => ended.abort()).catch(() => {});
  for (let time = 1; !ended.signal.aborted; time++) {
    await pmu.send(sampleAt(time));
    await sleep(5, ended.signal);
  }
  assert(await received);
}

Deno.test("a PMU over UDP serves PDCs that command it with datagrams, each of which starts and stops for itself", {
  timeout: timeLimit,
}, async () => {
  const changes: string[] = [];
  await using pmu = await connect({
    local: "c37.118+udp://127.0.0.1:0/9",
    signals: served,
    synchrophasors: pmuRole,
    onPeerChange: ({ isThere, reason }) => changes.push(isThere ? "came" : reason ?? ""),
  });
  const first = await connect({ remote: pmu.local });
  await pmu.ready({ signal: AbortSignal.timeout(20_000) });
  const second = await connect({ remote: pmu.local, format: { type: "c37.118", configuration: 3 } });
  for (const pdc of [first, second]) {
    await sendUntilReceived(pmu, pdc);
    assertEquals(pdc.format.signals?.map(({ name }) => name), ["pmu0_va", "pmu0_frequency", "pmu0_rocof"]);
  }
  assertEquals(pmu.stats().link?.peers, 2);
  first.close();
  await first.closed;
  while (pmu.stats().link?.peers !== 1) await sleep(5);
  assertEquals(changes, ["came", "came", "it has stopped the data"]);
  await sendUntilReceived(pmu, second);
  second.close();
  await second.closed;
});

Deno.test("a PMU takes commands over TCP and sends the data over UDP, but only while a PDC has started it", {
  timeout: timeLimit,
}, async () => {
  using free = await openUdp({ local: "udp://127.0.0.1:0" });
  const data = `c37.118+udp://127.0.0.1:${free.local.split(":").at(-1)}`;
  await using pmu = await connect({ local: "c37.118://127.0.0.1:0", remote: data, signals: served });
  assertEquals(await pmu.send(sampleAt(1)), { sent: 1, undelivered: 0 });
  assertEquals((await Promise.race([free.receive(), sleep(50).then(() => [])])).length, 0, "nobody has started it");
  free.close();
  const pdc = await connect({ remote: pmu.local, local: data });
  await pmu.ready({ signal: AbortSignal.timeout(20_000) });
  for (const time of [20, 40]) await pmu.send(sampleAt(time));
  assertEquals(await takeTimes(pdc, 2), [20_000_000, 40_000_000]);
  pdc.close();
  await pdc.closed;
});

Deno.test("a PMU sends by itself over UDP: the configuration and the data as datagrams of their own", {
  timeout: timeLimit,
}, async () => {
  using receiver = await openUdp({ local: "udp://127.0.0.1:0" });
  const remote = receiver.local.replace("udp:", "c37.118+udp:");
  await using pmu = await connect({ remote, signals: served, synchrophasors: pmuRole });
  await pmu.ready({ signal: AbortSignal.timeout(20_000) });
  for (const time of [20, 40]) assertEquals(await pmu.send(sampleAt(time)), { sent: 1, undelivered: 0 });
  const types: number[] = [];
  while (types.length < 3) {
    const datagrams = await receiver.receive();
    types.push(...datagrams.map((bytes) => typeOfFrame(bytes)));
    for (const bytes of datagrams) assertEquals((bytes[2] ?? 0) << 8 | (bytes[3] ?? 0), bytes.length);
  }
  assertEquals(types, [frameTypes.configuration2, frameTypes.data, frameTypes.data]);
});

Deno.test("a PMU over UDP keeps room for those who come: the oldest that has not started makes room", {
  timeout: timeLimit,
}, async () => {
  await using pmu = await connect({ local: "c37.118+udp://127.0.0.1:0", signals: served, synchrophasors: pmuRole });
  const remote = pmu.local.replace("c37.118+", "").replace(/\/$/, "");
  // All stay open, so that each has a port of its own.
  using sockets = new DisposableStack();
  const open = async () => sockets.use(await openUdp({ local: "udp://127.0.0.1:0", remote }));
  const fields = { version: 1, idcode: 1, soc: 0, timeQuality: 0, fraction: 0 } as const;
  const ask = async () => {
    const socket = await open();
    await socket.send([encodeCommand(commands.sendConfiguration2, fields)]);
    const [answer] = await socket.receive();
    assertEquals(answer && typeOfFrame(answer), frameTypes.configuration2);
  };
  for (let count = 0; count < 260; count++) await ask();
  assertEquals([pmu.stats().link?.peers, pmu.stats().link?.losses], [256, 4]);
  // What is no frame makes nobody a PDC.
  await (await open()).send([new Uint8Array(100).fill(0xaa), new Uint8Array(0)]);
  await ask();
  assertEquals(pmu.stats().link?.losses, 5);
});

Deno.test("a stream refuses addresses that are not those of its role", { timeout: timeLimit }, async () => {
  const wrong: [ConnectOptions, string][] = [
    [{ local: "c37.118://127.0.0.1:0", synchrophasors: { role: "pdc" } }, "Cannot receive on c37.118://127.0.0.1:0/"],
    [{ remote: "c37.118://127.0.0.1:1", synchrophasors: pmuRole }, "Cannot send to c37.118://127.0.0.1:1/"],
    [
      { local: "c37.118+udp://127.0.0.1:0", synchrophasors: pmuRole, whenDown: "fail" },
      "Cannot choose what to do when the connection is down for a PMU",
    ],
  ];
  for (const [options, message] of wrong) await assertRejects(() => connect(options), TypeError, message);
});
