/**
 * Controllers to begin with: the table of `villas-client run --new`.
 *
 * @module
 */

import { average } from "./average.ts";
import { breaker } from "./breaker.ts";
import { constants } from "./constants.ts";
import { droop } from "./droop.ts";
import { phasor } from "./phasor.ts";
import { pi } from "./pi.ts";
import type { Template, templateNames } from "./template.ts";

/** Templates by name. */
export const templates: Readonly<Record<typeof templateNames[number], Template>> = {
  constants,
  pi,
  droop,
  average,
  breaker,
  phasor,
};
