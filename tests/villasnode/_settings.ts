/**
 * Makes random settings for what sends: formats with options, signals that are given or not, samples that fit and
 * samples that do not. A seed gives the same ones again.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "@villas/client";
import type { Random } from "../_random.ts";
import type { NodeSettings, NodeSignal, NodeSignalType } from "./node_model.ts";

/** A format as the command line and VILLASnode's configuration have it. */
export interface FormatChoice {
  /** VILLASnode's name of the format. */
  readonly type: string;
  /** Name and options. */
  readonly specification: { readonly type: string; readonly [option: string]: unknown };
  /** Value of `--format`. */
  readonly argument: string;
}

/** Signals of a node as the command line gives them. */
export interface SignalChoice {
  /** Value of an option such as `--signals`; undefined where none is given. */
  readonly notation: string | undefined;
  /** Value of the node's `in.signals` that goes with it; undefined for VILLASnode's default. */
  readonly node: NodeSettings["signals"];
  /** Types of the values that are to be sent, most of which fit. */
  readonly types: readonly NodeSignalType[];
}

const letters: Readonly<Record<string, NodeSignalType>> = { f: "float", i: "integer", b: "boolean", c: "complex" };

/** Letters of the types that a format carries. */
function carriedTypes({ type, specification: { bits = 32 } }: FormatChoice): string {
  if (type === "villas.binary" || type === "villas.web") return "fi";
  if (type === "raw" || type === "gtnet") return Number(bits) < 32 ? "ib" : "fibc";
  if (type === "opal.asyncip") return "fib";
  return type === "json.reserve" ? "f" : "fibc";
}

/** Makes a format, with no options most of the time. */
export function chooseFormat(random: Random, type: string): FormatChoice {
  const options: Record<string, unknown> = {};
  if (random.chance(0.4)) Object.assign(options, random.pick(optionsOf(type))(random));
  if (random.chance(0.1)) Object.assign(options, random.pick(commonOptions)(random));
  const specification = { type, ...options };
  const isPlain = Object.keys(options).length === 0;
  return { type, specification, argument: isPlain ? type : JSON.stringify(specification) };
}

type OptionMaker = (random: Random) => Record<string, unknown>;

const commonOptions: readonly OptionMaker[] = [
  () => ({ sequence: false }),
  () => ({ ts_origin: false }),
  () => ({ ts_received: true }),
  () => ({ offset: false }),
  () => ({ data: false }),
  (random) => ({ real_precision: random.below(32) }),
];

const jsonOptions: readonly OptionMaker[] = [
  (random) => ({ indent: random.below(9) }),
  () => ({ compact: true }),
  () => ({ ensure_ascii: true, escape_slash: true }),
  () => ({ sort_keys: true }),
];

const lineOptions: readonly OptionMaker[] = [
  (random) => ({ delimiter: random.pick([";", "|"]) }),
  (random) => ({ comment_prefix: random.pick(["%", ";", "-"]) }),
  () => ({ header: false }),
];

function optionsOf(type: string): readonly OptionMaker[] {
  switch (type) {
    case "raw":
    case "gtnet":
      return [
        (random) => ({ bits: random.pick([8, 16, 32, 64]) }),
        (random) => ({ bits: random.pick([16, 32, 64]), endianess: random.pick(["little", "big"]) }),
        (random) => ({ fake: true, bits: random.pick([32, 64]) }),
      ];
    case "opal.asyncip":
      return [(random) => ({ dev_id: random.below(0x8000) })];
    case "villas.binary":
    case "villas.web":
      return [(random) => ({ source_index: random.below(256), validate_source_index: random.chance(0.5) })];
    case "csv":
    case "tsv":
      return [...lineOptions, (random) => ({ separator: random.pick([";", " ", "|", ":"]) })];
    case "villas.human":
      return lineOptions;
    default:
      return type.startsWith("json") ? jsonOptions : commonOptions;
  }
}

/** Makes the signals of a node: VILLASnode's default, any, or a list. */
export function chooseSignals(random: Random, format: FormatChoice): SignalChoice {
  const usual = random.chance(0.85) ? carriedTypes(format) : "fibc";
  const count = format.type === "value" && random.chance(0.9) ? 1 : random.pick([1, 2, 3, 5, 8, random.below(12)]);
  const list = Array.from({ length: count }, () => random.pick([...usual]));
  const types = list.map((letter) => letters[letter] as NodeSignalType);
  const kind = random.below(10);
  if (kind < 3) {
    // Of floats a node takes 64 without a word.
    const floats = random.chance(0.7)
      ? new Array<NodeSignalType>(random.pick([count, 1, 64, 65, 80])).fill("float")
      : types;
    return { notation: undefined, node: undefined, types: format.type === "value" ? floats.slice(0, count) : floats };
  }
  if (kind < 4 && isReadable(format)) return { notation: "any", node: "any", types };
  if (kind < 7) {
    return { notation: shorten(list), node: types.map((type, index) => ({ name: `signal${index}`, type })), types };
  }
  const used = new Set<string>();
  const signals = types.map((type, index): NodeSignal => {
    const name = random.pick(names);
    const unique = used.has(name) ? `${name}_${index}` : name;
    used.add(unique);
    return { name: unique, type };
  });
  return { notation: JSON.stringify(signals), node: signals, types };
}

/** Whether VILLASnode reads what it writes with these options; where not, `any` says that the receiver is another one. */
function isReadable({ specification }: FormatChoice): boolean {
  return ["ts_origin", "sequence", "offset", "data"].every((name) => specification[name] !== false);
}

/** Names of signals that a lab may have, and some that mean something else in a format. */
const names = [
  "va",
  "Frequency [Hz]",
  "ü",
  'a "b"',
  "π/2",
  "signal1",
  "signal_0",
  "bus 7",
  "sequence",
  "created",
  "data",
];

function shorten(list: readonly string[]): string {
  return list.join("").replace(/(.)\1+/g, (run, letter) => `${run.length}${letter}`);
}

/** Numbers of first samples: VILLASnode's own, those of one that goes on, and those near the ends of 31, 32 and 64 bits. */
const firstNumbers = [0n, 0n, 0n, 1n, 5n, 2n ** 31n - 2n, 2n ** 32n - 2n, 2n ** 40n, 2n ** 63n, 2n ** 64n - 20n];

/**
 * Makes the samples of a setting, most of them of the given types.
 *
 * @param isFromNode Whether they have numbers and times as a node's samples have them, which rise; others may have none
 * @param limit Seconds that their times stay below
 */
export function chooseSamples(
  random: Random,
  types: readonly NodeSignalType[],
  count: number,
  isFromNode = false,
  limit = isFromNode ? 2 ** 32 : Infinity,
): Sample[] {
  const isNumbered = isFromNode || random.chance(0.85);
  const isTimed = isFromNode || random.chance(0.85);
  let sequence = random.pick(firstNumbers);
  let time = chooseTime(random, limit);
  return Array.from({ length: count }, () => {
    const sample: Sample = { values: chooseValues(random, types) };
    if (isNumbered) sample.sequence = sequence;
    if (isTimed) sample.tsOrigin = time;
    if (random.chance(0.1)) sample.newFrame = true;
    sequence += BigInt(1 + random.small(3));
    time = { sec: time.sec, nsec: Math.min(999_999_999, time.nsec + 1000) };
    return sample;
  });
}

function chooseTime(random: Random, limit: number): Timestamp {
  const seconds = [0, 1, 1_700_000_000, 1_700_000_000, 1_700_000_000, 2 ** 32 - 1, 2 ** 32, 2 ** 40];
  return {
    sec: random.pick(seconds.filter((sec) => sec < limit)),
    nsec: random.pick([0, 1, 123_456_789, 999_990_000]),
  };
}

function chooseValues(random: Random, types: readonly NodeSignalType[]): Value[] {
  const chosen = [...types];
  if (random.chance(0.1)) chosen.length = random.below(chosen.length + 1);
  if (random.chance(0.05)) chosen.push(...new Array<NodeSignalType>(1 + random.small(70)).fill("float"));
  const index = random.below(chosen.length + 1);
  if (random.chance(0.05) && index < chosen.length) chosen[index] = random.pick(Object.values(letters));
  return chosen.map((type) => chooseValue(random, type));
}

const floats = [0, -0, 1, -1, 1.5, -2.25, 230.1, 0.1, 1e3, 123_456_789, 1e20, -1e-9];
const strangeFloats = [
  NaN,
  Infinity,
  -Infinity,
  1e300,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
  1e-300,
  2 ** 53 + 2,
  3.5e38,
];
const integers = [0n, 1n, -1n, 7n, -42n, 1000n, 30_000n];
const strangeIntegers = [
  ...[127n, 128n, -129n, 32_768n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, -(2n ** 31n), 2n ** 53n + 1n],
  ...[2n ** 63n - 1n, -(2n ** 63n), 10n ** 18n + 1n],
];

/** Makes a value of a type; one in ten is a strange one. */
export function chooseValue(random: Random, type: NodeSignalType): Value {
  const chooseFloat = () => random.pick(random.chance(0.1) ? strangeFloats : floats);
  switch (type) {
    case "float":
      return chooseFloat();
    case "integer":
      return random.pick(random.chance(0.1) ? strangeIntegers : integers);
    case "boolean":
      return random.chance(0.5);
    case "complex":
      return { real: Math.fround(chooseFloat()), imag: Math.fround(chooseFloat()) };
  }
}
