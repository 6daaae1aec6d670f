/**
 * The template `breaker`.
 *
 * @module
 */

import type { Template } from "./template.ts";

/** A state machine with a breaker: booleans. */
export const breaker: Template = {
  summary: "a state machine that trips a breaker, with booleans",
  text:
    `// A breaker with overcurrent protection: it closes on command, and trips when the current is too high for too long.
import type { Step } from "jsr:@villas/client@^0.1.0/controllers";

export const signals = {
  in: [{ name: "current", unit: "A" }, { name: "close", type: "boolean" }],
  out: [{ name: "closed", type: "boolean" }, { name: "tripped", type: "boolean" }],
};
export const parameters = { pickup: 100, delay: 0.2 };
export const safe = { closed: false, tripped: true };
export const watchdog = 1;

interface State {
  mode?: "open" | "closed" | "tripped";
  /** How long the current has been too high, in seconds. */
  overload?: number;
}

const step: Step<[current: number, close: boolean], State> = ([current, close], { dt, state }) => {
  state.overload = current > parameters.pickup ? (state.overload ?? 0) + dt : 0;
  switch (state.mode ?? "open") {
    case "open":
      if (close) state.mode = "closed";
      break;
    case "closed":
      if (!close) state.mode = "open";
      else if (state.overload >= parameters.delay) state.mode = "tripped";
      break;
    case "tripped":
      // The command has to be taken back before it closes again.
      if (!close) state.mode = "open";
  }
  return { closed: state.mode === "closed", tripped: state.mode === "tripped" };
};
export default step;
`,
};
