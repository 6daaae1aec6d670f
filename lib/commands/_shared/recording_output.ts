/**
 * Files that samples are recorded in while they pass: of a stream, compressed or not, and of another tool, whose samples are
 * in a journal until the end.
 *
 * @module
 */

import type { Signal } from "../../samples/signals.ts";
import type { Session } from "../../terminal/command.ts";
import { withHeaderRemoved } from "./headers.ts";
import type { NamedFormat } from "./options.ts";
import { choosePrintFormat } from "./printer.ts";
import type { RecorderSettings } from "./recorder.ts";
import { withSignals } from "./signals.ts";

/** A file to record in. */
export interface RecordingOutput {
  /** Path of the file, or `"-"` for standard output. */
  readonly path: string;
  /** Its format. */
  readonly format: NamedFormat;
  /** Signals of the samples, if they are known. */
  readonly signals: readonly Signal[] | undefined;
  /** Writes behind what it has; default false. */
  readonly append?: boolean;
}

/**
 * Creates the settings of the recorder of a file.
 *
 * @param output The file
 * @param session The session
 * @throws {InputError} If there is no such format, or a file of it cannot be written there
 */
export async function createRecorderSettings(
  { path, format: specification, signals, append = false }: RecordingOutput,
  { output }: Session,
): Promise<RecorderSettings> {
  const isFile = path !== "-";
  const target = { isTerminal: !isFile && output.isTerminal, isFile, place: `Cannot write ${path}` };
  const choose = (named: NamedFormat) => choosePrintFormat(named, withSignals(signals), target);
  const format = await choose(specification);
  const continued = append ? await choose(withHeaderRemoved(specification)) : format;
  return { path, format, continued, reduce: (samples) => samples, options: { append: append && isFile } };
}
