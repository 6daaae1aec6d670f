/**
 * Headers of files that are continued: one is enough.
 *
 * @module
 */

import type { NamedFormat } from "./options.ts";

/** Formats of lines that may begin with a header. */
const formatsWithHeader: readonly string[] = ["csv", "tsv", "villas.human"];

/** Returns the specification of a format without its header, for a file that has one. */
export function withHeaderRemoved(specification: NamedFormat): NamedFormat {
  return formatsWithHeader.includes(specification.type) ? { ...specification, header: false } : specification;
}
