/**
 * VILLASnode's signal generators: as functions of time, as samples, and as a person types them.
 *
 * @module
 */

export * from "./waveform.ts";
export * from "./generate.ts";
export * from "./parse.ts";
