/**
 * Frames of synchrophasors that aim at the weak places of their reader: broken inside, with a length and a checksum that are
 * right, because anything else is refused at the door.
 *
 * @module
 */

import { computeCrc, frameTypes, sealFrame } from "@villas/client/c37_118";
import type { Random } from "../_random.ts";
import { recorded } from "./c37_118/_frames.ts";

const names = ["cfg1", "cfg2", "cfg3", "cfg2_multi", "cfg3_multi", "data0", "data_multi0", "varied_1_cfg3"];
const whole = names.map(recorded);
const types = Object.values(frameTypes);

/** Makes a hostile frame. */
export function c37Hostile(random: Random): Uint8Array {
  return random.pick([brokenInside, anything, manyPmus, segments])(random);
}

/** A frame of a VILLASnode with some bytes of its content changed, removed or added. */
function brokenInside(random: Random): Uint8Array {
  const original = random.pick(whole);
  let content = original.slice(14, -2);
  for (let left = random.small(5); left > 0; left--) {
    const at = random.below(content.length);
    if (random.chance(0.8)) content[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    else if (random.chance(0.5)) content = content.subarray(0, at);
    else content = Uint8Array.from([...content, ...random.bytes(random.small(100))]);
    if (content.length === 0) break;
  }
  return seal(content, (original[1] ?? 0) >> 4, (original[4] ?? 0) << 8 | (original[5] ?? 0));
}

/** A frame of any type with any content. */
function anything(random: Random): Uint8Array {
  return seal(random.bytes(random.small(600)), random.pick(types), random.small(4));
}

/** A configuration that promises more than it has, or has as much as it says. */
function manyPmus(random: Random): Uint8Array {
  const count = random.pick([0, 1, 100, 0xffff]).toString(16).padStart(4, "0");
  const pmu = `${"20".repeat(16)}0001${random.pick(["0000", "000f"])}00000000000000010000`;
  const pmus = pmu.repeat(random.pick([0, 1, 10, 100]));
  return seal(Uint8Array.fromHex(`000f4240${count}${pmus}0032`), frameTypes.configuration2, 1);
}

/** A segment of a configuration 3, in or out of its turn. */
function segments(random: Random): Uint8Array {
  const index = random.pick([0, 1, 2, 3, 0xffff]);
  return seal(Uint8Array.from([index >> 8, index & 0xff, ...random.bytes(random.small(300))]), 5, 1);
}

function seal(content: Uint8Array, type: number, idcode: number): Uint8Array {
  const bytes = new Uint8Array(14 + content.length + 2);
  bytes.set(content, 14);
  const known = types.find((known) => known === type) ?? frameTypes.data;
  sealFrame(bytes, { type: known, version: 1, idcode, soc: 1_700_000_000, timeQuality: 0, fraction: 0 });
  if (computeCrc(bytes) !== 0) throw new Error("A sealed frame has a wrong checksum");
  return bytes;
}
