/**
 * Descriptions of files that are scanned instead of read: they say the same as those of the samples.
 */

import { assert, assertEquals } from "@std/assert";
import type { Sample } from "@villas/client";
import { villasBinary, type VillasBinaryOptions, villasWeb } from "@villas/client/formats";
import { createFileFormat, describeReader, describeRecording, type RecordingInfo } from "@villas/client/recordings";
import { type Random, seededRandom } from "../_random.ts";
import { withFolder } from "../_folders.ts";

/** Describes a file in both ways; returns the one that was found with the scanner, and the errors of each. */
async function describeBoth(path: string, type: string, options: Partial<VillasBinaryOptions> = {}) {
  const format = await createFileFormat({ type, ...options });
  const found: { info: RecordingInfo; errors: string[] }[] = [];
  for (const isScanned of [true, false]) {
    const errors: string[] = [];
    const reader = await format.open(path, { onDecodeError: ({ message }) => errors.push(message) });
    assertEquals(reader.describe !== undefined, true);
    found.push({ info: isScanned ? await describeReader(reader) : await describeRecording(reader.batches()), errors });
  }
  const [scanned, read] = found;
  assertEquals(scanned, read);
  return scanned;
}

/** Floats that are compared as their bits: both signs, both zeros, the infinities, NaN, subnormal ones. */
const floats = [0, -0, 1, -1, 1.5, -230.25, 1e-45, -1e-45, 3.4e38, -3.4e38, Infinity, -Infinity, NaN];

/** Samples as a file may have them: mostly in order, with all that happens in between. */
function createSamples(random: Random, count: number): Sample[] {
  let sequence = random.chance(0.2) ? 0xffff_fff0 : random.small(10);
  let time = random.pick([0, 1_700_000_000_999, 3_000_000_000_000]);
  const rate = random.pick([0.02, 1, 700]);
  let width = random.small(12);
  const onlyPlain = random.chance(0.4);
  return Array.from({ length: count }, () => {
    if (random.chance(0.01)) width = random.small(12);
    if (random.chance(0.01)) sequence = random.pick([0, sequence - 1, sequence + 5, sequence - 2000, sequence - 20, 5]);
    if (random.chance(0.01)) time += random.pick([-50, 0, -rate, 2 * rate, 3_000_000, -7_000_000]);
    time = Math.max(time + (random.chance(0.003) ? 0 : rate), 0);
    sequence = (Math.max(sequence, 0) + 1) % 2 ** 32;
    const sample: Sample = {
      sequence: BigInt(sequence),
      tsOrigin: { sec: Math.floor(time / 1000), nsec: Math.floor(time % 1000 * 1e6) },
      values: Array.from({ length: width }, () => onlyPlain ? random.small(1000) / 7 : random.pick(floats)),
    };
    if (random.chance(0.003)) sample.type = random.pick(["start", "stop"]);
    return sample;
  });
}

for (const [type, create] of [["villas.binary", villasBinary], ["villas.web", villasWeb]] as const) {
  Deno.test(`describeReader() scans ${type}, and finds what its samples have, whatever happens in them`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/run`;
      let gaps = 0;
      let restarts = 0;
      let nan = 0;
      for (let seed = 0; seed < 60; seed++) {
        const random = seededRandom(seed);
        await Deno.writeFile(path, create().createEncoder()(createSamples(random, random.small(6000))) as Uint8Array);
        const { info, errors } = await describeBoth(path, type) ?? {};
        assertEquals(errors, []);
        gaps += info?.gaps.count ?? 0;
        restarts += info?.sequence?.restarts ?? 0;
        nan += info?.signals[0]?.nan ?? 0;
      }
      assert(gaps > 10 && restarts > 10 && nan > 10, `${gaps} gaps, ${restarts} restarts, ${nan} NaN`);
    }));
}

Deno.test("describeReader() reports what is damaged where reading does, and goes on behind it", () =>
  withFolder(async (folder) => {
    const path = `${folder}/run`;
    const good = villasBinary().createEncoder()(createSamples(seededRandom(3), 300)) as Uint8Array;
    let broken = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = seededRandom(seed);
      const bytes = good.slice(0, good.length - random.small(40));
      for (let left = random.small(3); left >= 0; left--) bytes[random.below(bytes.length)] = random.below(256);
      await Deno.writeFile(path, bytes);
      if ((await describeBoth(path, "villas.binary"))?.errors.length) broken++;
    }
    assert(broken > 20, `only ${broken} files had errors`);
  }));

Deno.test("describeReader() reads the samples of a file whose signals are not floats, or whose source is checked", () =>
  withFolder(async (folder) => {
    const path = `${folder}/run`;
    await Deno.writeFile(path, villasBinary().encode([{ sequence: 1n, values: [1.5, 7n] }]));
    for (
      const options of [{ signals: [{ type: "float" }, { type: "integer" }] as const }, { validate_source_index: true }]
    ) {
      const reader = await (await createFileFormat({ type: "villas.binary", ...options })).open(path);
      assertEquals(reader.describe, undefined);
      assertEquals((await describeReader(reader)).samples, 1);
    }
  }));
