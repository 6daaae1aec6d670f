/**
 * Colours of traces that people with any colour vision can tell apart.
 *
 * @module
 */

/** A colour scheme of the page. */
export type Theme = "light" | "dark";

/**
 * The palette of Okabe and Ito, "Color Universal Design" (2008), darkened or lightened where a line of the original would
 * have a contrast below 3 against its background.
 */
const palettes: Readonly<Record<Theme, readonly [string, ...string[]]>> = {
  light: ["#0072b2", "#d55e00", "#008662", "#b5508c", "#a87500", "#2288bb", "#444444", "#7a6f00"],
  dark: ["#56a8e0", "#ff8a3d", "#1fc79a", "#e39cc6", "#f0b429", "#8fd3f7", "#d0d0d0", "#f0e442"],
};

/** Dashes of the lines from the ninth on, which have the colours of the first ones. */
const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

/**
 * Returns the look of a trace.
 *
 * @param index Index of the channel, from 0
 * @param theme The colour scheme
 * @returns Its colour, and the lengths of its dashes and gaps in pixels, none for a solid line
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { lookOf } from "@villas/client/scope";
 *
 * assertEquals(lookOf(0, "light"), { color: "#0072b2", dash: [] });
 * assertEquals(lookOf(8, "light"), { color: "#0072b2", dash: [8, 4] });
 * ```
 */
export function lookOf(index: number, theme: Theme): { readonly color: string; readonly dash: readonly number[] } {
  const palette = palettes[theme];
  const color = palette[index % palette.length] ?? palette[0];
  return { color, dash: dashes[Math.floor(index / palette.length) % dashes.length] ?? [] };
}
