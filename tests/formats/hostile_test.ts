/**
 * A short run of what `deno task fuzz` runs long.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DecodeError, type Format } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { seededRandom } from "../_random.ts";
import { loadSubject, subjectNames } from "./_subjects.ts";
import { hostileDatagram, tryHostile, usedMemory } from "./hostile.ts";

for (const name of subjectNames) {
  Deno.test(`${name} decodes 20,000 hostile datagrams or refuses them, at a bounded cost`, async () => {
    const subject = await loadSubject(name);
    // Once before, so that what the compiler and the first garbage take is not counted.
    tryHostile(subject, 2_000, 1);
    const before = usedMemory();
    const { datagrams, bytes, decoded, encoded, refused, milliseconds, peakMemory } = tryHostile(subject, 20_000, 2);
    assertEquals(datagrams, 20_000);
    assertEquals(decoded + refused.values().reduce((sum, times) => sum + times, 0), datagrams);
    assert(encoded > datagrams / 20, `only ${encoded} were good enough to be encoded again`);
    // Twenty times what it takes on a slow machine: what is to be seen is a cost that grows with the square.
    const nanoseconds = milliseconds * 1e6 / bytes;
    assert(nanoseconds < 5_000, `${nanoseconds} ns a byte`);
    assert(peakMemory - before < 256e6, `${before} bytes before, ${peakMemory} at the peak`);
  });
}

Deno.test("protobuf refuses hostile datagrams for known reasons only", async () => {
  // All that is thrown inside becomes a DecodeError, so a mistake of the decoder itself would show here.
  const { refused } = tryHostile(await loadSubject("protobuf"), 20_000, 3);
  assertEquals([...refused.keys()].sort(), [
    "a field has a wire type that does not exist",
    "a field has the number N",
    "a group ends that did not begin",
    "a number is longer than its type allows",
    "groups are nested too deeply",
    "it ends inside a field",
    "the number of a field is longer than N bits",
    "ts_origin has N nanoseconds, more than N",
    "ts_received has N nanoseconds, more than N",
  ]);
});

Deno.test("hostileDatagram makes the same datagrams from the same seed", async () => {
  const subject = await loadSubject("protobuf");
  const make = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 100 }, () => hostileDatagram(random, subject).toHex());
  };
  assertEquals(make(7), make(7));
  assert(make(7).join() !== make(8).join());
  assert(new Set(make(7)).size > 80);
});

Deno.test("tryHostile stops at what is thrown but no DecodeError, and at samples that change", async () => {
  const subject = await loadSubject("protobuf");
  const broken = (format: Partial<Format>) => () =>
    tryHostile({ ...subject, format: { ...subject.format, ...format } }, 1000, 1);
  const stray = broken({
    decode() {
      throw new RangeError("index out of range");
    },
  });
  assertThrows(stray, Error, "Datagram 0 of seed 1 is treated wrongly");
  const misplaced = broken({
    decode(datagram) {
      throw new DecodeError("protobuf", "it is wrong", { offset: datagram.length + 1 });
    },
  });
  assertThrows(misplaced, Error, "of seed 1 is treated wrongly");
  // Without ts_received, samples that have one change.
  assertThrows(broken({ encode: protobuf().encode }), Error, "of seed 1 is treated wrongly");
});
