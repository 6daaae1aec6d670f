/**
 * Settings of a client, as a node of VILLASnode's configuration gives them.
 *
 * @module
 */

import type { FormatSpecification } from "../formats/table.ts";
import type { Signal } from "../samples/signals.ts";
import type { AmqpOptions } from "../transports/amqp/options.ts";
import type { Credentials } from "../transports/link/options.ts";
import type { MqttOptions } from "../transports/mqtt/options.ts";
import type { MulticastOptions } from "../transports/udp/multicast.ts";

/** Settings of a client: everything that it and its node have to agree on, as the client sees it. */
export interface ClientSettings {
  /**
   * The address that the client receives on; missing where the node sends nothing over its broker (`mqtt`), and where the
   * client connects to it (`ws`).
   */
  local?: string;
  /**
   * The address that the client sends to; missing where the node takes nothing from its broker (`mqtt`), and where the node
   * connects to the client (`ws`).
   */
  remote?: string;
  /** The format of the datagrams, with its options. */
  format: FormatSpecification;
  /** The signals by direction: `in` of the samples that the client receives, `out` of those that it sends. */
  signals?: { readonly in?: readonly Signal[]; readonly out?: readonly Signal[] };
  /** Samples per datagram that the node takes. */
  vectorize?: number;
  /** The multicast group that the client receives from. */
  multicast?: MulticastOptions;
  /** Options of MQTT. */
  mqtt?: MqttOptions;
  /** Options of AMQP. */
  amqp?: AmqpOptions;
  /** File of the certificate authorities that the node trusts (`mqtt`, `amqp`). */
  tlsCaFile?: string;
  /** Name and password that the node shows to its broker (`mqtt`, `amqp`). */
  credentials?: Credentials;
  /** Sentences on settings that the configuration does not give, and why. */
  notes?: readonly string[];
  /** Sentences on settings with which VILLASnode does not work. */
  warnings?: readonly string[];
}
