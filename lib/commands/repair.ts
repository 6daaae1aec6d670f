/**
 * `villas-client repair`: files of recordings that were cut off.
 *
 * @module
 */

import { completeJournal, journalPath } from "../recordings/journal.ts";
import { InputError } from "../system/input_error.ts";
import { plural } from "../system/text.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { showProgress } from "../terminal/progress.ts";
import { commonOptions } from "./_shared/options.ts";
import { explainWriting } from "./_shared/output.ts";

const options = { ...commonOptions };

/** The command `repair`. */
export const repairCommand: Command<typeof options> = {
  name: "repair",
  operands: "FILE...",
  maximumOperands: Infinity,
  description: [
    "Completes files of recordings that a crash, a power cut or a full disk has cut off. A file of comtrade and the like is of " +
    "use only when it has been closed: while recv records, the samples are in a journal beside it (FILE.journal). repair " +
    "writes the file from its journal, up to the last whole sample, and removes the journal if the file holds all of it.",
    "Files of VILLASnode's formats need no repair: they can be read up to the last whole sample as they are.",
  ],
  examples: [
    { what: "Complete the recording of a machine that lost its power", line: "villas-client repair run1.cfg" },
  ],
  options,
  async run(_values, operands, session) {
    if (operands.length === 0) throw new InputError("FILE is missing: give the files of recordings that were cut off");
    let status: number = exitStatus.done;
    for (const operand of operands) {
      // Who completes a file name by the shell may well take that of the journal.
      if (!await repair(operand.replace(/\.journal$/, ""), session)) status = exitStatus.failed;
      if (session.ended.aborted) return exitStatus.failed;
    }
    return status;
  },
};

/** Completes a file; returns whether it holds everything that its journal has. */
async function repair(path: string, { log, ended }: Session): Promise<boolean> {
  if (!await Deno.stat(journalPath(path)).then(() => true, () => false)) {
    log.error(`Cannot repair ${path}: there is no ${journalPath(path)}`);
    return false;
  }
  const warnings = log.throttled("warning");
  let samples = 0;
  try {
    using _progress = showProgress(log, () => ({ what: `Repairing ${path}`, samples }));
    const completion = await completeJournal(path, {
      signal: ended,
      onProgress: (count) => samples = count,
      onEncodeError: ({ message }) => warnings.log(message),
      onDecodeError: ({ message }) => warnings.log(`${journalPath(path)}: ${message}`),
    });
    warnings.flush();
    if (!completion.isComplete) {
      log.warning(`Interrupted: ${journalPath(path)} is as it was`);
      return false;
    }
    for (const note of completion.notes) log.warning(`${path}: ${note}`);
    log.info(`Wrote ${plural(completion.samples, "sample")} as ${completion.format} to ${path}`);
    if (completion.refused === 0) return true;
    log.error(
      `Skipped ${plural(completion.refused, "sample")} that ${completion.format} cannot carry; they are in the journal`,
    );
    return false;
  } catch (error) {
    warnings.flush();
    log.error(`Cannot repair ${path}: ${(explainWriting(error, path) as Error).message}`);
    return false;
  }
}
