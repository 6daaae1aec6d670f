/**
 * Tests the bridge between two nodes of a real VILLASnode: what one sends as protobuf, the other one takes as json, and
 * the digests that VILLASnode itself computes at both ends are the same.
 *
 * The node is the one that the environment variable VILLAS_NODE names; without it the test is ignored.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { findFreeUdpPorts } from "../_ports.ts";
import { run, start } from "../commands/_cli.ts";

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to bridge with");

/** Samples of a frame, and frames that are awaited. */
const frameLength = 20;
const frames = 5;

/** Longest wait for the node, in milliseconds. */
const patience = 20_000;

Deno.test({
  name: "bridge: a real VILLASnode computes the same digests of what it sends and of what comes through the bridge",
  ignore: node === undefined,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const ports = findFreeUdpPorts(3);
      const [bridgePort = 0, inputPort = 0] = ports;
      await using bridge = start(
        "bridge",
        `udp://127.0.0.1:${bridgePort}`,
        `udp://127.0.0.1:${inputPort},format=json,signals=2f1i`,
        `${folder}/bridged.json`,
      );
      await bridge.expectError(/Receiving on/);
      await Deno.writeTextFile(`${folder}/node.json`, JSON.stringify(configure(folder, ports)));
      const process = new Deno.Command(node ?? "", {
        args: [`${folder}/node.json`],
        stdout: "null",
        stderr: "null",
      }).spawn();
      try {
        await expectLines(`${folder}/sent.digest`, frames);
        await expectLines(`${folder}/received.digest`, frames);
      } finally {
        process.kill("SIGINT");
        await process.status;
      }
      bridge.kill("SIGINT");
      const { code, stderr } = await bridge.finish();
      assertEquals(code, 0, stderr);
      for (const other of ["received.digest", "bridged.json"]) {
        const result = await run("digest", `${folder}/${other}`, `${folder}/sent.digest`, "--json");
        const { equal, different } = JSON.parse(result.stdout);
        assertEquals([result.code, equal >= frames, different], [0, true, 0], result.stderr);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Configures a generator whose samples leave the node, and come back to another input of it. */
function configure(folder: string, [bridgePort, inputPort, unusedPort]: readonly number[]) {
  const hooks = (name: string) => [
    { type: "frame", trigger: "sequence", interval: frameLength },
    { type: "digest", algorithm: "sha256", uri: `${folder}/${name}.digest` },
  ];
  const socket = { type: "socket", layer: "udp" };
  const address = (port: number | undefined) => `127.0.0.1:${port}`;
  return {
    ...{ hugepages: 0, http: { enabled: false }, stats: 0 },
    nodes: {
      gen: {
        ...{ type: "signal.v2", rate: 200, limit: frameLength * frames + 10 },
        in: {
          signals: [
            { name: "va", signal: "sine", frequency: 3.1, amplitude: 230 },
            { name: "vb", signal: "random", amplitude: 1 },
            { name: "n", signal: "counter", type: "integer" },
          ],
        },
      },
      out: {
        ...{ ...socket, format: "protobuf" },
        in: { address: address(unusedPort) },
        out: { address: address(bridgePort) },
      },
      back: {
        ...{ ...socket, format: "json" },
        in: { address: address(inputPort), signals: "2f1i" },
        out: { address: address(unusedPort) },
      },
    },
    paths: [
      { in: "back", hooks: hooks("received") },
      { in: "gen", out: "out", hooks: [{ type: "cast", signal: "n", new_type: "integer" }, ...hooks("sent")] },
    ],
  };
}

/** Waits until a file has so many lines. */
async function expectLines(path: string, count: number): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text.split("\n").length > count) return;
    assert(performance.now() < deadline, `${path} has less than ${count} lines:\n${text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
