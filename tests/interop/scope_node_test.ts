/**
 * `scope` facing a real VILLASnode: it shows what the node sends, and the node takes what the controls send.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { openUdp } from "@villas/client/transports";
import { createNodeConfig, formatLibconfig } from "@villas/client/villasnode";
import { parseSignals } from "@villas/client";
import { spawn, start } from "../commands/_cli.ts";

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to test with");

/** How long VILLASnode may take for what is done in a moment, in milliseconds. */
const patience = 30_000;

/** Ports that are free. */
async function findAddresses() {
  using client = await openUdp({ local: "udp://127.0.0.1:0" });
  using server = await openUdp({ local: "udp://127.0.0.1:0" });
  return { local: client.local, remote: server.local };
}

Deno.test("scope shows the samples of a VILLASnode, and its controls set values there", { ignore: !node }, async () => {
  const { local, remote } = await findAddresses();
  const config = createNodeConfig({ local, remote, format: "protobuf", signals: { out: parseSignals("fb") } });
  const gen = { type: "signal.v2", rate: 100, in: { signals: [{ name: "va", signal: "sine" }] } };
  Object.assign(config.nodes as object, { gen });
  config.paths = [{ in: "gen", out: "client" }, ...config.paths as []];
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/villas.conf`, formatLibconfig(config));
  await Deno.chmod(folder, 0o755); // VILLASnode may run as another user
  await using running = spawn(node ?? "", ["-d", "debug", `${folder}/villas.conf`]);
  const timer = setTimeout(() => running.kill("SIGKILL"), patience);
  try {
    await running.expectError(/Starting path client/);
    const link = ["--local", local, "--remote", remote, "--signals-out", "fb", "--signals-in", '[{"name": "va"}]'];
    await using scope = start("scope", ...link, "--controls", "setpoint:0..400=230,breaker:bool");
    const [url = ""] = await scope.expectOutput(/http:\S+/);
    let shown: string[] = [];
    while (shown.length < 20) shown = (await (await fetch(new URL("/samples", url))).text()).trim().split("\n");
    assertMatch(shown[0] ?? "", /,va$/);
    const values = shown.slice(1).map((line) => Number(line.split(",")[4]));
    assert(values.every((value) => Math.abs(value) <= 1) && new Set(values).size > 5, `${values}`);
    const { host } = new URL(url);
    const options = { protocols: ["villas-scope.1"], headers: { origin: `http://${host}` } };
    const page = new WebSocket(`ws://${host}/stream`, options as unknown as string[]);
    await new Promise((resolve) => page.onopen = resolve);
    page.send(JSON.stringify({ type: "hold", holds: true }));
    page.send(JSON.stringify({ type: "set", values: [123.5, 1] }));
    await running.expectError(/123\.5/);
    const closed = new Promise((resolve) => page.onclose = resolve);
    page.close();
    await closed;
    scope.kill("SIGINT");
    assertEquals((await scope.finish()).code, 0);
  } finally {
    clearTimeout(timer);
    await Deno.remove(folder, { recursive: true });
  }
});
