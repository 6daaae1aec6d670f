import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseSignals } from "@villas/client";
import { clientSettingsForNode, parseLibconfig, readNodeConfig } from "@villas/client/villasnode";
import { findUdpPort } from "../../lib/villasnode/_services.ts";

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
    'Cannot find node "other": the configuration has the nodes client',
  ],
  ["a missing address", 'in = { address = "*:12000" }', "client", "out.address is missing"],
  [
    "a layer of a TCP client",
    `layer = "tcp-client" ${addresses}`,
    undefined,
    'Cannot connect with node "client" of layer "tcp-client": it connects to a TCP server, and this client exchanges ' +
    "datagrams; expected udp or unix",
  ],
  [
    "a layer of a TCP server",
    `layer = "tcp-server" ${addresses}`,
    undefined,
    'Cannot connect with node "client" of layer "tcp-server": it waits for TCP connections, and this client exchanges ' +
    "datagrams; expected udp or unix",
  ],
  [
    "a layer of IP packets",
    `layer = "ip" ${addresses}`,
    undefined,
    'Cannot connect with node "client" of layer "ip": its packets are an IP protocol of their own, without ports, for ' +
    "which a client needs a raw socket; expected udp or unix",
  ],
  [
    "a layer of Ethernet frames",
    `layer = "eth" ${addresses}`,
    undefined,
    'Cannot connect with node "client" of layer "eth": its packets are Ethernet frames, for which a client needs a raw ' +
    "socket; expected udp or unix",
  ],
  [
    "a layer that VILLASnode does not have",
    `layer = "quic" ${addresses}`,
    undefined,
    'Cannot connect with node "client" of layer "quic": VILLASnode has no such layer; expected udp or unix',
  ],
  [
    "a disabled node",
    `enabled = false ${addresses}`,
    "client",
    'Cannot connect with node "client": it is disabled, so VILLASnode does not start it',
  ],
  [
    "to choose a disabled node",
    `enabled = false ${addresses}`,
    undefined,
    "Cannot choose a node: the configuration has no node to connect with; name one of them",
  ],
  [
    "a service that has no UDP port",
    'in = { address = "*:no-such-service" } out = { address = "127.0.0.1:12001" }',
    undefined,
    'Cannot find the port of "no-such-service": ',
  ],
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
    "the configuration has the nodes aa, bb; name one of them",
  );
  assertThrows(
    () => clientSettingsForNode(config, "cc"),
    TypeError,
    'node "cc" of type file: expected a node of type socket, mqtt, amqp',
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

Deno.test("clientSettingsForNode() chooses the only socket node that is enabled", () => {
  const config = parseLibconfig(`nodes = {
    spare = { type = "socket", enabled = false, in = { address = "*:1" }, out = { address = "127.0.0.1:2" } }
    lab = { type = "socket", in = { address = "*:3" }, out = { address = "127.0.0.1:4" } }
  }`);
  assertEquals(clientSettingsForNode(config).remote, "udp://127.0.0.1:3");
});

Deno.test("clientSettingsForNode() takes an empty list of signals for none", () => {
  for (const none of ["()", "[]", '""']) {
    assertEquals(clientSettingsForNode(socket(`signals = ${none} ${addresses}`)).signals?.out, [], none);
  }
});

Deno.test("findUdpPort() finds a service by its name or alias, over UDP only", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(
    path,
    "# made up\nlab-feed\t4711/tcp\nlab-feed 4712/udp feed meter # measured values\n\nweb 80/tcp\n",
  );
  assertEquals([findUdpPort("lab-feed", path), findUdpPort("meter", path)], [4712, 4712]);
  assertThrows(
    () => findUdpPort("web", path),
    TypeError,
    `Cannot find the port of "web": ${path} has no service of this name over UDP`,
  );
  await Deno.remove(path);
  assertThrows(
    () => findUdpPort("web", path),
    TypeError,
    `Cannot look up the port of "web" in ${path}: there is no such file; give a number`,
  );
});

/** A node that uses a broker, and a generator of two floats whose path leads to it. */
const brokered = (settings: string) =>
  parseLibconfig(`nodes = {
    client = { ${settings} }
    gen = { type = "signal.v2", in = { signals = ({ name = "va", signal = "sine" }, { name = "vb", signal = "ramp" }) } }
  }
  paths = ( { in = "gen", out = "client" } )`);

Deno.test("clientSettingsForNode() exchanges the topics of an mqtt node, and takes its options", () => {
  const settings = clientSettingsForNode(brokered(`
    type = "mqtt", host = "broker", port = 1884, qos = 1, retain = true, keepalive = 10
    username = "lab", password = "secret", ssl = { cafile = "ca.pem" }
    in = { subscribe = "to/node", vectorize = 4, signals = "2f" }, out = { publish = "from/node" }`));
  assertEquals({ ...settings, signals: undefined }, {
    local: "mqtts://broker:1884/from/node",
    remote: "mqtts://broker:1884/to/node",
    format: "json",
    mqtt: { qos: 1, keepalive: 10 },
    tlsCaFile: "ca.pem",
    credentials: { user: "lab", password: "secret" },
    vectorize: 4,
    signals: undefined,
  });
  assertEquals([settings.signals?.in?.length, settings.signals?.out?.length], [2, 2]);
});

Deno.test("clientSettingsForNode() takes one topic of an mqtt node, and no filter to send to", () => {
  const sending = clientSettingsForNode(brokered('type = "mqtt", host = "h", out = { publish = "t" }'));
  assertEquals([sending.local, sending.remote], ["mqtt://h:1883/t", undefined]);
  const filtered = clientSettingsForNode(
    brokered('type = "mqtt", host = "h", in = { subscribe = "a/#" }, out = { publish = "t" }'),
  );
  assertEquals([filtered.local, filtered.remote], ["mqtt://h:1883/t", undefined]);
  assertEquals(filtered.warnings, [
    "The node subscribes to mqtt://h:1883/a/#: give --remote one topic of these to send",
  ]);
});

Deno.test("clientSettingsForNode() reads the broker of an amqp node as VILLASnode does", () => {
  const cases: [settings: string, address: string, vhost: string | undefined, user: string | undefined][] = [
    ['uri = "amqp://lab:p%40ss@rabbit:5673/%2f"', "amqp://rabbit:5673/lab/key", undefined, "lab"],
    ['uri = "amqps://rabbit/grid"', "amqps://rabbit:5671/lab/key", "grid", undefined],
    ['uri = "amqp://[::1]"', "amqp://[::1]:5672/lab/key", undefined, undefined],
    ['host = "rabbit", vhost = "%2f", username = "lab"', "amqp://rabbit:5672/lab/key", undefined, "lab"],
  ];
  for (const [settings, address, vhost, user] of cases) {
    const found = clientSettingsForNode(
      brokered(`type = "amqp", exchange = "lab", routing_key = "key", ${settings}, in = { signals = "2f" }`),
    );
    assertEquals([found.local, found.remote, found.format], [address, address, "json"], settings);
    assertEquals([found.amqp?.vhost, found.credentials?.user, found.warnings], [vhost, user, undefined], settings);
  }
});

Deno.test("clientSettingsForNode() warns of amqp nodes that VILLASnode does not start or survive", () => {
  const { warnings = [] } = clientSettingsForNode(
    brokered('type = "amqp", exchange = "lab", routing_key = "key", in = { signals = "1f1i" }'),
  );
  assertEquals(warnings.map((warning) => warning.slice(0, 60)), [
    "VILLASnode 1.2 does not start with this amqp node, because i",
    'Node "client" hears over AMQP what it sends itself, and does',
  ]);
});

for (
  const [what, settings, message] of [
    ["an mqtt node without a host", 'type = "mqtt", out = { publish = "t" }', "host is missing"],
    ["an mqtt node without topics", 'type = "mqtt", host = "h"', "both out.publish and in.subscribe are missing"],
    ["an mqtt node with a wrong qos", 'type = "mqtt", host = "h", qos = 3, out = { publish = "t" }', "Cannot use 3"],
    ["an amqp node without a key", 'type = "amqp", exchange = "x"', "exchange and routing_key are needed"],
    [
      "an amqp node with a wrong uri",
      'type = "amqp", uri = "h", exchange = "x", routing_key = "y"',
      "expected amqp://",
    ],
  ] as const
) {
  Deno.test(`clientSettingsForNode() refuses ${what}`, () => {
    assertThrows(() => clientSettingsForNode(brokered(settings)), TypeError, message);
  });
}
