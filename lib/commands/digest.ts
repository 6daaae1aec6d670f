/**
 * `villas-client digest`: VILLASnode's digests of frames, and whether two ends saw the same data.
 *
 * @module
 */

import { type End, parseEnd } from "./_shared/bridge_ends.ts";
import { computeDigests, isDigestFile, readDigests } from "./_shared/digest_sources.ts";
import { commonOptions } from "./_shared/options.ts";
import { failureOf, openDestination } from "./_shared/output.ts";
import { compareDigests, type DigestComparison } from "../recordings/digest_compare.ts";
import { formatDigest, type FrameDigest, type Frames } from "../recordings/digest.ts";
import { InputError } from "../system/input_error.ts";
import { plural } from "../system/text.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { count, duration, file, flag, type Option, text, type Values } from "../terminal/option.ts";

const unitSeconds: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Beginnings of frames. */
const framesOption: Option<Frames | undefined> = {
  value: "FRAMES",
  help:
    "begin a frame at each multiple of a time, such as 500ms or 2s, or of a number of samples, such as 100; or flags, " +
    "at samples that are marked",
  defaultText: "flags if the first sample is marked, else 1s; beside a file of digests, the frames that it has",
  completes: ["flags"],
  default: undefined,
  parse(given) {
    if (given === "flags") return { trigger: "flags" };
    const [, digits, unit] = /^(\d+\.?\d*|\.\d+)(ms|s|m|h)?$/.exec(given) ?? [];
    const number = Number(digits);
    if (unit === undefined && Number.isSafeInteger(number) && number > 0) {
      return { trigger: "sequence", interval: number };
    }
    const seconds = number * (unitSeconds[unit ?? ""] ?? NaN);
    if (!(seconds >= 1e-3)) throw new SyntaxError("expected a time such as 500ms or 2s, a number of samples, or flags");
    return { trigger: "timestamp", interval: seconds };
  },
};

const options = {
  frames: framesOption,
  algorithm: text("NAME", {
    help: "compute digests by this algorithm, by OpenSSL's name, such as md5 or sha512",
    defaultText: "sha256; beside a file of digests, the one that it has",
  }),
  last: flag({ help: "write the digest of the last frame, too, which VILLASnode leaves out because more may follow" }),
  output: file("FILE", { short: "o", help: "write the digests to this file instead of standard output" }),
  count: count("N", { short: "l", help: "quit after this many samples of a link" }),
  duration: duration({ help: "quit after this time" }),
  json: flag({ help: "print the result of a comparison as one JSON object, even if the digests are equal" }),
  ...commonOptions,
};

/** The command `digest`. */
export const digestCommand: Command<typeof options> = {
  name: "digest",
  operands: "SOURCE [OTHER]",
  maximumOperands: 2,
  operandChoices: [],
  description: [
    "Computes the digest of each frame of SOURCE as VILLASnode's hook digest does, and prints a line for each: the first and " +
    "the last sample of the frame, the algorithm, and the digest. With OTHER, it compares the digests of both, which tells " +
    "whether two ends saw the same data without the data being moved, and prints the first difference. Exit status: 0 if " +
    "all frames are equal, 1 if not.",
    "Both are files or addresses with settings as those of bridge: run1.csv,signals=2f or udp://0.0.0.0:12001,format=json. " +
    "Each may also be a file of digests, as VILLASnode's hook or this command writes it, which is told by its first line " +
    "or its name (.digest).",
    "Timestamps, sequence numbers, types and values enter a digest. Formats that do not carry types need the signals, and " +
    "text with few decimals has other digests than what it was written from. VILLASnode marks frames by its hook frame, to " +
    "which the option --frames corresponds, and loses the marks in formats that have no place for them.",
  ],
  examples: [
    {
      what: "Write what VILLASnode's hooks frame (interval 1s) and digest would write",
      line: "villas-client digest run1.json --frames 1s --output run1.digest",
    },
    {
      what: "Compare a recording with the digests that a VILLASnode has written",
      line: "villas-client digest run1.json node.digest",
    },
    { what: "Compare two recordings, frame by frame", line: "villas-client digest sent.json received.pb" },
    {
      what: "Watch a link, and compare what came within a minute",
      line: "villas-client digest udp://0.0.0.0:12001 node.digest --duration 1m",
    },
  ],
  options,
  async run(values, operands, session) {
    if (operands.length === 0) throw new InputError("SOURCE is missing: give a file or an address");
    const sources: Source[] = [];
    for (const operand of operands) {
      const end = await parseEnd(operand);
      sources.push({ end, isDigests: await isDigestFile(end) });
    }
    if (sources.filter(({ end }) => end.path === "-").length > 1) {
      throw new InputError("Cannot use standard input twice");
    }
    using time = new TimeLimit(values.duration, session.ended);
    const [source, other] = sources;
    if (source === undefined) return exitStatus.usage;
    if (other === undefined) return await print(source, values, session, time.ended);
    if (values.output !== undefined) throw new InputError("Cannot use --output with two sources: digests are compared");
    return await compare([source, other], values, session, time.ended);
  },
};

/** One operand. */
interface Source {
  readonly end: End;
  /** True if it is a file of digests. */
  readonly isDigests: boolean;
}

/** Prints the digests of samples as their frames end. */
async function print(
  { end, isDigests }: Source,
  values: Values<typeof options>,
  session: Session,
  ended: AbortSignal,
): Promise<number> {
  if (isDigests) throw new InputError(`Cannot compute digests of ${end.name}: it has digests; give a second source`);
  const { output: target = "-" } = values;
  using destination = await openDestination(target, session, { isText: true });
  if (destination === undefined) return exitStatus.done;
  let written = 0;
  for await (const digest of computeDigests(end, settingsOf(values, ended, values.last), session)) {
    destination.output.write(`${formatDigest(digest)}\n`);
    if (target === "-" && end.path === undefined) await destination.output.flush();
    else if (destination.output.isFull) await destination.output.drain();
    written++;
  }
  const failure = await failureOf(destination);
  if (failure !== undefined) session.log.error(failure.message);
  if (target !== "-") session.log.info(`Wrote the digests of ${plural(written, "frame")} to ${target}`);
  else if (written === 0 && !values.last) {
    session.log.info("No frame has ended: --last writes the digest of the last one");
  }
  return failure === undefined ? exitStatus.done : exitStatus.failed;
}

/** Compares the digests of two sources. */
async function compare(
  sources: readonly [Source, Source],
  values: Values<typeof options>,
  session: Session,
  ended: AbortSignal,
): Promise<number> {
  const known = await Promise.all(
    sources.map(({ end, isDigests }) => isDigests ? readDigests(end.path ?? "") : undefined),
  );
  const given = known.find((digests) => digests !== undefined);
  const algorithm = values.algorithm ?? given?.[0]?.algorithm;
  const frames = values.frames ?? (given === undefined ? undefined : { trigger: "digests", digests: given } as const);
  // Both at a time: a link does not wait.
  const [one = [], other = []] = await Promise.all(sources.map(async ({ end }, index) => {
    const digests = known[index];
    if (digests !== undefined) return digests;
    const chosen = {
      ...settingsOf(values, ended, given === undefined || frames?.trigger === "digests"),
      frames,
      algorithm,
    };
    return await Array.fromAsync(computeDigests(end, withoutUndefined(chosen), session));
  }));
  checkAlgorithms(one, other);
  const comparison = compareDigests(one, other);
  const { equal, different, only: [left, right], first } = comparison;
  const isEqual = first === undefined && equal > 0;
  const names = [sources[0].end.name, sources[1].end.name] as const;
  const status = isEqual ? exitStatus.done : exitStatus.failed;
  if (values.json) session.output.write(`${JSON.stringify(toJson(comparison, names, status))}\n`);
  else if (first !== undefined) {
    for (const line of describeFirst(first, names)) session.output.write(`${line}\n`);
    session.output.write(
      `${plural(equal, "frame")} equal, ${different} different, ${left} only in ${names[0]}, ${right} only in ${
        names[1]
      }\n`,
    );
  }
  if (isEqual) session.log.info(`All ${plural(equal, "frame")} of ${names.join(" and ")} are equal`);
  else if (first === undefined) session.log.error("There is no frame to compare");
  return status;
}

function settingsOf({ algorithm, frames, count }: Values<typeof options>, ended: AbortSignal, hasLast: boolean) {
  return withoutUndefined({ algorithm, frames, count, ended, hasLast });
}

/** Leaves out what is not known, so that defaults hold. */
function withoutUndefined<S extends { algorithm: string | undefined; frames: Frames | undefined }>(settings: S) {
  const { algorithm, frames, ...others } = settings;
  return { ...others, ...algorithm !== undefined && { algorithm }, ...frames !== undefined && { frames } };
}

function checkAlgorithms(one: readonly FrameDigest[], other: readonly FrameDigest[]): void {
  const [mine, theirs] = [one[0]?.algorithm, other[0]?.algorithm];
  if (mine === undefined || theirs === undefined || mine.toLowerCase() === theirs.toLowerCase()) return;
  throw new InputError(`Cannot compare digests of ${mine} with those of ${theirs}`);
}

function describeFirst(first: NonNullable<DigestComparison["first"]>, names: readonly [string, string]): string[] {
  const [mine, theirs] = first;
  const frame = mine ?? theirs;
  if (frame === undefined) return [];
  const place = formatDigest(frame).split(" ", 1)[0];
  const missing = mine === undefined ? names[0] : theirs === undefined ? names[1] : undefined;
  return [
    missing === undefined
      ? `The first frame that differs begins with sample ${place}`
      : `The first difference is the frame that begins with sample ${place}: ${missing} does not have it`,
    ...first.flatMap((digest, index) => digest === undefined ? [] : [`${names[index]}: ${formatDigest(digest)}`]),
  ];
}

function toJson({ equal, different, only, first }: DigestComparison, names: readonly string[], status: number) {
  const [one, other] = first ?? [];
  const line = (digest: FrameDigest | undefined) => digest === undefined ? null : formatDigest(digest);
  return {
    command: "digest",
    status,
    sources: names,
    equal,
    different,
    only,
    first: first === undefined ? null : [line(one), line(other)],
  };
}

/** A signal that is aborted by another one, or after a time. */
class TimeLimit implements Disposable {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #ended: AbortSignal;
  readonly #abort = (): void => this.#controller.abort();

  constructor(seconds: number | undefined, ended: AbortSignal) {
    this.#ended = ended;
    if (ended.aborted) this.#abort();
    ended.addEventListener("abort", this.#abort, { once: true });
    if (seconds !== undefined) this.#timer = setTimeout(this.#abort, seconds * 1000);
  }

  get ended(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#ended.removeEventListener("abort", this.#abort);
  }
}
