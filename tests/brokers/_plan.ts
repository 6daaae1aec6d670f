/**
 * Seeded plans of what goes wrong between a sender, a broker and a receiver, and the account of what became of the
 * messages.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Transport } from "@villas/client/transports";
import { type Random, seededRandom } from "../_random.ts";
import { TcpRelay } from "../_tcp_relay.ts";

/** Number of plans for each broker: `BROKER_PLANS`, 50 for the full run. */
export const planCount = Number(Deno.env.get("BROKER_PLANS") ?? 4);

/** How long everything may take to arrive in the end, in milliseconds. */
const patience = 30_000;

/** How long a plan may take in all, in milliseconds: RabbitMQ takes a while to restart. */
export const planLimit = 120_000;

/** The way of one end to the broker. */
class Way {
  readonly port: number;
  readonly #target: number;
  #relay: TcpRelay | undefined;

  constructor(target: number) {
    this.#target = target;
    this.#relay = new TcpRelay(target);
    this.port = this.#relay.port;
  }

  reset(): void {
    this.#relay?.cut();
  }

  stall(): void {
    this.#relay?.stall();
  }

  resume(): void {
    this.#relay?.resume();
  }

  delay(milliseconds: number): void {
    this.#relay?.delay(milliseconds);
  }

  /** Cuts the way until {@linkcode open}. */
  async cut(): Promise<void> {
    await this.#relay?.[Symbol.asyncDispose]();
    this.#relay = undefined;
  }

  open(): void {
    this.#relay ??= new TcpRelay(this.#target, this.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cut();
  }
}

/** Number of messages that a sender has on their way without a confirmation, at most. */
const window = 256;

/** What a plan is run with. */
export interface PlanKit {
  /** Port of the broker. */
  readonly port: number;
  /** Opens the receiver, whose messages the broker keeps while it is away. */
  openReceiver(port: number): Promise<Transport>;
  /** Opens the sender, which sends again what is not confirmed. */
  openSender(port: number): Promise<Transport>;
  /** Restarts the broker; undefined where this plan is to do without. */
  readonly restart?: (() => Promise<void>) | undefined;
}

/** What became of the messages of a plan. */
export interface Account {
  readonly sent: number;
  readonly received: number;
  readonly dropped: number;
}

/** Runs a plan: what was sent must have been received or counted as dropped, within a time. */
export async function runPlan(seed: number, kit: PlanKit): Promise<Account> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`seed ${seed}: not ended within ${planLimit / 1000} s`)), planLimit);
  try {
    return await Promise.race([carryOut(seed, kit), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function carryOut(seed: number, kit: PlanKit): Promise<Account> {
  const random = seededRandom(seed);
  await using senderWay = new Way(kit.port);
  await using receiverWay = new Way(kit.port);
  const receiver = await kit.openReceiver(receiverWay.port);
  await receiver.ready();
  const sender = await kit.openSender(senderWay.port);
  await sender.ready();

  // A receiver that rests loses what it has no room for, so that copies must not come on top: then nothing is cut.
  const isSlow = random.chance(0.2);
  const arrived = new Set<number>();
  let resting = Promise.resolve();
  const receiving = (async () => {
    for (;;) {
      await resting;
      const messages = await receiver.receive();
      if (messages.length === 0) return;
      for (const message of messages) arrived.add(new DataView(message.buffer, message.byteOffset).getUint32(0));
    }
  })();

  let sent = 0;
  const pace = 1 + random.below(4);
  async function sendSome(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const message = random.bytes(8 + random.below(200));
      new DataView(message.buffer).setUint32(0, sent++);
      assertEquals(await sender.send([message]), 1);
      if (index % 20 === 0) await pause(pace);
    }
  }
  for (let step = 0; step < 3 + random.below(3); step++) {
    await sendSome(50 + random.below(150));
    if (isSlow) {
      const rest = Promise.withResolvers<void>();
      resting = rest.promise;
      await sendSome(900 + random.below(400));
      rest.resolve();
    } else await disturb(random, { senderWay, receiverWay, sendSome, restart: kit.restart });
  }
  for (const way of [senderWay, receiverWay]) {
    way.open();
    way.resume();
    way.delay(0);
  }
  await sender.ready();
  await sendSome(20);
  sender.close();
  await sender.closed;

  const { droppedWhileDown = 0, returned = 0, unsent = 0, losses = 0 } = sender.stats().link ?? {};
  const count = () => {
    const dropped = droppedWhileDown + returned + unsent + (receiver.stats().link?.droppedUnread ?? 0);
    return { sent, received: arrived.size, dropped };
  };
  const deadline = Date.now() + patience;
  for (let now = count(); now.received + now.dropped < sent && Date.now() < deadline; now = count()) await pause(10);
  receiver.close();
  await receiver.closed;
  await receiving;
  const account = count();
  // Where the broker was too slow to confirm within the 2 s of closing, the last messages may have arrived or not.
  // So may those that were sent again after a loss and came back, because the receiver had not bound its queue again.
  const mostResent = Math.min(returned, losses * window);
  const most = account.sent - (account.dropped - unsent - mostResent);
  const least = account.sent - account.dropped;
  assert(
    account.received >= least && account.received <= most,
    `seed ${seed}: ${JSON.stringify({ ...account, unsent, returned, losses })}`,
  );
  return { ...account, dropped: account.sent - account.received };
}

interface Scene {
  readonly senderWay: Way;
  readonly receiverWay: Way;
  readonly sendSome: (count: number) => Promise<void>;
  readonly restart: (() => Promise<void>) | undefined;
}

/** Lets one thing go wrong while messages are sent. */
async function disturb(random: Random, { senderWay, receiverWay, sendSome, restart }: Scene): Promise<void> {
  const way = random.pick([senderWay, receiverWay]);
  switch (random.pick(["reset", "stall", "outage", "delay", ...restart === undefined ? [] : ["restart"]])) {
    case "reset":
      way.reset();
      return await sendSome(random.below(100));
    case "stall": {
      way.stall();
      const sending = sendSome(random.below(300));
      await pause(50 + random.below(400));
      if (random.chance(0.5)) way.reset();
      way.resume();
      return await sending;
    }
    case "outage":
      // Long enough now and then that not everything can wait.
      await way.cut();
      await sendSome(random.chance(0.3) ? 1100 + random.below(300) : random.below(300));
      return way.open();
    case "delay":
      way.delay(1 + random.below(20));
      await sendSome(random.below(100));
      return way.delay(0);
    case "restart": {
      const restarting = restart?.();
      await sendSome(random.below(300));
      return await restarting;
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
