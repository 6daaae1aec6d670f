import { assert, assertEquals } from "@std/assert";
import { connect, now, receiveSamples, type Sample, secondsBetween } from "@villas/client";

const samples = [0, 1, 2, 3].map((index): Sample => ({ sequence: BigInt(index), values: [index] }));

async function openPair(name: string) {
  const [local, remote] = [`memory:${name}-client`, `memory:${name}-node`];
  const node = await connect({ local: remote, remote: local, format: '{"type": "protobuf", "ts_received": true}' });
  return { node, client: await connect({ local, remote }) };
}

Deno.test("receiveSamples() hands over exactly as many samples as were asked for", async () => {
  const { node, client } = await openPair("receive-count");
  await node.send(samples.slice(0, 2));
  await node.send(samples.slice(2, 4));
  const numbers: (bigint | undefined)[][] = [];
  const onSamples = (message: readonly Sample[]) => void numbers.push(message.map(({ sequence }) => sequence));
  assertEquals(await receiveSamples(client, { count: 3, onSamples }), 3);
  assertEquals(numbers, [[0n, 1n], [2n]]);
  client.close();
  node.close();
});

Deno.test("receiveSamples() adds the time of arrival, and leaves the one that a sample has", async () => {
  const { node, client } = await openPair("receive-time");
  const tsReceived = { sec: 5, nsec: 6 };
  const before = now();
  await node.send([{ values: [1] }, { tsReceived, values: [2] }]);
  const received: Sample[] = [];
  await receiveSamples(client, { count: 2, onSamples: (message) => received.push(...message) });
  const [first, second] = received;
  const time = first?.tsReceived ?? { sec: 0, nsec: 0 };
  assert(secondsBetween(time, before) >= 0 && secondsBetween(now(), time) >= 0);
  assertEquals(second?.tsReceived, tsReceived);
  client.close();
  node.close();
});

Deno.test("receiveSamples() waits for what is to be done in a pause before it receives again", async () => {
  const { node, client } = await openPair("receive-pause");
  const events: string[] = [];
  await node.send(samples.slice(0, 1));
  const received = await receiveSamples(client, {
    count: 2,
    onSamples: ([sample]) => void events.push(`sample ${sample?.sequence}`),
    async onPause() {
      events.push("pause");
      if (events.length === 2) await node.send(samples.slice(1, 2));
      events.push("on");
    },
  });
  assertEquals(received, 2);
  assertEquals(events, ["sample 0", "pause", "on", "sample 1", "pause", "on"]);
  client.close();
  node.close();
});

Deno.test("receiveSamples() ends when the client is closed", async () => {
  const { node, client } = await openPair("receive-close");
  const received = receiveSamples(client);
  client.close();
  assertEquals(await received, 0);
  node.close();
});
