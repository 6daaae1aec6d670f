import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type AmqpOptions, openTransport, parseAddress } from "@villas/client/transports";
import { toConnectionAddress } from "../../lib/transports/address.ts";
import { checkAmqpOptions, routeFor } from "../../lib/transports/amqp/options.ts";

const url = "amqp://127.0.0.1:1";

function route(address: string, options: AmqpOptions = {}) {
  const found = routeFor(toConnectionAddress(address, "amqp"), options);
  return found && [found.exchange, found.routingKey];
}

Deno.test("routeFor() adds the zero byte that VILLASnode adds to both names, unless they are plain", () => {
  assertEquals(route("amqp://h/lab/key"), ["lab\0", "key\0"]);
  assertEquals(route("amqp://h/lab/a/b"), ["lab\0", "a/b\0"]);
  assertEquals(route("amqp://h/lab/"), ["lab\0", "\0"]);
  assertEquals(route("amqp://h/a/b/c", { exchange: "x/y" }), ["x/y\0", "a/b/c\0"]);
  assertEquals(route("amqp://h/lab/key.#", { plain_names: true }), ["lab", "key.#"]);
  assertEquals(route("amqp://h//queue", { plain_names: true }), ["", "queue"]);
  assertEquals(route("amqp://h"), undefined);
});

Deno.test("routeFor() refuses an address without a routing key, and names that are too long", () => {
  assertThrows(() => route("amqp://h/lab"), TypeError, "expected an exchange and a routing key, as in amqp://HOST/");
  assertThrows(() => route("amqp://h//key"), TypeError, "it needs plain_names");
  assertEquals(route(`amqp://h/lab/${"x".repeat(254)}`)?.[1]?.length, 255);
  assertThrows(() => route(`amqp://h/lab/${"x".repeat(255)}`), TypeError, "a name has 256 bytes, more than 255");
});

Deno.test("checkAmqpOptions() refuses what is not an option, cannot have its value, or contradicts another", () => {
  const cases: [options: Record<string, unknown>, message: string][] = [
    [
      { qos: 1 },
      "Cannot set qos of AMQP: its options are vhost, exchange, exchange_type, durable, plain_names, confirm",
    ],
    [{ confirm: 1 }, "Cannot set confirm of AMQP to 1: expected a boolean"],
    [{ queue: true }, "Cannot set queue of AMQP to true: expected a string"],
    [{ queue: "" }, "Cannot set queue of AMQP to an empty name"],
    [{ queue: "q", queue_type: "lazy" }, "Cannot set queue_type of AMQP to lazy: expected classic, quorum, stream"],
    [{ queue_type: "quorum" }, "Cannot set queue_type of AMQP without queue"],
    [{ prefetch: 10 }, "Cannot set prefetch of AMQP without queue"],
    [{ queue: "q", prefetch: 0 }, "Cannot set prefetch of AMQP to 0: expected 1 to 65535"],
    [{ queue: "q", offset: "first" }, "Cannot set offset of AMQP without queue_type stream"],
    [{ queue: "q", queue_type: "stream", offset: "end" }, "expected first, last, next or a whole number of 0 or more"],
    [{ queue: "q", queue_type: "stream", offset: -1 }, "Cannot set offset of AMQP to -1"],
    [{ durable: true }, "Cannot set durable of AMQP without plain_names: VILLASnode declares its exchange direct"],
    [{ exchange_type: "topic" }, "Cannot set exchange_type of AMQP without plain_names"],
    [{ exchange_type: "headers", plain_names: true }, "expected direct, topic, fanout"],
  ];
  for (const [options, message] of cases) {
    assertThrows(() => checkAmqpOptions(options as AmqpOptions), TypeError, message);
  }
  checkAmqpOptions({ queue: "q", queue_type: "stream", offset: 7, prefetch: 1, plain_names: true, durable: true });
});

Deno.test("openTransport() over amqp refuses addresses that say too little", async () => {
  await assertRejects(() => openTransport({ local: url }), TypeError, "or the option queue");
  await assertRejects(() => openTransport({ remote: url }), TypeError, "expected amqp://HOST/EXCHANGE/KEY");
  await assertRejects(() => openTransport({ remote: `${url}/a/b`, mqtt: {} }), TypeError, "options of MQTT over amqp");
  assertThrows(() => parseAddress("amqp://guest:guest@h/a/b"), SyntaxError, "VILLAS_USER and VILLAS_PASSWORD");
});

Deno.test("a link over amqp to what is not a broker ends with the reason, whatever it answers", async () => {
  const answers = ["HTTP/1.1 400 Bad Request\r\n\r\n", "AMQP\x00\x00\x09\x01", "\x01\x00\x00\xff\xff\xff\xff", ""];
  for (const answer of answers) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const answering = (async () => {
      const connection = await listener.accept();
      await connection.read(new Uint8Array(100));
      await connection.write(Uint8Array.from(answer, (letter) => letter.charCodeAt(0)));
      connection.close();
    })();
    const link = await openTransport({ remote: `amqp://127.0.0.1:${listener.addr.port}/a/b`, whenDown: "fail" });
    const { message = "" } = await link.closed ?? {};
    assert(message.startsWith(`Cannot connect to ${link.remote}: `) && !message.includes("\n"), message);
    await answering;
  }
});
