/**
 * What was sent is received or counted as dropped, whatever goes wrong between: broker restarts, cut and stalled ways,
 * slow receivers.
 *
 *     BROKER_PLANS=50 deno task test:brokers
 *
 * @module
 */

import { openTransport } from "@villas/client/transports";
import { longTimeLimit } from "../_time_limits.ts";
import { hasMosquitto, startMosquitto } from "./_mosquitto.ts";
import { type Account, planCount, planLimit, runPlan } from "./_plan.ts";
import { hasRabbitMq, startRabbitMq } from "./_rabbitmq.ts";

/** One plan in so many restarts RabbitMQ, which takes some 10 s each time. */
const restartInterval = 10;

function report(name: string, accounts: readonly Account[]): void {
  const sum = (key: keyof Account) => accounts.reduce((total, account) => total + account[key], 0);
  console.info(
    `${name}: ${accounts.length} plans, sent ${sum("sent")} = received ${sum("received")} + dropped ${sum("dropped")}`,
  );
}

for (const version of [3, 5] as const) {
  Deno.test({
    name: `mqtt version ${version}: what was sent is received or counted, in ${planCount} plans`,
    ignore: !hasMosquitto,
    timeout: (planCount + 1) * planLimit,
    async fn() {
      const accounts: Account[] = [];
      for (let seed = 0; seed < planCount; seed++) {
        await using broker = await startMosquitto({ lines: ["max_queued_messages 0"] });
        accounts.push(
          await runPlan(1000 * version + seed, {
            port: broker.port,
            openReceiver: (port) =>
              openTransport({
                local: `mqtt://127.0.0.1:${port}/lab/#`,
                mqtt: { version, qos: 1, client_id: "receiver", session: true, keepalive: 1 },
              }),
            openSender: (port) =>
              openTransport({ remote: `mqtt://127.0.0.1:${port}/lab/x`, mqtt: { version, qos: 1, keepalive: 1 } }),
            async restart() {
              await broker.stop();
              await broker.start();
            },
          }),
        );
      }
      report(`mqtt version ${version}`, accounts);
    },
  });
}

Deno.test({
  name: `amqp: what was sent is received or counted, in ${planCount} plans`,
  ignore: !hasRabbitMq,
  timeout: longTimeLimit + planCount * planLimit,
  async fn() {
    await using broker = await startRabbitMq();
    const accounts: Account[] = [];
    for (let seed = 0; seed < planCount; seed++) {
      const types = ["classic", "quorum"] as const;
      const amqp = { queue: `queue ${seed}`, queue_type: types[seed % 2] ?? "classic" };
      accounts.push(
        await runPlan(seed, {
          port: broker.port,
          openReceiver: (port) => openTransport({ local: `amqp://127.0.0.1:${port}/lab/${seed}`, amqp }),
          openSender: (port) =>
            openTransport({ remote: `amqp://127.0.0.1:${port}/lab/${seed}`, amqp: { confirm: true } }),
          restart: seed % restartInterval !== restartInterval - 1 ? undefined : async () => {
            await broker.stop();
            await broker.start();
          },
        }),
      );
    }
    report("amqp", accounts);
  },
});
