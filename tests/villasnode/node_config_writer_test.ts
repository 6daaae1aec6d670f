import { assertEquals, assertThrows } from "@std/assert";
import { parseSignals } from "@villas/client";
import {
  type ClientSettings,
  clientSettingsForNode,
  type ConfigGroup,
  createNodeConfig,
  formatLibconfig,
  type NodeConfigOptions,
  parseLibconfig,
} from "@villas/client/villasnode";
import { planPrinting } from "../../lib/villasnode/print_hook.ts";

const links: [string, ClientSettings][] = [
  ["UDP", { local: "udp://127.0.0.1:12001", remote: "udp://127.0.0.1:12000", format: "protobuf" }],
  ["unix", { local: "unix:/run/c.sock", remote: "unix:/run/s.sock", format: "json" }],
  ["options and names", {
    local: "udp://127.0.0.1:2",
    remote: "udp://127.0.0.1:1",
    format: { type: "opal.asyncip", dev_id: 3 },
    signals: { out: [{ name: "va", unit: "V", type: "float" }, { name: "on", type: "boolean" }] },
    vectorize: 4,
  }],
  ["multicast", {
    local: "udp://0.0.0.0:12001",
    remote: "udp://224.1.2.3:12000",
    format: "villas.binary",
    signals: { out: parseSignals("3f") },
    multicast: { group: "224.1.2.4" },
  }],
];

for (const [what, link] of links) {
  Deno.test(`createNodeConfig() writes what clientSettingsForNode() reads back: ${what}`, () => {
    const notes = ['Cannot tell the signals that "client" sends from the configuration: no enabled path leads to it'];
    const expected = { ...link, signals: link.signals ?? { out: parseSignals("64f") }, notes };
    const config = createNodeConfig(link);
    assertEquals(clientSettingsForNode(config), expected);
    assertEquals(clientSettingsForNode(JSON.parse(JSON.stringify(config))), expected);
    assertEquals(clientSettingsForNode(parseLibconfig(formatLibconfig(config)), "client"), expected);
  });
}

const link: NodeConfigOptions = {
  local: "udp://127.0.0.1:12001",
  remote: "udp://127.0.0.1:12000",
  format: "protobuf",
};

const noIpv6 =
  "VILLASnode takes HOST:PORT over IPv4 only, for the host ends at the first colon; give a host name or an " +
  "IPv4 address";

const refused: [string, Partial<NodeConfigOptions>, string][] = [
  ["a name in capitals", { name: "A" }, 'Cannot name a node "A"'],
  ["an IPv6 address of the node", { remote: "udp://[::1]:1" }, `for udp://[::1]:1: ${noIpv6}`],
  ["an IPv6 address of the client", { clientHost: "::1" }, `Cannot configure a node to send to ::1: ${noIpv6}`],
  ["a port that the client does not know yet", { local: "udp://127.0.0.1:0" }, "it needs a fixed port to answer to"],
  [
    "an unknown address of this machine",
    { local: "udp://0.0.0.0:12001", remote: "udp://192.0.2.7:12000" },
    "Cannot tell the address of this machine as 192.0.2.7 sees it",
  ],
  [
    "a format that VILLASnode only writes",
    { format: "iotagent_ul" },
    "Cannot configure a node for iotagent_ul: VILLASnode writes this format, but does not read it",
  ],
  ...["raw", "gtnet", "value"].map((type): [string, Partial<NodeConfigOptions>, string] => [
    `several samples per datagram of ${type}`,
    { format: { type }, vectorize: 2 },
    `Cannot configure a node for 2 samples per datagram of ${type}: VILLASnode reads one of this format`,
  ]),
];

for (const [what, settings, message] of refused) {
  Deno.test(`createNodeConfig() refuses ${what}`, () => {
    assertThrows(() => createNodeConfig({ ...link, ...settings }), TypeError, message);
  });
}

Deno.test("createNodeConfig() takes one sample per datagram of raw, and several of villas.binary", () => {
  const inputOf = (config: ConfigGroup) => ((config.nodes as ConfigGroup).client as ConfigGroup).in as ConfigGroup;
  assertEquals(inputOf(createNodeConfig({ ...link, format: "raw", vectorize: 1 })).vectorize, undefined);
  assertEquals(inputOf(createNodeConfig({ ...link, format: "villas.binary", vectorize: 2 })).vectorize, 2);
});

const printed: [types: string, isPrinted: boolean, note: string | undefined][] = [
  ["2f", true, undefined],
  ["12f", true, undefined],
  ["13f", true, "13 values of a sample as long as they are floats of up to 287 digits before the point"],
  ["64f", true, "64 values of a sample as long as they are floats of up to 42 digits before the point"],
  ["111f", true, "111 values of a sample as long as they are floats of up to 16 digits before the point"],
  ["112f", false, "print hook is made for samples of up to 4096 bytes of text, and 112 values may have more"],
  ["190i", true, undefined],
  ["191i", false, "191 values may have more"],
  ["1000b2f", true, undefined],
  ["2000b", true, undefined],
  ["2001b", false, "2001 values may have more"],
  ["33c", true, undefined],
  ["34c", true, "34 values of a sample as long as they are floats of up to 38 digits before the point"],
];

for (const [types, isPrinted, note] of printed) {
  Deno.test(`createNodeConfig() ${isPrinted ? "prints" : "does not print"} samples of ${types}, and planPrinting() says why`, () => {
    const out = parseSignals(types);
    const paths = createNodeConfig({ ...link, signals: { out } }).paths;
    assertEquals(paths, [isPrinted ? { in: "client", hooks: [{ type: "print" }] } : { in: "client" }]);
    assertEquals(planPrinting(out).note?.endsWith(note ?? "?"), note === undefined ? undefined : true);
  });
}

Deno.test("planPrinting() has room for the longest sample that it prints without a note", () => {
  // As villas.human writes it, with 17 digits behind the point (lib/formats/villas_human.cpp).
  const float = `\t-${BigInt(Number.MAX_VALUE)}.${"0".repeat(17)}`;
  const head = `${2n ** 64n - 1n}.123456789+1.797693e+308(${2n ** 64n - 1n})F`;
  assertEquals(planPrinting(parseSignals("12f")), { isPrinted: true });
  assertEquals(`${head}${float.repeat(12)}\n\0`.length <= 4096, true);
});

Deno.test("createNodeConfig() writes mqtt and amqp nodes that clientSettingsForNode() reads back", () => {
  const settings: NodeConfigOptions[] = [
    {
      local: "mqtt://h:1883/from/node",
      remote: "mqtt://h:1883/to/node",
      format: "json",
      mqtt: { qos: 2, keepalive: 9 },
    },
    { remote: "mqtts://h:8883/to/node", format: "protobuf", tlsCaFile: "ca.pem", vectorize: 3 },
    { local: "amqp://h:5672/lab/key", remote: "amqp://h:5672/lab/key", format: "json" },
    { local: "amqps://h:5671/lab/a/b", remote: "amqps://h:5671/lab/a/b", format: "json", tlsCaFile: "ca.pem" },
    { local: "amqp://h:5672/k", remote: "amqp://h:5672/k", format: "json", amqp: { exchange: "a/b", vhost: "grid" } },
  ];
  for (const setting of settings) {
    const { signals: _, notes: __, ...read } = clientSettingsForNode(createNodeConfig(setting), "client");
    assertEquals(read, setting);
  }
});

Deno.test("createNodeConfig() refuses what no mqtt or amqp node of VILLASnode is", () => {
  const cases: [settings: Omit<NodeConfigOptions, "format">, message: string][] = [
    [{ local: "mqtt://a/t", remote: "mqtt://b/t" }, "it has one broker"],
    [{ local: "mqtt://a/t/#" }, "+ and # are wildcards"],
    [{ local: "mqtt://a/t", mqtt: { version: 5 } }, "VILLASnode speaks 3.1.1"],
    [{ local: "mqtts://a/t" }, "VILLASnode needs the authority's file, --tls-ca"],
    [{ local: "amqp://a/x/y", remote: "amqp://a/x/z" }, "VILLASnode has one exchange and routing key for both"],
    [{ local: "amqp://a/x/y", amqp: { plain_names: true } }, "VILLASnode's names end in a zero byte"],
    [{ local: "amqp://a/x" }, "expected amqp://HOST/EXCHANGE/KEY"],
  ];
  for (const [settings, message] of cases) {
    assertThrows(() => createNodeConfig({ ...settings, format: "json" }), TypeError, message);
  }
});
