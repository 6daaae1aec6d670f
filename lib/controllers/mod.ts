/**
 * Controllers in the loop: one function a step, called for each sample or at a fixed rate, with limits, safe values and
 * figures; their files, their templates, and the watchdog outside of their thread. The plant of the demonstration belongs to
 * `villasnode`, and what answers without thinking, the echo, to the client.
 *
 * @module
 */

export { control } from "./control.ts";
export { ControlLoop } from "./control_loop.ts";
export type { ControlOptions, StepRecord } from "./control_options.ts";
export {
  type Controller,
  controllerFromModule,
  type LinkDescription,
  type LinkInput,
  type LinkOutput,
  type OutputLimits,
  type Parameter,
  type ParameterRange,
  type PerLink,
  type PerOutput,
  type Step,
  type StepContext,
  type StepOutput,
} from "./controller.ts";
export { ControlError, type ControlFault, type FaultKind } from "./faults.ts";
export type { ControlEnding, ControlFigures } from "./figures.ts";
export { parseParameter } from "./parameters.ts";
export { loadController, type LoadedController, type LoadOptions } from "./load.ts";
export { type SafeLink, StuckWatchdog, type StuckWatchdogOptions } from "./stuck_watchdog.ts";
export { joinSignals } from "./recorded_signals.ts";
