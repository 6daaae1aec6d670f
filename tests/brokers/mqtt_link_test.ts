import { connectAsync } from "npm:mqtt@5.16.0";
import { openTransport } from "@villas/client/transports";
import { testLink } from "../transports/_link_suite.ts";
import { hasMosquitto, startMosquitto } from "./_mosquitto.ts";
import { type Observer, RelayedServer } from "./_relayed_server.ts";

/** Subscribes to what links send, with the bare package. */
async function observe(port: number, onMessage: (message: Uint8Array) => void): Promise<Observer> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, timerVariant: "native" });
  client.on("error", () => {});
  client.on("message", (_topic, payload) => onMessage(new Uint8Array(payload)));
  await client.subscribeAsync("to/broker", { qos: 1 });
  return {
    send: async (message) => void await client.publishAsync("to/link", Buffer.from(message), { qos: 1 }),
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

for (const qos of [0, 1] as const) {
  testLink({
    name: `mqtt at qos ${qos}`,
    ignore: !hasMosquitto,
    canPause: true,
    sendsAgain: qos > 0,
    open: (port, options) =>
      openTransport({
        ...{ local: `mqtt://127.0.0.1:${port}/to/link`, remote: `mqtt://127.0.0.1:${port}/to/broker` },
        ...options,
        mqtt: { qos },
      }),
    async serve(port = 0) {
      const broker = await startMosquitto({ lines: ["max_queued_messages 0"] });
      return await RelayedServer.open(broker.port, port, (onMessage) => observe(broker.port, onMessage), broker);
    },
  });
}
