/**
 * Colours and bold text, for a person at a terminal who wants them.
 *
 * @module
 */

/** Looks of the parts of a text. */
export interface Style {
  /** Highlights a heading. */
  heading(text: string): string;
  /** Highlights a warning. */
  warning(text: string): string;
  /** Highlights an error. */
  error(text: string): string;
}

/** Plain text, for files, pipes and users who set `NO_COLOR`. */
export const plainStyle: Style = { heading: (text) => text, warning: (text) => text, error: (text) => text };

/**
 * Returns the style of text on a stream.
 *
 * @param stream The stream, such as `Deno.stderr`
 * @returns Colours if the stream is a terminal and `NO_COLOR` (<https://no-color.org>) is not set, else plain text
 */
export async function styleFor(stream: { isTerminal(): boolean }): Promise<Style> {
  if (Deno.noColor || !stream.isTerminal()) return plainStyle;
  // Pipes and files need no colours, so only a terminal loads them.
  const { bold, red, yellow } = await import("./_colors.ts");
  return { heading: bold, warning: yellow, error: (text) => bold(red(text)) };
}
