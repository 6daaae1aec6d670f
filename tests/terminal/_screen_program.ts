/**
 * A program that draws on a screen until it is ended, for tests of what signals do to it.
 *
 * @module
 */

import { Screen } from "../../lib/terminal/screen.ts";

const screen = new Screen({ output: Deno.stdout }, () => {});
setInterval(() => screen.draw(["drawn"]), 10);
