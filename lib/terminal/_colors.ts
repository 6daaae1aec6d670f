/**
 * The colours of a terminal. A module of this project, because `deno compile` embeds the modules of lib/ and what they
 * import statically: a package that is only imported dynamically would be missing in the executable.
 *
 * @module
 */

export { bold, red, yellow } from "jsr:@std/fmt@^1.0.8/colors";
