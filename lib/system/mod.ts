/**
 * The machine underneath: files and standard output, waits, reasons of system errors, and how busy the machine is. Nothing
 * here knows VILLASnode; measuring time belongs to the room of timing.
 *
 * @module
 */

export { InputError, readInput } from "./input_error.ts";
export { type MachineLoad, watchMachine } from "./machine.ts";
