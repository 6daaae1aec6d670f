/**
 * Digests of frames against those that a VILLASnode wrote, and their comparison.
 */

import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import type { Sample } from "@villas/client";
import { villasHuman } from "@villas/client/formats";
import {
  compareDigests,
  createDigester,
  type DigestOptions,
  formatDigest,
  type FrameDigest,
  parseDigest,
  readSamples,
} from "@villas/client/recordings";
import { parseSignals } from "@villas/client/samples";
import { seededRandom } from "../_random.ts";

const folder = new URL("../data/digests/", import.meta.url).pathname;
const framed = await Array.fromAsync(
  readSamples(`${folder}frames.human`, villasHuman({ signals: parseSignals("fibcf") })),
);
const unframed = framed.map(({ newFrame: _, ...sample }) => sample);

/** Computes digests; those of VILLASnode lack the last frame. */
async function digestsOf(samples: readonly Sample[], options: DigestOptions = {}): Promise<string[]> {
  return (await createDigester(options)).add(samples).map(formatDigest);
}

async function expected(name: string): Promise<string[]> {
  return (await Deno.readTextFile(folder + name)).trimEnd().split("\n");
}

Deno.test("createDigester() gives VILLASnode's digests of marked frames, with all types, NaN and infinities", async () => {
  assertEquals(await digestsOf(framed), await expected("frames.sha256.digest"));
});

Deno.test("createDigester() gives the same where frames are made of samples, as VILLASnode's hook frame does", async () => {
  const frames = { trigger: "sequence", interval: 3 } as const;
  assertEquals(await digestsOf(unframed, { frames }), await expected("frames.sha256.digest"));
});

Deno.test("createDigester() gives the same where frames are made of time, in another algorithm", async () => {
  const options = { frames: { trigger: "timestamp", interval: 0.25 }, algorithm: "md5" } as const;
  assertEquals(await digestsOf(unframed, options), await expected("every_250ms.md5.digest"));
});

Deno.test("createDigester() lets samples in front of the first marked frame enter its digest, as VILLASnode does", async () => {
  const options = { frames: { trigger: "flags" }, algorithm: "sha1" } as const;
  assertEquals(await digestsOf(framed.slice(1), options), await expected("from_second_sample.sha1.digest"));
});

Deno.test("createDigester() gives the same whatever pieces samples come in", async () => {
  const random = seededRandom(3);
  for (let round = 0; round < 10; round++) {
    const digester = await createDigester();
    const lines: string[] = [];
    for (let start = 0; start < framed.length;) {
      const length = random.below(4);
      lines.push(...digester.add(framed.slice(start, start + length)).map(formatDigest));
      start += length;
    }
    assertEquals(lines, await expected("frames.sha256.digest"));
  }
});

Deno.test("createDigester() gives the last frame at the end, once, and nothing without samples", async () => {
  const digester = await createDigester();
  digester.add(framed);
  assertEquals([digester.end()?.last.sequence, digester.end()], [10n, undefined]);
  assertEquals((await createDigester()).end(), undefined);
});

Deno.test("createDigester() begins frames each second where the first sample is not marked", async () => {
  const at = (ms: number): Sample => ({
    tsOrigin: { sec: 5 + Math.floor(ms / 1000), nsec: ms % 1000 * 1e6 },
    values: [],
  });
  const lines = await digestsOf([at(500), at(999), at(1000), at(1999), at(2000)]);
  assertEquals(lines.map((line) => line.split(" ").slice(0, 2)), [
    ["5.500000000-0", "5.999000000-0"],
    ["6.000000000-0", "6.999000000-0"],
  ]);
});

Deno.test("createDigester() computes the frames of other digests, and leaves out what lies outside them", async () => {
  const digests = (await expected("frames.sha256.digest")).map(parseDigest);
  const frames = { trigger: "digests", digests: digests.slice(1) } as const;
  assertEquals(await digestsOf(unframed, { frames }), (await expected("frames.sha256.digest")).slice(1));
});

Deno.test("createDigester() tells any change of a sample by the digest", async () => {
  const [first] = await digestsOf(framed);
  const change = async (changed: Partial<Sample>) => {
    const samples = [...framed];
    samples[1] = { ...samples[1] as Sample, ...changed };
    assertNotEquals((await digestsOf(samples, { frames: { trigger: "sequence", interval: 3 } }))[0], first);
  };
  const values = framed[1]?.values ?? [];
  await change({ values: [-1.2500000000000002, ...values.slice(1)] });
  await change({ values: values.slice(0, -1) });
  await change({ values: [values[0] ?? null, -12n, ...values.slice(2)] });
  await change({ tsOrigin: { sec: 1_700_000_000, nsec: 100_000_008 } });
});

Deno.test("createDigester() refuses a value that is not set, an unknown algorithm and an interval of 0", async () => {
  const digester = await createDigester();
  const error = assertThrows(() => digester.add([{ values: [1, null] }]), TypeError);
  assertEquals((error as Error).message, "Cannot compute the digest of a sample: its value 1 is not set");
  await assertRejects(() => createDigester({ algorithm: "sha-3.5" }), TypeError, 'Cannot find the algorithm "sha-3.5"');
  const frames = { trigger: "timestamp", interval: 0 } as const;
  await assertRejects(
    () => createDigester({ frames }),
    RangeError,
    "Cannot make frames of 0: the interval must be above 0",
  );
});

const wrongLines = [
  "",
  "5.1-0",
  "5.1-0 5.2-1 md5",
  "5.1-0 5.2-1 md5 ABC",
  "5.1-0 5.2-1 md5 XY",
  "5.1-0  5.2-1 md5 AB",
  "-5.1-0 5.2-1 md5 AB",
  `5.1-0 5.2-1 md5 ${"AB".repeat(200)}`,
  `5.1-${"9".repeat(30)} 5.2-1 md5 AB`,
];
for (const line of wrongLines) {
  Deno.test(`parseDigest() refuses "${line.slice(0, 40)}"`, () => {
    assertThrows(() => parseDigest(line), SyntaxError, "as a digest: expected SEC.NSEC-SEQ");
  });
}

const digestAt = (second: number, digest = "AA", last = second): FrameDigest =>
  parseDigest(`${second}.0-${second} ${last}.0-${last} md5 ${digest}`);

Deno.test("compareDigests() counts what is equal, what differs, and what only one of them has", () => {
  const one = [digestAt(0), digestAt(1), digestAt(3, "BB"), digestAt(4)];
  const other = [digestAt(1), digestAt(2), digestAt(3), digestAt(5)];
  const { equal, different, only, first } = compareDigests(one, other);
  assertEquals([equal, different, only, first], [1, 1, [2, 2], [one[0], undefined]]);
});

Deno.test("compareDigests() tells frames apart that end with another sample", () => {
  const [one, other] = [digestAt(0, "AA", 5), digestAt(0, "AA", 6)];
  assertEquals(compareDigests([one], [other]).first, [one, other]);
});

Deno.test("compareDigests() finds no difference in nothing", () => {
  assertEquals(compareDigests([], []), { equal: 0, different: 0, only: [0, 0], first: undefined });
});
