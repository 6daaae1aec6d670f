/**
 * Frames in streams of bytes: cut anywhere, damaged, in files, and the frames that are missing.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { createFormat, type DecodeError, parseSignals, type Sample } from "@villas/client";
import { FrameSplitter } from "@villas/client/c37_118";
import { c37118 } from "@villas/client/formats";
import { seededRandom } from "../../_random.ts";
import { frame, recorded } from "./_frames.ts";

const frames = ["cfg2", "data0", "data1", "data2", "data3"].map(recorded);

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Pushes bytes in pieces that end at the given positions. */
function split(bytes: Uint8Array, ...cuts: readonly number[]): { found: string[]; splitter: FrameSplitter } {
  const splitter = new FrameSplitter();
  const found: string[] = [];
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    for (const frame of splitter.push(bytes.slice(start, end))) found.push(frame.toHex());
    start = end;
  }
  return { found, splitter };
}

Deno.test("FrameSplitter finds the same frames wherever a stream is cut", () => {
  const stream = join(...frames);
  const expected = frames.map((frame) => frame.toHex());
  for (let cut = 0; cut <= stream.length; cut++) {
    const { found, splitter } = split(stream, cut);
    assertEquals(found, expected);
    assertEquals(splitter.counters, { frames: 5, badChecksums: 0, lostSyncs: 0, skippedBytes: 0 });
  }
  const { found } = split(stream, ...Array.from(stream.keys()));
  assertEquals(found, expected);
});

Deno.test("FrameSplitter leaves out a frame with a wrong checksum, and counts it", () => {
  const [configuration, first, second, third] = frames as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const { found, splitter } = split(join(configuration, first.with(30, 1), second, third));
  assertEquals(found, [configuration, second, third].map((frame) => frame.toHex()));
  assertEquals(splitter.counters, { frames: 3, badChecksums: 1, lostSyncs: 0, skippedBytes: 0 });
});

Deno.test("FrameSplitter finds its way again after each byte of a frame is damaged or missing, with one frame lost", () => {
  const [configuration, ...data] = frames as [Uint8Array, ...Uint8Array[]];
  const [first, damaged, ...rest] = data as [Uint8Array, Uint8Array, ...Uint8Array[]];
  const others = [configuration, first, ...rest].map((frame) => frame.toHex());
  for (let at = 0; at < damaged.length; at++) {
    const variants = [
      ...[0x01, 0x80, 0xff].map((mask) => damaged.with(at, (damaged[at] ?? 0) ^ mask)),
      join(damaged.subarray(0, at), damaged.subarray(at + 1)),
      join(damaged.subarray(0, at), new Uint8Array([0xaa]), damaged.subarray(at)),
    ];
    for (const variant of variants) {
      const { found } = split(join(configuration, first, variant, ...rest), 400);
      // A byte that is inserted before a frame, or into it, may leave it whole or not.
      const lost = found.filter((frame) => frame !== damaged.toHex());
      assertEquals(lost, others, `byte ${at}, ${variant.toHex()}`);
    }
  }
});

Deno.test("FrameSplitter does not wait for the end of a frame whose length is wrong", () => {
  const [configuration, first, second] = frames as [Uint8Array, Uint8Array, Uint8Array];
  const splitter = new FrameSplitter();
  assertEquals(splitter.push(configuration).length, 1);
  assertEquals(splitter.push(first.with(2, 0xff)).length, 0);
  assertEquals(splitter.push(second).map((frame) => frame.toHex()), [second.toHex()]);
  assertEquals(splitter.counters, { frames: 2, badChecksums: 0, lostSyncs: 1, skippedBytes: first.length });
});

Deno.test("FrameSplitter takes bounded time for bytes that look like the starts of frames", () => {
  const bytes = new Uint8Array(2_000_000);
  for (let i = 0; i < bytes.length; i += 4) bytes.set([0xaa, 0x01, 0x7f, 0xff], i);
  const splitter = new FrameSplitter();
  const start = performance.now();
  for (let i = 0; i < bytes.length; i += 1460) splitter.push(bytes.subarray(i, i + 1460));
  const seconds = (performance.now() - start) / 1000;
  // Checking each of them takes 8 GB of checksums, which is minutes.
  assert(seconds < 20, `${seconds} s`);
  assert(splitter.pendingBytes <= 70_000);
});

Deno.test("c37.118 reads a file of frames cut anywhere, and reports where bytes are no frame", async () => {
  const format = await createFormat("c37.118");
  const noise = new TextEncoder().encode("noise");
  const [configuration, first, second] = frames as [Uint8Array, Uint8Array, Uint8Array];
  const file = join(configuration, first, noise, second, second.subarray(0, 20));
  for (let cut = 0; cut <= file.length; cut += 7) {
    const errors: DecodeError[] = [];
    const decoder = format.createDecoder((error) => errors.push(error));
    const samples = [...decoder.push(file.slice(0, cut)), ...decoder.push(file.slice(cut)), ...decoder.end()];
    assertEquals(samples.map(({ tsOrigin }) => tsOrigin?.nsec), [0, 500_000]);
    assertEquals(errors.map(({ message }) => message), [
      "Cannot decode file as c37.118 at offset 422: no frame begins here",
      "Cannot decode file as c37.118 at offset 475: the file ends inside the frame that begins here",
    ]);
  }
});

Deno.test("c37.118 writes a file that it reads as the same samples, the configuration once", async () => {
  const signals = parseSignals(
    '[{"name": "va", "type": "complex"}, {"name": "ia", "type": "complex"}, {"name": "frequency"}, {"name": "rocof"}, ' +
      '{"name": "t"}, {"name": "closed", "type": "boolean"}]',
  );
  const samples = Array.from({ length: 100 }, (_, index): Sample => ({
    tsOrigin: { sec: 1_700_000_000 + index, nsec: 20_000_000 },
    values: [{ real: index, imag: 0.5 }, { real: -1, imag: 2 }, 50.25, -0.5, index / 4, index % 3 === 0],
  }));
  const format = await createFormat({ type: "c37.118", signals });
  const encode = format.createEncoder();
  const file = join(...[samples.slice(0, 40), samples.slice(40)].map((part) => encode(part) as Uint8Array));
  const reader = await createFormat("c37.118");
  const decoder = reader.createDecoder((error) => {
    throw error;
  });
  assertEquals(decoder.push(file), samples);
  assertEquals(decoder.end(), []);
});

Deno.test("c37.118 serves received samples again as they came, PMU by PMU, with STAT", async () => {
  const receiver = await createFormat({ type: "c37.118", stat_signals: true });
  receiver.decode(recorded("cfg2_multi"));
  const received = [0, 1, 2].flatMap((index) => receiver.decode(recorded(`data_multi${index}`)));
  const sender = await createFormat({ type: "c37.118", stat_signals: true, signals: receiver.signals });
  const again = await createFormat({ type: "c37.118", stat_signals: true });
  assertEquals(again.decode(sender.encode(received)), received);
  assertEquals(again.signals, receiver.signals);
});

Deno.test("c37.118 puts the configuration before the first data only, unless its preamble went before", async () => {
  const signals = parseSignals("c");
  const sample = { tsOrigin: { sec: 1, nsec: 0 }, values: [{ real: 1, imag: 0 }] };
  const typeOf = (datagram: Uint8Array) => datagram[1];
  const plain = await createFormat({ type: "c37.118", signals });
  assertEquals([1, 2].map(() => typeOf(plain.encode([sample]))), [0x31, 0x01]);
  const announced = await createFormat({ type: "c37.118", signals });
  assertEquals(announced.preamble?.()?.map(typeOf), [0x21, 0x31, 0x52]);
  assertEquals(typeOf(announced.encode([sample])), 0x01);
});

Deno.test("c37.118 takes a typed array of floats like a list", async () => {
  const sample = { tsOrigin: { sec: 1, nsec: 0 }, values: Float64Array.from([0.5, -2]) };
  const [typed, listed] = await Promise.all([1, 2].map(() => createFormat("c37.118")));
  // As the client does: formats read the values by their indices.
  const frames = typed?.encode([sample as unknown as Sample]);
  assertEquals(frames, listed?.encode([{ ...sample, values: [...sample.values] }]));
});

/** Counts what the tracker sees in data frames of these times, in seconds, at an announced rate of 50 per second. */
async function track(times: readonly number[]) {
  const format = await createFormat("c37.118");
  format.decode(frame("aa31 SIZE 0001 00000000 00000000 000f4240 0000 0032"));
  const tracker = format.createTracker?.();
  for (const time of times) {
    const micros = Math.round(time % 1 * 1e6).toString(16).padStart(8, "0");
    const second = Math.floor(time).toString(16).padStart(8, "0");
    for (const sample of format.decode(frame(`aa01 SIZE 0001 ${second} ${micros}`))) tracker?.track(sample);
  }
  const { missing = 0, duplicate = 0, reordered = 0 } = tracker?.counters ?? {};
  return { missing, duplicate, reordered };
}

Deno.test("c37.118 counts missing, repeated and late frames by their times and the rate", async () => {
  const times = Array.from({ length: 200 }, (_, index) => 1_700_000_000 + index / 50);
  assertEquals(await track(times), { missing: 0, duplicate: 0, reordered: 0 });
  assertEquals(await track(times.filter((_, index) => index < 20 || index > 24)), {
    missing: 5,
    duplicate: 0,
    reordered: 0,
  });
  assertEquals(await track(times.toSpliced(30, 0, times[29] ?? 0)), { missing: 0, duplicate: 1, reordered: 0 });
  // A clock that is set is not a loss of a million frames.
  const jump = times.map((time, index) => index < 100 ? time : time + 86_400);
  assertEquals(await track(jump), { missing: 0, duplicate: 0, reordered: 0 });
  const late = times.toSpliced(30, 1).toSpliced(33, 0, times[30] ?? 0);
  assertEquals(await track(late), { missing: 0, duplicate: 0, reordered: 1 });
});

Deno.test("c37.118 counts no frame as missing where times are at any phase and tremble by 4 ms", async () => {
  const random = seededRandom(7);
  for (const phase of [0, 0.0051, 0.01, 0.0199]) {
    const times = Array.from({ length: 500 }, (_, index) => {
      return 1_700_000_000 + phase + index / 50 + 0.004 * (random.next() / 2 ** 32);
    });
    assertEquals(await track(times), { missing: 0, duplicate: 0, reordered: 0 });
  }
});

Deno.test("c37118().createDecoder() says at which offset of the file a frame is that it cannot decode, however it is cut", () => {
  const format = c37118();
  const file = format.createEncoder()([{ tsOrigin: { sec: 1, nsec: 0 }, values: [1] }]) as Uint8Array;
  const length = (file[2] ?? 0) << 8 | (file[3] ?? 0);
  // The data, without a configuration in front of them.
  const data = file.subarray(length);
  const stream = new Uint8Array([...data, ...file]);
  for (const size of [1, 7, 64, stream.length]) {
    const offsets: (number | undefined)[] = [];
    const decoder = c37118().createDecoder(({ offset }) => offsets.push(offset));
    let samples = 0;
    for (let start = 0; start < stream.length; start += size) {
      samples += decoder.push(stream.slice(start, start + size)).length;
    }
    assertEquals([size, offsets, samples], [size, [0], 1]);
    const shifted = c37118().createDecoder(({ offset }) => offsets.push(offset));
    const mixed = new Uint8Array([0, ...data]);
    for (let start = 0; start < mixed.length; start += size) shifted.push(mixed.slice(start, start + size));
    assertEquals(offsets.slice(1), [0, 1]);
  }
});
