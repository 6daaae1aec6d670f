/**
 * Says what to do where what comes does not tell its format.
 *
 * @module
 */

import { DetectionError } from "../../client/auto_format.ts";
import type { Log } from "../../terminal/log.ts";

/**
 * Waits for what receives in the format `auto`.
 *
 * @param work What receives
 * @param log Where to say what it may be
 * @returns Whether the format was told, or there was no need to
 */
export async function isFormatTold(work: Promise<unknown>, log: Log): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (!(error instanceof DetectionError)) throw error;
    const { candidates } = error.detection;
    log.error(error.message);
    log.error(candidates.length === 0 ? "Give --format if you know it" : "Give --format; the likeliest first:");
    for (const { specification: { type, ...options }, preview } of candidates) {
      const isName = Object.keys(options).length === 0;
      log.error(`  --format ${isName ? type : `'${JSON.stringify({ type, ...options })}'`}: ${preview}`);
    }
    return false;
  }
}
