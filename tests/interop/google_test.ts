/**
 * Holds the decoder of `protobuf` against Google's implementation: both are given the same datagrams, most of them broken
 * or odd, and must take or refuse the same ones and read the same in them.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { DecodeError, type Sample, type Timestamp, type Value } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { seededRandom } from "../_random.ts";
import { sameSamples } from "../_samples.ts";
import { messyDatagram } from "../formats/_messy.ts";
import { loadSubject } from "../formats/_subjects.ts";
import { delimited, hex, join } from "../formats/_wire.ts";
import { hostileDatagram } from "../formats/hostile.ts";
import { findPython, hasProtoc, startPeer } from "./_tools.ts";

const python = await findPython();
const ignore = !(await hasProtoc()) || python === undefined;

/** A sample as the peer writes it. */
interface PeerSample {
  type: number | null;
  sequence: string | null;
  ts_origin: [string | null, string | null] | null;
  ts_received: [string | null, string | null] | null;
  new_frame: boolean | null;
  values: { f?: string; i?: string; b?: boolean; z?: [string | null, string | null] }[];
}

/** What Google's implementation makes of each datagram. */
async function parseWithGoogle(datagrams: readonly Uint8Array[]): Promise<("rejected" | PeerSample[])[]> {
  await using peer = await startPeer(python ?? "", "parse");
  for (const datagram of datagrams) {
    await peer.write(join(new Uint8Array(new Uint32Array([datagram.length]).buffer), datagram));
  }
  const { output, code } = await peer.finish();
  assertEquals(code, 0);
  const lines = output.trimEnd().split("\n");
  assertEquals(lines.length, datagrams.length);
  return lines.map((line) => JSON.parse(line));
}

function fromPeer({ type, sequence, ts_origin, ts_received, new_frame, values }: PeerSample): Sample {
  const sample: Sample = { values: values.map(valueFromPeer) };
  // A missing type is the schema's default, DATA; so is a set one, which is nothing to mention.
  if (type === 2) sample.type = "start";
  if (type === 3) sample.type = "stop";
  if (sequence !== null) sample.sequence = BigInt(sequence);
  if (ts_origin !== null) sample.tsOrigin = timestampFromPeer(ts_origin);
  if (ts_received !== null) sample.tsReceived = timestampFromPeer(ts_received);
  // `new_frame: false`, which VILLASnode's Python package sends, says the same as nothing.
  if (new_frame) sample.newFrame = true;
  return sample;
}

/** Missing parts are 0: the schema calls them required, but only for who writes. */
function timestampFromPeer([sec, nsec]: [string | null, string | null]): Timestamp {
  return { sec: Number(sec ?? 0), nsec: Number(nsec ?? 0) };
}

function valueFromPeer({ f, i, b, z }: PeerSample["values"][number]): Value {
  if (f !== undefined) return new DataView(hex(f).buffer).getFloat64(0);
  if (i !== undefined) return BigInt(i);
  if (b !== undefined) return b;
  if (z === undefined) return null;
  const [real, imag] = z.map((digits) => digits === null ? 0 : new DataView(hex(digits).buffer).getFloat32(0));
  return { real: real ?? 0, imag: imag ?? 0 };
}

/** What ours makes of a datagram: the samples, or why it refuses it. */
function parseWithOurs(datagram: Uint8Array): Sample[] | DecodeError {
  try {
    return protobuf().decode(datagram);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

/**
 * Whether a datagram was refused for a tag of more than 32 bits, which is in front of the offset. Google's conformance
 * tests want it refused ("BadTag_FieldNumberTooHigh"); the parser in C++ up to that of 2022, which the peer runs on, takes
 * the lower 32 bits instead and reads on.
 */
function hasLongTag(datagram: Uint8Array, { reason, offset = 0 }: DecodeError): boolean {
  const tag = datagram.subarray(offset - 5, offset);
  return reason === "the number of a field is longer than 29 bits" && tag.length === 5 && (tag[4] ?? 0) > 0x0f &&
    tag.subarray(0, 4).every((byte) => byte >= 0x80);
}

const hasNanoseconds = ({ tsOrigin, tsReceived }: Sample) =>
  (tsOrigin?.nsec ?? 0) <= 999_999_999 && (tsReceived?.nsec ?? 0) <= 999_999_999;

/** What Google's parser should give for what it gave: undefined where ours has to refuse the datagram. */
function expected(parsed: "rejected" | PeerSample[]): Sample[] | undefined {
  if (parsed === "rejected") return undefined;
  const samples = parsed.map(fromPeer);
  // The schema has 32 bits for nanoseconds and Google's parser no opinion on them. Ours refuses what is no time.
  return samples.every(hasNanoseconds) ? samples : undefined;
}

async function compare(datagrams: readonly Uint8Array[]): Promise<void> {
  const differences: unknown[] = [];
  let taken = 0;
  for (const [i, parsed] of (await parseWithGoogle(datagrams)).entries()) {
    const datagram = datagrams[i] ?? new Uint8Array();
    const ours = parseWithOurs(datagram);
    const google = expected(parsed);
    if (google !== undefined) taken++;
    if (ours instanceof DecodeError ? google === undefined || hasLongTag(datagram, ours) : isSame(ours, google)) {
      continue;
    }
    differences.push({ i, bytes: datagram.toHex(), ours, google });
  }
  assertEquals(differences.slice(0, 20), [], `${differences.length} of ${datagrams.length} datagrams`);
  // Both sides are to be seen, or nothing is compared.
  assert(taken > datagrams.length / 5, `Google's parser took ${taken} of ${datagrams.length} datagrams`);
}

const isSame = (ours: Sample[], google?: Sample[]) => google !== undefined && sameSamples(ours, google);

Deno.test({ name: "protobuf decodes 10,000 messy datagrams as Google's parser does", ignore }, async () => {
  const random = seededRandom(20_01);
  await compare(Array.from({ length: 10_000 }, () => messyDatagram(random).datagram));
});

Deno.test({ name: "protobuf takes and refuses 20,000 hostile datagrams as Google's parser does", ignore }, async () => {
  const random = seededRandom(20_02);
  const subject = await loadSubject("protobuf");
  await compare(Array.from({ length: 20_000 }, () => hostileDatagram(random, subject).subarray(0, 4096)));
});

Deno.test({ name: "protobuf counts the depth of groups and messages as Google's parser does", ignore }, async () => {
  const datagrams: Uint8Array[] = [];
  for (const path of [[], [1], [1, 3], [1, 4], [1, 100], [1, 100, 4]]) {
    for (let depth = 95; depth <= 102; depth++) {
      const groups = join(Array(depth).fill(0x3b), [0x38, 0x01], Array(depth).fill(0x3c));
      datagrams.push(path.reduceRight((content, field) => delimited(field, content), groups));
    }
  }
  await compare(datagrams);
});
