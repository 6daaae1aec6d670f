/**
 * The template `average`.
 *
 * @module
 */

import type { Template } from "./template.ts";

/** A moving average of each value. */
export const average: Template = {
  summary: "a moving average of each value",
  text: `// Sends back the mean of the last values of each signal.
import type { Step } from "jsr:@villas/client@^0.1.0/controllers";

export const signals = { in: "3f", out: "3f" };
export const parameters = { length: 4 };

interface State {
  last?: number[][];
}

const step: Step<readonly number[], State> = (values, { state }) => {
  const last = state.last ??= [];
  last.push([...values]);
  while (last.length > parameters.length) last.shift();
  return values.map((_, index) => last.reduce((sum, sample) => sum + sample[index]!, 0) / last.length);
};
export default step;
`,
};
