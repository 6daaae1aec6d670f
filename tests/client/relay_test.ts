import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { openUdp, type Transport } from "@villas/client/transports";
import { type Fault, openRelay, type Plan, planFor, type Relay, seededPlan } from "../_relay.ts";

/** Returns the bytes that the far end receives of numbered datagrams of four equal bytes that pass a relay. */
async function through(plan: Plan, count: number): Promise<number[][]> {
  await using relay = openRelay({ forth: plan });
  using near = await openUdp({ local: "udp://127.0.0.1:0", remote: relay.nearAddress });
  using far = await openUdp({ local: "udp://127.0.0.1:0", remote: relay.farAddress });
  relay.setFarEnd(far.local);
  for (let index = 0; index < count; index++) {
    await near.send([new Uint8Array(4).fill(index)]);
    await relay.forth.untilTaken(index + 1);
  }
  await relay.forth.release();
  assertEquals(relay.forth.done, Array.from({ length: count }, (_, index) => plan(index)));
  return await receive(far, relay.forth.sent);
}

async function receive(transport: Transport, count: number): Promise<number[][]> {
  const received: number[][] = [];
  while (received.length < count) {
    for (const datagram of await transport.receive()) received.push([...datagram]);
  }
  return received;
}

const whole = (index: number) => [index, index, index, index];

Deno.test("openRelay passes everything where nothing goes wrong", async () => {
  assertEquals(await through(planFor({}), 3), [0, 1, 2].map(whole));
});

Deno.test("openRelay drops what the plan drops", async () => {
  assertEquals(await through(planFor({ 0: { kind: "drop" }, 2: { kind: "drop" } }), 4), [1, 3].map(whole));
});

Deno.test("openRelay sends duplicates at once", async () => {
  assertEquals(await through(planFor({ 1: { kind: "duplicate", copies: 2 } }), 3), [0, 1, 1, 1, 2].map(whole));
});

Deno.test("openRelay sends a reordered datagram behind as many as the plan says, lost ones among them", async () => {
  const plan = planFor({ 0: { kind: "reorder", places: 2 }, 2: { kind: "drop" }, 4: { kind: "reorder", places: 1 } });
  assertEquals(await through(plan, 6), [1, 0, 3, 5, 4].map(whole));
});

Deno.test("openRelay releases what is held back in the order in which it came", async () => {
  const plan = planFor({ 0: { kind: "delay", milliseconds: 3_600_000 }, 1: { kind: "reorder", places: 9 } });
  assertEquals(await through(plan, 3), [2, 0, 1].map(whole));
});

Deno.test("openRelay truncates to a share of the length", async () => {
  assertEquals(
    await through(planFor({ 0: { kind: "truncate", share: 0.74 }, 1: { kind: "truncate", share: 0 } }), 3),
    [[0, 0], [], [2, 2, 2, 2]],
  );
});

Deno.test("openRelay corrupts one byte", async () => {
  assertEquals(
    await through(
      planFor({ 0: { kind: "corrupt", share: 0, mask: 255 }, 1: { kind: "corrupt", share: 0.99, mask: 2 } }),
      2,
    ),
    [[255, 0, 0, 0], [1, 1, 1, 3]],
  );
});

Deno.test("openRelay sends a delayed datagram not before its time, and others meanwhile", async () => {
  const milliseconds = 20;
  await using relay = openRelay({ forth: planFor({ 0: { kind: "delay", milliseconds } }) });
  using near = await openUdp({ local: "udp://127.0.0.1:0", remote: relay.nearAddress });
  using far = await openUdp({ local: "udp://127.0.0.1:0" });
  relay.setFarEnd(far.local);
  const start = performance.now();
  await near.send([new Uint8Array([0]), new Uint8Array([1])]);
  assertEquals(await receive(far, 2), [[1], [0]]);
  assert(performance.now() - start >= milliseconds - 1, `after ${performance.now() - start} ms`);
});

Deno.test("openRelay carries answers to where the last datagram came from, with a plan of their own", async () => {
  await using relay: Relay = openRelay({ back: planFor({ 0: { kind: "drop" } }) });
  using far = await openUdp({ local: "udp://127.0.0.1:0", remote: relay.farAddress });
  relay.setFarEnd(far.local);
  for (const index of [0, 1, 2]) {
    using near = await openUdp({ local: "udp://127.0.0.1:0", remote: relay.nearAddress });
    await near.send([new Uint8Array([index])]);
    await far.send(await far.receive());
    if (index > 0) assertEquals(await receive(near, 1), [[index]]);
    else await relay.back.untilTaken(1);
  }
  assertEquals([relay.forth.taken, relay.forth.sent, relay.back.taken, relay.back.sent], [3, 3, 3, 2]);
});

Deno.test("seededPlan is the same for the same seed, another one for another, and keeps the shares", () => {
  const shares = { drop: 0.1, delay: 0.05, duplicate: 0.05, reorder: 0.1, truncate: 0.05, corrupt: 0.05 };
  const faults = (seed: number): Fault[] =>
    Array.from({ length: 10_000 }, (_, index) => seededPlan(seed, shares)(index));
  assertEquals(faults(1), faults(1));
  assertNotEquals(faults(1), faults(2));
  for (const seed of [1, 2, 3]) {
    const found = Map.groupBy(faults(seed), ({ kind }) => kind);
    for (const [kind, share] of Object.entries(shares)) {
      const count = found.get(kind as Fault["kind"])?.length ?? 0;
      assert(Math.abs(count / 10_000 - share) < 0.015, `${kind}: ${count} of 10000, seed ${seed}`);
    }
  }
});
