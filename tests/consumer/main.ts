/**
 * A program of a user: it knows the package by its name only, and is checked more strictly than the package itself.
 *
 * @module
 */

import {
  type Client,
  connect,
  type ConnectOptions,
  type DecodeError,
  echo,
  EncodeError,
  type Format,
  now,
  type Sample,
  secondsBetween,
  type Signal,
  type Timestamp,
  type Value,
  version,
} from "@villas/client";
import { convert, readSamples } from "@villas/client/recordings";
import { createSequenceTracker } from "@villas/client/samples";
import { createHistogram, pace } from "@villas/client/timing";
import type { Transport } from "@villas/client/transports";
import { createFormat, formatNames } from "@villas/client";
import { detectFormat, json, protobuf } from "@villas/client/formats";
import { formatSignals, isComplex, parseSignals } from "@villas/client";
import { createSampler } from "@villas/client/generators";
import { parseValues, typeOfValue } from "@villas/client/samples";
import { openMemory, openUdp, transportOf } from "@villas/client/transports";

/** What a controller does: the sum of all numbers goes back. */
function control({ values, ...rest }: Sample): Sample {
  const sum = values.map(toNumber).reduce((left, right) => left + right, 0);
  return { ...rest, values: [sum] };
}

/** Every type of a value. */
function toNumber(value: Value): number {
  switch (typeof value) {
    case "number":
      return value;
    case "bigint":
      return Number(value);
    case "boolean":
      return value ? 1 : 0;
    default:
      return isComplex(value) ? value.real : 0;
  }
}

function show(condition: boolean, what: string): void {
  console.log(`${condition ? "ok" : "WRONG"} ${what}`);
}

const signals: Signal[] = parseSignals("fibc");
show(formatSignals(signals) === "fibc", "signals");
const values: Value[] = parseValues("1.5,2i,true,1+2j");
show(values.map(typeOfValue).join() === signals.map(({ type }) => type).join(), "values");

const start: Timestamp = now();
const sample: Sample = { sequence: 0n, tsOrigin: start, values };

// Two clients over UDP, one of which opens its transport itself.
const nodeTransport: Transport = await openUdp({ local: "udp://127.0.0.1:0" });
const options: ConnectOptions = {
  local: "udp://127.0.0.1:0",
  remote: nodeTransport.local,
  signals,
  onRefused: (error: DecodeError) => show(error.format === "protobuf", "refused"),
};
await using client: Client = await connect(options);
await nodeTransport.setRemote(client.local);
await using node = await connect({ transport: nodeTransport, format: protobuf({ signals }), signals });
show(transportOf(client.local) === "udp", "transports");

await node.send(sample);
for await (const received of client) {
  show(control(received).values[0] === 5.5, "received");
  await client.send(received);
  break;
}
for await (const { sequence } of node) {
  show(sequence === 0n, "sent back");
  break;
}
show(client.counters.received.samples === 1 && client.counters.sent.datagrams === 1, "counters");
try {
  await client.send({ values: ["230.1" as unknown as Value] });
} catch (error) {
  show(error instanceof EncodeError && error.format === "protobuf", "not sent what would kill a node");
}

// An echo over memory, at a rate, with the figures.
const far = await openMemory({ local: "memory:far", remote: "memory:near" });
await using peer = await connect({ local: "memory:near", remote: "memory:far" });
await using answering = await connect({ transport: far });
const echoing = echo(answering, { count: 3, reply: [1] });
const roundTrips = createHistogram();
const tracker = createSequenceTracker();
const sampler = createSampler([{ signal: "sine", frequency: 50 }], { rate: 1000, realtime: false, start });
for await (const { index } of pace(1000)) {
  const before = performance.now();
  await peer.send(sampler(index));
  for await (const answer of peer) {
    tracker.track(answer);
    break;
  }
  roundTrips.record((performance.now() - before) / 1000);
  if (index === 2) break;
}
await echoing;
show(roundTrips.count === 3 && roundTrips.percentile(50) > 0, "round trips");
show(tracker.counters.missing === 0 && secondsBetween(now(), start) > 0, "sequence");

// Files and formats.
const file = await Deno.makeTempFile();
const lines: Format = json();
const write = lines.createEncoder();
await Deno.writeTextFile(file, String(write([sample])));
for await (const piece of convert(readSamples(file, lines), await createFormat("csv", { signals }))) {
  show(String(piece).includes("1.5"), "converted");
}
await Deno.remove(file);
show(detectFormat([protobuf().encode([sample])]).format === "protobuf", "detected");
show(formatNames.includes("villas.human") && /^\d+\.\d+\.\d+$/.test(version), "names");
