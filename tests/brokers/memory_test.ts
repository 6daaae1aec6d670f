/**
 * Memory of a bridge whose peers are dead, slow, or come and go: it stays flat, and every sample is accounted for.
 *
 *     deno task check-memory [SECONDS]
 *
 * An argument says how long it runs: 12 s by default, in which queues are still filling, so that only the account is checked;
 * the task takes 600 s, and RabbitMQ along.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { connect } from "@villas/client";
import { TcpRelay } from "../_tcp_relay.ts";
import { longTimeLimit } from "../_time_limits.ts";
import { runArguments, spawn } from "../commands/_cli.ts";
import { hasMosquitto, startMosquitto } from "./_mosquitto.ts";
import { hasRabbitMq, startRabbitMq } from "./_rabbitmq.ts";
import { readMemory } from "../_memory.ts";

const seconds = Number(Deno.args[0] ?? Deno.env.get("MEMORY_SECONDS") ?? 12);

/** Limit of the test, and of the bridge, in milliseconds. */
const limit = longTimeLimit + 2000 * seconds;

/** A run that is worth the start of RabbitMQ, and in which the queues are full before the last quarter, in seconds. */
const longRun = 120;

/** Samples per second, and values of each: all of them together are some 5 MB/s, so that a leak shows soon. */
const rate = 1000;
const values = Array.from({ length: 64 }, (_, index) => 230 * Math.sin(index));

/** Growth that is none, in MB: the collector does not always run at the same point. */
const tolerance = 20;

/** A way to a server that behaves badly. */
interface BadWay extends AsyncDisposable {
  readonly name: string;
  /** Port of the way. */
  readonly port: number;
  /** Makes it worse, once per second. */
  worsen(second: number): Promise<void> | void;
}

/** A way that transports nothing any more, as where a cable is unplugged. */
function deadWay(target: number): BadWay {
  const relay = new TcpRelay(target);
  return {
    ...{ name: "dead", port: relay.port },
    worsen: (second) => second === 1 ? relay.stall() : undefined,
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}

/** A way that transports some 300 kB/s, less than is sent. */
function slowWay(target: number): BadWay {
  const relay = new TcpRelay(target);
  relay.delay(50);
  return {
    ...{ name: "slow", port: relay.port },
    worsen() {},
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}

/** A way that is there in one second, and not in the next one. */
function comingAndGoingWay(target: number): BadWay {
  let relay: TcpRelay | undefined = new TcpRelay(target);
  const { port } = relay;
  const leave = async () => {
    await relay?.[Symbol.asyncDispose]();
    relay = undefined;
  };
  return {
    ...{ name: "comes and goes", port },
    async worsen() {
      if (relay === undefined) relay = new TcpRelay(target, port);
      else await leave();
    },
    [Symbol.asyncDispose]: leave,
  };
}

/** Serves WebSockets, and forgets what comes. */
function serveForgetting(): { port: number } & AsyncDisposable {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    return Deno.upgradeWebSocket(request, { protocol: "live", idleTimeout: 0 }).response;
  });
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

Deno.test({
  name:
    `bridge keeps its memory for ${seconds} s with peers that are dead, slow, or come and go, and counts every sample`,
  ignore: !hasMosquitto,
  timeout: limit,
  async fn() {
    await using stack = new AsyncDisposableStack();
    const mosquitto = stack.use(await startMosquitto());
    const webSockets = stack.use(serveForgetting());
    const servers: (readonly [port: number, addressOf: (port: number) => string])[] = [
      [mosquitto.port, (port) => `mqtt://127.0.0.1:${port}/lab`],
      [mosquitto.port, (port) => `mqtt://127.0.0.1:${port}/lab,qos=1`],
      [webSockets.port, (port) => `ws://127.0.0.1:${port}/lab.json,no-check=true`],
    ];
    if (seconds >= longRun && hasRabbitMq) {
      const { port } = stack.use(await startRabbitMq());
      servers.push([port, (port) => `amqp://127.0.0.1:${port}/grid/lab,confirm=true`]);
    }
    const ways: BadWay[] = [];
    const outputs: string[] = [];
    for (const [port, addressOf] of servers) {
      for (const open of [deadWay, slowWay, comingAndGoingWay]) {
        const way = stack.use(open(port));
        ways.push(way);
        outputs.push(addressOf(way.port));
      }
    }
    // Nobody listens there.
    const listener = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    outputs.push(`udp://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`);
    listener.close();

    await using bridge = spawn(
      Deno.execPath(),
      runArguments("bridge", "udp://127.0.0.1:0", ...outputs, "--stats"),
      limit,
    );
    const [, address = ""] = await bridge.expectError(/Receiving on (\S+),/);
    await using sender = await connect({ local: "udp://127.0.0.1:0", remote: address });
    const memory: number[] = [];
    const started = performance.now();
    let sent = 0;
    for (let second = 1; second <= seconds; second++) {
      for (; performance.now() - started < second * 1000; await new Promise((resolve) => setTimeout(resolve, 5))) {
        const due = Math.floor((performance.now() - started) / 1000 * rate);
        for (; sent < due; sent++) await sender.send({ sequence: BigInt(sent), values });
      }
      await Promise.all(ways.map((way) => way.worsen(second)));
      memory.push(await readMemory(bridge.pid));
    }
    bridge.kill("SIGINT");
    const { code, stdout, stderr } = await bridge.finish();
    assertEquals(code, 0, stderr);
    const quarter = Math.floor(memory.length / 4);
    const [early, late] = [mean(memory.slice(quarter, 2 * quarter)), mean(memory.slice(-quarter))];
    const step = Math.ceil(seconds / 12);
    const shown = memory.filter((_, index) => (index + 1) % step === 0).map((megabytes) => megabytes.toFixed(0));
    console.info(`memory in MB, every ${step} s: ${shown.join(" ")}`);
    assert(
      seconds < longRun || late - early < tolerance,
      `it has grown from ${early.toFixed(1)} to ${late.toFixed(1)} MB`,
    );
    const { routes: [route] } = JSON.parse(stdout);
    assert(route.received.samples > sent / 2, `${route.received.samples} of ${sent} samples arrived`);
    for (const [index, { to, samples, dropped, refused, undelivered, waiting }] of route.outputs.entries()) {
      const account = { samples, dropped, refused, undelivered, waiting };
      assertEquals(
        samples + dropped + refused + undelivered + waiting,
        route.received.samples,
        JSON.stringify(account),
      );
      if (ways[index] !== undefined && ways[index].name !== "dead") assert(samples > 0, `nothing was sent to ${to}`);
    }
  },
});
