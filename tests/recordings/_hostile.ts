/**
 * Feeds a format of files with files that nobody means well with: an error that says where, or samples, is right; any other
 * error, a hang or memory that grows is not.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { DecodeError } from "@villas/client";
import type { FileFormat } from "@villas/client/recordings";
import { type Random, seededRandom } from "../_random.ts";
import { withFolder } from "../_folders.ts";

/** Number of mutated files for each subject; the tests of survival try more. */
export const mutations = 150;

/** Longest time to read one file, in milliseconds: its bytes would take a thousandth of it. */
const patience = 5000;

/** What is to be broken. */
export interface FileSubject {
  readonly format: FileFormat;
  /** The files of a recording by their names; the first one is opened. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Reads a file whatever it holds; returns the number of samples, and of errors. */
export async function readHostile(format: FileFormat, path: string): Promise<{ samples: number; errors: number }> {
  const result = { samples: 0, errors: 0 };
  const started = performance.now();
  try {
    const reader = await format.open(path, { onDecodeError: () => result.errors++ });
    for await (const samples of reader.batches()) {
      result.samples += samples.length;
      assert(samples.length > 0, "a batch is empty");
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    assert(error.reason !== "" && !/undefined|NaN/.test(error.message), error.message);
    result.errors++;
  }
  assert(performance.now() - started < patience, `reading took ${performance.now() - started} ms`);
  return result;
}

/** Reads a recording cut at every byte of each of its files: none of them has more samples than the whole one. */
export async function cutEverywhere({ format, files }: FileSubject): Promise<{ cuts: number; whole: number }> {
  return await withFolder(async (folder) => {
    const main = `${folder}/${Object.keys(files)[0]}`;
    const writeAll = () =>
      Promise.all(Object.entries(files).map(([name, bytes]) => Deno.writeFile(`${folder}/${name}`, bytes)));
    await writeAll();
    const whole = await readHostile(format, main);
    assertEquals(whole.errors, 0);
    let cuts = 0;
    for (const [name, bytes] of Object.entries(files)) {
      for (let length = 0; length < bytes.length; length++, cuts++) {
        await Deno.writeFile(`${folder}/${name}`, bytes.subarray(0, length));
        const { samples } = await readHostile(format, main);
        assert(samples <= whole.samples, `${name} cut at ${length} has ${samples} samples`);
      }
      await writeAll();
    }
    return { cuts, whole: whole.samples };
  });
}

/** Reads mutated files; returns how many of them were refused in whole or in part. */
export async function mutateFiles({ format, files }: FileSubject, seed: number, count = mutations): Promise<number> {
  const random = seededRandom(seed);
  const names = Object.keys(files);
  return await withFolder(async (folder) => {
    let refused = 0;
    const memory = Deno.memoryUsage().external;
    for (let index = 0; index < count; index++) {
      const broken = random.pick(names);
      for (const name of names) {
        const bytes = files[name] ?? new Uint8Array();
        await Deno.writeFile(`${folder}/${name}`, name === broken ? mutate(bytes, random) : bytes);
      }
      try {
        if ((await readHostile(format, `${folder}/${names[0]}`)).errors > 0) refused++;
      } catch (error) {
        throw new Error(`Mutation ${index} of seed ${seed}, in ${broken}: ${error}`, { cause: error });
      }
    }
    assert(Deno.memoryUsage().external - memory < 2 ** 28, "the memory has grown by more than 256 MiB");
    return refused;
  });
}

/** Texts that aim at counts, sizes and numbers. */
const texts = [
  "0",
  "-1",
  "999999",
  "999999A",
  "4294967295",
  "1e308",
  "nan",
  ",",
  "\n",
  "\r\n",
  "\0",
  "\u00fc",
  "99/99/9999",
];

/** Returns bytes with one to five changes, some of which aim at counts, sizes and numbers. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let result = bytes.slice();
  for (let i = 0; i <= random.small(4); i++) {
    const pos = random.below(result.length + 1);
    switch (random.below(6)) {
      case 0:
        if (pos < result.length) result[pos] = random.below(256);
        break;
      case 1:
        if (pos < result.length) result[pos] = (result[pos] ?? 0) ^ 1 << random.below(8);
        break;
      case 2:
        result = splice(result, pos, random.small(64), new Uint8Array());
        break;
      case 3:
        result = splice(result, pos, 0, random.bytes(random.small(32)));
        break;
      case 4:
        result = splice(result, pos, random.small(8), new TextEncoder().encode(random.pick(texts)));
        break;
      default:
        new DataView(result.buffer).setUint32(
          Math.min(pos, Math.max(result.length - 4, 0)) & ~3,
          random.pick([
            0,
            0xffff_ffff,
            0x7fff_ffff,
            0x8000_0000,
            result.length,
            random.next(),
          ]),
          random.chance(0.8),
        );
    }
    if (result.length < 4) return result;
  }
  return result;
}

function splice(bytes: Uint8Array, pos: number, removed: number, added: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = Math.min(bytes.length, pos + removed);
  const result = new Uint8Array(bytes.length - (end - pos) + added.length);
  result.set(bytes.subarray(0, pos));
  result.set(added, pos);
  result.set(bytes.subarray(end), pos + added.length);
  return result;
}
