/**
 * Colours and bold text, for a person at a terminal who wants them.
 *
 * @module
 */

/** How parts of a text look. */
export interface Style {
  /** Makes a heading stand out. */
  heading(text: string): string;
  /** Makes a warning stand out. */
  warning(text: string): string;
  /** Makes an error stand out. */
  error(text: string): string;
}

/** Text as it is, for files, pipes and who sets `NO_COLOR`. */
export const plainStyle: Style = { heading: (text) => text, warning: (text) => text, error: (text) => text };

/**
 * The style for what is written to a stream.
 *
 * @param stream Such as `Deno.stderr`
 * @returns A plain style unless the stream is a terminal and `NO_COLOR` (<https://no-color.org>) is not set
 */
export async function styleFor(stream: { isTerminal(): boolean }): Promise<Style> {
  if (Deno.noColor || !stream.isTerminal()) return plainStyle;
  // Pipes and files need no colours, so only a terminal loads them.
  const { bold, red, yellow } = await import("./_colors.ts");
  return { heading: bold, warning: yellow, error: (text) => bold(red(text)) };
}
