/**
 * Datagrams that aim at the weak places of a Protocol Buffers parser: lengths and numbers that are too large, groups
 * that go deep, and as many objects as a datagram can ask for.
 *
 * @module
 */

import type { Random } from "../_random.ts";
import { messyDatagram } from "./_messy.ts";
import { delimited, join, tag, varint, Wire } from "./_wire.ts";
import { maximumDatagram } from "./hostile.ts";

/** Makes one of them. */
export function protobufHostile(random: Random): Uint8Array {
  const kind = random.next() % 1000;
  // Giants are dear: one in a thousand, which is still most of all bytes.
  if (kind === 0) return random.pick(giants)(random);
  if (kind < 200) return blowUp(random, messyDatagram(random).datagram);
  if (kind < 300) return inside(random, groups(random, random.below(220)));
  if (kind < 400) return inside(random, longNumber(random));
  return messyDatagram(random).datagram;
}

/** Replaces a byte by a large varint, which sooner or later is a length. */
function blowUp(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  const value = random.pick([
    127n,
    128n,
    65_535n,
    2n ** 28n,
    2n ** 31n - 1n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 64n - 1n,
  ]);
  return join(bytes.subarray(0, at), varint(value), bytes.subarray(at + 1));
}

/** Groups in groups, closed or not, or closed once too often, or by another number. */
function groups(random: Random, depth: number): Uint8Array {
  const field = random.pick([1, 3, 9, 100]);
  const end = random.chance(0.9) ? field : 8;
  const count = random.chance(0.8) ? depth : random.below(depth + 2);
  const start = tag(field, Wire.startGroup);
  return join(
    ...Array<number[]>(depth).fill(start),
    random.chance(0.3) ? [...tag(7, Wire.varint), 1] : [],
    ...Array<number[]>(count).fill(tag(end, Wire.endGroup)),
  );
}

/** A number or a tag of more bytes than there may be, or of more bits. */
function longNumber(random: Random): Uint8Array {
  const field = random.pick([1, 2, 3, 4, 5, 7, 100]);
  const length = random.pick([5, 9, 10, 11, 12, 40]);
  const number = [...Array<number>(length - 1).fill(random.pick([0x80, 0xff])), random.below(128)];
  return random.chance(0.3) ? join(number, number) : join(tag(field, random.pick([0, 2, 3])), number);
}

/** Puts bytes where a message, a sample, a timestamp, a value or a complex number is expected. */
function inside(random: Random, bytes: Uint8Array): Uint8Array {
  const paths = [[], [1], [1, 3], [1, 4], [1, 100], [1, 100, 4]];
  return random.pick(paths).reduceRight((content, field) => delimited(field, content), bytes);
}

const fill = (piece: Uint8Array | readonly number[], length = maximumDatagram) =>
  join(...Array(Math.floor(length / piece.length)).fill(piece));

const giants: readonly ((random: Random) => Uint8Array)[] = [
  () => fill([0x0a, 0x00]), // 32,753 samples without anything
  () => delimited(1, fill([0xa2, 0x06, 0x00], maximumDatagram - 4)), // 21,834 values that are not set
  () => delimited(1, fill(delimited(100, [0x10, 0x00]), maximumDatagram - 4)),
  () => delimited(1, fill(delimited(100, [0x22, 0x00]), maximumDatagram - 4)),
  () => delimited(1, fill([0x1a, 0x00], maximumDatagram - 4)), // one timestamp in very many parts
  () => fill([0x38, 0x01]), // unknown fields
  () => fill([0x3b]), // groups that begin
  () => fill([0x3b, 0x3c]), // groups that hold nothing
  () => fill([0xff]),
  () => join([0x38], fill([0x80], maximumDatagram - 1)), // a number without end
  (random) => random.bytes(maximumDatagram),
];
