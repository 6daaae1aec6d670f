/**
 * Signals, their values and what generates them, without formats and transports: what `@villas/client/signals` exports.
 *
 * @module
 */

export * from "./sample.ts";
export * from "./signals.ts";
export * from "./values.ts";
export * from "./generators/mod.ts";
