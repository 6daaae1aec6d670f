/**
 * fast-check, which tries the same values in every run, as `_random.ts` does: whether a commit passes is no matter of luck.
 *
 *     PROPERTY_SEED=random deno task test
 *
 * tries others; what it finds becomes an example of its property.
 *
 * @module
 */

import fc from "fast-check";

const seed = Deno.env.get("PROPERTY_SEED") ?? "1";
if (seed !== "random") fc.configureGlobal({ seed: Number(seed) });

export { fc };
