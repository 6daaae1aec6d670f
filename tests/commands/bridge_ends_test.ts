/**
 * Ends of a bridge that are connections: their settings behind an address and in a file, and whom credentials are shown to.
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createEnd, parseEnd } from "../../lib/commands/_shared/bridge_ends.ts";
import { checkCredentials, credentialsOf } from "../../lib/commands/_shared/bridge_link.ts";
import { InputError } from "../../lib/system/input_error.ts";
import { WebSocketTestServer } from "../transports/_ws_server.ts";
import { runArguments, startProgram } from "./_cli.ts";

/** Reads an end as a group of a file of routes has it. */
function inFile(target: string, texts: Record<string, string>) {
  return createEnd(target, texts, (name) => `FILE, out.${name}`);
}

/** Sets variables of the environment as long as a test needs them. */
function environment(variables: Record<string, string>): Disposable {
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const name of Object.keys(variables)) Deno.env.delete(name);
    },
  };
}

Deno.test("parseEnd() reads options of MQTT, files of certificates and more behind an address", async () => {
  const { name, link } = await parseEnd(
    "mqtts://lab:8883/a/#,qos=1,retain=true,client_id=7,tls-ca=ca.pem,tls-cert=c.pem,tls-key=k.pem," +
      "when-down=drop-newest,credentials=LAB",
  );
  assertEquals(name, "mqtts://lab:8883/a/#");
  assertEquals(link, {
    mqtt: { qos: 1, retain: true, client_id: "7" },
    tlsFiles: [
      { label: "tls-ca=", option: "tls-ca", path: "ca.pem" },
      { label: "tls-cert=", option: "tls-cert", path: "c.pem" },
      { label: "tls-key=", option: "tls-key", path: "k.pem" },
    ],
    whenDown: "drop-newest",
    isUnchecked: false,
    variables: "LAB",
  });
});

Deno.test("parseEnd() reads options of AMQP, of WebSockets and of synchrophasors", async () => {
  const amqp = await parseEnd(
    "amqp://lab/key,exchange=grid,queue=q,queue_type=quorum,prefetch=10,confirm=true,vhost=/a",
  );
  assertEquals(amqp.link?.amqp, {
    ...{ exchange: "grid", queue: "q", queue_type: "quorum", prefetch: 10, confirm: true, vhost: "/a" },
  });
  assertEquals((await parseEnd("ws://lab/node,no-check=true")).link?.isUnchecked, true);
  const server = await parseEnd("local=wss://127.0.0.1:8443/lab,tls-cert=c.pem,tls-key=k.pem");
  assertEquals(server.link?.tlsFiles.map(({ option, path }) => [option, path]), [
    ...[["tls-cert", "c.pem"], ["tls-key", "k.pem"]],
  ]);
  const stream = await parseEnd("c37.118://lab/7,version=2,stat_signals=true,names=station");
  assertEquals(stream.link?.frames, { version: 2, stat_signals: true, names: "station" });
  assertEquals((await parseEnd("udp://:1")).link, undefined);
});

Deno.test("createEnd() reads the settings of a file in the words of VILLASnode's nodes", () => {
  const ssl = { enabled: true, cafile: "ca.pem", certfile: "c.pem", keyfile: "k.pem", verify: true };
  const mqtt = inFile("mqtts://lab/a", { qos: "2", username: "ann", password: "secret", ssl: JSON.stringify(ssl) });
  assertEquals(mqtt.link, {
    mqtt: { qos: 2 },
    tlsFiles: [
      { label: "ssl.cafile", option: "tls-ca", path: "ca.pem" },
      { label: "ssl.certfile", option: "tls-cert", path: "c.pem" },
      { label: "ssl.keyfile", option: "tls-key", path: "k.pem" },
    ],
    isUnchecked: false,
    credentials: { user: "ann", password: "secret", token: undefined },
  });
  const amqp = inFile("amqps://lab/grid/a", { ssl: '{"ca_cert":"ca.pem","client_cert":"c.pem","client_key":"k.pem"}' });
  assertEquals(amqp.link?.tlsFiles.map(({ option, path }) => [option, path]), [
    ...[["tls-ca", "ca.pem"], ["tls-cert", "c.pem"], ["tls-key", "k.pem"]],
  ]);
});

const wrongOperands: readonly (readonly [operand: string, message: string])[] = [
  [
    "mqtt://lab/a,qos=3",
    'Cannot use "mqtt://lab/a,qos=3": qos: Cannot set qos of MQTT to 3: expected 0 or 1 or 2',
  ],
  [
    "amqp://lab/a/b,vhost=/,durable=true",
    'Cannot use "amqp://lab/a/b,vhost=/,durable=true": durable: Cannot set durable of AMQP without plain_names: ' +
    "VILLASnode declares its exchange direct and not durable, and exchanges nothing over another one without a word",
  ],
  [
    "udp://:1,qos=1",
    'Cannot use "udp://:1,qos=1": unknown setting qos: this end has local, remote, format, signals, vectorize, linger, ' +
    "multicast, append, timing",
  ],
  [
    "mqtt://lab/a,qso=1",
    'Cannot use "mqtt://lab/a,qso=1": unknown setting qso: did you mean qos?',
  ],
  [
    "mqtt://lab/a,when-down=wait",
    'Cannot use "mqtt://lab/a,when-down=wait": when-down: expected drop-oldest, drop-newest, fail',
  ],
  [
    "mqtt://lab/a,credentials=a b",
    'Cannot use "mqtt://lab/a,credentials=a b": credentials: expected the beginning of names of environment variables, ' +
    "such as LAB for LAB_USER, LAB_PASSWORD and LAB_TOKEN; or none",
  ],
  ["ws://lab/a,no-check=yes", 'Cannot use "ws://lab/a,no-check=yes": no-check: expected true or false'],
  [
    "mqtt://lab/a,username=ann,password=secret",
    "Cannot use username= behind mqtt://lab/a, where everybody on this machine can read it: set NAME_USER and " +
    "NAME_PASSWORD in the environment and give credentials=NAME, or write a group in a file of routes",
  ],
];

for (const [operand, message] of wrongOperands) {
  Deno.test(`parseEnd() refuses ${operand}`, async () => {
    const error = await assertRejects(() => parseEnd(operand), InputError);
    assertEquals(error.message, message);
  });
}

Deno.test("parseEnd() shows no password, wherever the mistake is", async () => {
  const operands = [
    ...["mqtt://lab/a,qos=3,password=hidden", "udp://:1,password=hidden"],
    ...[
      "mqtt://ann:hidden@lab/a",
      "mqtt://ann:hidden@lab/a,qos=3",
      ",remote=amqp://ann:hidden@lab/a/b",
      "mqtt://u:hidden@",
    ],
  ];
  for (const operand of operands) {
    const { message } = await assertRejects(() => parseEnd(operand), InputError);
    assertEquals(message.includes("hidden"), false, message);
  }
});

Deno.test("createEnd() refuses what would leave certificates unchecked, and files that it does not know", () => {
  for (
    const [ssl, why] of [
      ['{"verify":false}', ".verify: only true is possible: certificates are always checked"],
      ['{"insecure":true}', ".insecure: only false is possible: certificates are always checked"],
      ['{"capath":"/a"}', ".capath: expected cafile, certfile, keyfile, ca_cert, client_cert, client_key"],
      ['{"cafile":1}', ".cafile: expected the path of a file"],
      ["true", ": expected a group"],
    ] as const
  ) {
    const error = assertThrows(() => inFile("mqtts://lab/a", { ssl }), InputError);
    assertEquals(error.message, `Cannot use FILE, out.ssl${why}`);
  }
});

Deno.test("credentialsOf() takes those of a file, then those of the variables that an end names, then VILLAS_USER", async () => {
  using _ = environment({ VILLAS_USER: "common", BRIDGE_TEST_USER: "ann", BRIDGE_TEST_PASSWORD: "secret" });
  const users = [
    inFile("mqtt://lab/a", { username: "given", credentials: "BRIDGE_TEST" }),
    await parseEnd("mqtt://lab/a,credentials=BRIDGE_TEST"),
    await parseEnd("amqp://lab/a/b"),
    await parseEnd("mqtt://lab/a,credentials=none"),
    await parseEnd("udp://:1"),
    await parseEnd(",local=ws://127.0.0.1:1/a"),
  ].map((end) => credentialsOf(end)?.user);
  assertEquals(users, ["given", "ann", "common", undefined, undefined, undefined]);
  const unset = await parseEnd("mqtt://lab/a,credentials=BRIDGE_UNSET");
  assertThrows(
    () => credentialsOf(unset),
    InputError,
    "Cannot use credentials=BRIDGE_UNSET of mqtt://lab/a: none of BRIDGE_UNSET_USER, BRIDGE_UNSET_PASSWORD and " +
      "BRIDGE_UNSET_TOKEN is set",
  );
});

Deno.test("checkCredentials() lets VILLAS_USER go to one server, and not to another one unasked", async () => {
  const one = await parseEnd("mqtt://lab/a");
  const same = await parseEnd("mqtt://lab/b");
  const other = await parseEnd("amqp://elsewhere/a/b");
  checkCredentials([one, other]); // nothing is set
  using _ = environment({ VILLAS_USER: "ann" });
  checkCredentials([one, same, await parseEnd("udp://:1")]);
  checkCredentials([one, await parseEnd("amqp://elsewhere/a/b,credentials=none")]);
  assertThrows(
    () => checkCredentials([one, same, other]),
    InputError,
    "Cannot tell whether VILLAS_USER, VILLAS_PASSWORD and VILLAS_TOKEN are for mqtt://lab/a or amqp://elsewhere/a/b",
  );
});

Deno.test("bridge shows each server its own credentials, and prints none", async () => {
  await using near = new WebSocketTestServer();
  await using far = new WebSocketTestServer();
  const file = await Deno.makeTempFile({ suffix: ".json" });
  const end = (server: WebSocketTestServer) => ({ address: `ws://127.0.0.1:${server.port}/lab`, "no-check": true });
  const paths = [{
    in: { ...end(near), credentials: "NEAR" },
    out: { ...end(far), username: "bob", password: "far secret" },
  }];
  await Deno.writeTextFile(file, JSON.stringify({ paths }));
  const variables = { PATH: Deno.env.get("PATH") ?? "", NEAR_TOKEN: "near secret", NO_COLOR: "1" };
  await using bridge = startProgram(Deno.execPath(), runArguments("bridge", file, "--stats"), ".", variables);
  await bridge.expectError(/Connected to ws:\/\/127\.0\.0\.1:\d+\/lab\n(?:.*\n)*.*Connected to ws:/);
  const headers = [near, far].map(({ requests: [request] }) => request?.headers.get("authorization"));
  assertEquals(headers, ["Bearer near secret", `Basic ${btoa("bob:far secret")}`]);
  bridge.kill("SIGINT");
  const { code, stdout, stderr } = await bridge.finish();
  assertEquals([code, /secret/.test(stdout + stderr)], [0, false], stderr);
  await Deno.remove(file);
});
