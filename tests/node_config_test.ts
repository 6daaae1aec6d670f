import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  formatLibconfig,
  linkOfNode,
  type LinkSettings,
  nodeConfig,
  parseLibconfig,
  parseSignals,
  readNodeConfig,
} from "@villas/client";

const socket = (settings: string) => parseLibconfig(`nodes = { client = { type = "socket" ${settings} } }`);
const addresses = 'in = { address = "*:12000" } out = { address = "127.0.0.1:12001" }';

Deno.test("linkOfNode() exchanges the addresses, and has VILLASnode's defaults", () => {
  assertEquals(linkOfNode(socket(addresses)), {
    local: "udp://127.0.0.1:12001",
    remote: "udp://127.0.0.1:12000",
    format: "villas.binary",
    signals: parseSignals("64f"),
  });
});

Deno.test("linkOfNode() takes unix addresses", () => {
  const { local, remote } = linkOfNode(
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
  Deno.test(`linkOfNode() takes the signals from ${what}, of the node or its direction`, () => {
    const expected = parseSignals(types).map(({ type }) => type);
    for (const config of [socket(`${text} ${addresses}`), socket(addresses.replace("in = {", `in = { ${text}, `))]) {
      assertEquals(linkOfNode(config).signals?.map(({ type }) => type), expected);
    }
  });
}

Deno.test("linkOfNode() takes the format with its options, and how many samples a datagram has", () => {
  const config = socket(`format = { type = "raw", bits = 64, endianess = "big" } vectorize = 8 ${addresses}`);
  const { format, vectorize } = linkOfNode(config);
  assertEquals([format, vectorize], [{ type: "raw", bits: 64, endianess: "big" }, 8]);
});

Deno.test("linkOfNode() sends to the group that the node has joined, and joins the one that it sends to", () => {
  const config = socket(
    'in = { address = "*:12000", multicast = { group = "224.1.2.3" } } out = { address = "224.1.2.4:12001" }',
  );
  const { local, remote, multicast } = linkOfNode(config);
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
    "an address that is none",
    'in = { address = "x" } out = { address = "x" }',
    "client",
    'Cannot take "x" as the address',
  ],
];

for (const [what, settings, name, message] of mistakes) {
  Deno.test(`linkOfNode() refuses ${what}`, () => {
    assertThrows(() => linkOfNode(socket(settings), name), TypeError, message);
  });
}

Deno.test("linkOfNode() asks which node, where there are several", () => {
  const config = parseLibconfig(
    'nodes = { aa = { type = "socket" }, bb = { type = "socket" }, cc = { type = "file" } }',
  );
  assertThrows(() => linkOfNode(config), TypeError, "the configuration has the socket nodes aa, bb; name one of them");
  assertThrows(() => linkOfNode(config, "cc"), TypeError, 'node "cc" of type file: expected a socket node');
});

const links: [string, LinkSettings][] = [
  ["UDP", { local: "udp://127.0.0.1:12001", remote: "udp://127.0.0.1:12000", format: "protobuf" }],
  ["unix", { local: "unix:/run/c.sock", remote: "unix:/run/s.sock", format: "json" }],
  ["options and names", {
    local: "udp://127.0.0.1:2",
    remote: "udp://127.0.0.1:1",
    format: { type: "gtnet", fake: true },
    signals: [{ name: "va", unit: "V", type: "float" }, { name: "on", type: "boolean" }],
    vectorize: 4,
  }],
  ["multicast", {
    local: "udp://0.0.0.0:12001",
    remote: "udp://224.1.2.3:12000",
    format: "villas.binary",
    signals: parseSignals("3f"),
    multicast: { group: "224.1.2.4" },
  }],
];

for (const [what, link] of links) {
  Deno.test(`nodeConfig() writes what linkOfNode() reads back: ${what}`, () => {
    const expected = { ...link, signals: link.signals ?? parseSignals("64f") };
    const config = nodeConfig(link);
    assertEquals(linkOfNode(config), expected);
    assertEquals(linkOfNode(JSON.parse(JSON.stringify(config))), expected);
    assertEquals(linkOfNode(parseLibconfig(formatLibconfig(config)), "client"), expected);
  });
}

Deno.test("nodeConfig() refuses what VILLASnode cannot be configured as", () => {
  const link = { local: "udp://127.0.0.1:12001", remote: "udp://127.0.0.1:12000", format: "protobuf" };
  assertThrows(() => nodeConfig({ ...link, name: "A" }), TypeError, 'Cannot call a node "A"');
  assertThrows(() => nodeConfig({ ...link, remote: "udp://[::1]:1" }), TypeError, "HOST:PORT over IPv4 only");
  assertThrows(() => nodeConfig({ ...link, local: "udp://127.0.0.1:0" }), TypeError, "it needs a fixed port");
  assertThrows(
    () => nodeConfig({ ...link, local: "udp://0.0.0.0:12001", remote: "udp://192.0.2.7:12000" }),
    TypeError,
    "Cannot tell the address of this machine as 192.0.2.7 sees it",
  );
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
