/**
 * Signals and their values, without formats and transports: what `@villas/client/signals` exports.
 *
 * @module
 */

export * from "./sample.ts";
export * from "./signals.ts";
export * from "./values.ts";
