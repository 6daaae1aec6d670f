import { assert, assertEquals } from "@std/assert";
import { connectAsync } from "npm:mqtt@5.16.0";
import { connect } from "@villas/client";
import { openTransport, type Transport } from "@villas/client/transports";
import { timeLimit } from "../_time_limits.ts";
import { run, start } from "../commands/_cli.ts";
import { type Certificates, createCertificates } from "./_certificates.ts";
import { hasMosquitto, startMosquitto } from "./_mosquitto.ts";

const encoder = new TextEncoder();

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !hasMosquitto, timeout: timeLimit, fn });
}

async function receiveText(transport: Transport): Promise<string[]> {
  return (await transport.receive()).map((message) => new TextDecoder().decode(message));
}

async function end(...transports: Transport[]): Promise<void> {
  for (const transport of transports) transport.close();
  await Promise.all(transports.map(({ closed }) => closed));
}

/** Returns why a link ended that was refused. */
async function reasonOf(opening: Promise<Transport>): Promise<string> {
  const { message = "" } = await (await opening).closed ?? {};
  return message;
}

test("mqtt receives the topics that a filter with wildcards takes, and # is no mark of a URL", async () => {
  await using broker = await startMosquitto();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const receiver = await openTransport({ local: `${url}/lab/+/value/#` });
  await receiver.ready();
  for (const topic of ["lab/a/value", "lab/a/other", "lab/b/value/x/y"]) {
    const sender = await openTransport({ remote: `${url}/${topic}` });
    await sender.ready();
    await sender.send([encoder.encode(topic)]);
    await end(sender);
  }
  const received: string[] = [];
  while (received.length < 2) received.push(...await receiveText(receiver));
  assertEquals(received, ["lab/a/value", "lab/b/value/x/y"]);
  await end(receiver);
});

test("mqtt connects as VILLASnode does: version 3.1.1, a clean session, a keepalive of 5 s, qos 0, no will", async () => {
  const packets: Uint8Array[] = [];
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const transport = await openTransport({ remote: `mqtt://127.0.0.1:${listener.addr.port}/t`, whenDown: "fail" });
  const connection = await listener.accept();
  const buffer = new Uint8Array(100);
  packets.push(buffer.slice(0, await connection.read(buffer) ?? 0));
  connection.close();
  await transport.closed;
  const [packet = new Uint8Array()] = packets;
  // CONNECT, protocol "MQTT" level 4, flags: clean session, keepalive 5 (MQTT 3.1.1, 3.1).
  assertEquals([...packet.subarray(2, 12)], [0, 4, 77, 81, 84, 84, 4, 2, 0, 5]);
});

test("mqtt retains the last message for those who come later", async () => {
  await using broker = await startMosquitto();
  const url = `mqtt://127.0.0.1:${broker.port}/lab`;
  const sender = await openTransport({ remote: url, mqtt: { qos: 1, retain: true } });
  await sender.ready();
  await sender.send([encoder.encode("first"), encoder.encode("last")]);
  await end(sender);
  const receiver = await openTransport({ local: url });
  assertEquals(await receiveText(receiver), ["last"]);
  await end(receiver);
});

test("mqtt leaves a last will, which the broker sends when it loses the client", async () => {
  await using broker = await startMosquitto();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const observer = await connectAsync(url, { timerVariant: "native" });
  const will = Promise.withResolvers<string>();
  observer.on("message", (topic, payload) => will.resolve(`${topic}: ${payload}`));
  await observer.subscribeAsync("lab/gone");
  const mqtt = ["--mqtt", "will_topic=lab/gone,will_message=link down", "--remote", `${url}/lab/x`];
  await using sender = start("signal", "sine", ...mqtt);
  await sender.expectError(/Connected/);
  sender.kill("SIGKILL");
  assertEquals(await will.promise, "lab/gone: link down");
  await observer.endAsync();
});

test("mqtt keeps a session while the client is away", async () => {
  await using broker = await startMosquitto();
  const url = `mqtt://127.0.0.1:${broker.port}/lab`;
  for (const version of [3, 5] as const) {
    const mqtt = { version, qos: 1, session: true, client_id: `away-${version}` } as const;
    const first = await openTransport({ local: url, mqtt });
    await first.ready();
    await end(first);
    const sender = await openTransport({ remote: url, mqtt: { qos: 1 } });
    await sender.ready();
    await sender.send([encoder.encode("meanwhile")]);
    await end(sender);
    const second = await openTransport({ local: url, mqtt });
    assertEquals(await receiveText(second), ["meanwhile"]);
    await end(second);
  }
});

test("mqtt of version 5 leaves out what it publishes itself, unless every source is wanted", async () => {
  await using broker = await startMosquitto();
  const address = `mqtt://127.0.0.1:${broker.port}/lab`;
  const ends = { local: address, remote: address, mqtt: { version: 5 } } as const;
  const deaf = await openTransport(ends);
  const hearing = await openTransport({ ...ends, anySource: true });
  await Promise.all([deaf.ready(), hearing.ready()]);
  await deaf.send([encoder.encode("from deaf")]);
  assertEquals(await receiveText(hearing), ["from deaf"]);
  await hearing.send([encoder.encode("from hearing")]);
  assertEquals(await receiveText(hearing), ["from hearing"]);
  assertEquals(await receiveText(deaf), ["from hearing"]);
  await end(deaf, hearing);
});

test("mqtt joins two brokers, and ends both connections when one is lost", async () => {
  await using near = await startMosquitto();
  await using far = await startMosquitto();
  const states: boolean[] = [];
  const lost = Promise.withResolvers<void>();
  const link = await openTransport({
    local: `mqtt://127.0.0.1:${near.port}/in`,
    remote: `mqtt://127.0.0.1:${far.port}/out`,
    onStateChange({ isUp }) {
      states.push(isUp);
      if (!isUp) lost.resolve();
    },
  });
  await link.ready();
  await far.stop();
  await lost.promise;
  await far.start();
  await link.ready();
  const observer = await openTransport({ local: `mqtt://127.0.0.1:${far.port}/out` });
  await observer.ready();
  await link.send([encoder.encode("across")]);
  assertEquals(await receiveText(observer), ["across"]);
  await end(link, observer);
  assertEquals(states, [true, false, true]);
});

/** Texts of certificates, as a link takes them. */
async function readPems({ authority, stranger, client }: Certificates) {
  const [tlsCa = "", other = "", tlsCert = "", tlsKey = ""] = await Promise.all(
    [authority, stranger, client.certificate, client.key].map((path) => Deno.readTextFile(path)),
  );
  return { tlsCa, other, tlsCert, tlsKey };
}

test("mqtts refuses wrong certificates and names the fault of each", async () => {
  await using certificates = await createCertificates();
  await using server = await startMosquitto({ tls: certificates.server });
  await using expired = await startMosquitto({ tls: certificates.expired });
  await using elsewhere = await startMosquitto({ tls: certificates.otherName });
  await using plain = await startMosquitto();
  const { tlsCa, other } = await readPems(certificates);
  const untrusted = "its certificate is not from an authority that is trusted here; give --tls-ca the authority's file";
  const cases: [port: number, tlsCa: string | undefined, reason: string][] = [
    [server.port, undefined, untrusted],
    [server.port, other, untrusted],
    [expired.port, tlsCa, "its certificate has expired"],
    [elsewhere.port, tlsCa, "its certificate is not for localhost but for elsewhere.example"],
  ];
  for (const [port, ca, reason] of cases) {
    const address = `mqtts://localhost:${port}/t`;
    const message = await reasonOf(openTransport({ remote: address, ...ca === undefined ? {} : { tlsCa: ca } }));
    assertEquals(message, `Cannot connect to ${address}: ${reason}`);
  }
  const mistaken = openTransport({ remote: `mqtts://127.0.0.1:${plain.port}/t`, whenDown: "fail" });
  assert((await reasonOf(mistaken)).endsWith("it does not speak TLS on this port"));
  const unsafe = openTransport({ remote: `mqtt://127.0.0.1:${server.port}/t`, whenDown: "fail" });
  assert((await reasonOf(unsafe)).endsWith("if it expects TLS, the address begins with mqtts://"));
});

test("mqtts shows a certificate, a user and a password, and says which of them is refused", async () => {
  await using certificates = await createCertificates();
  const { authority, server } = certificates;
  await using broker = await startMosquitto({
    tls: { ...server, authority, requiresClients: true },
    users: { lab: "secret" },
  });
  const { tlsCa, tlsCert, tlsKey } = await readPems(certificates);
  const remote = `mqtts://127.0.0.1:${broker.port}/t`;
  const credentials = { user: "lab", password: "secret" };
  const good = await openTransport({ remote, tlsCa, tlsCert, tlsKey, credentials });
  await good.ready();
  await good.send([encoder.encode("in")]);
  await end(good);
  assertEquals(good.stats().link?.unsent, 0);
  const cases: [options: object, reason: string][] = [
    [{ credentials }, "it asks for a certificate of this client; give --tls-cert and --tls-key"],
    [{ tlsCert, tlsKey }, "the broker asks for a user and a password; set VILLAS_USER and VILLAS_PASSWORD"],
    [
      { tlsCert, tlsKey, credentials: { user: "lab", password: "wrong" } },
      'the broker refuses user "lab" or the password; see VILLAS_USER and VILLAS_PASSWORD',
    ],
  ];
  for (const [options, reason] of cases) {
    const message = await reasonOf(openTransport({ remote, tlsCa, ...options }));
    assertEquals(message, `Cannot connect to ${remote}: ${reason}`);
  }
});

test("recv says that a broker drops messages where some are missing", async () => {
  await using broker = await startMosquitto();
  const url = `mqtt://127.0.0.1:${broker.port}/lab`;
  await using receiver = start("recv", "--local", url, "--count", "2", "--print", "none");
  await receiver.expectError(/Connected/);
  await using sender = await connect({ remote: url });
  await sender.ready();
  await sender.send({ sequence: 0n, values: [1] });
  await sender.send({ sequence: 4n, values: [1] });
  const { code, stderr } = await receiver.finish();
  assertEquals(code, 0);
  assert(stderr.includes("Missing 3,"), stderr);
  assert(stderr.includes("An MQTT broker drops messages of a slow or absent subscriber"), stderr);
});

test("send over mqtt leaves out the last samples of a message that would not be complete", async () => {
  await using broker = await startMosquitto();
  const url = `mqtt://127.0.0.1:${broker.port}/lab`;
  const receiver = await connect({ local: url });
  await receiver.ready();
  const { code, stderr } = await run("send", "--values", "1,2", "-l", "5", "--vectorize", "2", "--remote", url);
  const lengths: number[] = [];
  while (lengths.length < 2) lengths.push(...(await receiver.receive()).map((samples) => samples.length));
  assertEquals(lengths, [2, 2]);
  assertEquals(code, 1);
  assert(stderr.includes("Cannot send the last sample: the receiver takes exactly 2 per message"), stderr);
  await receiver[Symbol.asyncDispose]();
});

test("bridge passes samples from one topic to another", async () => {
  await using broker = await startMosquitto();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const observer = await connect({ local: `${url}/out` });
  await observer.ready();
  await using bridge = start("bridge", `${url}/in`, `${url}/out`);
  await bridge.expectError(/Receiving on/);
  // It is not said when the broker has its subscription: what comes before that is not passed on.
  const sender = await connect({ remote: `${url}/in` });
  await sender.ready();
  const receiving = observer.receive();
  let isOver = false;
  void receiving.then(() => isOver = true);
  for (let sequence = 0n; !isOver; sequence++) {
    await sender.send({ sequence, values: [1.5, 2.5] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertEquals((await receiving).flat()[0]?.values, [1.5, 2.5]);
  await Promise.all([sender, observer].map((client) => client[Symbol.asyncDispose]()));
});
