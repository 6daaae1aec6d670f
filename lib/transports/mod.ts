/**
 * Bytes to the world and back: datagrams over UDP, unix sockets and memory, messages over connections, behind one
 * interface, and the addresses of their ends. What the bytes mean belongs to the formats; transports, formats and counters
 * together make a client.
 *
 * @module
 */

export { type Address, parseAddress, transportForAddress, type TransportName, transportNames } from "./address.ts";
export { defaultRemoteFor, type OpenOptions, openTransport } from "./table.ts";
export type {
  DatagramTransport,
  PeerFormats,
  ReadyOptions,
  Transport,
  TransportOptions,
  TransportStats,
  Variants,
} from "./transport.ts";
export type { LinkState, LinkStats, PeerChange, WhenDown } from "./link/connection.ts";
export type { ConnectionOptions, Credentials } from "./link/options.ts";
export { openUdp, type UdpOptions } from "./udp.ts";
export type { BusyPollOptions } from "./udp/busy_poller.ts";
export type { MulticastOptions } from "./udp/multicast.ts";
export { openUnix } from "./unix.ts";
export { openMemory } from "./memory.ts";
export { openSynchrophasors, type SynchrophasorConnectionOptions } from "./c37_118.ts";
export type { SynchrophasorOptions } from "./c37_118/options.ts";
export { openWebSocket } from "./ws.ts";
export { openMqtt, type OpenMqttOptions } from "./mqtt.ts";
export type { MqttOptions } from "./mqtt/options.ts";
export { openAmqp, type OpenAmqpOptions } from "./amqp.ts";
export type { AmqpOptions } from "./amqp/options.ts";
