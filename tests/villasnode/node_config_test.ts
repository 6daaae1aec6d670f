import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseSignals } from "@villas/client";
import { clientSettingsForNode, parseLibconfig, readNodeConfig } from "@villas/client/villasnode";

const socket = (settings: string) => parseLibconfig(`nodes = { client = { type = "socket" ${settings} } }`);
const addresses = 'in = { address = "*:12000" } out = { address = "127.0.0.1:12001" }';

Deno.test("clientSettingsForNode() exchanges the addresses, and has VILLASnode's defaults", () => {
  assertEquals(clientSettingsForNode(socket(addresses)), {
    local: "udp://127.0.0.1:12001",
    remote: "udp://127.0.0.1:12000",
    format: "villas.binary",
    signals: { out: parseSignals("64f") },
    notes: ['Cannot tell the signals that "client" sends from the configuration: no enabled path leads to it'],
  });
});

Deno.test("clientSettingsForNode() takes unix addresses", () => {
  const { local, remote } = clientSettingsForNode(
    socket('layer = "unix" in = { address = "/run/server.sock" } out = { address = "/run/client.sock" }'),
  );
  assertEquals([local, remote], ["unix:/run/client.sock", "unix:/run/server.sock"]);
});

const signalCases: [string, string, string][] = [
  ["a short list", 'signals = "2f1i"', "2fi"],
  ["a list of objects", 'signals = ( { name = "va", unit = "V" }, { name = "n", type = "integer" } )', "fi"],
  ["a count", 'signals = { count = 3, type = "boolean" }', "3b"],
];

for (const [what, text, types] of signalCases) {
  Deno.test(`clientSettingsForNode() takes the signals from ${what}, of the node or its direction`, () => {
    const expected = parseSignals(types).map(({ type }) => type);
    for (const config of [socket(`${text} ${addresses}`), socket(addresses.replace("in = {", `in = { ${text}, `))]) {
      assertEquals(clientSettingsForNode(config).signals?.out?.map(({ type }) => type), expected);
    }
  });
}

Deno.test("clientSettingsForNode() takes the format with its options, and how many samples a datagram has", () => {
  const config = socket(`format = { type = "raw", bits = 64, endianess = "big" } vectorize = 8 ${addresses}`);
  const { format, vectorize } = clientSettingsForNode(config);
  assertEquals([format, vectorize], [{ type: "raw", bits: 64, endianess: "big" }, 8]);
});

Deno.test("clientSettingsForNode() sends to the group that the node has joined, and joins the one that it sends to", () => {
  const config = socket(
    'in = { address = "*:12000", multicast = { group = "224.1.2.3" } } out = { address = "224.1.2.4:12001" }',
  );
  const { local, remote, multicast } = clientSettingsForNode(config);
  assertEquals([local, remote, multicast], [
    "udp://0.0.0.0:12001",
    "udp://224.1.2.3:12000",
    { group: "224.1.2.4" },
  ]);
});

const mistakes: [string, string, string | undefined, string][] = [
  [
    "no node of that name",
    addresses,
    "other",
    'Cannot find node "other": the configuration has the socket nodes client',
  ],
  ["a missing address", 'in = { address = "*:12000" }', "client", "out.address is missing"],
  ["another layer", `layer = "eth" ${addresses}`, "client", 'Cannot connect with layer "eth": expected udp or unix'],
  [
    "an address without a port",
    'in = { address = "x" } out = { address = "x" }',
    "client",
    'Cannot read "x" as the address of a node: expected HOST:PORT',
  ],
];

for (const [what, settings, name, message] of mistakes) {
  Deno.test(`clientSettingsForNode() refuses ${what}`, () => {
    assertThrows(() => clientSettingsForNode(socket(settings), name), TypeError, message);
  });
}

Deno.test("clientSettingsForNode() asks which node, where there are several", () => {
  const config = parseLibconfig(
    'nodes = { aa = { type = "socket" }, bb = { type = "socket" }, cc = { type = "file" } }',
  );
  assertThrows(
    () => clientSettingsForNode(config),
    TypeError,
    "the configuration has the socket nodes aa, bb; name one of them",
  );
  assertThrows(() => clientSettingsForNode(config, "cc"), TypeError, 'node "cc" of type file: expected a socket node');
});

Deno.test("readNodeConfig() takes .json as JSON and everything else as libconfig, as VILLASnode does", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a.json`, '{"nodes": {}}');
  await Deno.writeTextFile(`${folder}/a.conf`, "nodes = {}");
  await Deno.writeTextFile(`${folder}/b.json`, "nodes = {}");
  assertEquals(await readNodeConfig(`${folder}/a.json`), { nodes: {} });
  assertEquals(await readNodeConfig(`${folder}/a.conf`), { nodes: {} });
  await assertRejects(() => readNodeConfig(`${folder}/b.json`), SyntaxError, `Cannot read ${folder}/b.json: `);
  await assertRejects(() => readNodeConfig(`${folder}/none`), Deno.errors.NotFound);
  await Deno.remove(folder, { recursive: true });
});
