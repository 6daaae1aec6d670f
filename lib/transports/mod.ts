/**
 * Transports: datagrams to the world and back.
 *
 * @module
 */

export * from "./transport.ts";
export * from "./table.ts";
export * from "./udp.ts";
export * from "./udp_batch.ts";
export * from "./unix.ts";
export * from "./memory.ts";
