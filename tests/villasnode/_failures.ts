/**
 * Collects what does not fit, and tells each reason once, with the shortest setting that shows it.
 *
 * @module
 */

import type { Unfit } from "./_judge.ts";

/** The shortest setting for a reason. */
interface Example {
  readonly text: string;
  count: number;
}

/** Reasons that are shown of a datagram; one that is too long has one for each of its values. */
const shownReasons = 3;

/** All that does not fit, by reason. */
export class Failures {
  /** Number of datagrams. */
  count = 0;
  readonly #examples = new Map<string, Example>();

  /** Adds what does not fit of a setting. */
  add(format: string, setting: string, unfit: readonly Unfit[]): void {
    this.count += unfit.length;
    for (const { datagram, reasons } of unfit) {
      const key = `${format}: ${generalize(reasons[0] ?? "")}`;
      const text = `${setting}\n${datagram}\n${
        reasons.slice(0, shownReasons).map((reason) => `  ${reason}`).join("\n")
      }`;
      const known = this.#examples.get(key);
      const count = (known?.count ?? 0) + 1;
      this.#examples.set(key, { text: known && known.text.length <= text.length ? known.text : text, count });
    }
  }

  /** Describes each reason with its example, the most frequent one first. */
  describe(): string {
    const examples = [...this.#examples].sort(([, a], [, b]) => b.count - a.count);
    const texts = examples.map(([reason, { count, text }]) => `${count} x ${reason}\n${text}`);
    return `${this.count} datagrams do not fit:\n\n${texts.join("\n\n")}`;
  }
}

/** Leaves out of a reason what differs from one datagram to the next. */
function generalize(reason: string): string {
  return reason.replace(/ like this[:,] .*/s, "").replace(/"(?:[^"\\]|\\.)*"/g, '"..."').replace(
    /-?\b[0-9][\w.+]*/g,
    "N",
  );
}
