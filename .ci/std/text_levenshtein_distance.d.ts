// The part of @std/text that this project uses, for machines where JSR cannot be reached (see ../prepare.ts).

/** How many single-character changes make one word the other. */
export declare function levenshteinDistance(a: string, b: string): number;
