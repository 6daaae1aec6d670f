// The part of @std/fmt that this project uses, for machines where JSR cannot be reached (see ../prepare.ts).

/** Makes a text bold. */
export declare function bold(text: string): string;

/** Makes a text red. */
export declare function red(text: string): string;

/** Makes a text yellow. */
export declare function yellow(text: string): string;
