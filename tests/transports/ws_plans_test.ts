/**
 * Seeded plans of cuts, stalls and restarts between a WebSocket client and a server of this project: what is sent is
 * received once and in order, or its loss is accounted for. `LINK_PLANS` is the number of plans.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { openWebSocket, type Transport } from "@villas/client/transports";
import { seededRandom } from "../_random.ts";
import { TcpRelay } from "../_tcp_relay.ts";

const plans = Number(Deno.env.get("LINK_PLANS") ?? 4);

/** The server, which can be restarted, and all that any of its lives has received. */
class Receiver {
  readonly numbers: number[] = [];
  port = 0;
  #server: Transport | undefined;
  #reading = Promise.resolve();
  #dropped = 0;
  #wake = () => {};

  async start(): Promise<void> {
    const server = await openWebSocket({ local: `ws://127.0.0.1:${this.port}/lab` });
    this.port = Number(new URL(server.local).port);
    this.#server = server;
    this.#reading = this.#read(server);
  }

  async #read(server: Transport): Promise<void> {
    for (;;) {
      const messages = await server.receive();
      if (messages.length === 0) break;
      for (const message of messages) this.numbers.push(new DataView(message.buffer).getUint32(0));
      this.#wake();
    }
  }

  async waitFor(number: number): Promise<void> {
    while (this.numbers.at(-1) !== number) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  async stop(): Promise<void> {
    this.#server?.close();
    await this.#server?.closed;
    await this.#reading;
    this.#dropped += this.#server?.stats().link?.droppedUnread ?? 0;
  }

  get dropped(): number {
    return this.#dropped;
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

for (let seed = 1; seed <= plans; seed++) {
  Deno.test(`plan ${seed}: what a WebSocket client sends is received in order, or its loss is accounted for`, async () => {
    const { below, chance } = seededRandom(seed);
    const receiver = new Receiver();
    await receiver.start();
    await using relay = new TcpRelay(receiver.port);
    const whenDown = chance(0.5) ? "drop-oldest" : "drop-newest";
    const client = await openWebSocket({ remote: `ws://127.0.0.1:${relay.port}/lab`, whenDown });
    await client.ready();
    let sent = 0;
    const send = async (count: number) => {
      const messages = Array.from({ length: count }, () => {
        const message = new Uint8Array(4 + below(300));
        new DataView(message.buffer).setUint32(0, sent++);
        return message;
      });
      assertEquals(await client.send(messages), count);
    };
    let interruptions = 0;
    for (let step = 0; step < 8; step++) {
      await send(1 + below(600));
      const action = below(5);
      if (action === 0) {
        relay.stall();
        await pause(below(30));
        await send(1 + below(200));
        relay.resume();
      } else if (action === 1) {
        relay.cut();
        interruptions++;
      } else if (action === 2) {
        await receiver.stop();
        interruptions++;
        await send(1 + below(1500));
        await receiver.start();
      } else {
        await pause(below(20));
      }
    }
    // Once it is up, and stays up, the last message arrives.
    for (let last = -1; receiver.numbers.at(-1) !== last || last < 0;) {
      await client.ready();
      await send(1);
      last = sent - 1;
      await Promise.race([receiver.waitFor(last), pause(1000)]);
    }
    client.close();
    await client.closed;
    await receiver.stop();
    const { link } = client.stats();
    assert(link !== undefined);
    const { numbers } = receiver;
    assertEquals(numbers, [...new Set(numbers)].sort((a, b) => a - b), "twice, or out of order");
    const missing = sent - numbers.length;
    const counted = link.droppedWhileDown + link.unsent + receiver.dropped;
    assert(missing >= counted, `${missing} are missing, ${counted} were counted`);
    // What a connection had taken when it was cut is lost without a count: TCP does not tell how much that is.
    if (interruptions === 0) assertEquals([missing, link.losses], [0, 0]);
    else assert(link.losses <= interruptions, `${link.losses} losses of ${interruptions}`);
  });
}
