/**
 * Synchrophasors with a real VILLASnode in both roles: as the PMU that we read, and as the PDC that reads us.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { connect, parseSignals, type Sample } from "@villas/client";
import { sleep } from "@villas/client/system";
import { openUdp } from "@villas/client/transports";
import { findFreePort } from "../_ports.ts";
import { spawn } from "../commands/_cli.ts";

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to test with");

/** How long VILLASnode may take for what is done in a moment, in milliseconds. */
const patience = 30_000;

const signals = parseSignals(
  '[{"name": "va", "unit": "V", "type": "complex"}, {"name": "ia", "unit": "A", "type": "complex"}, {"name": "frequency"}, ' +
    '{"name": "rocof"}, {"name": "temperature"}, {"name": "closed", "type": "boolean"}]',
);

/** Samples of numbers that float32 holds, at times that a time base of a million holds. */
const samples = Array.from({ length: 20 }, (_, index): Sample => ({
  sequence: BigInt(index),
  tsOrigin: { sec: 1_700_000_000, nsec: 20_000_000 * index },
  values: [
    { real: 230.5 + index, imag: -0.25 * index },
    { real: index, imag: index % 5 === 0 ? NaN : -1 },
    50 + index / 64,
    -index / 8,
    index === 3 ? -Infinity : index * 1e6,
    index % 3 === 0,
  ],
}));

/** Runs a VILLASnode with a configuration until the test is over. */
async function runNode(config: object) {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/villas.json`;
  await Deno.writeTextFile(file, JSON.stringify({ hugepages: 0, http: { enabled: false }, ...config }));
  await Deno.chmod(folder, 0o755); // VILLASnode may run as another user
  const running = spawn(node ?? "", ["-d", "debug", file]);
  const timer = setTimeout(() => running.kill("SIGKILL"), patience);
  return {
    running,
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      running.kill("SIGINT");
      await running[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A socket node that speaks protobuf with a client at an address. */
function socketNode(own: string, client: string) {
  const short = (address: string) => address.replace("udp://", "");
  const list = signals.map(({ name, type }) => ({ name, type }));
  return {
    ...{ type: "socket", format: "protobuf" },
    in: { address: short(own), signals: list },
    out: { address: short(client) },
  };
}

async function twoAddresses() {
  using own = await openUdp({ local: "udp://127.0.0.1:0" });
  using client = await openUdp({ local: "udp://127.0.0.1:0" });
  return { own: own.local, client: client.local };
}

Deno.test("c37.118 reads a real VILLASnode as a PMU: names, units, times and values", { ignore: !node }, async () => {
  const { own, client } = await twoAddresses();
  const port = findFreePort();
  const pmu = {
    ...{ name: "STATION A", idcode: 8, frequency: "frequency", rocof: "rocof" },
    phasor: [{ signal: "va", unit: "volt" }, { signal: "ia", unit: "ampere", component: "positive_sequence" }],
    analog: [{ signal: "temperature", unit: "rms" }],
    digital: [{ signal: "closed", normal: true }],
  };
  await using ended = new AsyncDisposableStack();
  const { running } = ended.use(
    await runNode({
      nodes: {
        source: socketNode(own, client),
        pmu: { type: "c37.118", out: { address: `127.0.0.1:${port}`, idcode: 7, data_rate: 50, pmus: [pmu] } },
      },
      paths: [{ in: "source", out: "pmu" }],
    }),
  );
  await running.expectError(/Starting path source/);
  await using sender = await connect({ local: client, remote: own, signals });
  // The node drops what does not rise.
  let sequence = 1n;
  const send = (sample: Sample) => sender.send({ ...sample, sequence: sequence++ });
  for (const configuration of [2, 3] as const) {
    await using pdc = await connect({
      remote: `c37.118://127.0.0.1:${port}/7`,
      format: { type: "c37.118", configuration },
    });
    // The start of the data is on its way, and the node sends nothing before it: a marker goes on until it comes.
    const marker = { tsOrigin: { sec: 1, nsec: 0 }, values: [{ real: 0, imag: 0 }] };
    const started = pdc.waitForSamples();
    const waiting = new AbortController();
    started.then(() => waiting.abort());
    while (!waiting.signal.aborted) {
      await send(marker);
      await sleep(20, waiting.signal);
    }
    for (const sample of samples) await send(sample);
    const received: Sample[] = [];
    for await (const sample of pdc) {
      if (sample.tsOrigin?.sec !== marker.tsOrigin.sec && received.push(sample) === samples.length) break;
    }
    assertEquals(received.map(({ values }) => values), samples.map(({ values }) => values));
    assertEquals(received.map(({ tsOrigin }) => tsOrigin), samples.map(({ tsOrigin }) => tsOrigin));
    assertEquals(pdc.format.signals, [
      { name: "pmu0_va", unit: "V", type: "complex" },
      { name: "pmu0_ia", unit: "A", type: "complex" },
      { name: "pmu0_frequency", unit: "Hz", type: "float" },
      { name: "pmu0_rocof", unit: "Hz/s", type: "float" },
      { name: "pmu0_temperature", type: "float" },
      { name: "pmu0_closed", type: "boolean" },
    ]);
  }
});

Deno.test("c37.118 serves a real VILLASnode as its PDC: it gets each value and time", { ignore: !node }, async () => {
  const { own, client } = await twoAddresses();
  await using pmu = await connect({ local: "c37.118://127.0.0.1:0/7", signals });
  await using receiver = await connect({ local: client, remote: own });
  await using ended = new AsyncDisposableStack();
  ended.use(
    await runNode({
      nodes: {
        pdc: { type: "c37.118", in: { address: pmu.local.replace(/^c37\.118:\/\/|\/7$/g, ""), idcode: 7 } },
        sink: socketNode(own, client),
      },
      paths: [{ in: "pdc", out: "sink" }],
    }),
  );
  await pmu.ready();
  for (const sample of samples) await pmu.send(sample);
  const received: Sample[] = [];
  for await (const sample of receiver) if (received.push(sample) === samples.length) break;
  assertEquals(received.map(({ values }) => values), samples.map(({ values }) => values));
  assertEquals(received.map(({ tsOrigin }) => tsOrigin), samples.map(({ tsOrigin }) => tsOrigin));
});
