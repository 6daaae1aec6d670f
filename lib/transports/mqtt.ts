/**
 * The transport `mqtt`: messages over an MQTT broker, as VILLASnode's node type of that name exchanges them.
 *
 * @see VILLASnode, `lib/nodes/mqtt.cpp`; MQTT 3.1.1 and 5 (OASIS)
 *
 * @module
 */

import { type ConnectionAddress, toConnectionAddress } from "./address.ts";
import type { Dial } from "./link/connection.ts";
import { joinConnections } from "./link/join.ts";
import { Link } from "./link/link.ts";
import type { ConnectionOptions } from "./link/options.ts";
import { Unconfirmed } from "./link/unconfirmed.ts";
import { checkMqttOptions, type MqttOptions } from "./mqtt/options.ts";
import { checkFilter, checkTopic, matchesFilter } from "./mqtt/topics.ts";
import type { Transport } from "./transport.ts";
import { loadPackages } from "../system/packages.ts";

/** The longest message that is sent, in bytes; brokers accept more. */
const maximumLength = 1_048_576;

/** Number of messages that the broker need not have acknowledged before the next one is sent. */
const windowSize = 256;

/** Options of {@linkcode openMqtt}. */
export interface OpenMqttOptions extends ConnectionOptions {
  /** Options of MQTT. */
  mqtt?: MqttOptions;
}

/**
 * Opens a link over an MQTT broker: what is published under the topic of `local` is received, and what is sent is
 * published under the topic of `remote`. Where both name the same broker, one connection does both.
 *
 * @param options Addresses such as `mqtt://HOST[:PORT]/TOPIC` or `mqtts://...`; `local` may have wildcards. A link without
 * `local` only sends, and one without `remote` only receives.
 * @returns The link, which connects in the background
 * @throws {SyntaxError} If an address cannot be parsed
 * @throws {TypeError} If a topic or an option is wrong, or a link would receive what it sends itself
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { openTransport } from "@villas/client/transports";
 *
 * await assertRejects(
 *   () => openTransport({ remote: "mqtt://127.0.0.1/lab/+" }),
 *   TypeError,
 *   "Cannot send to mqtt://127.0.0.1/lab/+: + and # are wildcards, which only a topic to receive may have",
 * );
 * ```
 */
// deno-lint-ignore require-await -- errors become rejections, as those of the other transports
export async function openMqtt(options: OpenMqttOptions): Promise<Transport> {
  const local = options.local === undefined ? undefined : toConnectionAddress(options.local, "mqtt");
  const remote = options.remote === undefined ? undefined : toConnectionAddress(options.remote, "mqtt");
  const { mqtt = {}, anySource = false, credentials, tlsCa, tlsCert, tlsKey } = options;
  checkMqttOptions(mqtt);
  if (local !== undefined) checkFilter(local.path, local.text);
  if (remote !== undefined) checkTopic(remote.path, remote.text);
  if (mqtt.will_topic !== undefined) checkTopic(mqtt.will_topic, `the will_topic ${mqtt.will_topic}`);
  const isOneBroker = local !== undefined && remote !== undefined && isSameBroker(local, remote);
  if (isOneBroker && mqtt.version !== 5 && !anySource && matchesFilter(local.path, remote.path)) {
    throw new TypeError(
      `Cannot receive on ${local.text} and send to ${remote.text}: all that is sent would be received; ` +
        "version 5 of MQTT leaves it out",
    );
  }
  const some = local ?? remote;
  if (some === undefined) throw new TypeError("Cannot connect with an MQTT broker without an address");
  const unconfirmed = new Unconfirmed(windowSize);
  let returned = 0;
  const common = {
    ...{ options: mqtt, isDeaf: !anySource },
    ...{ unconfirmed, onReturned: () => void returned++ },
  };
  const brokerOf = ({ host, port, isSecure }: ConnectionAddress) => ({
    ...{ host, port },
    tls: isSecure ? { authorities: tlsCa, certificate: tlsCert, key: tlsKey } : undefined,
  });
  const dial: Dial = async (dialOptions) => {
    const { dialMqtt } = await loadPackages(() => import("./mqtt/driver.ts"));
    const open = (address: ConnectionAddress, ends: { filter?: string; topic?: string }) =>
      dialMqtt({ ...common, ...(credentials ?? address.credentials), ...ends, broker: brokerOf(address) }, dialOptions);
    if (local === undefined || remote === undefined) {
      return await open(some, local === undefined ? { topic: some.path } : { filter: some.path });
    }
    if (isOneBroker) return await open(local, { filter: local.path, topic: remote.path });
    return await joinConnections(
      () => open(local, { filter: local.path }),
      () => open(remote, { topic: remote.path }),
    );
  };
  const settings = {
    local: some.text,
    remote: remote?.text,
    maximumLength,
    dial,
    pending: () => unconfirmed.size,
    returned: () => returned,
  };
  return new Link(settings, options);
}

function isSameBroker(a: ConnectionAddress, b: ConnectionAddress): boolean {
  return a.host === b.host && a.port === b.port && a.isSecure === b.isSecure;
}
