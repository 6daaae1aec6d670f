/**
 * Text in XML, as pictures have it.
 *
 * @module
 */

/**
 * Escapes text for XML, and replaces characters that XML cannot carry.
 *
 * @param text The text
 * @returns Text for an element or an attribute in double quotes
 *
 * @see XML 1.0, production `Char`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { escapeXml } from "@villas/client/system";
 *
 * assertEquals(escapeXml('a < "b"\0'), "a &lt; &quot;b&quot;\ufffd");
 * ```
 */
export function escapeXml(text: string): string {
  // deno-lint-ignore no-control-regex -- these are the characters that XML cannot carry
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
