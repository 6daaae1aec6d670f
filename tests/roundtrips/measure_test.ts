import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Client, connect, createFormat, EncodeError, parseSignals, type Sample } from "@villas/client";
import { protobuf, raw } from "@villas/client/formats";
import {
  measureLoopbackBaseline,
  measureRoundTrips,
  type RoundTrip,
  type RoundTripOptions,
  type RoundTripReport,
} from "@villas/client/roundtrips";
import { openUdp, openUnix, type Transport } from "@villas/client/transports";
import { type Fault, openRelay, type Plan, planFor, type Relay, seededPlan } from "../_relay.ts";

/** What became of samples, as a report says. */
type Outcome = Pick<
  RoundTripReport,
  "sent" | "received" | "lost" | "duplicate" | "reordered" | "lateCount" | "corrupted" | "unexpected"
>;

const faultless: Outcome = {
  sent: 40,
  received: 40,
  lost: 0,
  duplicate: 0,
  reordered: 0,
  lateCount: 0,
  corrupted: 0,
  unexpected: 0,
};

function outcomeOf(report: RoundTripReport | undefined): Outcome {
  const { sent = 0, received = 0, lost = 0, duplicate = 0 } = report ?? {};
  const { reordered = 0, lateCount = 0, corrupted = 0, unexpected = 0 } = report ?? {};
  return { sent, received, lost, duplicate, reordered, lateCount, corrupted, unexpected };
}

/** A client, and an echo behind a relay. */
interface Link extends AsyncDisposable {
  client: Client;
  relay: Relay;
  /** What the echo has sent back, before the relay did anything to it. */
  echoed: Uint8Array[];
}

async function openLink(plans: { forth?: Plan; back?: Plan }): Promise<Link> {
  const relay = openRelay(plans);
  const far = await openUdp({ local: "udp://127.0.0.1:0", remote: relay.farAddress });
  relay.setFarEnd(far.local);
  const client = await connect({ local: "udp://127.0.0.1:0", remote: relay.nearAddress });
  const echoed: Uint8Array[] = [];
  const echoing = sendBack(far, echoed);
  return {
    client,
    relay,
    echoed,
    async [Symbol.asyncDispose]() {
      client.close();
      far.close();
      await echoing;
      await relay[Symbol.asyncDispose]();
    },
  };
}

async function sendBack(far: Transport, echoed: Uint8Array[]): Promise<void> {
  for (let datagrams = await far.receive(); datagrams.length > 0; datagrams = await far.receive()) {
    for (const datagram of datagrams) echoed.push(datagram.slice());
    await far.send(datagrams);
  }
}

/** Sends 40 samples through a bad network. */
async function measureThrough(plans: { forth?: Plan; back?: Plan }, options: Partial<RoundTripOptions> = {}) {
  await using link = await openLink(plans);
  const cases = [{ rate: 500, values: 4, count: 40 }];
  return (await measureRoundTrips(link.client, { cases, cooldown: 1, lateThreshold: 10, ...options }))[0];
}

const faults: Record<string, { plan: Plan; expected: Partial<Outcome> }> = {
  "nothing": { plan: planFor({}), expected: {} },
  "3 drops, the first and the last one among them": {
    plan: planFor({ 0: { kind: "drop" }, 7: { kind: "drop" }, 39: { kind: "drop" } }),
    expected: { received: 37, lost: 3 },
  },
  "2 duplicates, one of them three times more": {
    plan: planFor({ 3: { kind: "duplicate", copies: 1 }, 39: { kind: "duplicate", copies: 3 } }),
    expected: { duplicate: 4 },
  },
  "2 reorderings": {
    plan: planFor({ 5: { kind: "reorder", places: 1 }, 20: { kind: "reorder", places: 9 } }),
    expected: { reordered: 2 },
  },
  "1 truncation to half, 1 to nothing": {
    plan: planFor({ 4: { kind: "truncate", share: 0.5 }, 9: { kind: "truncate", share: 0 } }),
    expected: { received: 38, corrupted: 2 },
  },
  "2 corruptions of values": {
    plan: planFor({ 4: { kind: "corrupt", share: 0.9, mask: 1 }, 6: { kind: "corrupt", share: 0.95, mask: 128 } }),
    expected: { received: 38, corrupted: 2 },
  },
};

for (const [name, { plan, expected }] of Object.entries(faults)) {
  Deno.test(`measureRoundTrips() reports ${name} on the way back`, async () => {
    assertEquals(outcomeOf(await measureThrough({ back: plan })), { ...faultless, ...expected });
  });

  Deno.test(`measureRoundTrips() reports ${name} on the way forth`, async () => {
    assertEquals(outcomeOf(await measureThrough({ forth: plan })), { ...faultless, ...expected });
  });
}

Deno.test("measureRoundTrips() reports what takes longer than the limit as late, and counts its time", async () => {
  const plan = planFor({ 10: { kind: "delay", milliseconds: 900 } });
  const report = await measureThrough({ back: plan }, { lateThreshold: 0.6, cooldown: 2 });
  assertEquals(outcomeOf(report), { ...faultless, lateCount: 1, reordered: 1 });
  assert((report?.roundTrips.max ?? 0) >= 0.899);
  assertEquals(report?.roundTrips.count, 40);
});

Deno.test("measureRoundTrips() corrects a case when a sample comes back in a later one", async () => {
  await using link = await openLink({ back: planFor({ 2: { kind: "reorder", places: 1e9 } }) });
  const lost: number[] = [];
  const reports: RoundTripReport[] = [];
  await measureRoundTrips(link.client, {
    cases: [{ rate: 500, values: 1, count: 10 }, { rate: 500, values: 2, count: 10 }],
    lateThreshold: 10,
    async beforeCase(index) {
      if (index === 0) return;
      lost.push(reports[0]?.lost ?? NaN);
      await link.relay.back.release();
    },
    onCase: (report) => reports.push(report),
  });
  assertEquals(lost, [1]);
  assertEquals(reports.map(outcomeOf), [
    { ...faultless, sent: 10, received: 10, lateCount: 1, reordered: 1 },
    { ...faultless, sent: 10, received: 10 },
  ]);
});

/** What the relay has delivered to the client, in order: the numbers of datagrams, and what they were then. */
function delivered(done: readonly Fault[], echoed: readonly Uint8Array[]): [index: number, bytes: Uint8Array][] {
  const result: [number, Uint8Array][] = [];
  const held: { index: number; behind: number }[] = [];
  for (const [index, fault] of done.entries()) {
    const bytes = echoed[index] ?? new Uint8Array();
    const changed = bytes.slice();
    if (fault.kind === "reorder") held.push({ index, behind: index + fault.places });
    if (fault.kind === "pass" || fault.kind === "duplicate") result.push([index, bytes]);
    if (fault.kind === "duplicate") result.push([index, bytes]);
    if (fault.kind === "truncate") result.push([index, bytes.slice(0, Math.floor(bytes.length * fault.share))]);
    if (fault.kind === "corrupt") {
      const offset = Math.floor(bytes.length * fault.share);
      changed[offset] = (changed[offset] ?? 0) ^ fault.mask;
      result.push([index, changed]);
    }
    for (const { index: free } of held.filter(({ behind }) => behind === index)) {
      result.push([free, echoed[free] ?? new Uint8Array()]);
    }
  }
  return result;
}

/** What of a sample an echo must not change. */
function essence({ type, sequence, tsOrigin, values }: Sample) {
  return { type, sequence, tsOrigin, values };
}

function isWhole(bytes: Uint8Array, original: Uint8Array): boolean {
  const format = protobuf();
  try {
    const [samples, [expected]] = [format.decode(bytes), format.decode(original)];
    assertEquals(samples.map(essence), expected === undefined ? [] : [essence(expected)]);
    return true;
  } catch {
    return false;
  }
}

/** What a report has to say about what the relay did, told apart by the datagrams themselves. */
function expectedOutcome(
  sent: number,
  datagrams: readonly [number, Uint8Array][],
  echoed: readonly Uint8Array[],
): Outcome {
  const expected = { ...faultless, sent, received: 0 };
  const whole = new Set<number>();
  const corruptedOnly = new Set<number>();
  let highest = -1;
  for (const [index, bytes] of datagrams) {
    if (!isWhole(bytes, echoed[index] ?? new Uint8Array())) {
      expected.corrupted++;
      corruptedOnly.add(index);
    } else if (whole.has(index)) {
      expected.duplicate++;
    } else {
      whole.add(index);
      expected.received++;
      if (index < highest) expected.reordered++;
      highest = Math.max(highest, index);
    }
  }
  expected.lost = sent - whole.union(corruptedOnly).size;
  return expected;
}

for (const seed of [1, 2, 3, 4, 5]) {
  Deno.test(`measureRoundTrips() reports exactly what a plan by chance did, seed ${seed}`, async () => {
    const shares = { drop: 0.1, duplicate: 0.1, reorder: 0.1, truncate: 0.1, corrupt: 0.2 };
    await using link = await openLink({ back: seededPlan(seed, shares) });
    const { client, relay, echoed } = link;
    const cases = [{ rate: 1000, values: 3, count: 300 }];
    const [report] = await measureRoundTrips(client, { cases, lateThreshold: 10 });
    assertEquals(echoed.length, 300);
    assertEquals(outcomeOf(report), expectedOutcome(300, delivered(relay.back.done, echoed), echoed));
  });
}

Deno.test("measureRoundTrips() does not count what is sent before, and numbers samples through all cases", async () => {
  await using link = await openLink({});
  const trips: RoundTrip[] = [];
  const reports = await measureRoundTrips(link.client, {
    cases: [{ rate: 500, values: 1, count: 5 }, { rate: 1000, values: 3, duration: 0.01 }],
    warmup: 0.02,
    onRoundTrip: (trip) => trips.push(trip),
  });
  const samples = link.echoed.flatMap((datagram) => protobuf().decode(datagram));
  assertEquals(samples.map(({ sequence }) => sequence), Array.from({ length: 10 + 5 + 20 + 10 }, (_, i) => BigInt(i)));
  assertEquals(reports.map(({ planned, sent, isComplete }) => [planned, sent, isComplete]), [[5, 5, true], [
    10,
    10,
    true,
  ]]);
  assertEquals(trips.map(({ case: number, index }) => [number, index]), [
    ...Array.from({ length: 5 }, (_, index) => [0, index]),
    ...Array.from({ length: 10 }, (_, index) => [1, index]),
  ]);
  for (const { tsOrigin, elapsed, seconds, case: number, index } of trips) {
    assertEquals(samples[[10, 35][number] as number + index]?.tsOrigin, tsOrigin);
    assert(elapsed >= 0 && seconds > 0);
  }
});

Deno.test("measureRoundTrips() sends values that no two samples nor two signals share", async () => {
  await using link = await openLink({});
  await measureRoundTrips(link.client, { cases: [{ rate: 2000, values: 64, count: 100 }] });
  const values = link.echoed.flatMap((datagram) => protobuf().decode(datagram)).flatMap(({ values }) => values);
  assertEquals(new Set(values).size, 6400);
});

Deno.test("measureRoundTrips() knows samples of an earlier measurement", async () => {
  await using earlier = await openLink({});
  await measureRoundTrips(earlier.client, { cases: [{ rate: 1000, values: 2, count: 13 }], cooldown: 0.1 });
  using far = await openUdp({ local: "udp://127.0.0.1:0" });
  const client = await connect({ local: "udp://127.0.0.1:0", remote: far.local });
  await far.setRemote(client.local);
  const echoing = (async () => {
    const first = (await far.receive()).map((datagram) => datagram.slice());
    await far.send(earlier.echoed);
    await far.send(first);
    await sendBack(far, []);
  })();
  const [report] = await measureRoundTrips(client, { cases: [{ rate: 500, values: 2, count: 10 }] });
  far.close();
  await echoing;
  assertEquals(outcomeOf(report), { ...faultless, sent: 10, received: 10, unexpected: 13 });
});

Deno.test("measureRoundTrips() sends the types of the signals and misses any other", async () => {
  const signals = parseSignals("fibc");
  await using far = await connect({ local: "udp://127.0.0.1:0", anySource: true });
  const near = await connect({ local: "udp://127.0.0.1:0", remote: far.local, signals });
  using answers = await openUdp({ local: "udp://127.0.0.1:0", remote: near.local });
  await using client = await connect({ local: "udp://127.0.0.1:0", remote: far.local, anySource: true, signals });
  await answers.setRemote(client.local);
  near.close();
  let turn = 0;
  const echoing = (async () => {
    for await (const sample of far) {
      const values = [...sample.values];
      const value = values[1];
      // Every second sample comes back with its integer as a float.
      if (turn++ % 2 === 1 && typeof value === "bigint") values[1] = Number(value);
      await answers.send([protobuf().encode([{ ...sample, values }])]);
    }
  })();
  const [report] = await measureRoundTrips(client, { cases: [{ rate: 500, values: 4, count: 10 }], signals });
  far.close();
  await echoing;
  assertEquals(outcomeOf(report), { ...faultless, sent: 10, received: 5, corrupted: 5 });
});

for (
  const specification of [
    "protobuf",
    "json",
    "villas.human",
    "villas.binary",
    "csv",
    "tsv",
    "opal.asyncip",
    { type: "raw", bits: 64, fake: true },
    { type: "gtnet", fake: true },
  ]
) {
  Deno.test(`measureRoundTrips() works with ${JSON.stringify(specification)}`, async () => {
    const format = await createFormat(specification, { signals: parseSignals("3f") });
    const report = await measureLoopbackBaseline({ rate: 500, values: 3, count: 20 }, { format });
    assertEquals(outcomeOf(report), { ...faultless, sent: 20, received: 20, lateCount: report.lateCount });
  });
}

Deno.test("measureRoundTrips() compares only types where the format does not carry values exactly", async () => {
  const format = await createFormat({ type: "json", real_precision: 2 });
  const report = await measureLoopbackBaseline({ rate: 500, values: 3, count: 20 }, { format });
  assertEquals(outcomeOf(report), { ...faultless, sent: 20, received: 20, lateCount: report.lateCount });
});

Deno.test("measureRoundTrips() refuses a format without sequence numbers", async () => {
  for (const format of [raw(), await createFormat({ type: "protobuf", sequence: false })]) {
    const client = await connect({ local: "memory:alone", remote: "memory:nobody", format });
    await assertRejects(
      () => measureRoundTrips(client, { cases: [{ rate: 1, values: 1 }] }),
      TypeError,
      `Cannot measure round trips in the format ${format.name}: its datagrams carry no sequence number`,
    );
    client.close();
  }
});

Deno.test("measureRoundTrips() refuses more values than there are signals", async () => {
  await using client = await connect({ local: "memory:alone", remote: "memory:nobody", signals: "2f" });
  await assertRejects(
    () => measureRoundTrips(client, { cases: [{ rate: 1, values: 3 }], signals: parseSignals("2f") }),
    EncodeError,
  );
});

Deno.test("measureRoundTrips() ends when nothing comes back in time", async () => {
  await using client = await connect({ local: "memory:alone", remote: "memory:nobody" });
  const [report, ...more] = await measureRoundTrips(client, {
    cases: [{ rate: 100, values: 1, duration: 3600 }, { rate: 100, values: 1 }],
    timeout: 0.05,
  });
  assertEquals([report?.received, report?.isComplete, more.length], [0, false, 0]);
});

Deno.test("measureRoundTrips() reports what it has when it is ended early", async () => {
  await using link = await openLink({ back: planFor({ 3: { kind: "drop" } }) });
  const controller = new AbortController();
  let count = 0;
  const enough = () => ++count === 10 && controller.abort();
  const [report] = await measureRoundTrips(link.client, {
    cases: [{ rate: 500, values: 1, duration: 3600 }],
    lateThreshold: 3600,
    signal: controller.signal,
    onRoundTrip: enough,
  });
  const { received = NaN, lost, outstanding, sent = NaN, isComplete } = report ?? {};
  assert(received >= 10 && !isComplete);
  assertEquals([lost, outstanding], [sent - received, sent - received]);
});

Deno.test("measureRoundTrips() ends at once where the signal is aborted already", async () => {
  await using client = await connect({ local: "memory:alone", remote: "memory:nobody" });
  const cases = [{ rate: 100, values: 1 }];
  assertEquals(await measureRoundTrips(client, { cases, signal: AbortSignal.abort() }), []);
});

Deno.test("measureRoundTrips() sends while it receives, over unix datagrams, too", async () => {
  const folder = await Deno.makeTempDir();
  const [near, far] = [`unix:${folder}/near.sock`, `unix:${folder}/far.sock`];
  using echo = await openUnix({ local: far, remote: near });
  const echoing = sendBack(echo, []);
  const client = await connect({ local: near, remote: far });
  const [report] = await measureRoundTrips(client, { cases: [{ rate: 1000, values: 2, count: 100 }] });
  assertEquals(outcomeOf(report), { ...faultless, sent: 100, received: 100, lateCount: report?.lateCount ?? NaN });
  echo.close();
  await echoing;
  await Deno.remove(folder, { recursive: true });
});

Deno.test("measureRoundTrips() counts what the system does not take apart from what is lost", async () => {
  const folder = await Deno.makeTempDir();
  const client = await connect({ local: `unix:${folder}/a.sock`, remote: `unix:${folder}/nobody.sock` });
  const [report] = await measureRoundTrips(client, { cases: [{ rate: 500, values: 1, count: 5 }], cooldown: 0.01 });
  assertEquals([report?.sent, report?.lost, report?.undelivered], [0, 0, 5]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("measureRoundTrips() passes on what goes wrong while sending", async () => {
  await using client = await connect({ local: "memory:alone", anySource: true });
  await assertRejects(() => measureRoundTrips(client, { cases: [{ rate: 100, values: 1 }] }), TypeError, "no remote");
});
