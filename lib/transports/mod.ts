/**
 * Bytes to the world and back: datagrams over UDP, unix sockets and memory, behind one interface. What the bytes mean
 * is the matter of the formats.
 *
 * @module
 */

export { type MulticastOptions, type ReadyOptions, type Transport, type TransportOptions } from "./transport.ts";
export { type Address, parseAddress, transportForAddress, type TransportName, transportNames } from "./address.ts";
export { defaultRemoteFor, openTransport } from "./table.ts";
export { openUdp } from "./udp.ts";
export { openUdpBatch } from "./udp_batch.ts";
export { openUnix } from "./unix.ts";
export { openMemory } from "./memory.ts";
