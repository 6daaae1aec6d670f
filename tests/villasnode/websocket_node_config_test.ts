import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseSignals } from "@villas/client";
import {
  clientSettingsForNode,
  clientSettingsForRunningNode,
  type ConfigGroup,
  createNodeConfig,
  formatLibconfig,
  openNodeApi,
  parseLibconfig,
} from "@villas/client/villasnode";
import { answer, recordedAnswers, serveApi } from "./_api_server.ts";

/** Reads the settings for the node `web` with these settings, behind a source of two floats. */
function settingsFor(node: string, { http = "port = 8080", name = "web" as string | undefined } = {}) {
  const config = parseLibconfig(`
    http = { ${http} }
    nodes = {
      web = { type = "websocket", ${node} }
      source = { type = "loopback", in = { signals = "2f" } }
    }
    paths = ( { in = "source", out = "web" } )
  `);
  return clientSettingsForNode(config, name);
}

for (
  const [words, node, http, expected] of [
    ["a node at the web server", "", "port = 8080", { remote: "ws://127.0.0.1:8080/web", format: "protobuf" }],
    ["a node of floats", 'in = { signals = "2f" }', "port = 8080", { format: "villas.web" }],
    ["the format of its settings", 'format = "json"', "port = 8080", { format: "json" }],
    [
      "a web server over TLS",
      "",
      'port = 8443, ssl_cert = "c.pem", ssl_private_key = "k.pem"',
      { remote: "wss://127.0.0.1:8443/web" },
    ],
    ["no destinations", "destinations = ()", "port = 8080", { remote: "ws://127.0.0.1:8080/web", local: undefined }],
    [
      "a destination",
      'destinations = ( "ws://192.0.2.1:12001/lab.json" )',
      "",
      { local: "ws://192.0.2.1:12001/lab", remote: undefined, format: "json" },
    ],
    [
      "a destination of HTTP without a port and a format, with a query",
      'format = "json", destinations = ( "http://localhost/lab?x=1.2" )',
      "",
      { local: "ws://localhost:80/lab", format: "villas.web" },
    ],
    [
      "a destination over TLS",
      'destinations = ( "https://[::1]:8443/lab.villas.binary" )',
      "",
      { local: "wss://[::1]:8443/lab", format: "villas.binary", warnings: undefined },
    ],
  ] as const
) {
  Deno.test(`clientSettingsForNode() faces a websocket node with ${words}`, () => {
    const signals = words === "a node at the web server" ? 'in = { signals = "fib" },' : "";
    const settings = settingsFor(`${signals} ${node}`, { http }) as unknown as Record<string, unknown>;
    for (const [name, value] of Object.entries(expected)) assertEquals(settings[name], value, name);
  });
}

Deno.test("clientSettingsForNode() gives the signals of both directions, and vectorize, of a websocket node", () => {
  const { signals, vectorize, warnings } = settingsFor('in = { signals = "fi", vectorize = 4 }');
  assertEquals([signals?.in?.length, signals?.out?.map(({ type }) => type)], [2, ["float", "integer"]]);
  assertEquals([vectorize, warnings], [4, undefined]);
});

for (
  const [words, config, message] of [
    ["VILLASnode cuts what it sends", { nodes: { source: "9f", own: "2f" } }, "The node web sends 5 of the 9 values"],
    ["the port is not given", { http: {} }, "names no http.port, so the web server is expected at 80"],
    [
      "a destination is of wss",
      { destinations: ["wss://127.0.0.1:9/x"] },
      "VILLASnode connects to wss://127.0.0.1:9/x without TLS",
    ],
    [
      "there are several destinations",
      { destinations: ["ws://127.0.0.1:9/x", "ws://127.0.0.1:8/y"] },
      "The node has 2 destinations: this client is the first, ws://127.0.0.1:9/x",
    ],
  ] as const
) {
  Deno.test(`clientSettingsForNode() warns where ${words}`, () => {
    const { http = { port: 8080 }, nodes = { source: "2f", own: "2f" }, destinations } = config as {
      http?: ConfigGroup;
      nodes?: { source: string; own: string };
      destinations?: string[];
    };
    const { warnings = [] } = clientSettingsForNode({
      http,
      nodes: {
        web: { type: "websocket", in: { signals: nodes.own }, ...destinations && { destinations } },
        source: { type: "loopback", in: { signals: nodes.source } },
      },
      paths: [{ in: "source", out: "web" }],
    }, "web");
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0] ?? "", message);
  });
}

for (
  const [node, http, message] of [
    ["", "enabled = false", `VILLASnode's web server, which it needs, is off`],
    ['destinations = "ws://a/b"', "", 'Cannot read the destinations of node "web": expected a list'],
    ['destinations = ( "ws://a" )', "", 'Cannot read "ws://a" among the destinations of the node'],
    ['destinations = ( "mqtt://a/b" )', "", 'Cannot read "mqtt://a/b" among the destinations of the node'],
  ] as const
) {
  Deno.test(`clientSettingsForNode() refuses a websocket node with ${node || http}`, () => {
    assertThrows(() => settingsFor(node, { http }), TypeError, message);
  });
}

Deno.test("clientSettingsForNode() takes the only websocket node where there is no other node, and leaves it out else", () => {
  assertEquals(settingsFor("", { name: undefined }).remote, "ws://127.0.0.1:8080/web");
  const socket = { type: "socket", in: { address: "*:12000" }, out: { address: "127.0.0.1:12001" } };
  const nodes = { web: { type: "websocket" }, lab: socket };
  assertEquals(clientSettingsForNode({ nodes }).remote, "udp://127.0.0.1:12000");
});

for (
  const link of [
    { remote: "ws://127.0.0.1:8080/lab", format: "villas.web", vectorize: 4 },
    { remote: "ws://127.0.0.1:8080/lab", format: "json" },
    { remote: "ws://127.0.0.1:8080/lab", format: { type: "protobuf", ts_origin: false } },
    { local: "ws://127.0.0.1:12001/lab", format: "villas.web" },
    { local: "ws://192.0.2.1:12001/lab", format: "villas.human" },
    { local: "wss://127.0.0.1:12001/lab", format: "protobuf" },
  ]
) {
  Deno.test(`a websocket node for ${JSON.stringify(link)} leads back to the same settings`, () => {
    const options = { ...link, signals: { out: parseSignals("2f") } };
    const config = parseLibconfig(formatLibconfig(createNodeConfig(options)));
    const { local, remote, format, vectorize, signals } = clientSettingsForNode(config);
    assertEquals({ local, remote, format, vectorize }, {
      local: undefined,
      remote: undefined,
      vectorize: undefined,
      ...link,
    });
    assertEquals(signals?.out, options.signals.out);
  });
}

Deno.test("createNodeConfig() names the certificate of a web server, and the client as its machine sees it", () => {
  const tlsFiles = { cert: "/etc/cert.pem", key: "/etc/key.pem" };
  const { http } = createNodeConfig({ remote: "wss://192.0.2.1:8443/lab.json", format: "json", tlsFiles });
  assertEquals(http, { enabled: true, port: 8443, ssl_cert: tlsFiles.cert, ssl_private_key: tlsFiles.key });
  const { nodes } = createNodeConfig({ local: "wss://*:8443/lab.json", format: "json", clientHost: "192.0.2.9" });
  assertEquals(nodes, {
    client: { type: "websocket", destinations: ["https://192.0.2.9:8443/lab.json"], in: {} },
  });
});

for (
  const [settings, message] of [
    [
      { remote: "ws://127.0.0.1:8080/lab", name: "other" },
      "Cannot name the node other: ws://127.0.0.1:8080/lab names lab",
    ],
    [{ remote: "ws://127.0.0.1:8080/" }, 'Cannot name a node ""'],
    [{ remote: "ws://127.0.0.1:8080/Lab" }, 'Cannot name a node "Lab"'],
    [{ remote: "ws://127.0.0.1:0/lab" }, "VILLASnode's web server needs a fixed port"],
    [{ remote: "wss://127.0.0.1:8443/lab" }, "needs a certificate and its key, --tls-cert and --tls-key"],
    [{ local: "ws://127.0.0.1:0/lab" }, "it needs a fixed port to connect to"],
    [{ local: "ws://127.0.0.1:8080/" }, "its path has no name"],
    [{ local: "ws://127.0.0.1:1/a", remote: "ws://127.0.0.1:2/b" }, "for two WebSocket addresses"],
  ] as const
) {
  Deno.test(`createNodeConfig() refuses ${JSON.stringify(settings)}`, () => {
    assertThrows(() => createNodeConfig({ ...settings, format: "json" }), TypeError, message);
  });
}

Deno.test("clientSettingsForRunningNode() faces a websocket node where the API answers", async () => {
  const config = { http: { port: 1 }, nodes: { web: { type: "websocket", in: { signals: "3f" } } } };
  const answers: Record<string, string | undefined> = await recordedAnswers({
    "GET /api/v2/config": answer(JSON.stringify(config)),
  });
  await using server = serveApi(({ line }) => answers[line]);
  const { remote, format, signals } = await clientSettingsForRunningNode(openNodeApi(server.url));
  assertEquals([remote, format, signals?.out?.length], [`ws://127.0.0.1:${server.port}/web`, "villas.web", 3]);
});
