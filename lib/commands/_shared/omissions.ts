/**
 * Values that a format leaves out because it has no place for them, in words.
 *
 * @module
 */

import type { Format } from "../../formats/format.ts";
import { times } from "../../system/text.ts";

/** Describes what was left out of what a format has encoded; undefined if nothing was. */
export function describeOmissions({ name, omitted }: Pick<Format, "name" | "omitted">): string | undefined {
  if (omitted === undefined || omitted.size === 0) return undefined;
  const parts = [...omitted].map(([reason, count]) => `${reason} (${times(count)})`);
  return `Left out values that ${name} has no place for: ${parts.join(", ")}`;
}
