import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type MqttOptions, openTransport } from "@villas/client/transports";
import { checkMqttOptions } from "../../lib/transports/mqtt/options.ts";
import { matchesFilter } from "../../lib/transports/mqtt/topics.ts";

const url = "mqtt://127.0.0.1:1";

Deno.test("matchesFilter() takes what a broker takes, as MQTT 3.1.1 says in 4.7", () => {
  const cases: [filter: string, topic: string, matches: boolean][] = [
    ["sport/tennis/player1/#", "sport/tennis/player1", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
    ["#", "sport", true],
    ["#", "$SYS/broker", false],
    ["+/broker", "$SYS/broker", false],
    ["$SYS/#", "$SYS/broker", true],
    ["sport/tennis/+", "sport/tennis/player1", true],
    ["sport/tennis/+", "sport/tennis/player1/ranking", false],
    ["sport/+", "sport", false],
    ["sport/+", "sport/", true],
    ["+/+", "/finance", true],
    ["/+", "/finance", true],
    ["+", "/finance", false],
    ["a", "a/b", false],
    ["a/b", "a", false],
    ["Lab", "lab", false],
    ["$share/group/lab/#", "lab/a", true],
  ];
  for (const [filter, topic, matches] of cases) {
    assertEquals(matchesFilter(filter, topic), matches, `${filter} and ${topic}`);
  }
});

const mistakes: [what: string, options: Parameters<typeof openTransport>[0], message: string][] = [
  ["a wildcard to send to", { remote: `${url}/a/#` }, "+ and # are wildcards, which only a topic to receive may have"],
  [
    "a wildcard inside a level",
    { local: `${url}/a/b+` },
    "+ must be a level of its own, as in a/+/c, and # the last one",
  ],
  ["# before the end", { local: `${url}/a/#/b` }, "and # the last one, as in a/#"],
  ["a topic that is missing", { local: `${url}/` }, "the topic is missing, as in mqtt://HOST/TOPIC"],
  ["a zero byte", { remote: `${url}/a\0` }, "a topic has no zero byte"],
  [
    "a topic that is too long",
    { remote: `${url}/${"x".repeat(65_536)}` },
    "the topic has 65536 bytes, more than 65535",
  ],
  ["a topic that would come back", { local: `${url}/#`, remote: `${url}/a` }, "all that is sent would be received"],
  [
    "addresses of other transports",
    { local: `${url}/a`, remote: "udp://127.0.0.1:1" },
    "they are of different transports",
  ],
  ["options of AMQP", { remote: `${url}/a`, amqp: {} }, "Cannot use options of AMQP over mqtt"],
  [
    "certificates without TLS",
    { remote: `${url}/a`, tlsCert: "", tlsKey: "" },
    "only mqtts, amqps and servers of wss can",
  ],
  ["a will with wildcards", { remote: `${url}/a`, mqtt: { will_topic: "a/+" } }, "+ and # are wildcards"],
  ["options of MQTT over UDP", { local: "udp://127.0.0.1:0", mqtt: {} }, "Cannot use options of MQTT over udp"],
];

for (const [what, options, message] of mistakes) {
  Deno.test(`openTransport() over mqtt refuses ${what}`, async () => {
    await assertRejects(() => openTransport(options), TypeError, message);
  });
}

Deno.test("checkMqttOptions() refuses what is not an option, or cannot have its value", () => {
  const cases: [options: Record<string, unknown>, message: string][] = [
    [
      { qps: 1 },
      "Cannot set qps of MQTT: its options are version, qos, retain, keepalive, client_id, session, will_topic",
    ],
    [{ qos: 3 }, "Cannot set qos of MQTT to 3: expected 0 or 1 or 2"],
    [{ version: 4 }, "Cannot set version of MQTT to 4: expected 3 or 5"],
    [{ retain: "yes" }, "Cannot set retain of MQTT to yes: expected a boolean"],
    [{ keepalive: 65_536 }, "Cannot set keepalive of MQTT to 65536: expected 0 to 65535 whole seconds"],
    [{ keepalive: 1.5 }, "Cannot set keepalive of MQTT to 1.5"],
    [{ session: true }, "Cannot keep the session of MQTT without client_id, by which the broker finds it"],
    [{ will_message: "gone" }, "Cannot set will_message of MQTT without will_topic"],
  ];
  for (const [options, message] of cases) {
    assertThrows(() => checkMqttOptions(options as MqttOptions), TypeError, message);
  }
  checkMqttOptions({ version: 5, qos: 2, retain: true, keepalive: 0, client_id: "a", session: true, will_topic: "b" });
});

Deno.test("a link over mqtt says that nobody listens, tries again, and counts what it could not send", async () => {
  const reasons: string[] = [];
  const down = Promise.withResolvers<void>();
  const link = await openTransport({
    remote: `${url}/a`,
    onStateChange(state) {
      if (!state.isUp) reasons.push(state.reason);
      down.resolve();
    },
  });
  await down.promise;
  assertEquals(await link.send([new Uint8Array(3)]), 1);
  link.close();
  assertEquals(await link.closed, undefined);
  assertEquals([reasons, link.stats().link?.unsent], [["nobody listens there"], 1]);
});

Deno.test("a link over mqtt to what is not a broker ends with the reason, whatever it answers", async () => {
  const answers = ["HTTP/1.1 400 Bad Request\r\n\r\n", "\x20\x02\x00\x07", "\xff\xff\xff\xff\xff\xff", "\x30\x05\x00"];
  for (const answer of answers) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const answering = (async () => {
      const connection = await listener.accept();
      await connection.read(new Uint8Array(100));
      await connection.write(Uint8Array.from(answer, (letter) => letter.charCodeAt(0)));
      connection.close();
    })();
    const link = await openTransport({ remote: `mqtt://127.0.0.1:${listener.addr.port}/a`, whenDown: "fail" });
    const { message = "" } = await link.closed ?? {};
    assert(message.startsWith(`Cannot connect to ${link.remote}: `) && !message.includes("\n"), message);
    await answering;
  }
});
