/**
 * Mappings: the inputs of VILLASnode's paths, each a node and the part of its samples to take.
 *
 * @module
 */

/** A node, and the part of its samples that a path takes. */
export interface Mapping {
  /** Name of the node. */
  readonly node: string;
  /** First signal to take, by its name or its index; undefined for all, or where something else is taken. */
  readonly first?: string;
  /** Last signal to take; undefined for one only. */
  readonly last?: string;
  /** A figure of the samples' header to take instead. */
  readonly header?: "sequence" | "length";
  /** A timestamp to take instead; the mapping has one value for it, the seconds. */
  readonly time?: "origin" | "received";
  /** A statistic of the node to take instead. */
  readonly statistic?: { readonly metric: string; readonly figure: string };
}

/** The notation (`include/villas/mapping.hpp`). */
const notation = new RegExp(
  String.raw`^(?<node>[a-z0-9_-]{2,32})(?:` +
    [
      String.raw`\.stats\.(?<metric>[a-z]+)\.(?<figure>[a-z]+)`,
      String.raw`\.hdr\.(?<header>sequence|length)`,
      String.raw`\.ts\.(?<time>origin|received)`,
      String.raw`(?:\.data)?\[(?<first>\w+)(?:-(?<last>\w+))?\]`,
      String.raw`\.(?:data\.)?(?<single>\w+)`,
    ].join("|") + ")?$",
);

/**
 * Parses a mapping.
 *
 * @param text Text such as `lab`, `lab.data[0-2]`, `lab.data[va]`, `lab[va-vc]`, `lab.va`, `lab.hdr.sequence`,
 * `lab.ts.origin` or `lab.stats.owd.mean`
 * @returns The mapping; undefined where it is none
 *
 * @see VILLASnode, `lib/mapping.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseMapping } from "@villas/client/villasnode";
 *
 * assertEquals(parseMapping("lab.data[0-2]"), { node: "lab", first: "0", last: "2" });
 * assertEquals(parseMapping("udp://127.0.0.1:12000"), undefined);
 * ```
 */
export function parseMapping(text: string): Mapping | undefined {
  const groups = notation.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { node = "", metric, figure = "", header, time, single, first = single, last } = groups;
  return {
    node,
    ...first !== undefined && { first },
    ...last !== undefined && { last },
    // The expression allows no others.
    ...header !== undefined && { header: header as "sequence" | "length" },
    ...time !== undefined && { time: time as "origin" | "received" },
    ...metric !== undefined && { statistic: { metric, figure } },
  };
}

/**
 * Returns the indices of the signals that a mapping takes.
 *
 * @param mapping The mapping
 * @param names Names of the node's signals; undefined where they are not known, so that only indices are
 * @returns The first and the last index; undefined where one of them is not there
 */
export function findRange(
  { first, last = first }: Pick<Mapping, "first" | "last">,
  names: readonly (string | undefined)[] | undefined,
): { readonly from: number; readonly to: number } | undefined {
  const indexOf = (text = "") => {
    const index = names?.indexOf(text) ?? -1;
    return index >= 0 ? index : /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  };
  const [from, to] = [indexOf(first), indexOf(last)];
  return from <= to && to < (names?.length ?? Infinity) ? { from, to } : undefined;
}
