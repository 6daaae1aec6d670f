import { assert, assertEquals } from "@std/assert";
import { connect } from "npm:amqplib@2.3.1";
import { openTransport, type Transport } from "@villas/client/transports";
import { longTimeLimit } from "../_time_limits.ts";
import { createCertificates } from "./_certificates.ts";
import { hasRabbitMq, startRabbitMq } from "./_rabbitmq.ts";

const encoder = new TextEncoder();

async function receiveTexts(transport: Transport, count: number): Promise<string[]> {
  const received: string[] = [];
  while (received.length < count) {
    const messages = await transport.receive();
    if (messages.length === 0) break;
    received.push(...messages.map((message) => new TextDecoder().decode(message)));
  }
  return received;
}

async function end(...transports: Transport[]): Promise<void> {
  for (const transport of transports) transport.close();
  await Promise.all(transports.map(({ closed }) => closed));
}

/** Opens a link, sends texts, and closes it. */
async function sendTexts(opening: Promise<Transport>, ...texts: readonly string[]): Promise<Transport> {
  const sender = await opening;
  await sender.ready();
  await sender.send(texts.map((text) => encoder.encode(text)));
  await end(sender);
  return sender;
}

/** Returns why a link ended that was refused. */
async function reasonOf(opening: Promise<Transport>): Promise<string> {
  const { message = "" } = await (await opening).closed ?? {};
  return message.replace(/^Cannot connect to \S+: /, "");
}

// One broker for all: it takes some 10 s to start.
Deno.test({ name: "amqp over RabbitMQ", ignore: !hasRabbitMq, timeout: longTimeLimit }, async (t) => {
  await using certificates = await createCertificates();
  const { server, authority } = certificates;
  await using broker = await startRabbitMq({ tls: { ...server, authority } });
  const url = `amqp://127.0.0.1:${broker.port}`;

  await t.step("names end in a zero byte on the wire, as VILLASnode's", async () => {
    const connection = await connect(url);
    const channel = await connection.createChannel();
    // As VILLASnode declares it (lib/nodes/amqp.cpp): another declaration would be refused.
    await channel.assertExchange("lab\0", "direct", { durable: false, autoDelete: false });
    const { queue } = await channel.assertQueue("", { exclusive: true });
    await channel.bindQueue(queue, "lab\0", "key\0");
    const arrived = Promise.withResolvers<string>();
    await channel.consume(queue, (message) => arrived.resolve(`${message?.content}`), { noAck: true });
    await sendTexts(openTransport({ remote: `${url}/lab/key` }), "to VILLASnode");
    assertEquals(await arrived.promise, "to VILLASnode");
    const receiver = await openTransport({ local: `${url}/lab/key` });
    await receiver.ready();
    channel.publish("lab\0", "key\0", Buffer.from("from VILLASnode"));
    assertEquals(await receiveTexts(receiver, 1), ["from VILLASnode"]);
    await end(receiver);
    await channel.close();
    await connection.close();
  });

  await t.step("a link leaves out what it sends itself, unless every source is wanted", async () => {
    const ends = { local: `${url}/lab/own`, remote: `${url}/lab/own` };
    const deaf = await openTransport(ends);
    const hearing = await openTransport({ ...ends, anySource: true });
    await Promise.all([deaf.ready(), hearing.ready()]);
    await deaf.send([encoder.encode("from deaf")]);
    assertEquals(await receiveTexts(hearing, 1), ["from deaf"]);
    await hearing.send([encoder.encode("from hearing")]);
    assertEquals(await receiveTexts(hearing, 1), ["from hearing"]);
    assertEquals(await receiveTexts(deaf, 1), ["from hearing"]);
    await end(deaf, hearing);
  });

  await t.step("messages that no queue takes are counted, and said once", async () => {
    const notices: string[] = [];
    for (const confirm of [false, true]) {
      const onNotice = (notice: string) => notices.push(notice);
      const sender = await sendTexts(
        openTransport({ remote: `${url}/nobody/key`, amqp: { confirm }, onNotice }),
        ...["one", "two", "three"],
      );
      assertEquals([sender.stats().link?.returned, sender.stats().link?.unsent], [3, 0]);
    }
    const notice = 'No queue takes what is sent to exchange "nobody" with routing key "key": the broker drops it as ' +
      "long as nobody receives";
    assertEquals(notices, [notice, notice]);
  });

  for (const type of ["classic", "quorum"] as const) {
    await t.step(`a durable ${type} queue keeps what comes while nobody receives`, async () => {
      const address = `${url}/lab/kept ${type}`;
      const amqp = { queue: `kept ${type}`, queue_type: type };
      const first = await openTransport({ local: address, amqp });
      await first.ready();
      await end(first);
      await sendTexts(openTransport({ remote: address, amqp: { confirm: true } }), "one", "two");
      const second = await openTransport({ local: address, amqp });
      await second.ready();
      assertEquals(await receiveTexts(second, 2), ["one", "two"]);
      await end(second);
      // It was acknowledged, so that nobody gets it again. Without a path, the queue must be there already.
      const third = await openTransport({ local: url, amqp: { queue: `kept ${type}` } });
      await third.ready();
      await sendTexts(openTransport({ remote: address, amqp: { confirm: true } }), "three");
      assertEquals(await receiveTexts(third, 1), ["three"]);
      await end(third);
    });
  }

  await t.step("a stream is read from its beginning, from now on, or from a message", async () => {
    const address = `${url}/lab/stream`;
    const stream = { queue: "stream", queue_type: "stream" } as const;
    const declaring = await openTransport({ local: address, amqp: stream });
    await declaring.ready();
    const texts = Array.from({ length: 20 }, (_, number) => `${number}`);
    await sendTexts(openTransport({ remote: address, amqp: { confirm: true } }), ...texts);
    assertEquals(await receiveTexts(declaring, 20), texts);
    await end(declaring);
    for (const [offset, expected] of [["first", texts], [15, texts.slice(15)]] as const) {
      const receiver = await openTransport({ local: address, amqp: { ...stream, offset, prefetch: 3 } });
      assertEquals(await receiveTexts(receiver, expected.length), expected);
      await end(receiver);
    }
  });

  await t.step("a stream goes on behind the last message when the connection was lost", async () => {
    const address = `${url}/lab/resumed`;
    const stream = { queue: "resumed", queue_type: "stream", offset: "first" } as const;
    const lost = Promise.withResolvers<void>();
    const receiver = await openTransport({
      local: address,
      amqp: stream,
      onStateChange: ({ isUp }) => isUp || lost.resolve(),
    });
    await receiver.ready();
    await sendTexts(openTransport({ remote: address, amqp: { confirm: true } }), "before");
    assertEquals(await receiveTexts(receiver, 1), ["before"]);
    // The broker ends the connection of a consumer whose queue is deleted, and of all when it restarts.
    await broker.stop();
    await lost.promise;
    await broker.start();
    await receiver.ready();
    await sendTexts(openTransport({ remote: address, amqp: { confirm: true } }), "after");
    assertEquals(await receiveTexts(receiver, 1), ["after"]);
    await end(receiver);
  });

  await t.step(
    "plain names reach topic exchanges, durable ones, and queues by the exchange without a name",
    async () => {
      const amqp = { plain_names: true, exchange_type: "topic", durable: true, confirm: true } as const;
      const receiver = await openTransport({ local: `${url}/plain/lab.*.value`, amqp });
      await receiver.ready();
      await sendTexts(openTransport({ remote: `${url}/plain/lab.a.other`, amqp }), "other");
      await sendTexts(openTransport({ remote: `${url}/plain/lab.b.value`, amqp }), "value");
      assertEquals(await receiveTexts(receiver, 1), ["value"]);
      await end(receiver);
      const queue = await openTransport({ local: `${url}//work`, amqp: { plain_names: true, queue: "work" } });
      await queue.ready();
      await sendTexts(openTransport({ remote: `${url}//work`, amqp: { plain_names: true } }), "straight");
      assertEquals(await receiveTexts(queue, 1), ["straight"]);
      await end(queue);
    },
  );

  await t.step("what a broker refuses is said with the reason", async () => {
    const remote = `${url}/lab/key`;
    const cases: [options: Parameters<typeof openTransport>[0], reason: string][] = [
      [
        { remote, credentials: { user: "lab", password: "wrong" } },
        'the broker refuses user "lab" or the password; see VILLAS_USER and VILLAS_PASSWORD',
      ],
      [{ remote, amqp: { vhost: "none" } }, 'the broker has no virtual host "none", or not for this user'],
      [{ local: url, amqp: { queue: "none" } }, "the broker refuses it: no queue 'none' in vhost '/'"],
      [
        { remote, amqp: { exchange: "plain", plain_names: true } },
        "the broker has it with other properties: inequivalent arg 'type' for exchange 'plain' in vhost '/': " +
        "received 'direct' but current is 'topic'",
      ],
      [
        { local: remote, amqp: { queue: "kept quorum", queue_type: "classic" } },
        "the broker has it with other properties: inequivalent arg 'x-queue-type' for queue 'kept quorum' in vhost '/': " +
        "received 'classic' but current is 'quorum'",
      ],
    ];
    for (const [options, reason] of cases) assertEquals(await reasonOf(openTransport(options)), reason);
  });

  await t.step("amqps checks certificates and names the fault", async () => {
    const secure = `amqps://127.0.0.1:${broker.tlsPort}/lab/secure`;
    const [tlsCa, stranger] = await Promise.all(
      [authority, certificates.stranger].map((path) => Deno.readTextFile(path)),
    );
    assert(tlsCa !== undefined && stranger !== undefined);
    const receiver = await openTransport({ local: secure, tlsCa });
    await receiver.ready();
    await sendTexts(openTransport({ remote: secure, tlsCa }), "safe");
    assertEquals(await receiveTexts(receiver, 1), ["safe"]);
    await end(receiver);
    const untrusted =
      "its certificate is not from an authority that is trusted here; give --tls-ca the authority's file";
    assertEquals(await reasonOf(openTransport({ remote: secure, tlsCa: stranger })), untrusted);
    const plain = `amqps://127.0.0.1:${broker.port}/lab/key`;
    assertEquals(
      await reasonOf(openTransport({ remote: plain, tlsCa, whenDown: "fail" })),
      "it does not speak TLS on this port",
    );
    const unsafe = openTransport({ remote: `amqp://127.0.0.1:${broker.tlsPort}/lab/key`, whenDown: "fail" });
    const reason = await reasonOf(unsafe);
    assert(reason.endsWith("if it expects TLS, the address begins with amqps://"), reason);
  });
});
