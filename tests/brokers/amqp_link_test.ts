import { connect } from "npm:amqplib@2.3.1";
import { openTransport } from "@villas/client/transports";
import { longTimeLimit } from "../_time_limits.ts";
import { testLink } from "../transports/_link_suite.ts";
import { hasRabbitMq, startRabbitMq } from "./_rabbitmq.ts";
import { type Observer, RelayedServer } from "./_relayed_server.ts";

/** The exchange as VILLASnode declares it, with the zero byte in its name. */
const exchange = "lab\0";

/** Receives what links send, with the bare package. */
async function observe(port: number, onMessage: (message: Uint8Array) => void): Promise<Observer> {
  const connection = await connect({ hostname: "127.0.0.1", port, heartbeat: 0 });
  const channel = await connection.createConfirmChannel();
  await channel.assertExchange(exchange, "direct", { durable: false });
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, exchange, "to broker\0");
  await channel.consume(queue, (message) => message !== null && onMessage(new Uint8Array(message.content)), {
    noAck: true,
  });
  return {
    async send(message) {
      channel.publish(exchange, "to link\0", Buffer.from(message));
      await channel.waitForConfirms();
    },
    async [Symbol.asyncDispose]() {
      await channel.close();
      await connection.close();
    },
  };
}

// One broker for all: it takes 10 s to start. What the suite starts and ends is the way to it.
Deno.test({
  name: "amqp keeps the promises of a link",
  ignore: !hasRabbitMq,
  timeout: longTimeLimit,
  async fn(t) {
    await using broker = await startRabbitMq();
    for (const confirm of [false, true]) {
      const tests: Deno.TestStepDefinition[] = [];
      testLink({
        name: confirm ? "amqp with confirm" : "amqp",
        canPause: true,
        sendsAgain: confirm,
        define: (test) => tests.push(test),
        open: (port, options) =>
          openTransport({
            ...{ local: `amqp://127.0.0.1:${port}/lab/to link`, remote: `amqp://127.0.0.1:${port}/lab/to broker` },
            ...options,
            amqp: { confirm },
          }),
        serve: (port = 0) => RelayedServer.open(broker.port, port, (onMessage) => observe(broker.port, onMessage)),
      });
      for (const test of tests) await t.step(test);
    }
  },
});
