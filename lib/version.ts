/**
 * The version of this package.
 *
 * @module
 */

/** The version of this package; deno.json says the same, and a test compares the two. */
export const version = "0.1.0";
