/**
 * Tests that a bridge merges two inputs as a path of a real VILLASnode does: both get the same samples in turn.
 *
 * The node is the one that the environment variable VILLAS_NODE names; without it the test is ignored.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Client, connect, type Sample } from "@villas/client";
import { openUdp } from "@villas/client/transports";
import { findFreeUdpPorts } from "../_ports.ts";
import { timeLimit } from "../_time_limits.ts";
import { start } from "../commands/_cli.ts";

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to merge like");

/** The inputs in the order in which they send: 0 is the first one. */
const turns = [0, 1, 0, 0, 1, 1, 0, 1];

const input = ["grid.data[1]", "load", "grid.hdr.length", "grid.data[0]"];
const any = "127.0.0.1:0";

/** Two senders and what they have to do with a node or a bridge. */
interface Rig {
  readonly senders: readonly Client[];
  readonly receiver: Client;
}

/** Waits until a port is taken; fails if that takes too long. */
async function untilBound(port: number): Promise<void> {
  const mark = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  const deadline = performance.now() + 20_000;
  while (!(await Deno.readTextFile("/proc/net/udp")).includes(mark)) {
    assert(performance.now() < deadline, `the node does not receive on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Sends in turns, and returns what comes of it: each message is awaited before the next one is sent, if one is due. */
async function play({ senders, receiver }: Rig, mode: string): Promise<unknown[]> {
  const merged: Sample[] = [];
  const arrived = new Set<number>();
  const count = [0, 0];
  for (const [turn, index] of turns.entries()) {
    const number = count[index] ?? 0;
    count[index] = number + 1;
    arrived.add(index);
    const values = index === 0 ? [turn, 10 + turn] : [100 + turn];
    await senders[index]?.send({ sequence: BigInt(number), tsOrigin: { sec: 1000 + turn, nsec: index }, values });
    const isDue = mode === "any" ? turn > 0 : arrived.size === 2;
    if (!isDue) {
      // A VILLASnode sends an incomplete sample for the very first one, with any. Otherwise nothing tells that it was taken,
      // and the next one comes by another socket.
      await receiver.receive({ timeout: mode === "any" ? 1 : 0.05 }).catch(() => {});
      continue;
    }
    if (mode === "all") arrived.clear();
    merged.push(...(await receiver.receive({ timeout: 20 })).flat());
  }
  const first = merged[0]?.sequence ?? 0n;
  return merged.map(({ sequence = 0n, tsOrigin, values }) => ({
    // With all, a VILLASnode counts what completes nothing, too.
    ...mode === "any" && { sequence: sequence - first },
    tsOrigin,
    values,
  }));
}

async function openRig(ports: readonly number[], receiver: Client): Promise<Rig> {
  const senders = await Promise.all(
    ports.map((port) => connect({ local: `udp://${any}`, remote: `udp://127.0.0.1:${port}`, signals: "any" })),
  );
  return { senders, receiver };
}

for (const mode of ["any", "all"]) {
  Deno.test({
    name: `bridge merges two inputs with mode ${mode} as a real VILLASnode does`,
    ignore: node === undefined,
    timeout: timeLimit,
    async fn() {
      const folder = await Deno.makeTempDir();
      const [first = 0, second = 0, third = 0, fourth = 0, unused = 0] = findFreeUdpPorts(5);
      const listen = async () => await connect({ transport: await openUdp({ local: `udp://${any}` }) });
      await using ofNode = await listen();
      await using ofBridge = await listen();
      const socket = (port: number, signals: string) => ({
        ...{ type: "socket", layer: "udp", format: "protobuf" },
        in: { address: `127.0.0.1:${port}`, signals },
        out: { address: `127.0.0.1:${unused}` },
      });
      const nodes = { grid: socket(first, "2f"), load: socket(second, "1f") };
      const out = { ...socket(unused, "1f"), out: { address: ofNode.local.replace("udp://", "") } };
      await Deno.writeTextFile(
        `${folder}/node.json`,
        JSON.stringify({
          ...{ hugepages: 0, http: { enabled: false }, stats: 0 },
          nodes: { ...nodes, out },
          paths: [{ in: input, out: "out", mode }],
        }),
      );
      await Deno.writeTextFile(
        `${folder}/routes.json`,
        JSON.stringify({
          nodes: { grid: `udp://127.0.0.1:${third},signals=2f`, load: `udp://127.0.0.1:${fourth},signals=1f` },
          paths: [{ in: input, out: `${ofBridge.local},signals=any`, mode }],
        }),
      );
      const process = new Deno.Command(node ?? "", { args: [`${folder}/node.json`], stdout: "null", stderr: "null" })
        .spawn();
      await using bridge = start("bridge", `${folder}/routes.json`);
      try {
        await bridge.expectError(/Receiving on/);
        await untilBound(second);
        const [likeNode, likeBridge] = [
          await openRig([first, second], ofNode),
          await openRig([third, fourth], ofBridge),
        ];
        const expected = await play(likeNode, mode);
        const actual = await play(likeBridge, mode);
        assertEquals(actual, expected);
        for (const sender of [...likeNode.senders, ...likeBridge.senders]) await sender[Symbol.asyncDispose]();
      } finally {
        process.kill("SIGINT");
        await process.status;
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
