/**
 * Texts for messages: numbers of things in words, paragraphs in lines, and addresses without secrets.
 *
 * @module
 */

/**
 * Writes a number of things.
 *
 * @param count How many there are
 * @param noun The noun for one of them, whose plural ends in `s`
 * @returns Such as `"1 sample"` or `"0 samples"`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plural } from "@villas/client/system";
 *
 * assertEquals([plural(1, "sample"), plural(3, "sample")], ["1 sample", "3 samples"]);
 * ```
 */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * Writes how often something happened.
 *
 * @param count The number of times
 * @returns `"once"`, `"twice"`, or a number of `"times"`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { times } from "@villas/client/system";
 *
 * assertEquals([times(1), times(2), times(3)], ["once", "twice", "3 times"]);
 * ```
 */
export function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}

/**
 * Breaks a paragraph into lines; a word that is longer than a line is broken, too.
 *
 * @param paragraph The paragraph, whose words are separated by single blanks
 * @param width Length of the longest line, in characters
 * @param indent Number of blanks in front of each line, fewer than `width`; default 0
 * @returns The lines, at least one
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { wrapText } from "@villas/client/system";
 *
 * assertEquals(wrapText("the length of the longest line", 12, 2), ["  the length", "  of the", "  longest", "  line"]);
 * ```
 */
export function wrapText(paragraph: string, width: number, indent = 0): string[] {
  const room = width - indent;
  const lines: string[] = [];
  let line = "";
  for (const word of paragraph.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
    for (; line.length > room; line = line.slice(room)) lines.push(line.slice(0, room));
  }
  return [...lines, line].map((line) => " ".repeat(indent) + line);
}

/**
 * Hides the user and the password of an address, for messages; the address may be wrongly written otherwise.
 *
 * @param text The address
 * @returns The address with `***` instead of everything between `//` and the last `@`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withoutUser } from "@villas/client/system";
 *
 * assertEquals(withoutUser("mqtt://lab:secret@broker/topic"), "mqtt://***@broker/topic");
 * assertEquals(withoutUser("udp://127.0.0.1:12000"), "udp://127.0.0.1:12000");
 * ```
 */
export function withoutUser(text: string): string {
  return text.replace(/^([a-zA-Z][\w.+-]*:\/\/).*@/s, "$1***@");
}

/**
 * Replaces the control characters of a text, such as the name of a file, which a terminal would obey.
 *
 * @param text The text
 * @returns The text with a question mark for each of them
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { replaceControls } from "@villas/client/system";
 *
 * assertEquals(replaceControls("run\x1b[2J.csv"), "run?[2J.csv");
 * ```
 */
export function replaceControls(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
