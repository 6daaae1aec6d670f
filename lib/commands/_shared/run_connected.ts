/**
 * The frame of a command: connect, announce, run, summarize, write the figures, and choose the exit status.
 *
 * @module
 */

import { exitStatus, type Session } from "../../terminal/command.ts";
import type { Log } from "../../terminal/log.ts";
import { type ConnectionSettings, openConnection, type OpenLink } from "./connect.ts";
import type { Connection } from "./connection.ts";

/** The part of a command that is its own, once it is connected. */
export interface Task<C extends Connection | undefined = Connection> {
  /** Does the work, until the connection is closed. */
  run(connection: C): Promise<void>;
  /**
   * Sums up the work.
   *
   * @param connection The connection
   * @param seconds How long the work took
   */
  conclude(connection: C, seconds: number): Conclusion | Promise<Conclusion>;
}

/** The end of a command. */
export interface Conclusion {
  /** Summary for a person, one message each. */
  readonly lines?: readonly string[];
  /** Summary for a program, which `--stats` writes. */
  readonly figures?: object;
  /** Error that ended the work, if any. */
  readonly failure?: string | undefined;
  /** Exit status of that; default 1. */
  readonly status?: number;
}

/** Options of the frame. */
export interface FrameValues {
  /** File of the figures, or `"-"`. */
  readonly stats?: string | undefined;
  /** Longest time without a sample, in seconds. */
  readonly timeout?: number | undefined;
}

/**
 * Connects and runs a task.
 *
 * @param settings What to connect with
 * @param session The session
 * @param announce Describes the link, for the log, as soon as it receives
 * @param task The task
 * @param open Opens the connection; default: {@linkcode openConnection}
 * @returns The exit status
 */
export async function runConnected(
  settings: ConnectionSettings & { readonly values: FrameValues },
  session: Session,
  announce: (link: OpenLink) => string,
  task: Task,
  open = openConnection,
): Promise<number> {
  const { stats } = settings.values;
  if (stats !== undefined) await checkFile(stats);
  const onOpen = (link: OpenLink) => session.log.info(announce(link));
  await using connection = await open({ ...settings, onOpen }, session);
  connection.startTimers();
  if (!settings.isReceiveOnly) await connection.waitForRemote(session.log);
  return await perform(connection, settings.values, session, task);
}

/**
 * Runs a task.
 *
 * @param connection The connection of the command, if it has one
 * @param values Options of the frame
 * @param session The session
 * @param task The task
 * @returns The exit status
 */
export async function runTask<C extends Connection | undefined>(
  connection: C,
  values: FrameValues,
  session: Session,
  task: Task<C>,
): Promise<number> {
  if (values.stats !== undefined) await checkFile(values.stats);
  return await perform(connection, values, session, task);
}

/** Checks that the figures can be written: hours later it would be too late. */
async function checkFile(stats: string): Promise<void> {
  const { checkDestination } = await import("./output.ts");
  await checkDestination(stats);
}

async function perform<C extends Connection | undefined>(
  connection: C,
  { stats, timeout }: FrameValues,
  session: Session,
  task: Task<C>,
): Promise<number> {
  const { log } = session;
  const started = performance.now();
  const work = task.run(connection).catch(async (error) => {
    // A link that has ended says why at its end.
    const { ClosedError } = await import("../../client/errors.ts");
    if (!(error instanceof ClosedError && connection?.isLink)) throw error;
  });
  const isFormatKnown = await reportUndetectedFormat(work, log);
  const seconds = (performance.now() - started) / 1000;
  connection?.flushLogs();
  const broken = await connection?.finish();
  const conclusion = await task.conclude(connection, seconds);
  const { lines = [], figures } = conclusion;
  const { failure, status = exitStatus.failed } = broken === undefined ? conclusion : { failure: broken.message };
  for (const line of lines) log.info(line);
  if (figures !== undefined && stats !== undefined) {
    const { writeStats } = await import("./summary.ts");
    await writeStats(figures, stats, session);
  }
  const isTimeout = connection?.ending === "timeout";
  if (isTimeout) log.error(`No sample arrived for ${timeout} s`);
  if (failure !== undefined) log.error(failure);
  if (failure !== undefined) return status;
  if (!isFormatKnown) return exitStatus.failed;
  return isTimeout ? exitStatus.timeout : exitStatus.done;
}

/**
 * Waits for work in the format `auto`, and lists the formats that the datagrams may be in if it was not detected.
 *
 * @param work What receives
 * @param log Where to list them
 * @returns Whether the format was detected, or there was no need to
 */
async function reportUndetectedFormat(work: Promise<unknown>, log: Log): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    const { DetectionError } = await import("../../client/auto_format.ts");
    if (!(error instanceof DetectionError)) throw error;
    const { candidates } = error.detection;
    log.error(error.message);
    log.error(candidates.length === 0 ? "Give --format if you know it" : "Give --format; most likely first:");
    for (const { specification: { type, ...options }, preview } of candidates) {
      const isName = Object.keys(options).length === 0;
      log.error(`  --format ${isName ? type : `'${JSON.stringify({ type, ...options })}'`}: ${preview}`);
    }
    return false;
  }
}
