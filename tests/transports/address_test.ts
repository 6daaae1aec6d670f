import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type Address,
  openMemory,
  openUdp,
  openUnix,
  parseAddress,
  transportForAddress,
  type TransportName,
  transportNames,
} from "@villas/client/transports";

const udp = (host: string, port: number, text: string): Address => ({ transport: "udp", host, port, text });
const connection = (
  transport: TransportName,
  host: string,
  port: number,
  path: string,
  isSecure: boolean,
  text: string,
) => ({ transport, host, port, path, isSecure, text }) satisfies Address;
const unix = (path: string): Address => ({ transport: "unix", path, text: `unix:${path}` });

for (
  const [text, address] of [
    ["udp://127.0.0.1:12000", udp("127.0.0.1", 12_000, "udp://127.0.0.1:12000")],
    ["127.0.0.1:0", udp("127.0.0.1", 0, "udp://127.0.0.1:0")],
    ["*:12001", udp("0.0.0.0", 12_001, "udp://0.0.0.0:12001")],
    [":65535", udp("0.0.0.0", 65_535, "udp://0.0.0.0:65535")],
    ["localhost:12000", udp("localhost", 12_000, "udp://localhost:12000")],
    ["udp:12000", udp("udp", 12_000, "udp://udp:12000")], // a machine called udp
    ["[0:0:0:0:0:0:0:1]:1", udp("::1", 1, "udp://[::1]:1")],
    ["udp://[::ffff:127.0.0.1]:9", udp("127.0.0.1", 9, "udp://127.0.0.1:9")],
    ["udp://[fe80::1%eth0]:9", udp("fe80::1%eth0", 9, "udp://[fe80::1%eth0]:9")],
    ["unix:/run/a.sock", unix("/run/a.sock")],
    ["unix:///run/a.sock", unix("/run/a.sock")],
    ["unix:a.sock", unix("a.sock")],
    ["unix:12000", unix("12000")],
    ["unix:/run/a:12000", unix("/run/a:12000")],
    ["memory:a", { transport: "memory", path: "a", text: "memory:a" }],
    ["ws://localhost:8080/node", connection("ws", "localhost", 8080, "node", false, "ws://localhost:8080/node")],
    ["ws://localhost:80/node.json", connection("ws", "localhost", 80, "node.json", false, "ws://localhost/node.json")],
    ["wss://[::1]/a/b?c#d", connection("ws", "::1", 443, "a/b?c#d", true, "wss://[::1]/a/b?c#d")],
    ["ws://host", connection("ws", "host", 80, "", false, "ws://host/")],
    ["mqtt://broker/lab/+/#", connection("mqtt", "broker", 1883, "lab/+/#", false, "mqtt://broker/lab/+/#")],
    ["mqtts://broker:8884/a@b", connection("mqtt", "broker", 8884, "a@b", true, "mqtts://broker:8884/a@b")],
    ["amqp://broker/key", connection("amqp", "broker", 5672, "key", false, "amqp://broker/key")],
    ["amqps://broker/", connection("amqp", "broker", 5671, "", true, "amqps://broker/")],
  ] as [string, Address][]
) {
  Deno.test(`parseAddress() reads ${text}, and its own text again`, () => {
    assertEquals(parseAddress(text), address);
    assertEquals(parseAddress(address.text), address);
  });
}

for (
  const text of ["udp://", "udp://host", "udp://127.0.0.1:65536", "udp://[::1:9", "udp://[zz]:9", "localhost:65536"]
) {
  Deno.test(`parseAddress() refuses ${text} as a UDP address`, () => {
    assertEquals(
      assertThrows(() => parseAddress(text), SyntaxError).message,
      `Cannot parse "${text}" as a UDP address: expected "udp://HOST:PORT" or "udp://[IPV6]:PORT", with a port from 0 ` +
        "to 65535",
    );
  });
}

for (const text of ["ws://", "ws://:80/x", "ws:///x", "mqtt://host:65536/x", "amqp://[zz]/x", "wss://a b/x"]) {
  Deno.test(`parseAddress() refuses ${text} as an address of a connection`, () => {
    const { message } = assertThrows(() => parseAddress(text), SyntaxError);
    assertStringIncludes(message, `Cannot parse "${text}" as an address of ${text.split(":")[0]}: expected "`);
  });
}

for (
  const text of [
    "mqtt://lab:secret@broker/topic",
    "ws://secret@host:8080/node",
    "amqp://lab:secret/x@broker/key",
    "amqp://lab:sec@ret@broker/key",
    "http://lab:secret@host/",
  ]
) {
  Deno.test(`parseAddress() shows no password of ${text.slice(0, 7)}..., which it refuses`, () => {
    const { message } = assertThrows(() => parseAddress(text), SyntaxError);
    assert(!message.includes("sec") && !message.includes("lab"), message);
    if (!text.startsWith("http")) {
      assertStringIncludes(message, "environment variables VILLAS_USER and VILLAS_PASSWORD");
    }
  });
}

Deno.test("the transports refuse a parsed address of another transport", async () => {
  for (const [name, open] of [["udp", openUdp], ["unix", openUnix], ["memory", openMemory]] as const) {
    for (const address of ["127.0.0.1:9", "unix:/run/a.sock", "memory:a"].map(parseAddress)) {
      if (address.transport === name) continue;
      const error = await assertRejects(() => open({ remote: address, local: address }), TypeError);
      assertEquals(
        error.message,
        `Cannot use ${address.text} as an address of ${name}: it belongs to ${address.transport}`,
      );
    }
  }
});

Deno.test("transportNames has all transports", () => {
  assertEquals(transportNames, ["udp", "unix", "memory", "ws", "mqtt", "amqp"]);
});

for (
  const [address, name] of [
    ["udp://127.0.0.1:12000", "udp"],
    ["udp://[::1]:0", "udp"],
    ["udp://unix:1", "udp"],
    ["127.0.0.1:12000", "udp"],
    ["[::1]:12000", "udp"],
    ["localhost:12000", "udp"],
    ["udp:12000", "udp"], // a machine called udp
    [":12000", "udp"],
    ["*:12000", "udp"],
    ["unix:/run/a.sock", "unix"],
    ["unix:///run/a.sock", "unix"],
    ["unix:a.sock", "unix"],
    ["unix:12000", "unix"],
    ["unix:/run/a:12000", "unix"],
    ["memory:a", "memory"],
    ["memory:1", "memory"],
    ["wss://localhost/x", "ws"],
    ["mqtt://localhost/x", "mqtt"],
    ["amqps://localhost/x", "amqp"],
  ] as [string, TransportName][]
) {
  Deno.test(`transportForAddress() finds ${name} for ${address}`, () => {
    assertEquals(transportForAddress(address), name);
  });
}

for (
  const address of ["", "udp", "unix", "unix:", "memory:", "/run/a.sock", "http://localhost/x", "host", "host:", "-"]
) {
  Deno.test(`transportForAddress() refuses ${JSON.stringify(address)}`, () => {
    assertEquals(
      assertThrows(() => transportForAddress(address), SyntaxError).message,
      `Cannot find the transport of "${address}": expected "udp://HOST:PORT", "unix:PATH", "ws://HOST:PORT/NODE", ` +
        `"mqtt://HOST:PORT/TOPIC", "amqp://HOST:PORT/KEY" or "memory:NAME"`,
    );
  });
}
