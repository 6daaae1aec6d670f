import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { type Client, connect, type ConnectOptions, EncodeError, parseSignals, type Sample } from "@villas/client";
import { type ReplayStep, type SendOptions, sendSteps } from "@villas/client/recordings";
import { openUdp } from "@villas/client/transports";

let pairs = 0;

/** Two clients that face each other. */
async function withPair(options: ConnectOptions, run: (client: Client, node: Client) => Promise<void>): Promise<void> {
  const name = `send-test-${pairs++}`;
  await using node = await connect({ ...options, local: `memory:${name}-n`, remote: `memory:${name}-c` });
  await using client = await connect({ ...options, local: `memory:${name}-c`, remote: `memory:${name}-n` });
  await run(client, node);
}

async function* stepsOf(...lists: Sample[][]): AsyncGenerator<ReplayStep> {
  for (const samples of lists) yield { samples, lateCount: 0, lateness: 0 };
}

async function receiveAll(node: Client, datagrams: number): Promise<Sample[][]> {
  const received: Sample[][] = [];
  while (received.length < datagrams) received.push(...await node.receive());
  return received;
}

const three: Sample[] = [7n, 9n, undefined].map((sequence, i) => ({
  ...sequence === undefined ? {} : { sequence },
  tsOrigin: { sec: 5, nsec: i },
  values: [i + 0.5],
}));

Deno.test("sendSteps() sends one sample a datagram, numbered from 0", () =>
  withPair({}, async (client, node) => {
    const report = await sendSteps(client, stepsOf(three.slice(0, 2), three.slice(2)));
    assertEquals(report, { samples: 3, refused: 0, lateCount: 0, maximumLateness: 0 });
    assertEquals(await receiveAll(node, 3), three.map((sample, i) => [{ ...sample, sequence: BigInt(i) }]));
  }));

for (
  const [numbering, numbers] of [["keep", [7n, 9n, undefined]], ["none", [undefined, undefined, undefined]]] as const
) {
  Deno.test(`sendSteps() with the numbering ${numbering} sends these numbers`, () =>
    withPair({}, async (client, node) => {
      await sendSteps(client, stepsOf(three), { numbering });
      const received = (await receiveAll(node, 3)).flat();
      assertEquals(received.map(({ sequence }) => sequence), [...numbers]);
      assertEquals(received.map(({ values }) => values), three.map(({ values }) => values));
    }));
}

Deno.test("sendSteps() fills datagrams over the ends of steps, and sends the rest at the end", () =>
  withPair({}, async (client, node) => {
    const samples = Array.from({ length: 5 }, (_, i) => ({ values: [i] }));
    await sendSteps(client, stepsOf(samples.slice(0, 1), samples.slice(1, 5)), { vectorize: 2 });
    assertEquals((await receiveAll(node, 3)).map((datagram) => datagram.map(({ values }) => values)), [
      [[0], [1]],
      [[2], [3]],
      [[4]],
    ]);
  }));

Deno.test("sendSteps() ends after a number of samples, in the middle of a datagram, too", () =>
  withPair({}, async (client) => {
    const samples = Array.from({ length: 100 }, (_, i) => ({ values: [i] }));
    for (const [count, datagrams] of [[1, 1], [5, 3], [6, 3]] as const) {
      const before = client.counters.sent;
      const report = await sendSteps(client, stepsOf(samples.slice(0, 4), samples.slice(4)), { count, vectorize: 2 });
      assertEquals(report.samples, count);
      assertEquals(client.counters.sent.samples - before.samples, count);
      assertEquals(client.counters.sent.datagrams - before.datagrams, datagrams);
    }
  }));

Deno.test("sendSteps() with restamp sends the time of now and no time of reception", () =>
  withPair({ format: { type: "protobuf", ts_received: true } }, async (client, node) => {
    await sendSteps(
      client,
      stepsOf([{ tsOrigin: { sec: 1, nsec: 2 }, tsReceived: { sec: 1, nsec: 3 }, values: [1] }]),
      {
        restamp: true,
      },
    );
    const [[sample] = []] = await node.receive();
    assertAlmostEquals(sample?.tsOrigin?.sec ?? 0, Date.now() / 1000, 5);
    assertEquals(sample?.tsReceived, undefined);
  }));

Deno.test("sendSteps() does not change the samples it is given", () =>
  withPair({}, async (client) => {
    const samples = structuredClone(three);
    for (const numbering of ["renumber", "keep", "none"] as const) {
      await sendSteps(client, stepsOf(samples), { numbering, restamp: true, vectorize: 2 });
    }
    assertEquals(samples, three);
  }));

for (const vectorize of [1, 2, 3, 10]) {
  Deno.test(`sendSteps() leaves out what cannot be sent and leaves no gap, ${vectorize} samples a datagram`, () =>
    withPair({ signals: "2f" }, async (client, node) => {
      const values = [[1], [2n], [3], [4], [5, 6, 7], [null], [8]];
      const errors: (EncodeError | RangeError)[] = [];
      const options: SendOptions = { vectorize, onEncodeError: (error) => errors.push(error) };
      const report = await sendSteps(client, stepsOf(values.map((values) => ({ values }))), options);
      assertEquals(report, { samples: 7, refused: 3, lateCount: 0, maximumLateness: 0 });
      assertEquals(errors.map(({ message }) => message), [
        "Cannot encode sample 1 as protobuf: value 0 is of type integer, signal0 of type float",
        "Cannot encode sample 4 as protobuf: it has 3 values for 2 signals",
        "Cannot encode sample 5 as protobuf: value 0 is not set, which VILLASnode does not survive",
      ]);
      const received = (await receiveAll(node, client.counters.sent.datagrams)).flat();
      assertEquals(received, [1, 3, 4, 8].map((value, i) => ({ sequence: BigInt(i), values: [value] })));
    }));
}

Deno.test("sendSteps() throws where nobody takes what cannot be sent", () =>
  withPair({ signals: "f" }, async (client) => {
    await assertRejects(() => sendSteps(client, stepsOf([{ values: [1n] }])), EncodeError, "of type integer");
  }));

Deno.test("sendSteps() refuses several samples a datagram in a format that carries one", () =>
  withPair({ format: "raw", signals: parseSignals("f") }, async (client) => {
    const steps = () => stepsOf([{ values: [1] }, { values: [2] }]);
    const options: SendOptions = { vectorize: 2, onEncodeError: () => {} };
    await assertRejects(
      () => sendSteps(client, steps(), options),
      EncodeError,
      "a datagram of this format holds only one sample",
    );
    assertEquals(client.counters.sent.samples, 0);
  }));

Deno.test("sendSteps() counts and leaves out a datagram that is too long", () =>
  withPair({ signals: "any" }, async (client) => {
    const values = Array.from({ length: 4000 }, () => 1.5);
    const errors: Error[] = [];
    const options: SendOptions = { vectorize: 2, onEncodeError: (error) => errors.push(error) };
    const report = await sendSteps(client, stepsOf([{ values }, { values }, { values: [1] }]), options);
    assertEquals(report.refused, 2);
    assertEquals(errors.length, 1);
    assert(errors[0] instanceof RangeError);
    assertEquals(client.counters.sent.samples, 1);
  }));

Deno.test("sendSteps() sends nothing that waits for others when the signal is aborted", () =>
  withPair({}, async (client) => {
    const controller = new AbortController();
    async function* steps(): AsyncGenerator<ReplayStep> {
      yield* stepsOf([{ values: [1] }, { values: [2] }, { values: [3] }]);
      controller.abort();
    }
    await sendSteps(client, steps(), { vectorize: 2, signal: controller.signal });
    assertEquals(client.counters.sent.samples, 2);
  }));

Deno.test("sendSteps() adds up what was late", () =>
  withPair({}, async (client) => {
    async function* steps(): AsyncGenerator<ReplayStep> {
      yield { samples: [{ values: [1] }], lateCount: 1, lateness: 0.25 };
      yield { samples: [{ values: [1] }, { values: [2] }], lateCount: 2, lateness: 0.125 };
    }
    const late = { lateCount: 3, maximumLateness: 0.25, bursts: { datagrams: 3, longest: 3 } };
    assertEquals(await sendSteps(client, steps()), { samples: 3, refused: 0, ...late });
  }));

Deno.test("sendSteps() spreads out what is overdue: a few datagrams at once, and a pause", () =>
  withPair({}, async (client) => {
    const sizes: number[] = [];
    let prepared = 0;
    const enqueue = client.enqueue.bind(client);
    const flush = client.flush.bind(client);
    client.enqueue = (samples) => {
      prepared++;
      enqueue(samples);
    };
    client.flush = () => {
      sizes.push(prepared);
      prepared = 0;
      return flush();
    };
    async function* steps(): AsyncGenerator<ReplayStep> {
      yield { samples: [{ values: [0] }], lateCount: 0, lateness: 0 };
      await new Promise((resolve) => setTimeout(resolve, 20));
      const samples = Array.from({ length: 40 }, (_, i) => ({ values: [i] }));
      yield { samples, lateCount: 40, lateness: 0.015 };
    }
    const { bursts } = await sendSteps(client, steps());
    assertEquals(bursts?.datagrams, 40);
    assertEquals(Math.max(...sizes), 8);
  }));

Deno.test("sendSteps() prepares no more than a few datagrams, however many samples a step has", async () => {
  using receiver = await openUdp({ local: "udp://127.0.0.1:0" });
  await using client = await connect({ local: "udp://127.0.0.1:0", remote: receiver.local });
  let most = 0;
  let prepared = 0;
  const enqueue = client.enqueue.bind(client);
  const flush = client.flush.bind(client);
  client.enqueue = (samples) => {
    most = Math.max(most, ++prepared);
    enqueue(samples);
  };
  client.flush = () => {
    prepared = 0;
    return flush();
  };
  await sendSteps(client, stepsOf(Array.from({ length: 5000 }, (_, i) => ({ values: [i] }))));
  assertEquals(client.counters.sent.samples, 5000);
  assert(most <= 64, `${most} were prepared`);
});
