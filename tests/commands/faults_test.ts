/**
 * What a bad network does, and what `echo` and `recv` say about it.
 */

import { assertEquals } from "@std/assert";
import type { Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { openUdp } from "@villas/client/transports";
import { type Fault, faultless, openRelay, type Plan, planFor, type Relay, seededPlan } from "../_relay.ts";
import { start } from "./_cli.ts";

const count = 20;

function sampleOf(index: number): Sample {
  return { sequence: BigInt(index), tsOrigin: { sec: 1_700_000_000 + index, nsec: 0 }, values: [index + 0.5] };
}

const datagramOf = (index: number) => protobuf().encode([sampleOf(index)]);

/** Where the sequence number stands in a datagram, as the share of its length that a fault names. */
const sequenceShare = (() => {
  const [a, b] = [{ sequence: 10n, values: [1] }, { sequence: 11n, values: [1] }].map((sample) =>
    protobuf().encode([{ ...sample, tsOrigin: { sec: 1_700_000_010, nsec: 0 } }])
  );
  const offset = a?.findIndex((byte, place) => byte !== b?.[place]) ?? -1;
  return (offset + 0.5) / (a?.length ?? 0);
})();

/** What a receiver says. */
interface Report {
  datagrams: number;
  samples: number;
  refused: number;
  missing: number;
  duplicate: number;
  reordered: number;
}

const all: Report = { datagrams: count, samples: count, refused: 0, missing: 0, duplicate: 0, reordered: 0 };

const cases: [string, Record<number, Fault>, Partial<Report>][] = [
  ["nothing", {}, {}],
  ["one dropped", { 5: { kind: "drop" } }, { datagrams: 19, samples: 19, missing: 1 }],
  [
    "three dropped in a row",
    { 5: { kind: "drop" }, 6: { kind: "drop" }, 7: { kind: "drop" } },
    { datagrams: 17, samples: 17, missing: 3 },
  ],
  ["the first one dropped, which nobody can know", { 0: { kind: "drop" } }, { datagrams: 19, samples: 19 }],
  ["one three times", { 5: { kind: "duplicate", copies: 2 } }, { datagrams: 22, samples: 22, duplicate: 2 }],
  ["one three places later", { 5: { kind: "reorder", places: 3 } }, { reordered: 1 }],
  [
    "two that change places, and one more behind both",
    { 5: { kind: "reorder", places: 1 }, 8: { kind: "reorder", places: 2 }, 9: { kind: "reorder", places: 1 } },
    { reordered: 3 },
  ],
  ["one delayed until others have come", { 5: { kind: "delay", milliseconds: 3_600_000 } }, { reordered: 1 }],
  [
    "one late that is a duplicate of none",
    { 4: { kind: "drop" }, 5: { kind: "reorder", places: 2 }, 9: { kind: "duplicate", copies: 1 } },
    { missing: 1, reordered: 1, duplicate: 1 },
  ],
  ["one cut in half", { 5: { kind: "truncate", share: 0.5 } }, { samples: 19, refused: 1, missing: 1 }],
  ["one cut to nothing", { 5: { kind: "truncate", share: 0 } }, { samples: 19, missing: 1 }],
  ["one with a wrong first byte", { 5: { kind: "corrupt", share: 0, mask: 0x05 } }, {
    samples: 19,
    refused: 1,
    missing: 1,
  }],
  ["one that is an unknown field by a wrong bit", { 5: { kind: "corrupt", share: 0, mask: 0x10 } }, {
    samples: 19,
    missing: 1,
  }],
  ["one with a wrong bit in its value, which nobody can know", { 5: { kind: "corrupt", share: 0.99, mask: 1 } }, {}],
  [
    "one with the number of the next one",
    { 10: { kind: "corrupt", share: sequenceShare, mask: 1 } },
    { missing: 1, duplicate: 1 },
  ],
];

/** Sends numbered samples through a relay, and returns what the receiver behind it says at its end. */
async function reportOf(command: string, relay: Relay, samples: number, marker = samples): Promise<Report> {
  const file = await Deno.makeTempFile();
  try {
    using near = await openUdp({ local: "udp://127.0.0.1:0", remote: relay.nearAddress });
    await using receiver = start(
      ...[command, "--local", "udp://127.0.0.1:0", "--remote", relay.farAddress, `--stats=${file}`],
    );
    const [, address = ""] = await receiver.expectError(/Receiving on (udp:[^ ,]+)/);
    relay.setFarEnd(address);
    for (let index = 0; index < samples; index++) {
      if (index === samples - 1) await relay.forth.release();
      await near.send([datagramOf(index)]);
      await relay.forth.untilTaken(index + 1);
      // No more at a time than the kernel keeps for the receiver.
      if ((index + 1) % marker === 0) await receiver.expectOutput(new RegExp(`"sequence": ${index},`));
    }
    receiver.kill("SIGINT");
    assertEquals((await receiver.finish()).code, 0);
    const { received, statistics } = JSON.parse(await Deno.readTextFile(file));
    const { datagrams, refused, missing, duplicate, reordered, ignored, restarts } = received;
    assertEquals({ ignored, restarts }, { ignored: 0, restarts: 0 });
    assertEquals(
      [statistics.samples, statistics.missing, statistics.duplicate, statistics.reordered],
      [received.samples, missing, duplicate, reordered],
    );
    return { datagrams, samples: received.samples, refused, missing, duplicate, reordered };
  } finally {
    await Deno.remove(file);
  }
}

for (const command of ["echo", "recv"]) {
  for (const [name, faults, report] of cases) {
    Deno.test(`${command} --stats reports ${name}`, async () => {
      await using relay = openRelay({ forth: planFor(faults) });
      assertEquals(await reportOf(command, relay, count), { ...all, ...report });
    });
  }
}

/** What a plan does to a series of numbered samples, counted without any of the code under test. */
function predict(plan: Plan, samples: number): Report {
  const late: { index: number; behind: number }[] = [];
  const arrivals: [index: number, share: number][] = [];
  for (let index = 0; index < samples; index++) {
    const fault = plan(index);
    if (fault.kind === "reorder") late.push({ index, behind: index + fault.places });
    else if (fault.kind === "truncate") arrivals.push([index, fault.share]);
    else if (fault.kind !== "drop") arrivals.push([index, 1]);
    if (fault.kind === "duplicate") arrivals.push([index, 1]);
    // The last one is sent when nothing is held back any more.
    for (const { index: number } of late.filter(({ behind }) => behind === index || index === samples - 2)) {
      if (!arrivals.some(([known]) => known === number)) arrivals.push([number, 1]);
    }
  }
  const whole = arrivals.filter(([, share]) => share === 1).map(([index]) => index);
  const empty = arrivals.filter(([index, share]) => Math.floor(datagramOf(index).length * share) === 0);
  const seen = new Set(whole);
  const firsts = whole.filter((index, place) => whole.indexOf(index) === place);
  return {
    datagrams: arrivals.length,
    samples: whole.length,
    refused: arrivals.length - whole.length - empty.length,
    missing: samples - seen.size,
    duplicate: whole.length - seen.size,
    reordered: firsts.filter((index, place) => firsts.slice(0, place).some((before) => before > index)).length,
  };
}

for (const command of ["echo", "recv"]) {
  Deno.test(`${command} --stats reports exactly what a network by chance did to a thousand samples`, async () => {
    const marker = 50;
    const samples = 1000;
    const chance = seededPlan(5, { drop: 0.1, duplicate: 0.1, reorder: 0.1, truncate: 0.05 });
    // Those at the edges pass, so that all is between samples that have come.
    const plan: Plan = (index) => index === 0 || (index + 1) % marker === 0 ? { kind: "pass" } : chance(index);
    await using relay = openRelay({ forth: plan });
    const report = await reportOf(command, relay, samples, marker);
    assertEquals(report, predict(plan, samples));
    assertEquals(Math.min(...Object.values(report)) > 20, true, JSON.stringify(report));
  });
}

Deno.test("echo --stats does not see what happens to its answers", async () => {
  await using relay = openRelay({ forth: faultless, back: seededPlan(1, { drop: 0.5, truncate: 0.5 }) });
  assertEquals(await reportOf("echo", relay, count), all);
});
