/**
 * A long run of the echo: does it return everything unaltered, and does its memory stay flat?
 *
 *     deno run -A tests/bench/soak.ts [COUNT] [RATE]
 *
 * Sends COUNT datagrams of eight floats (default 100,000) at RATE a second (default 5,000) through `echo`, which prints
 * to a file; compares each answer with what was sent, and the file with what was sent. Reads the memory of the echo from
 * /proc while it runs.
 *
 * @module
 */

import { now, type Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { pace } from "@villas/client/timing";
import { openUdp } from "@villas/client/transports";
import { readMemory } from "../_memory.ts";

const [count = 100_000, rate = 5_000] = Deno.args.map(Number);
const root = new URL("../../", import.meta.url);
const file = await Deno.makeTempFile();
const printed = await Deno.open(file, { write: true });
const format = protobuf();
const peer = await openUdp({ local: "udp://127.0.0.1:0" });
const echo = new Deno.Command(Deno.execPath(), {
  args: ["run", "-qA", "cli.ts", "echo", "--local", "udp://127.0.0.1:0", "--remote", peer.local],
  cwd: root,
  stdout: "piped",
  stderr: "piped",
}).spawn();
const writing = echo.stdout.pipeTo(printed.writable);
let messages = "";
const bound = Promise.withResolvers<string>();
const listening = (async () => {
  for await (const text of echo.stderr.pipeThrough(new TextDecoderStream())) {
    messages += text;
    const [, address] = /Receiving on (\S+),/.exec(messages) ?? [];
    if (address !== undefined) bound.resolve(address);
  }
})();
await peer.setRemote(await bound.promise);

const sent: Uint8Array[] = [];
let returned = 0;
let altered = 0;
const checking = (async () => {
  for (;;) {
    const datagrams = await peer.receive();
    if (datagrams.length === 0) return;
    for (const datagram of datagrams) {
      const index = Number(format.decode(datagram)[0]?.sequence ?? -1n);
      const expected = sent[index];
      if (expected === undefined || !equal(expected, datagram)) altered++;
      else returned++;
    }
  }
})();

const memory: number[] = [];
const start = performance.now();
for await (const { index } of pace(rate)) {
  if (index === count) break;
  const values = Array.from({ length: 8 }, (_, i) => Math.sin(index / 100 + i));
  const sample: Sample = { sequence: BigInt(index), tsOrigin: now(), values };
  const datagram = format.encode([sample]);
  sent.push(datagram);
  await peer.send([datagram]);
  if (index % Math.ceil(count / 10) === 0) memory.push(await readMemory(echo.pid));
}
const seconds = (performance.now() - start) / 1000;
const deadline = performance.now() + 2000;
for await (const _ of pace(50)) {
  if (returned + altered === count || performance.now() > deadline) break;
}
memory.push(await readMemory(echo.pid));
peer.close();
await checking;
echo.kill("SIGINT");
await Promise.all([writing, listening, echo.status]);

const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
const wrongLines = lines.filter((line, index) => {
  const { sequence, data } = JSON.parse(line);
  const expected = format.decode(sent[sequence] ?? new Uint8Array())[0]?.values;
  return sequence !== index || JSON.stringify(data) !== JSON.stringify(expected);
}).length;
await Deno.remove(file);
console.log(`sent ${count} datagrams in ${seconds.toFixed(1)} s (${(count / seconds).toFixed(0)}/s)`);
console.log(`returned ${returned}, altered ${altered}, lost ${count - returned - altered}`);
console.log(`printed ${lines.length} lines, wrong ${wrongLines}`);
console.log(`memory of the echo in MB: ${memory.map((value) => value.toFixed(0)).join(" ")}`);
console.log(messages.trimEnd());
if (returned !== count || lines.length !== count || wrongLines > 0) Deno.exit(1);

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
