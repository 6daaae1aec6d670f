/**
 * What the tests of all text formats have in common.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { DecodeError, EncodeError, type Format, type Sample, type Value } from "@villas/client";
import { fc } from "../_properties.ts";
import { fixedText } from "../../lib/formats/text/numbers.ts";

/** How many hostile inputs a format is given; a longer run sets FUZZ_COUNT. */
const fuzzCount = Number(Deno.env.get("FUZZ_COUNT") ?? 3000);

/** A hostile file may have more errors than a test can keep. */
const maximumMessages = 1000;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A file that VILLASnode wrote, or that its files were made of. */
export function vector(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`../data/formats/${name}`, import.meta.url));
}

export function vectorText(name: string): string {
  return decoder.decode(vector(name));
}

/** Samples and messages of a whole file, given in pieces of some length. */
export function readFile(format: Format, file: string | Uint8Array, piece = Infinity) {
  const bytes = typeof file === "string" ? encoder.encode(file) : file;
  const messages: string[] = [];
  const reader = format.createDecoder(({ message }) => {
    if (messages.length < maximumMessages) messages.push(message);
  });
  const samples: Sample[] = [];
  // The reader may keep nothing of a piece: each one comes in the same memory.
  const memory = new Uint8Array(Math.min(piece, bytes.length));
  for (let start = 0; start < bytes.length; start += memory.length) {
    const part = bytes.subarray(start, start + memory.length);
    memory.set(part);
    samples.push(...reader.push(memory.subarray(0, part.length)));
    memory.fill(0x2a);
  }
  samples.push(...reader.end());
  return { samples, messages };
}

export function readDatagram(format: Format, datagram: string): Sample[] {
  return format.decode(encoder.encode(datagram));
}

export function writeFile(format: Format, samples: readonly Sample[]): string {
  return format.createEncoder()(samples) as string;
}

export function writeDatagram(format: Format, samples: readonly Sample[]): string {
  return decoder.decode(format.encode(samples));
}

/** Reads a file without error. */
export function readGoodFile(format: Format, file: string | Uint8Array): Sample[] {
  const { samples, messages } = readFile(format, file);
  assertEquals(messages, []);
  return samples;
}

/** Tests that a file gives the same samples and errors however it is cut into pieces. */
export function testPieces(format: Format, title: string, file: string | Uint8Array): void {
  Deno.test(`${format.name} createDecoder() returns the same for ${title} byte by byte`, () => {
    const whole = readFile(format, file);
    assert(whole.samples.length > 0);
    for (const piece of [1, 2, 3, 7, 64]) assertEquals(readFile(format, file, piece), whole);
  });
}

/** Tests that hostile bytes give samples or a DecodeError, and that what was read can be written. */
export function testHostile(format: Format, texts: readonly string[]): void {
  Deno.test(`${format.name} decode() and createDecoder() survive ${fuzzCount} hostile texts`, () => {
    const random = createRandom(format.name.length * 7919 + 1);
    let refused = 0;
    for (let i = 0; i < fuzzCount; i++) {
      const bytes = mutate(encoder.encode(texts[i % texts.length]), random);
      try {
        rewrite(format, format.decode(bytes));
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        assert(error.line !== undefined);
        refused++;
      }
      const whole = readFile(format, bytes);
      assertEquals(readFile(format, bytes, 1 + random(9)), whole);
      rewrite(format, whole.samples);
    }
    assert(refused > fuzzCount / 10, `only ${refused} were refused`);
  });
}

function rewrite(format: Format, samples: Sample[]): void {
  const write = format.createEncoder();
  for (const sample of samples) {
    try {
      write([sample]);
    } catch (error) {
      if (!(error instanceof EncodeError && ["value", "iotagent_ul", "influx"].includes(format.name))) throw error;
    }
  }
}

/** A generator of whole numbers below a limit that gives the same ones in each run (mulberry32). */
function createRandom(seed: number): (limit: number) => number {
  return (limit) => {
    seed = seed + 0x6d2b79f5 | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) % limit;
  };
}

const nasty = [
  ...'{}[]",:.+-eE#()F|\n\r\t\\ 0919',
  "nan",
  "inf",
  "\ufeff",
  "é",
  "18446744073709551616",
  "1e999",
  "null",
  "\u2028",
  "<?>",
  "i",
];

function mutate(source: Uint8Array, random: (limit: number) => number): Uint8Array {
  let bytes = [...source];
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(bytes.length + 1);
    switch (random(6)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes.splice(at, 1 + random(8));
        break;
      case 2:
        bytes.splice(at, random(2), ...encoder.encode(nasty[random(nasty.length)]));
        break;
      case 3:
        bytes = bytes.slice(0, at);
        break;
      case 4:
        bytes.splice(at, 0, ...bytes.slice(random(bytes.length + 1)).slice(0, 30));
        break;
      default:
        bytes.splice(at, 0, random(256), random(256));
    }
  }
  return Uint8Array.from(bytes, (byte) => byte ?? 0);
}

/** Tests that a line of 10 MB, and one beyond the limit, are one error each, and that reading goes on behind. */
export function testLongLines(
  format: Format,
  goodLine: string,
  fillings: readonly string[] = ["1", "[", " ", '"', "a", "1,", "-", "\\"],
): void {
  for (const filling of fillings) {
    Deno.test(`${format.name} createDecoder() survives 10 MB of ${JSON.stringify(filling)} in a line`, () => {
      const long = filling.repeat(10_000_000 / filling.length);
      const { samples } = readFile(format, `${long}\n${goodLine}\n${goodLine}\n`, 65_536);
      assertEquals(samples.at(-1), readGoodFile(format, `${goodLine}\n`)[0]);
      try {
        readDatagram(format, long);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
      }
    });
  }

  Deno.test(`${format.name} createDecoder() reports a line of more than 16 MiB and continues after it`, () => {
    const reports: string[] = [];
    const reader = format.createDecoder((error) => reports.push(error.message));
    const samples = reader.push(encoder.encode(`${goodLine}\n`));
    const filling = new Uint8Array(2 ** 20).fill(0x31);
    for (let i = 0; i < 40; i++) samples.push(...reader.push(filling));
    samples.push(...reader.push(encoder.encode(`\n${goodLine}\n`)), ...reader.end());
    assertEquals(samples.length, 2);
    assertEquals(reports, [
      `Cannot decode text as ${format.name} at line 2: the line is longer than 16777216 bytes`,
    ]);
  });
}

/** Tests that what is no UTF-8 is an error that says where. */
export function testInvalidUtf8(format: Format, goodLine: string): void {
  Deno.test(`${format.name} refuses a line that is not UTF-8 and reads the lines around it`, () => {
    const good = encoder.encode(`${goodLine}\n`);
    const bad = Uint8Array.of(0x23, 0xc3, 0xa9, 0x20, 0xc3, 0x28, 0x0a);
    const file = Uint8Array.of(...good, ...bad, ...good);
    const expected = `Cannot decode text as ${format.name} at line 2, column 4: it is not UTF-8`;
    for (const piece of [Infinity, 1, 5]) {
      const { samples, messages } = readFile(format, file, piece);
      assertEquals(messages, [expected]);
      assertEquals(samples.length, 2);
    }
    try {
      format.decode(file);
    } catch (error) {
      assertEquals((error as Error).message, expected);
      return;
    }
    throw new Error("The datagram has been taken");
  });
}

/** Which of a sample's parts the format carries, and how exactly. */
export interface Carried {
  sequence?: bigint;
  sec?: number;
  /** Greatest common divisor of what nanoseconds may be. */
  nsecStep?: number;
  /** Step and limit of the time from origin to reception in nanoseconds, where it is carried. */
  offsetStep?: number;
  newFrame?: boolean;
  newSimulation?: boolean;
  values: readonly fc.Arbitrary<Value>[];
}

/** Samples as a format carries them. */
export function samplesOf(carried: Carried): fc.Arbitrary<Sample> {
  const { sequence = 0n, sec = 0, nsecStep = 1, offsetStep = 0, newFrame, newSimulation, values } = carried;
  return fc.record({
    sequence: sequence > 0n ? fc.option(fc.bigInt(0n, sequence)) : fc.constant(null),
    origin: sec > 0
      ? fc.option(fc.record({
        sec: fc.integer({ min: 0, max: sec }),
        nsec: fc.integer({ min: 0, max: Math.floor(999_999_999 / nsecStep) }).map((count) => count * nsecStep),
      }))
      : fc.constant(null),
    offset: offsetStep > 0 ? fc.option(fc.integer({ min: 0, max: 999_999 })) : fc.constant(null),
    newFrame: newFrame ? fc.boolean() : fc.constant(false),
    newSimulation: newSimulation ? fc.boolean() : fc.constant(false),
    values: fc.tuple(...values),
  }).map(({ sequence, origin, offset, newFrame, newSimulation, values }) => {
    const sample: Sample = { values: [...values] };
    if (sequence !== null) sample.sequence = sequence;
    if (origin !== null) sample.tsOrigin = origin;
    if (origin !== null && offset !== null) {
      const nsec = origin.nsec + offset * offsetStep;
      sample.tsReceived = { sec: origin.sec + Math.floor(nsec / 1e9), nsec: nsec % 1e9 };
    }
    if (newFrame) sample.newFrame = true;
    if (newSimulation) sample.newSimulation = true;
    return sample;
  });
}

/** Any float, as it is behind the decimals that a fixed number of them leaves of it. */
export const decimalFloat = (decimals: number): fc.Arbitrary<number> =>
  fc.oneof(fc.double(), fc.double({ min: -1000, max: 1000 }), fc.constantFrom(-0, 0, 1, NaN, Infinity, -Infinity))
    .map((value) => Number.isFinite(value) ? Number(fixedText(value, decimals)) : value);

export const finiteFloat: fc.Arbitrary<number> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer().map(Number),
  fc.constantFrom(-0, 5e-324, 1.7976931348623157e308),
);

export const int64: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n),
);

/** Complex values whose parts are float32. */
export const complexOf = (part: fc.Arbitrary<number>): fc.Arbitrary<Value> =>
  fc.record({ real: part.map(Math.fround), imag: part.map(Math.fround) }, { noNullPrototype: true });

/** Tests that samples survive writing and reading, in datagrams and in files. */
export function testRoundTrip(
  format: Format,
  datagramSamples: fc.Arbitrary<Sample>,
  fileSamples: fc.Arbitrary<Sample>,
  perDatagram = 3,
): void {
  Deno.test(`${format.name} decode() returns the samples of encode() and encodeInto()`, () => {
    const buffer = new Uint8Array(65_536);
    fc.assert(fc.property(fc.array(datagramSamples, { maxLength: perDatagram }), (samples) => {
      const datagram = format.encode(samples);
      assertEquals(format.decode(datagram), samples);
      assertEquals(buffer.subarray(0, format.encodeInto(samples, buffer)), datagram);
    }));
  });

  Deno.test(`${format.name} createDecoder() returns the samples of createEncoder()`, () => {
    fc.assert(fc.property(fc.array(fileSamples, { maxLength: 5 }), fc.nat(5), (samples, cut) => {
      const write = format.createEncoder();
      const file = `${write(samples.slice(0, cut))}${write(samples.slice(cut))}`;
      assertEquals(readGoodFile(format, file), samples);
    }));
  });
}
