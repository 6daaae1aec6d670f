/**
 * The executable `villas-client`: arguments in, exit status out.
 *
 * @module
 */

import { main } from "./lib/commands/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
