/**
 * The machine underneath: files, standard output, waits, reasons of system errors, and the load of the machine. Nothing
 * here knows VILLASnode or samples; clocks and pace belong to the room of timing.
 *
 * @module
 */

export { describeSystemError, explainSystemError, type SystemPurpose } from "./errors.ts";
export { InputError, readInput } from "./input_error.ts";
export { type MachineLoad, watchMachine } from "./machine.ts";
export { createOutput, type Output, type Sink } from "./output.ts";
export { explainMissingPackage, loadPackages } from "./packages.ts";
export { plural, replaceControls, times, withoutUser, wrapText } from "./text.ts";
export { nextAwaitedTime, resolvesWithin, sleep, unlessAborted, waitUntil, yieldToEventLoop } from "./wait.ts";
export { escapeXml } from "./xml.ts";
