/**
 * Configurations against a real VILLASnode: it starts with what `config` prints, takes samples from a client and sends to
 * it, and has the signals that `clientSettingsForNode()` tells.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { connect, parseSignals } from "@villas/client";
import { openUdp } from "@villas/client/transports";
import { clientSettingsForNode, createNodeConfig, formatLibconfig, readNodeConfig } from "@villas/client/villasnode";
import { spawn } from "../commands/_cli.ts";

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to test with");

/** How long VILLASnode may take for what is done in a moment, in milliseconds. */
const patience = 30_000;

/** Two ports that are free. */
async function findAddresses(): Promise<{ local: string; remote: string }> {
  using client = await openUdp({ local: "udp://127.0.0.1:0" });
  using server = await openUdp({ local: "udp://127.0.0.1:0" });
  return { local: client.local, remote: server.local };
}

const notations = {
  conf: formatLibconfig,
  json: (config: Parameters<typeof formatLibconfig>[0]) => JSON.stringify(config, null, 2),
};

for (const [suffix, write] of Object.entries(notations)) {
  // As many as the print hook prints, and more than it does.
  for (const types of ["f", "120f"]) {
    Deno.test(`VILLASnode runs with what config prints for ${types} in .${suffix}`, { ignore: !node }, async () => {
      const addresses = await findAddresses();
      const out = parseSignals(types);
      const config = createNodeConfig({ ...addresses, format: "protobuf", signals: { out } });
      // What a user adds: a source of samples, and a path from it to the client.
      const gen = { type: "signal.v2", rate: 50.5, in: { signals: [{ name: "va", signal: "sine" }] } };
      Object.assign(config.nodes as object, { gen });
      config.paths = [{ in: "gen", out: "client" }, ...config.paths as []];
      const { notes, signals } = clientSettingsForNode(config, "client");
      assertEquals([notes, signals?.in], [undefined, [{ name: "va", type: "float" }]]);

      const folder = await Deno.makeTempDir();
      const file = `${folder}/villas.${suffix}`;
      await Deno.writeTextFile(file, write(config));
      await Deno.chmod(folder, 0o755); // VILLASnode may run as another user
      await using running = spawn(node ?? "", ["-d", "debug", file]);
      const timer = setTimeout(() => running.kill("SIGKILL"), patience);
      try {
        await running.expectError(/Starting path client/);
        await using client = await connect({ ...addresses, format: "protobuf", signals: out });
        const { value: first } = await client[Symbol.asyncIterator]().next();
        assertEquals(first?.values.length, 1);
        await client.send({ sequence: 0n, values: out.map((_, index) => index + 0.5) });
        if (types === "f") await running.expectError(/client.*\s0\.50000000000000000/);
        // It has survived that, and goes on.
        assertEquals((await client.receive()).flat()[0]?.values.length, 1);
      } finally {
        clearTimeout(timer);
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
}

/** Generators of both kinds, a list of the node, and every notation of a mapping. */
const mapped = `http = { enabled = false }
hugepages = 0
nodes = {
  client = {
    type = "socket", format = "protobuf", in = { address = "*:PORT", signals = "i" }, out = { address = "127.0.0.1:PORT" }
  }
  aa = { type = "signal.v2", in = { hooks = ( { type = "stats" } ), signals = (
    { name = "va", signal = "sine", unit = "V" }, { name = "signal1", signal = "ramp" }, { signal = "counter" },
    { name = "signal3", signal = "mixed", type = "integer" }, { name = "signal4", signal = "mixed" }
  ) } }
  bb = { type = "loopback", signals = ( { name = "u", unit = "V" }, { name = "7", type = "complex" } ) }
  cc = { type = "signal", signal = "mixed", values = 8 }
}
paths = ( { out = "client", in = (
  "aa.hdr.sequence", "aa.hdr.length", "aa.ts.origin", "aa.stats.owd.mean", "aa.stats.skipped.total",
  "aa", "bb", "cc", "aa[1]", "aa.data.1", "aa.data[va-ramp]", "aa.va", "bb.data[7]", "cc[2-3]"
) } )`;

Deno.test("clientSettingsForNode() tells the signals that a VILLASnode has", { ignore: !node }, async () => {
  const file = await Deno.makeTempFile({ suffix: ".conf" });
  const { remote } = await findAddresses();
  await Deno.writeTextFile(file, mapped.replaceAll("PORT", remote.split(":").at(-1) ?? ""));
  await Deno.chmod(file, 0o644);
  await using running = spawn(node ?? "", ["-d", "debug", file]);
  const timer = setTimeout(() => running.kill("SIGKILL"), patience);
  try {
    const [list] = await running.expectError(/Prepared path [^]*Starting path/);
    const shown = [...list.matchAll(/path:0 +\d+: (?: ?(\S+))?(?: \[(\S+)\])?\((\w+)\)$/gm)];
    const { signals, notes } = clientSettingsForNode(await readNodeConfig(file), "client");
    assertEquals(shown.map(([, name, unit, type]) => [name, unit, type]), [
      ...signals?.in?.map(({ name, unit, type }) => [name, unit, type]) ?? [],
    ]);
    assertEquals([shown.length, notes], [28, undefined]);
  } finally {
    clearTimeout(timer);
    await Deno.remove(file);
  }
});
