/**
 * Recordings that end where the power was cut: at every byte of a small file, and at 1000 places of a large one. What is read
 * is what was written, up to the last whole sample.
 */

import { assert, assertEquals } from "@std/assert";
import { createFormat, formatNames, parseSignals, type Sample } from "@villas/client";
import { createFileFormat } from "@villas/client/recordings";
import { Compressor } from "../../lib/recordings/compression.ts";
import { completeJournal, createJournalEncoder, journalPath } from "../../lib/recordings/journal.ts";
import { seededRandom } from "../_random.ts";
import { sameSamples } from "../_samples.ts";
import { withFolder } from "../_folders.ts";
import { scaled } from "./_scale.ts";

/** Places of a large file to cut it at. */
const places = scaled(1000, 10);

/** Length of a large file, and of a large journal, which is completed at each place; in bytes. */
const largeFile = 1_000_000;
const largeJournal = 300_000;

/** A file and where it may be cut. */
interface Written {
  readonly bytes: Uint8Array;
  /** Length of the file behind each sample. */
  readonly ends: readonly number[];
}

/** What was read of a file. */
interface Found {
  readonly samples: readonly Sample[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Samples that every format carries, apart from the numbers that some have no place for. */
function createSample(index: number, width: number): Sample {
  return {
    sequence: BigInt(index),
    tsOrigin: { sec: 1_700_000_000 + Math.floor(index / 1000), nsec: index % 1000 * 1_000_000 },
    values: Array.from({ length: width }, (_, column) => (index * 37 + column) % 4096 / 16 - 100),
  };
}

/** Writes samples one by one until they have a length. */
function writeUntil(
  encode: (samples: readonly Sample[]) => string | Uint8Array,
  width: number,
  length: number,
): Written {
  const pieces: Uint8Array[] = [];
  const ends: number[] = [];
  for (let written = 0; written < length;) {
    const piece = encode([createSample(ends.length, width)]);
    const bytes = typeof piece === "string" ? new TextEncoder().encode(piece) : piece.slice();
    pieces.push(bytes);
    ends.push(written += bytes.length);
  }
  return { bytes: concat(pieces), ends };
}

function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const piece of pieces) {
    all.set(piece, position);
    position += piece.length;
  }
  return all;
}

async function readFile(path: string, type: string, width: number): Promise<Found> {
  const errors: string[] = [];
  const warnings: string[] = [];
  const format = await createFileFormat(type, { signals: parseSignals(`${width}f`) });
  const reader = await format.open(path, {
    onDecodeError: ({ message }) => errors.push(message),
    onWarning: (message) => warnings.push(message),
  });
  const samples: Sample[] = [];
  for await (const batch of reader.batches()) samples.push(...batch);
  return { samples, errors, warnings };
}

/** Chooses places of a file, the last one first: at random, and beside the ends of some samples. */
function choosePlaces({ bytes, ends }: Written, count: number, seed: number): number[] {
  const random = seededRandom(seed);
  const chosen = Array.from(
    { length: count },
    () =>
      random.chance(0.7)
        ? random.below(bytes.length)
        : Math.min(Math.max(random.pick(ends) + random.below(3) - 1, 0), bytes.length),
  );
  return chosen.sort((a, b) => b - a);
}

/** Checks what was read of a file that was cut. */
function check(found: Found, expected: readonly Sample[], whole: number, place: string): void {
  const { samples, warnings } = found;
  assert(samples.length >= whole, `${place}: ${samples.length} of ${whole} whole samples`);
  assert(sameSamples(samples.slice(0, whole), expected.slice(0, whole)), `${place}: other samples than were written`);
  const rest = samples.slice(whole);
  assert(rest.length <= 1, `${place}: ${samples.length} samples, and ${whole} were whole`);
  // Of a line whose last digits are missing, nobody can tell; it is said.
  const isTold = warnings.some((message) => message.includes("no end"));
  assert(isTold || sameSamples(rest, expected.slice(whole, whole + rest.length)), `${place}: a sample that was cut`);
}

/** Cuts a file of a stream at places, the last one first. */
async function cutStream(
  { bytes, ends }: Written,
  cuts: Iterable<number>,
  { path, type, width }: { path: string; type: string; width: number },
): Promise<number> {
  await Deno.writeFile(path, bytes);
  const all = await readFile(path, type, width);
  assertEquals([all.samples.length, all.errors], [ends.length, []]);
  let count = 0;
  for (const cut of cuts) {
    await Deno.truncate(path, cut);
    const whole = ends.findLastIndex((end) => end <= cut) + 1;
    check(await readFile(path, type, width), all.samples, whole, `${type} cut at ${cut}`);
    count++;
  }
  return count;
}

function* everyByte({ bytes }: Written): Generator<number> {
  for (let cut = bytes.length - 1; cut >= 0; cut--) yield cut;
}

/** Formats whose samples have neither ends nor lengths, or that have values of their own in front. */
const others: readonly string[] = ["iotagent_ul", "c37.118"];

for (const type of formatNames.filter((name) => !others.includes(name))) {
  const width = type === "value" ? 1 : 4;
  Deno.test(`a file of ${type} is read up to the last whole sample, cut at any byte, and at ${places} places if it is large`, () =>
    withFolder(async (folder) => {
      const settings = { path: `${folder}/run`, type, width };
      const create = async () => (await createFormat(type, { signals: parseSignals(`${width}f`) })).createEncoder();
      const small = writeUntil(await create(), width, 600);
      assertEquals(await cutStream(small, everyByte(small), settings), small.bytes.length);
      const large = writeUntil(await create(), width, largeFile);
      assertEquals(await cutStream(large, choosePlaces(large, places, 1), settings), places);
    }));
}

/** Compresses a file in parts, each of which is flushed. */
async function compress(path: string, { bytes, ends }: Written, parts: number, kind: "gz" | "zst"): Promise<Written> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const compressor = new Compressor(file, kind, 0);
  const compressed: number[] = [];
  let start = 0;
  for (let index = 0; index < ends.length; index++) {
    const isEnd = index === ends.length - 1;
    if (!isEnd && (index + 1) % Math.ceil(ends.length / parts) !== 0) continue;
    await compressor.write(bytes.subarray(start, ends[index]));
    await compressor.flush();
    start = ends[index] ?? start;
    // All samples of a part are readable with the last of them.
    while (compressed.length <= index) compressed.push(compressor.readableLength);
  }
  await compressor.finish();
  compressor.close();
  return { bytes: await Deno.readFile(path), ends: compressed };
}

for (const [type, kind] of [["csv", "gz"], ["json", "zst"], ["protobuf", "gz"], ["villas.binary", "zst"]] as const) {
  Deno.test(`a file of ${type} in .${kind} is read up to the last flush, cut at any byte, and at ${places} places if it is large`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/run.${kind}`;
      const create = async () => (await createFormat(type)).createEncoder();
      for (const [length, parts] of [[3000, 6], [largeFile, 20]] as const) {
        const isSmall = length < largeFile;
        const written = await compress(path, writeUntil(await create(), 4, length), parts, kind);
        await Deno.writeFile(path, written.bytes);
        const { samples: all } = await readFile(path, type, 4);
        assertEquals(all.length, written.ends.length);
        for (const cut of isSmall ? everyByte(written) : choosePlaces(written, places, 2)) {
          await Deno.truncate(path, cut);
          const { samples } = await readFile(path, type, 4);
          const flushed = written.ends.findLastIndex((end) => end <= cut) + 1;
          assert(samples.length >= flushed, `cut at ${cut}: ${samples.length} of ${flushed} flushed samples`);
          // What is behind the last flush may be there, too, and its last line may be cut.
          const certain = Math.max(samples.length - 1, flushed);
          assert(sameSamples(samples.slice(0, certain), all.slice(0, certain)), `cut at ${cut}: other samples`);
        }
      }
    }));
}

for (const [type, ending] of [["comtrade", "cff"], ["matlab", "mat"], ["parquet", "parquet"]] as const) {
  Deno.test(`the journal of a file of ${type} is completed, cut at any byte, and at ${places} places if it is large`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/run.${ending}`;
      const signals = parseSignals("4f");
      const create = () => createJournalEncoder({ format: { type }, signals });
      for (const length of [300, largeJournal]) {
        const isSmall = length < largeJournal;
        const written = writeUntil(create(), 4, length);
        const head = written.bytes.indexOf(10) + 1;
        const cuts = isSmall ? everyByte(written) : choosePlaces(written, places, 3);
        for (const cut of cuts) {
          // A journal without its head has no sample; that is an error of its own.
          if (cut < head) continue;
          await Deno.writeFile(journalPath(path), written.bytes.subarray(0, cut));
          const whole = written.ends.findLastIndex((end) => end <= cut) + 1;
          const errors: string[] = [];
          const { samples } = await completeJournal(path, { onDecodeError: ({ message }) => errors.push(message) });
          assertEquals([cut, samples], [cut, whole]);
          assertEquals(errors.length, cut === head || written.ends.includes(cut) ? 0 : 1, `cut at ${cut}: ${errors}`);
          if (whole === 0) continue;
          const found = await readFile(path, type, 4);
          assertEquals([found.samples.length, found.errors], [whole, []]);
          const last = found.samples.at(-1);
          const expected = createSample(whole - 1, 4);
          assertEquals([last?.tsOrigin, last?.values], [expected.tsOrigin, expected.values]);
        }
      }
    }));
}
