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
import { checkDestination, explainWriting } from "./output.ts";

/** The files of a measurement, open. */
export interface RoundTripFiles extends AsyncDisposable {
  /** Records a sample that has come back. */
  readonly record: (roundTrip: RoundTrip) => void;
  /**
   * Finishes the logs and draws the picture.
   *
   * @returns The files that could not be written, each with the reason
   */
  finish(results: readonly RoundTripResult[], caption: RoundTripCaption): Promise<readonly string[]>;
}

/**
 * Opens the logs, and checks that the picture can be opened: one that cannot is reported before anything is measured. An
 * older picture stays until there is a new one.
 *
 * @param cases The cases
 * @param settings Prefix of the logs and path of the picture, if they are wanted
 */
export async function openRoundTripFiles(
  cases: readonly RoundTripCase[],
  { log, svg }: { log: string | undefined; svg: string | undefined },
): Promise<RoundTripFiles> {
  await using stack = new AsyncDisposableStack();
  const logs: { path: string; output: Output; text: RoundTripLog }[] = [];
  for (const [id, testCase] of log === undefined ? [] : cases.entries()) {
    const path = roundTripLogName(log ?? "", testCase);
    const file = stack.use(await open(path, { append: true }));
    logs.push({ path, output: createOutput(file), text: createRoundTripLog(id) });
  }
  const isDrawnLater = svg !== undefined && await checkDestination(svg);
  const picture = svg === undefined || isDrawnLater ? undefined : stack.use(await open(svg, { write: true }));
  const timelines: Timeline[] = svg === undefined
    ? []
    : cases.map((testCase) => createRoundTripTimeline(testCase, plannedCount(testCase)));
  const owned = stack.move();
  return {
    record(roundTrip) {
      const log = logs[roundTrip.case];
      log?.output.write(log.text.sample(roundTrip));
      timelines[roundTrip.case]?.record(roundTrip.elapsed, roundTrip.seconds);
    },
    async finish(results, caption) {
      const failures: string[] = [];
      const collect = async (work: () => Promise<void>, path: string) => {
        await work().catch((error) => failures.push((explainWriting(error, path) as Error).message));
      };
      for (const [index, { report }] of results.entries()) {
        const log = logs[index];
        if (log === undefined) continue;
        log.output.write(log.text.end(report));
        await collect(() => log.output.flush(), log.path);
      }
      if (svg !== undefined) await collect(() => draw(svg, results, caption), svg);
      return failures;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  async function draw(path: string, results: readonly RoundTripResult[], caption: RoundTripCaption): Promise<void> {
    const panels = results.flatMap((result, index) => {
      const timeline = timelines[index];
      return timeline === undefined ? [] : [{ ...result, timeline }];
    });
    const text = drawRoundTrips(panels, caption);
    if (picture === undefined) return await Deno.writeTextFile(path, text);
    const output = createOutput(picture);
    output.write(text);
    await output.flush();
  }
}

/** Opens a file, which is created if there is none. */
async function open(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { ...options, create: true });
  } catch (error) {
    throw explainWriting(error, path);
  }
}
