/**
 * Tables of wrong command lines, each with the exact message.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "./_cli.ts";

/**
 * A wrong command line, and its message. A message that ends with `...` is the beginning of it; one that begins so, too, a
 * part of it: the rest comes from another room, whose own tests hold it.
 */
export type WrongUsage = readonly [args: readonly string[], message: string];

/**
 * Tests that each command line is wrong usage: status 2, nothing on standard output, and on standard error the message and
 * where to find help.
 *
 * @param usages The command lines
 * @param more Arguments behind each of them, such as a free local address
 */
export function testWrongUsages(usages: readonly WrongUsage[], more: readonly string[] = []): void {
  for (const [args, message] of usages) {
    Deno.test(`villas-client ${args.join(" ")} is wrong usage`, async () => {
      const { code, stdout, stderr } = await run(...args, ...more);
      const [first = "", second = "", ...rest] = stderr.split("\n");
      assertMessage(first.replace(/^villas-client: error: /, ""), message);
      const hasCommand = /^[a-z]+$/.test(args[0] ?? "") && !first.includes("Unknown command");
      assertEquals(second, `villas-client: error: See villas-client${hasCommand ? ` ${args[0]}` : ""} --help`);
      assertEquals([code, stdout, rest], [2, "", [""]]);
    });
  }
}

function assertMessage(actual: string, expected: string): void {
  const text = expected.replace(/^\.\.\.|\.\.\.$/g, "");
  if (expected.startsWith("...")) assertStringIncludes(actual, text);
  else if (expected.endsWith("...")) assert(actual.startsWith(text), `${actual}\ndoes not begin with\n${text}`);
  else assertEquals(actual, text);
}
