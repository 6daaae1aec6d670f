/**
 * Streams of synchrophasors over TCP: our PDC with a PMU that is played by hand, and our PMU with our PDCs.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Client, connect, parseSignals, type Sample } from "@villas/client";
import {
  commands,
  type Configuration,
  ConfigurationReader,
  decodeHeaderText,
  encodeCommand,
  encodeConfiguration2,
  encodeConfiguration3,
  encodeHeaderText,
  FrameSplitter,
  sealFrame,
} from "@villas/client/c37_118";
import { openTransport } from "@villas/client/transports";
import { timeLimit } from "../_time_limits.ts";
import { recorded } from "../formats/c37_118/_frames.ts";
import { FakePmu } from "./_fake_pmu.ts";

const [configuration, first, second, third] = ["cfg2", "data0", "data1", "data2"].map(recorded) as [
  ...[Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>],
];
const read = new ConfigurationReader().read(configuration) as Configuration;

/** Takes so many samples. */
async function take(client: Client, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (samples.length < count) {
    const messages = await client.receive({ limit: 1, timeout: 20 });
    if (messages.length === 0) break;
    samples.push(...messages.flat());
  }
  return samples;
}

/** Returns a data frame with another STAT, or another length. */
function changed(frame: Uint8Array, change: { stat?: number; extra?: number }): Uint8Array<ArrayBuffer> {
  const { stat = 0x0040, extra = 0 } = change;
  const copy = new Uint8Array(frame.length + extra);
  copy.set(frame);
  const view = new DataView(copy.buffer);
  view.setUint16(14, stat);
  const fraction = view.getUint32(10);
  sealFrame(copy, { type: 0, version: 1, idcode: 7, soc: view.getUint32(6), timeQuality: 0, fraction });
  return copy;
}

Deno.test(
  "a PDC asks for the configuration, starts the data, and stops it at its end",
  { timeout: timeLimit },
  async () => {
    await using pmu = new FakePmu();
    const client = await connect({ remote: pmu.address });
    const connection = await pmu.accept();
    assertEquals(await connection.nextCommand(), { command: commands.sendConfiguration2, version: 1, idcode: 7 });
    await connection.send(configuration);
    assertEquals((await connection.nextCommand())?.command, commands.start);
    await connection.send(first, second);
    const samples = await take(client, 2);
    assertEquals(samples.map(({ tsOrigin }) => tsOrigin?.nsec), [0, 500_000]);
    assertEquals(client.format.signals?.[0], { name: "pmu0_va", unit: "V", type: "complex" });
    client.close();
    assertEquals((await connection.nextCommand())?.command, commands.stop);
    assertEquals(await connection.nextCommand(), undefined);
    assertEquals(await client.closed, undefined);
  },
);

Deno.test(
  "a PDC asks for configuration 3 in version 2 by option, and reads it in segments",
  { timeout: timeLimit },
  async () => {
    await using pmu = new FakePmu();
    await using client = await connect({
      remote: pmu.address,
      format: { type: "c37.118", version: 2, configuration: 3, idcode: 9 },
    });
    const connection = await pmu.accept();
    assertEquals(await connection.nextCommand(), { command: commands.sendConfiguration3, version: 2, idcode: 9 });
    // A header and a configuration 1 come in between, and are no answer.
    const settings = { version: 2, idcode: 7, soc: 1, timeQuality: 0, fraction: 0 };
    const segments = encodeConfiguration3(read, {}, 60);
    assert(segments.length > 2);
    await connection.send(encodeHeaderText("Substation", settings), ...segments, first);
    assertEquals((await connection.nextCommand())?.command, commands.start);
    assertEquals((await take(client, 1))[0]?.values.length, 6);
  },
);

Deno.test("a PDC reads frames that come in pieces of each size, and counts the bytes that are none", {
  timeout: timeLimit,
}, async () => {
  await using pmu = new FakePmu();
  const transport = await openTransport({ remote: pmu.address });
  const connection = await pmu.accept();
  await connection.nextCommand();
  const bytes = Uint8Array.from([
    ...configuration,
    ...first,
    0xaa,
    0x01,
    0x02,
    ...second,
    ...first.with(30, 9),
    ...third,
  ]);
  for (let start = 0; start < bytes.length; start += 11) await connection.send(bytes.subarray(start, start + 11));
  const frames: string[] = [];
  while (frames.length < 4) for (const frame of await transport.receive(1)) frames.push(frame.toHex());
  assertEquals(frames, [configuration, first, second, third].map((frame) => frame.toHex()));
  const { frames: counters } = transport.stats();
  assertEquals([counters?.frames, counters?.badChecksums, counters?.lostSyncs], [4, 1, 1]);
  transport.close();
  await transport.closed;
});

Deno.test(
  "a PDC asks again when data no longer fits the configuration, and loses no frame",
  { timeout: timeLimit },
  async () => {
    await using pmu = new FakePmu();
    await using client = await connect({ remote: pmu.address });
    const connection = await pmu.accept();
    await connection.nextCommand();
    await connection.send(configuration);
    await connection.nextCommand();
    await connection.send(first);
    assertEquals((await take(client, 1))[0]?.values.length, 6);
    // One more analogue value than before.
    const [pmu0] = read.pmus;
    assert(pmu0 !== undefined);
    const analogs = [...pmu0.analogs, { name: "more", kind: 0, scale: 1, offset: 0 }];
    const larger = { ...read, pmus: [{ ...pmu0, analogs, changeCount: 1 }] };
    await connection.send(...[second, third].map((frame) => changed(frame, { extra: 4 })));
    assertEquals((await connection.nextCommand())?.command, commands.sendConfiguration2);
    await connection.send(encodeConfiguration2(larger), changed(third, { extra: 4 }));
    const samples = await take(client, 3);
    assertEquals(samples.map(({ values }) => values.length), [7, 7, 7]);
    assertEquals(samples.map(({ tsOrigin }) => tsOrigin?.nsec), [500_000, 123_457_000, 123_457_000]);
    assertEquals(client.format.signals?.[5]?.name, "pmu0_more");
    assertEquals([client.counters.received.refused, connection.pendingCommands], [0, 0]);
  },
);

Deno.test("a PDC asks again when STAT announces a change, and once the change is made lets data wait for it", {
  timeout: timeLimit,
}, async () => {
  await using pmu = new FakePmu();
  await using client = await connect({ remote: pmu.address });
  const connection = await pmu.accept();
  await connection.nextCommand();
  await connection.send(configuration);
  await connection.nextCommand();
  // The bit is set for a minute: a request at its beginning, and no second one while it stays.
  await connection.send(changed(first, { stat: 0x0440 }), changed(second, { stat: 0x0440 }));
  assertEquals((await connection.nextCommand())?.command, commands.sendConfiguration2);
  assertEquals((await take(client, 2)).length, 2);
  assertEquals(connection.pendingCommands, 0);
});

Deno.test("a PDC gives the reason when a PMU does not answer, and connects again when it is back", {
  timeout: timeLimit,
}, async () => {
  await using pmu = new FakePmu();
  const states: string[] = [];
  const changes = Promise.withResolvers<void>();
  await using client = await connect({
    remote: pmu.address,
    onStateChange(state) {
      states.push(state.isUp ? "up" : state.reason);
      if (states.length === 2) changes.resolve();
    },
  });
  (await pmu.accept()).close();
  const connection = await pmu.accept();
  await connection.nextCommand();
  await connection.send(configuration, first);
  await changes.promise;
  assertEquals(states, ["it closed the connection before it sent its configuration", "up"]);
  assertEquals((await take(client, 1)).length, 1);
  connection.close();
  const again = await pmu.accept();
  assertEquals((await again.nextCommand())?.command, commands.sendConfiguration2);
  await again.send(configuration, second);
  assertEquals((await take(client, 1))[0]?.tsOrigin?.nsec, 500_000);
  assertEquals(client.stats().link?.losses, 1);
});

Deno.test("a PDC sends no samples, and says so", { timeout: timeLimit }, async () => {
  await using pmu = new FakePmu();
  await using client = await connect({ remote: pmu.address });
  (await pmu.accept()).close();
  await assertRejects(() => client.send({ values: [1] }), TypeError, "no remote address is set");
});

const signals = parseSignals(
  '[{"name": "va", "type": "complex"}, {"name": "frequency"}, {"name": "rocof"}, {"name": "closed", "type": "boolean"}]',
);

function sampleAt(index: number): Sample {
  return {
    tsOrigin: { sec: 1_700_000_000 + Math.floor(index / 50), nsec: 20_000_000 * (index % 50) },
    values: [{ real: index, imag: -1 }, 50, 0.25, index % 2 === 1],
  };
}

Deno.test("a PMU serves 20 PDCs, each of which starts and stops for itself", { timeout: timeLimit }, async () => {
  await using pmu = await connect({ local: "c37.118://127.0.0.1:0/7", signals });
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect({ remote: pmu.local })));
  await Promise.all(clients.map((client) => client.ready()));
  // That a PDC is ready says that it has sent its start, not that the PMU has read it: a marker goes on until all have it.
  const started = Promise.all(clients.map((client) => client.waitForSamples({ timeout: 20 })));
  let isStarted = false;
  void started.then(() => isStarted = true);
  while (!isStarted) {
    await pmu.send({ ...sampleAt(0), tsOrigin: { sec: 1, nsec: 0 } });
    await Promise.race([started, new Promise((resolve) => setImmediate(resolve))]);
  }
  for (let index = 0; index < 50; index++) await pmu.send(sampleAt(index));
  const [leaver, ...others] = clients as [Client, ...Client[]];
  leaver.close();
  await leaver.closed;
  for (let index = 50; index < 100; index++) await pmu.send(sampleAt(index));
  for (const client of others) {
    const samples: Sample[] = [];
    for await (const sample of client) if (sample.tsOrigin?.sec !== 1 && samples.push(sample) === 100) break;
    assertEquals(samples, Array.from({ length: 100 }, (_, index) => sampleAt(index)));
    assertEquals(client.counters.received.missing, 0);
  }
  for (const client of others) client.close();
  await Promise.all(others.map(({ closed }) => closed));
  assertEquals(pmu.stats().link?.connects, 20);
});

/** Connects to a PMU as another program does. */
async function connectRaw(address: string) {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: Number(/:(\d+)/.exec(address)?.[1]) });
  const splitter = new FrameSplitter();
  const buffer = new Uint8Array(65_536);
  const frames: Uint8Array[] = [];
  return {
    async command(command: number, version = 1, idcode = 7) {
      await tcp.write(encodeCommand(command, { version, idcode, soc: 1, timeQuality: 0, fraction: 0 }));
    },
    async nextFrame(): Promise<Uint8Array | undefined> {
      while (frames.length === 0) {
        const length = await tcp.read(buffer);
        if (length === null) return undefined;
        frames.push(...splitter.push(buffer.subarray(0, length)).map((frame) => frame.slice()));
      }
      return frames.shift();
    },
    write: (bytes: Uint8Array) => tcp.write(bytes),
    [Symbol.dispose]: () => tcp.close(),
  };
}

Deno.test(
  "a PMU answers each command of any version with its frame, at the time of now, and ignores what it does not know",
  { timeout: timeLimit },
  async () => {
    await using pmu = await connect({
      local: "c37.118://127.0.0.1:0/7",
      signals,
      format: { type: "c37.118", version: 2 },
    });
    using pdc = await connectRaw(pmu.local);
    await pdc.command(commands.extended);
    await pdc.command(99);
    await pdc.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    const answers = [
      [commands.sendConfiguration1, 0x22],
      [commands.sendConfiguration2, 0x32],
      [commands.sendConfiguration3, 0x52],
    ] as const;
    for (const [command, sync] of answers) {
      await pdc.command(command, 2);
      const frame = await pdc.nextFrame();
      assertEquals(frame?.[1], sync);
      const seconds = new DataView(frame?.buffer ?? new ArrayBuffer(16)).getUint32(6);
      assert(Math.abs(seconds - Date.now() / 1000) < 60);
      const configuration = new ConfigurationReader().read(frame ?? new Uint8Array(16));
      assertEquals([configuration?.idcode, configuration?.timeBaseFlags, configuration?.pmus[0]?.phasors.length], [
        7,
        0,
        1,
      ]);
    }
  },
);

Deno.test("a PMU gives a header frame that was sent to it to those who ask, also to one who asked before", {
  timeout: timeLimit,
}, async () => {
  const transport = await openTransport({ local: "c37.118://127.0.0.1:0" });
  using pdc = await connectRaw(transport.local);
  await pdc.command(commands.sendHeader);
  await pdc.command(commands.start);
  await transport.ready();
  await transport.send([encodeHeaderText("Bay 4", { version: 1, idcode: 7, soc: 1, timeQuality: 0, fraction: 0 })]);
  assertEquals(decodeHeaderText(await pdc.nextFrame() ?? new Uint8Array(16)), "Bay 4");
  transport.close();
  await transport.closed;
});

Deno.test(
  "a PMU delays nobody for a PDC that does not read, which loses its oldest data",
  { timeout: timeLimit },
  async () => {
    const notices: string[] = [];
    const pmu = await connect({
      local: "c37.118://127.0.0.1:0/7",
      signals: parseSignals("3000c"),
      onNotice: (notice) => notices.push(notice),
    });
    using lazy = await connectRaw(pmu.local);
    await lazy.command(commands.start, 1, 8);
    await pmu.ready();
    const values = Array.from({ length: 3000 }, () => ({ real: 1, imag: 2 }));
    const start = performance.now();
    // 24 kB each: far more than the socket and the queue hold.
    for (let index = 0; index < 1500 && !pmu.stats().link?.droppedBySlowPeers; index++) {
      await pmu.send({ tsOrigin: { sec: index, nsec: 0 }, values });
    }
    assert((pmu.stats().link?.droppedBySlowPeers ?? 0) > 0);
    assert(performance.now() - start < 30_000);
    assertEquals(notices, ["A PDC asks for stream 8: it is served stream 7, which another PMU would refuse"]);
    pmu.close();
    await pmu.closed;
  },
);

for (
  const [options, type, message] of [
    [{ remote: "c37.118://127.0.0.1:1/x" }, SyntaxError, 'expected "c37.118://HOST:PORT/IDCODE"'],
    [{ remote: "c37.118://127.0.0.1:1/65536" }, SyntaxError, 'expected "c37.118://HOST:PORT/IDCODE"'],
    [{ local: "c37.118://127.0.0.1:0", remote: "c37.118://127.0.0.1:1" }, TypeError, "Cannot be a PMU and a PDC"],
    [{ remote: "c37.118://127.0.0.1:1", format: "json" }, TypeError, "it carries frames of the format c37.118"],
    [
      { local: "c37.118://127.0.0.1:0", signals: "i" },
      TypeError,
      "is an integer, for which a synchrophasor frame has no place",
    ],
    [{ local: "c37.118://127.0.0.1:0", whenDown: "fail" as const }, TypeError, "PDCs connect to it"],
  ] as const
) {
  Deno.test(`connect() refuses ${JSON.stringify(options)}`, async () => {
    await assertRejects(() => connect(options), type, message);
  });
}
