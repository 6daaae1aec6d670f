/**
 * Where digests come from: a file of them, or samples of a file or a link, of which they are computed.
 *
 * @module
 */

import type { End } from "./bridge_ends.ts";
import { isConnection } from "./bridge_ends.ts";
import { withHolder } from "./connect.ts";
import { defaultFileFormat, readingOptions } from "./recording.ts";
import { connect } from "../../client/connect.ts";
import { peerFormatOptions } from "../../client/peer_codecs.ts";
import { DecodeError } from "../../formats/errors.ts";
import { createDigester, type DigestOptions, type FrameDigest, parseDigest } from "../../recordings/digest.ts";
import { createFileFormat, formatForPath } from "../../recordings/file_formats.ts";
import { readBatches } from "../../recordings/files.ts";
import type { Sample } from "../../samples/sample.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import { openToRead } from "../../system/open.ts";
import type { Session } from "../../terminal/command.ts";
import { type OpenOptions, openTransport } from "../../transports/table.ts";

/** Settings of samples whose digests are computed. */
export interface DigestSettings extends DigestOptions {
  /** True to give the digest of the last frame, too. */
  readonly hasLast: boolean;
  /** The most samples of a link. */
  readonly count: number | undefined;
  /** Ends the receiving. */
  readonly ended: AbortSignal;
}

/** The longest line of a file of digests, in bytes. */
const longestLine = 512;

/** Bytes at the start of a file that tell whether it has digests. */
const lineBeginning = /^\d{1,16}\.\d{1,9}-\d{1,20} \d{1,16}\.\d{1,9}-\d{1,20} /;

/** Tells whether an end is a file of digests, by its name or its first line. */
export async function isDigestFile({ path, format }: End): Promise<boolean> {
  if (path === undefined || path === "-" || format !== undefined) return false;
  if (path.endsWith(".digest")) return true;
  // A pipe would lose what is read from it.
  const isFile = await Deno.stat(path).then(({ isFile }) => isFile, () => false);
  if (!isFile) return false;
  using file = await openToRead(path);
  const beginning = new Uint8Array(longestLine);
  const length = await file.read(beginning) ?? 0;
  return lineBeginning.test(new TextDecoder().decode(beginning.subarray(0, length)));
}

/**
 * Reads a file of digests.
 *
 * @param path Path of the file
 * @throws {Error} If a line is not a digest
 */
export async function readDigests(path: string): Promise<FrameDigest[]> {
  using file = await openToRead(path);
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  const digests: FrameDigest[] = [];
  let rest = "";
  let line = 0;
  const take = (text: string) => {
    line++;
    if (text === "") return;
    try {
      digests.push(parseDigest(text.replace(/\r$/, "")));
    } catch (error) {
      throw new Error(`Cannot read ${path}, line ${line}: ${(error as Error).message}`, { cause: error });
    }
  };
  for (;;) {
    const length = await file.read(buffer);
    if (length === null) break;
    const lines = (rest + decoder.decode(buffer.subarray(0, length), { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) take(text);
    if (rest.length > longestLine) take(rest);
  }
  take(rest);
  return digests;
}

/**
 * Computes the digests of the frames of samples.
 *
 * @param end The file or the link that has the samples
 * @param settings Algorithm, frames, and when to end
 * @param session The session
 * @returns The digests, each as soon as its frame has ended
 * @throws {InputError} If the format or the algorithm does not exist
 */
export async function* computeDigests(
  end: End,
  settings: DigestSettings,
  session: Session,
): AsyncGenerator<FrameDigest, void, undefined> {
  const digester = await readInput(() => createDigester(settings)).catch((error) => {
    throw error instanceof RangeError ? new InputError(error.message, { cause: error }) : error;
  });
  const batches = end.path === undefined ? receive(end, settings, session) : readFile(end, settings, session);
  for await (const samples of batches) yield* digester.add(samples);
  const last = settings.hasLast ? digester.end() : undefined;
  if (last !== undefined) yield last;
}

async function* readFile(
  end: End,
  { ended }: DigestSettings,
  { log }: Session,
): AsyncGenerator<readonly Sample[], void, undefined> {
  const { path = "-", signals, format = { type: formatForPath(path) ?? defaultFileFormat } } = end;
  const list = signals === "any" ? undefined : signals;
  const found = await readInput(() => createFileFormat(format, readingOptions(format.type, { signals: list })));
  if (found.stream?.carriesTypes === false && list === undefined) {
    throw new InputError(`Cannot compute digests of ${end.name} without signals: ${found.name} does not carry types`);
  }
  try {
    yield* readBatches(path, found, { signal: ended, onWarning: (message) => log.warning(`${end.name}: ${message}`) });
  } catch (error) {
    // Its place in the file means nothing without the name of the file: there may be two.
    throw error instanceof DecodeError ? new Error(`${end.name}: ${error.message}`, { cause: error }) : error;
  }
}

async function* receive(
  end: End,
  { ended, count = Infinity }: DigestSettings,
  { log }: Session,
): AsyncGenerator<readonly Sample[], void, undefined> {
  const { address, format = { type: "protobuf" }, signals, multicast } = end;
  const isLink = address !== undefined && isConnection(address);
  const local = end.local ?? (isLink ? undefined : address);
  const remote = end.remote ?? (isLink ? address : undefined);
  const options: OpenOptions = multicast === undefined ? {} : { multicast: { group: multicast } };
  if (local !== undefined) options.local = local;
  if (remote !== undefined) options.remote = remote;
  Object.assign(options, peerFormatOptions(local, remote));
  const refused = log.throttled("warning");
  const transport = await readInput(() => openTransport(options, (local ?? remote)?.transport)).catch(async (error) => {
    throw await withHolder(error, local);
  });
  await using stack = new AsyncDisposableStack();
  stack.use(transport);
  const client = stack.use(
    await readInput(() =>
      connect({
        transport,
        format,
        ...signals !== undefined && signals !== "any" && { signals: { in: signals } },
        onDecodeError: (error, _datagram, source = end.name) => refused.log(`${error.message} (from ${source})`),
      })
    ),
  );
  const close = () => client.close();
  if (ended.aborted) close();
  ended.addEventListener("abort", close, { once: true });
  stack.defer(() => ended.removeEventListener("abort", close));
  log.info(`Receiving on ${client.local}`);
  for (let left = count; left > 0;) {
    const messages = await client.receive({ limit: left });
    if (messages.length === 0) break;
    for (const message of messages) {
      const samples = message.slice(0, left);
      left -= samples.length;
      yield samples;
    }
  }
  refused.flush();
}
