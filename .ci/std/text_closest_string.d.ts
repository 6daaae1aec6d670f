// The part of @std/text that this project uses, for machines where JSR cannot be reached (see ../prepare.ts).

/** The word that is nearest to the given one. */
export declare function closestString(givenWord: string, possibleWords: readonly string[]): string;
