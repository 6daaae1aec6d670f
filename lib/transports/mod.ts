/**
 * Bytes to the world and back: datagrams over UDP, unix sockets and memory, behind one interface, and the addresses of
 * their ends. What the bytes mean belongs to the formats; samples, counters and formats together make a client.
 *
 * @module
 */

export { type Address, parseAddress, transportForAddress, type TransportName, transportNames } from "./address.ts";
export { defaultRemoteFor, type OpenOptions, openTransport } from "./table.ts";
export type { DatagramTransport, ReadyOptions, Transport, TransportOptions, TransportStats } from "./transport.ts";
export { openUdp, type UdpOptions } from "./udp.ts";
export type { BusyPollOptions } from "./udp/busy_poller.ts";
export type { MulticastOptions } from "./udp/multicast.ts";
export { openUnix } from "./unix.ts";
export { openMemory } from "./memory.ts";
