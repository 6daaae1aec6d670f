import { assertEquals } from "@std/assert";
import { countSegments } from "../../lib/transports/udp/gso.ts";

for (
  const [words, lengths, expected] of [
    ["a datagram alone", [100], 1],
    ["datagrams of one length", [100, 100, 100], 3],
    ["up to a shorter one, which ends it", [100, 100, 99, 99], 3],
    ["before a longer one", [100, 100, 101], 2],
    ["before an empty one", [100, 100, 0, 100], 2],
    ["not empty ones", [0, 0], 1],
    ["those as long as the limit", [1232, 1232], 2],
    ["none above the limit", [1233, 1233], 1],
    ["no more than the longest datagram", Array<number>(64).fill(1232), 53],
  ] as const
) {
  Deno.test(`countSegments() takes ${words}`, () => {
    const datagrams = lengths.map((length) => new Uint8Array(length));
    assertEquals(countSegments(datagrams, 0, datagrams.length, 1232), expected);
    assertEquals(
      countSegments([new Uint8Array(7), ...datagrams, new Uint8Array(1)], 1, datagrams.length + 1, 1232),
      expected,
    );
  });
}
