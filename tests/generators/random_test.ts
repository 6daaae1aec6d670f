import { assert, assertEquals } from "@std/assert";
import { fc } from "../_properties.ts";
import { createNormalSource, createXoshiro128 } from "../../lib/generators/_random.ts";

/** Implements the same generator with big integers, as its authors describe it. */
function* reference(words: readonly number[]): Generator<number> {
  const s = words.map((word) => BigInt(word));
  const at = (index: number) => s[index] ?? 0n;
  const wrap = (x: bigint) => BigInt.asUintN(32, x);
  const rotl = (x: bigint, k: bigint) => wrap(x << k) | x >> (32n - k);
  for (;;) {
    yield Number(wrap(rotl(wrap(at(1) * 5n), 7n) * 9n));
    const t = wrap(at(1) << 9n);
    s[2] = at(2) ^ at(0);
    s[3] = at(3) ^ at(1);
    s[1] = at(1) ^ at(2);
    s[0] = at(0) ^ at(3);
    s[2] = at(2) ^ t;
    s[3] = rotl(at(3), 11n);
  }
}

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });

Deno.test("createXoshiro128() returns the numbers of its definition, for any initial state", () => {
  fc.assert(fc.property(word, word, word, word, (a, b, c, d) => {
    const next = createXoshiro128([a, b, c, d]);
    assertEquals(Array.from({ length: 20 }, next), [...reference([a, b, c, d]).take(20)]);
  }));
});

Deno.test("createXoshiro128() returns 11520, 0, 5927040, 70819200 from 1, 2, 3, 4", () => {
  const next = createXoshiro128([1, 2, 3, 4]);
  assertEquals(Array.from({ length: 4 }, next), [11520, 0, 5_927_040, 70_819_200]);
});

Deno.test("createNormalSource() returns finite numbers only", () => {
  const next = createNormalSource(0, 0);
  for (let i = 0; i < 200_000; i++) assert(Number.isFinite(next()));
});
