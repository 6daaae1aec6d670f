/**
 * How fast the echo is over connections beside the echo over UDP, each facing a loop of this process that keeps messages
 * on their way.
 *
 * @module
 */

import { protobuf } from "@villas/client/formats";
import { openUdp, openWebSocket, type Transport } from "@villas/client/transports";
import { createCollector } from "./_figures.ts";
import { type Bench, type Group, turnsOf } from "./_group.ts";
import { subjects } from "./_subjects.ts";

/** Messages on their way. */
const window = 32;

/** Values of each sample. */
const values = 8;

/** Samples of a message. */
const cases: readonly number[] = [1, 64];

/** An echo, and the end that faces it. */
interface Facing {
  readonly name: string;
  readonly transport: Transport;
}

/** The group `links`. */
export const linksGroup: Group = {
  name: "links",
  title: "samples a second that are echoed, over connections and over UDP without --batch",
  async run(bench) {
    const { quick, progress } = bench;
    const collector = createCollector("links", subjects.echoPlain);
    const echoes = await startEchoes(bench);
    const { rounds, seconds } = turnsOf(bench, { rounds: 7, seconds: 0.6 });
    for (const samples of cases) {
      const task = linksTask(samples);
      const message = makeMessage(samples);
      // The first turn, which is longer, is for the compiler.
      for (let round = quick ? 0 : -1; round < rounds; round++) {
        progress(`${task}, round ${round + 1} of ${rounds}`);
        for (const { name, transport } of echoes) {
          const rate = await loop(transport, message, round < 0 ? 1.5 : seconds);
          if (round >= 0) collector.add(task, name, "/s", rate * samples);
        }
      }
    }
    for (const { transport } of echoes) {
      transport.close();
      await transport.closed;
    }
    return collector.figures;
  },
};

/** Names a case, for the targets. */
export function linksTask(samples: number): string {
  return `${samples} ${samples === 1 ? "sample" : "samples"} of ${values} values a message`;
}

function makeMessage(samples: number): Uint8Array {
  return protobuf().encode(Array.from({ length: samples }, (_, index) => ({
    sequence: BigInt(2 ** 28 + index),
    tsOrigin: { sec: 1_700_000_000, nsec: 123_456_789 },
    values: Array.from({ length: values }, (_, i) => 230 * Math.sin(i + 1)),
  })));
}

/** Keeps messages on their way for some time; returns how many came back per second. */
async function loop(transport: Transport, message: Uint8Array, seconds: number): Promise<number> {
  const batches = Array.from({ length: window + 1 }, (_, length) => new Array<Uint8Array>(length).fill(message));
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let echoes = 0;
  await transport.send(batches[window] ?? []);
  let flying = window;
  while (performance.now() < end) {
    const { length } = await receiveSome(transport);
    echoes += length;
    // A datagram that was lost is sent anew: nothing comes for a while then.
    const missing = length === 0 ? window : length;
    flying += missing - length;
    await transport.send(batches[Math.min(missing, window)] ?? []);
  }
  const elapsed = performance.now() - begin;
  while (flying > 0) {
    const { length } = await receiveSome(transport);
    if (length === 0) break;
    flying -= length;
  }
  return echoes / (elapsed / 1000);
}

/** The receive that goes on, of each transport: what is given up is taken by the next. */
const pending = new WeakMap<Transport, Promise<readonly Uint8Array[]>>();

/** Receives what is there, or nothing where nothing comes for some time. */
async function receiveSome(transport: Transport): Promise<readonly Uint8Array[]> {
  const receiving = pending.get(transport) ?? transport.receive(window);
  pending.set(transport, receiving);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), 200));
  const received = await Promise.race([receiving, late]);
  clearTimeout(timer);
  if (received === undefined) return [];
  pending.delete(transport);
  return received;
}

async function startEchoes({ tools }: Bench): Promise<Facing[]> {
  const echo = [...tools.cli, "echo", "--print", "none"];
  const udp = await openUdp({ local: "udp://127.0.0.1:0" });
  const overUdp = await tools.start({
    command: [...echo, "--no-batch", "--local", "udp://127.0.0.1:0", "--remote", udp.local],
    ready: /Receiving on udp:\/\/127\.0\.0\.1:(\d+)/,
  });
  await udp.setRemote(`udp://127.0.0.1:${overUdp.port}`);
  const asServer = await tools.start({
    command: [...echo, "--local", "ws://127.0.0.1:0/lab.protobuf"],
    ready: /what comes over ws:\/\/127\.0\.0\.1:(\d+)/,
  });
  const client = await openWebSocket({ remote: `ws://127.0.0.1:${asServer.port}/lab.protobuf` });
  await client.ready();
  const server = await openWebSocket({ local: "ws://127.0.0.1:0/lab.protobuf" });
  await tools.start({
    command: [...echo, "--remote", server.local],
    ready: /what comes over ws:\/\/127\.0\.0\.1:(\d+)/,
  });
  await server.ready();
  return [
    { name: subjects.echoPlain, transport: udp },
    { name: subjects.webSocketServer, transport: client },
    { name: subjects.webSocketClient, transport: server },
  ];
}
