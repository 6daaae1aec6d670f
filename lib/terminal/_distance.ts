/**
 * The distance between names. A module of this project, because `deno compile` embeds the modules of lib/ and what they
 * import statically: a package that is only imported dynamically would be missing in the executable.
 *
 * @module
 */

export { closestString } from "jsr:@std/text@^1.0.16/closest-string";
export { levenshteinDistance } from "jsr:@std/text@^1.0.16/levenshtein-distance";
