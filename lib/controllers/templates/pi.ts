/**
 * The template `pi`.
 *
 * @module
 */

import type { Template } from "./template.ts";

/** A PI controller for the plant of `villas-client demo plant`. */
export const pi: Template = {
  summary: "a PI controller for the plant of --plant",
  text: `// A PI controller: it makes the measured value follow the setpoint.
import type { Step } from "jsr:@villas/client@^0.1.0/controllers";

// What comes from the node, and what it takes.
export const signals = {
  in: [{ name: "setpoint", unit: "V" }, { name: "measured", unit: "V" }],
  out: [{ name: "actuation", unit: "V" }],
};
// Without a rate, there is one step for each sample that comes.
// export const rate = 100;

// To be changed by --set kp=3, and while it runs by a line kp=3, or in the browser (--scope), where ranges become sliders.
export const parameters = { kp: 2, ki: 5 };
export const ranges = { kp: [0, 10], ki: [0, 20] };

// What is sent instead of an output that is wrong, after half a second without a sample, and at the end.
export const safe = { actuation: 0 };
export const watchdog = 0.5;
export const limits = { actuation: { min: 0, max: 400, rate: 5000 } };

// Outlives a new version of the file (--watch), which variables of the file do not.
interface State {
  integral?: number;
}

const step: Step<[setpoint: number, measured: number], State> = ([setpoint, measured], { dt, state }) => {
  const error = setpoint - measured;
  const integral = (state.integral ?? 0) + parameters.ki * error * dt;
  // Beyond the limits, adding up would only delay the way back.
  state.integral = Math.min(400, Math.max(0, integral));
  return { actuation: parameters.kp * error + state.integral };
};
export default step;
`,
};
