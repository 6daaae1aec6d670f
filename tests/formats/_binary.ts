/**
 * What the tests of the binary formats share: the samples of the vectors, and checks that hold for each of them.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DecodeError, type Format, type Sample } from "@villas/client";
import { fc } from "../_properties.ts";

/** A vector: bytes that a VILLASnode wrote. */
export function vector(path: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`../data/${path}`, import.meta.url));
}

const time = (nsec: number) => ({
  tsOrigin: { sec: 1_700_000_000, nsec },
  tsReceived: { sec: 1_700_000_000, nsec: nsec + 250_000_000 },
});

/** The samples of `float.input`. */
export const floatSamples: Sample[] = [
  { sequence: 0n, ...time(123_456_789), values: [0, -0, 0] },
  { sequence: 1n, ...time(123_456_790), values: [1.25, -0.10000000000000001, 0.001] },
  { sequence: 2n, ...time(123_456_791), newFrame: true, values: [2.5, -0.20000000000000001, 0.002] },
  { sequence: 3n, ...time(123_456_792), values: [3.75, -0.30000000000000004, 0.0030000000000000001] },
];

/** The samples of `mixed.input`. */
export const mixedSamples: Sample[] = [
  { sequence: 0n, ...time(1), values: [1.5, -7n, true, { real: 1.25, imag: -2.5 }] },
  { sequence: 1n, ...time(100_000_001), values: [-0.5, 9223372036854775807n, false, { real: 0.1, imag: 0.2 }] },
  { sequence: 2n, ...time(200_000_001), values: [1e20, -300n, true, { real: 0, imag: -3 }] },
  { sequence: 3n, ...time(300_000_001), newFrame: true, values: [0.1, 0n, false, { real: 5, imag: 0 }] },
];

/** Writes a file of all samples. */
export function writeFile(format: Format, samples: readonly Sample[]): Uint8Array {
  const bytes = format.createEncoder()(samples);
  assert(bytes instanceof Uint8Array);
  return bytes;
}

/**
 * Reads a file in pieces of a length; each piece stands somewhere in memory that is overwritten as soon as it is read.
 */
export function readFile(format: Format, bytes: Uint8Array, pieceLength = Math.max(bytes.length, 1)) {
  const errors: DecodeError[] = [];
  const reader = format.createDecoder((error) => errors.push(error));
  const samples: Sample[] = [];
  const memory = new Uint8Array(pieceLength + 7);
  for (let i = 0; i < bytes.length; i += pieceLength) {
    const piece = bytes.subarray(i, i + pieceLength);
    memory.set(piece, 3);
    samples.push(...reader.push(memory.subarray(3, 3 + piece.length)));
    memory.fill(0xaa);
  }
  samples.push(...reader.end());
  return { samples, messages: errors.map(({ message }) => message), offsets: errors.map(({ offset }) => offset) };
}

/** How many hostile inputs each property gets; more with the environment variable FUZZ_COUNT. */
export const fuzzCount = Number(Deno.env.get("FUZZ_COUNT") ?? 3000);

/** Any bytes; and bytes that were right before some of them were changed, cut off or put in. */
function hostileBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(),
    how: fc.constantFrom("set", "flip", "cut", "insert", "repeat"),
    byte: fc.integer({ min: 0, max: 255 }),
  });
  const mutated = fc.tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([seed, changes]) => {
      let bytes = [...seed];
      for (const { at, how, byte } of changes) {
        const i = bytes.length === 0 ? 0 : at % bytes.length;
        if (how === "set") bytes[i] = byte;
        else if (how === "flip") bytes[i] = (bytes[i] ?? 0) ^ 1 << byte % 8;
        else if (how === "cut") bytes = bytes.slice(0, i);
        else if (how === "insert") bytes.splice(i, 0, byte);
        else bytes.splice(i, 0, ...bytes.slice(0, i));
      }
      return Uint8Array.from(bytes);
    });
  return fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated);
}

/**
 * Hostile bytes give samples or a DecodeError, never more of them and of values than bytes, and the same however a file
 * is cut.
 */
export function assertSurvivesHostileBytes(format: Format, seeds: readonly Uint8Array[], { file = true } = {}): void {
  fc.assert(
    fc.property(hostileBytes(seeds), fc.integer({ min: 1, max: 50 }), (bytes, pieceLength) => {
      try {
        assertBounded(format.decode(bytes), bytes);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        assert(error.offset !== undefined && error.offset >= 0 && error.offset <= bytes.length, error.message);
      }
      if (!file) return;
      const whole = readFile(format, bytes);
      assertBounded(whole.samples, bytes);
      assertEquals(readFile(format, bytes, pieceLength), whole);
      for (const offset of whole.offsets) assert(offset !== undefined && offset <= bytes.length, `${whole.messages}`);
    }),
    { numRuns: fuzzCount },
  );
}

function assertBounded(samples: readonly Sample[], bytes: Uint8Array): void {
  const values = samples.reduce((sum, sample) => sum + 1 + sample.values.length, 0);
  // A sample of one word of 8 bits is the smallest that has a value.
  assert(values <= 2 * bytes.length, `${values} samples and values from ${bytes.length} bytes`);
}

/** Datagrams may stand anywhere in memory, which may be used again at once; a buffer that is too small is refused. */
export function assertMindsBuffers(format: Format, samples: readonly Sample[]): void {
  const datagram = format.encode(samples);
  const expected = format.decode(datagram);
  const memory = new Uint8Array(datagram.length + 20).fill(0x55);
  assertEquals(format.encodeInto(samples, memory.subarray(11)), datagram.length);
  assertEquals(memory.subarray(11, 11 + datagram.length), datagram);
  assertEquals([...memory.subarray(0, 11), ...memory.subarray(11 + datagram.length)], new Array(20).fill(0x55));
  const decoded = format.decode(memory.subarray(11, 11 + datagram.length));
  memory.fill(0xff);
  assertEquals(decoded, expected);
  assertEquals(format.encodeInto(samples, new Uint8Array(datagram.length)), datagram.length);
  const small = new Uint8Array(memory.buffer, 11, datagram.length - 1);
  assertThrows(
    () => format.encodeInto(samples, small),
    RangeError,
    `Cannot encode ${datagram.length} bytes into a buffer: it has ${datagram.length - 1} bytes`,
  );
  assertEquals(memory, memory.slice().fill(0xff));
  const kept = format.encode(samples);
  format.encode(samples.map((sample) => ({ ...sample, sequence: 77n })));
  assertEquals(kept, datagram);
}

/** A file that ends inside a sample is read up to there, and the end is reported; so it is wherever pieces are cut. */
export function assertReadsPieces(format: Format, bytes: Uint8Array, samples: readonly Sample[]): void {
  for (const pieceLength of [1, 2, 3, 7, 16, 17, bytes.length]) {
    assertEquals(readFile(format, bytes, pieceLength), { samples: [...samples], messages: [], offsets: [] });
  }
  for (let length = 0; length < bytes.length; length++) {
    const { samples: found, messages, offsets } = readFile(format, bytes.subarray(0, length), 5);
    assertEquals(found, samples.slice(0, found.length));
    const isWhole = writeFile(format, found).length === length;
    assertEquals(messages.length, isWhole ? 0 : 1, `${length} bytes: ${messages}`);
    if (!isWhole) assertEquals(offsets, [writeFile(format, found).length]);
  }
}

/** Numbers that a float32 holds. */
export const float32 = fc.float().map((value) => Math.fround(value));

/** Points in time of 32 bits. */
export const timestamp = fc.record({
  sec: fc.integer({ min: 0, max: 0xffff_ffff }),
  nsec: fc.integer({ min: 0, max: 999_999_999 }),
});
