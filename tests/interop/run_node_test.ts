/**
 * A controller in the loop with a real VILLASnode: a generator's samples come, the outputs go back, and the node keeps all
 * of them, the safe values at the end included.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { openUdp } from "@villas/client/transports";
import { spawn, start } from "../commands/_cli.ts";

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to run a controller with");

/** How long VILLASnode may take for what is done in a moment, in milliseconds. */
const patience = 30_000;

/** Two ports that are free. */
async function findPorts(): Promise<string[]> {
  using near = await openUdp({ local: "udp://127.0.0.1:0" });
  using far = await openUdp({ local: "udp://127.0.0.1:0" });
  return [near, far].map(({ local }) => local.replace(/.*:/, ""));
}

const controller = `export const safe = { power: -1 };
export default ({ 0: value }, { index }) => index === 10 ? [NaN] : { power: 2 * value };
`;

Deno.test("run controls a VILLASnode by its configuration, and the node takes every output and the safe values", {
  ignore: !node,
}, async () => {
  const [near, far] = await findPorts();
  const folder = await Deno.makeTempDir();
  const config = {
    http: { enabled: false },
    hugepages: 0,
    nodes: {
      client: {
        type: "socket",
        format: "protobuf",
        in: { address: `*:${far}`, signals: [{ name: "power", unit: "kW", type: "float" }] },
        out: { address: `127.0.0.1:${near}` },
      },
      gen: { type: "signal.v2", rate: 100, in: { signals: [{ name: "value", signal: "counter" }] } },
    },
    paths: [{ in: "gen", out: "client" }, { in: "client", hooks: [{ type: "print" }] }],
  };
  await Deno.writeTextFile(`${folder}/node.json`, JSON.stringify(config));
  await Deno.writeTextFile(`${folder}/controller.js`, controller);
  await Deno.chmod(folder, 0o755); // VILLASnode may run as another user
  await using running = spawn(node ?? "", ["-d", "debug", `${folder}/node.json`]);
  const timer = setTimeout(() => running.kill("SIGKILL"), patience);
  try {
    await running.expectError(/Starting path client/);
    const options = ["--config", `${folder}/node.json`, "--count", "50", "--print", "none"];
    await using run = start("run", `${folder}/controller.js`, ...options, "--node", "client");
    const { code, stderr } = await run.finish();
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /Took 50 steps: /);
    assertMatch(stderr, /Sent 49 outputs of steps, and the safe values twice\n/);
    // The print hook shows what the node has read: sequence number in brackets, then the value.
    const [log] = await running.expectError(/^[^]*\(\d+\)\t-1\.0+\n[^]*\(\d+\)\t-1\.0+\n/);
    const read = [...log.matchAll(/\((\d+)\)\t(-?\d+\.\d+)\n/g)].map(([, ...numbers]) => numbers.map(Number));
    // The generator counts as it numbers its samples; it leaves some out where it is late.
    const expected = read.map(([number = NaN], index) => [number, index === 10 || index === 50 ? -1 : 2 * number]);
    assertEquals([read.length, read], [51, expected]);
    const numbers = read.map(([number]) => number);
    assertEquals(numbers, [...new Set(numbers)].toSorted((a = 0, b = 0) => a - b));
  } finally {
    clearTimeout(timer);
    await Deno.remove(folder, { recursive: true });
  }
});
