/**
 * Files that `rtt` writes: a log of each case, and one picture.
 *
 * @module
 */

import { createOutput, type Output } from "../../system/output.ts";
import { plannedCount, type RoundTrip, type RoundTripCase } from "../../roundtrips/round_trip.ts";
import { createRoundTripLog, type RoundTripLog, roundTripLogName } from "../../roundtrips/log.ts";
import { createRoundTripTimeline, drawRoundTrips, type RoundTripCaption } from "../../roundtrips/svg.ts";
import type { RoundTripResult } from "../../roundtrips/table.ts";
import type { Timeline } from "../../timing/timeline.ts";
import { explainWriting } from "./output.ts";

/** The files of a measurement, open. */
export interface RoundTripFiles extends AsyncDisposable {
  /** Records a sample that has come back. */
  readonly record: (roundTrip: RoundTrip) => void;
  /** Finishes the logs and draws the picture. */
  draw(results: readonly RoundTripResult[], caption: RoundTripCaption): Promise<void>;
}

/**
 * Opens the files: one that cannot be written is reported before anything is measured.
 *
 * @param cases The cases
 * @param settings Prefix of the logs and path of the picture, if they are wanted
 */
export async function openRoundTripFiles(
  cases: readonly RoundTripCase[],
  { log, svg }: { log: string | undefined; svg: string | undefined },
): Promise<RoundTripFiles> {
  await using stack = new AsyncDisposableStack();
  const logs: { output: Output; text: RoundTripLog }[] = [];
  for (const [id, testCase] of log === undefined ? [] : cases.entries()) {
    const file = stack.use(await open(roundTripLogName(log ?? "", testCase), { append: true }));
    logs.push({ output: createOutput(file), text: createRoundTripLog(id) });
  }
  const picture = svg === undefined ? undefined : stack.use(await open(svg, { write: true }));
  const timelines: Timeline[] = picture === undefined
    ? []
    : cases.map((testCase) => createRoundTripTimeline(testCase, plannedCount(testCase)));
  const owned = stack.move();
  return {
    record(roundTrip) {
      const log = logs[roundTrip.case];
      log?.output.write(log.text.sample(roundTrip));
      timelines[roundTrip.case]?.record(roundTrip.elapsed, roundTrip.seconds);
    },
    async draw(results, caption) {
      for (const [index, { report }] of results.entries()) {
        const log = logs[index];
        log?.output.write(log.text.end(report));
        await log?.output.flush();
      }
      if (picture === undefined) return;
      const panels = results.flatMap((result, index) => {
        const timeline = timelines[index];
        return timeline === undefined ? [] : [{ ...result, timeline }];
      });
      const output = createOutput(picture);
      await picture.truncate();
      output.write(drawRoundTrips(panels, caption));
      await output.flush();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Opens a file, which is created if there is none. */
async function open(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { ...options, create: true });
  } catch (error) {
    throw explainWriting(error, path);
  }
}
