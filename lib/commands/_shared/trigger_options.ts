/**
 * Options of recording events instead of everything.
 *
 * @module
 */

import { durationOrZero, text } from "../../terminal/option.ts";

/** Seconds before and after an event, if nothing else is said. */
const defaultBefore = 5;
const defaultAfter = 10;

/** Options of a trigger. */
export const triggerOptions = {
  // Read when it is used: the language of conditions is loaded only then.
  trigger: text("CONDITION", {
    excludes: ["max-rate"],
    help:
      "print or record only the samples around events, at which a condition begins to hold: 'va > 300', 'frequency < 49.8 " +
      "hysteresis 0.1 and not breaker', 'breaker changes', new_frame, gap",
  }),
  "pre-trigger": {
    ...durationOrZero({
      needs: ["trigger"],
      help: "start this long before an event; the samples wait in memory, about 256 MiB of them at most",
    }, defaultBefore),
    defaultText: `${defaultBefore} s`,
  },
  "post-trigger": {
    ...durationOrZero({ needs: ["trigger"], help: "end this long after the last event" }, defaultAfter),
    defaultText: `${defaultAfter} s`,
  },
};

/** Values of these options. */
export interface TriggerValues {
  readonly trigger: string | undefined;
  readonly "pre-trigger": number;
  readonly "post-trigger": number;
}
