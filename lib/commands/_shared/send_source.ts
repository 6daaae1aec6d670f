/**
 * The samples that `send` sends: those of a file or of standard input, or constant ones, and when each is due.
 *
 * @module
 */

import { castWholeNumbers } from "../../recordings/convert.ts";
import { readBatches } from "../../recordings/files.ts";
import type { OpenRecording, ReplayOptions, Timing } from "../../recordings/replay.ts";
import type { SendOptions, SendReport } from "../../recordings/send.ts";
import type { LinkSignals } from "../../samples/directions.ts";
import { InputError } from "../../system/input_error.ts";
import { describePath } from "../../system/open.ts";
import type { Session } from "../../terminal/command.ts";
import type { Log } from "../../terminal/log.ts";
import type { Connection } from "./connection.ts";
import { findRecording, type Recording } from "./recording.ts";
import type { SendValues } from "./send_options.ts";
import { readSentValues } from "./signal_checks.ts";
import { sentSignals } from "./signals.ts";

/**
 * Number of bytes of a file to read at a time if its samples are sent at their times: reading more would delay those that
 * are due meanwhile.
 */
const timedPieceLength = 8192;

/** Progress of reading and sending. */
export interface SendState {
  /** Number of bytes of the file that were read, in all loops. */
  bytes: number;
  /** Number of records of the file that could not be read. */
  unreadable: number;
  /** Counts of the samples that were sent. */
  readonly report: SendReport;
}

/** Source of the samples to send. */
export interface SendSource {
  /** Its name for messages. */
  readonly what: string;
  /** Length of the file in bytes, if it is one. */
  readonly length: number | undefined;
  /** When to send the samples. */
  readonly timing: Partial<ReplayOptions>;
  /** Options of sending that the source decides. */
  readonly options: SendOptions;
  /** Returns what opens it, once for each loop. */
  open(connection: Connection): OpenRecording;
}

/** Prepares a file, or standard input. */
export async function openFile(
  path: string,
  values: SendValues,
  signals: LinkSignals,
  state: SendState,
  session: Session,
): Promise<SendSource> {
  const timing = timingOf(values, path, session);
  const recording = await findRecording(path, values["input-format"], {
    signals: sentSignals(signals),
    timeColumn: values["time-column"],
    rawCounts: values["raw-counts"],
  });
  const { length, format } = recording;
  return {
    what: `${describePath(path)} (${format.name})`,
    length,
    timing,
    options: {},
    open(connection) {
      const open = openerOf(recording, timing.timing, state, connection, session);
      return signals.out === undefined && format.isText ? asFloats(open, session.log) : open;
    },
  };
}

/** Options that are about files. */
const fileOptions = ["input-format", "time-column", "raw-counts", "timing"] as const;

/** Prepares samples that all have the same values and the time of sending. */
export async function openConstants(
  text: string,
  path: string | undefined,
  given: SendValues,
  signals: LinkSignals,
): Promise<SendSource> {
  if (path !== undefined) throw new InputError(`Cannot send ${describePath(path)} with --values, which replaces it`);
  const wrong = fileOptions.find((name) => given[name] !== undefined && given[name] !== false) ??
    (given.speed !== 1 ? "speed" : given.loop !== 1 ? "loop" : undefined);
  if (wrong !== undefined) throw new InputError(`Cannot use --${wrong} with --values: it is about files`);
  const { rate, count } = given;
  const values = await readSentValues(text, given.format.type, signals);
  return {
    what: text,
    length: undefined,
    timing: rate === undefined ? { timing: "fast" } : { timing: "rate", rate },
    options: { restamp: true, ...rate === undefined && { count: count ?? 1 } },
    open: () =>
      async function* () {
        for (;;) yield [{ values }];
      },
  };
}

/** Chooses when to send; throws if the options contradict each other. */
function timingOf(
  { timing, rate, speed, loop }: SendValues,
  path: string,
  { nameOf }: Session,
): Partial<ReplayOptions> {
  if (path === "-" && loop > 1) throw new InputError("Cannot loop standard input: it can be read only once");
  if (rate !== undefined && (timing ?? "rate") !== "rate") {
    throw new InputError(`Cannot use ${nameOf("rate")} with --timing ${timing}`);
  }
  if (timing === "rate" && rate === undefined) throw new InputError("Cannot use --timing rate without --rate HZ");
  const chosen = timing ?? (rate !== undefined ? "rate" : path === "-" && speed === 1 ? "fast" : "original");
  if (speed !== 1 && chosen !== "original") throw new InputError(`Cannot use --speed with --timing ${chosen}`);
  return rate === undefined ? { timing: chosen, speed } : { timing: chosen, rate };
}

/** Returns what opens the file; its errors are reported in the first loop only. */
function openerOf(
  { path, format }: Recording,
  timing: Timing | undefined,
  state: SendState,
  { closed }: Connection,
  { log }: Session,
): OpenRecording {
  return async function* (loop) {
    const unreadable = log.throttled("warning");
    yield* readBatches(path, format, {
      signal: closed,
      ...timing === "fast" ? {} : { pieceLength: timedPieceLength },
      onRead: (bytes) => state.bytes += bytes,
      onWarning: (message) => loop === 0 && log.warning(`${describePath(path)}: ${message}`),
      onDecodeError(error) {
        if (loop > 0) return;
        state.unreadable++;
        unreadable.log(`${describePath(path)}: ${error.message}`);
      },
    });
    unreadable.flush();
  };
}

/**
 * Takes whole numbers in text for floats, as VILLASnode's own tools do without a list of signals: `1` in a file does not
 * promise that a node has an integer there. If a float would not hold all digits, it stays an integer.
 */
function asFloats(open: OpenRecording, log: Log): OpenRecording {
  let isLogged = false;
  return async function* (loop) {
    for await (const samples of open(loop)) {
      if (castWholeNumbers(samples) && !isLogged) {
        log.info("Sending whole numbers as floats, as VILLASnode's tools do (--signals gives other types)");
        isLogged = true;
      }
      yield samples;
    }
  };
}
