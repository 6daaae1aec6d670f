/**
 * Options of the transport `mqtt`.
 *
 * @module
 */

/** Options of MQTT, named as VILLASnode's configuration names them where it has them. */
export interface MqttOptions {
  /** Version of the protocol: 3 for 3.1.1, which VILLASnode speaks (default), or 5. */
  version?: 3 | 5;
  /**
   * Quality of service of what is sent and of the subscription: 0 (default) sends once, 1 until the broker has
   * acknowledged it, 2 with a handshake against duplicates. At 1 and 2, what is not acknowledged when the connection is
   * lost is sent again, so that it may arrive twice.
   */
  qos?: 0 | 1 | 2;
  /** Has the broker keep the last message for those who subscribe later; default false. */
  retain?: boolean;
  /** Seconds without a packet after which the connection is probed; default 5, as VILLASnode's; 0 never does. */
  keepalive?: number;
  /** Name of this client at the broker; default: a random one. */
  client_id?: string;
  /**
   * Keeps the session at the broker when the connection ends, so that it stores what arrives meanwhile at `qos` 1 and 2;
   * needs `client_id`. Version 5 keeps it for a day. Default false.
   */
  session?: boolean;
  /** Topic of the last will: the message that the broker sends when it loses this client. */
  will_topic?: string;
  /** Text of the last will; default: none, an empty message. */
  will_message?: string;
}

/** Names of all options. */
export const mqttOptionNames: readonly string[] = [
  ...["version", "qos", "retain", "keepalive", "client_id", "session", "will_topic", "will_message"],
];

/** The longest keepalive, in seconds: its field has 16 bits (MQTT 3.1.1, 3.1.2.10). */
const longestKeepalive = 65_535;

/**
 * Checks options of MQTT.
 *
 * @throws {TypeError} If there is no such option, or it cannot have this value
 */
export function checkMqttOptions(options: MqttOptions): void {
  const { version, qos, keepalive, client_id: client, session, will_topic: will, will_message: message } = options;
  const unknown = Object.keys(options).find((name) => !mqttOptionNames.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot set ${unknown} of MQTT: its options are ${mqttOptionNames.join(", ")}`);
  }
  checkOneOf("version", version, [3, 5]);
  checkOneOf("qos", qos, [0, 1, 2]);
  checkType(options, "boolean", ["retain", "session"]);
  checkType(options, "string", ["client_id", "will_topic", "will_message"]);
  if (keepalive !== undefined && !(Number.isInteger(keepalive) && keepalive >= 0 && keepalive <= longestKeepalive)) {
    throw new TypeError(
      `Cannot set keepalive of MQTT to ${keepalive}: expected 0 to ${longestKeepalive} whole seconds`,
    );
  }
  if (session && !client) {
    throw new TypeError("Cannot keep the session of MQTT without client_id, by which the broker finds it");
  }
  if (message !== undefined && !will) {
    throw new TypeError("Cannot set will_message of MQTT without will_topic");
  }
}

function checkOneOf(name: string, value: unknown, choices: readonly number[]): void {
  if (value === undefined || choices.some((choice) => choice === value)) return;
  throw new TypeError(`Cannot set ${name} of MQTT to ${value}: expected ${choices.join(" or ")}`);
}

function checkType(options: MqttOptions, type: string, keys: readonly (keyof MqttOptions)[]): void {
  for (const key of keys) {
    const value = options[key];
    if (value !== undefined && typeof value !== type) {
      throw new TypeError(`Cannot set ${key} of MQTT to ${value}: expected a ${type}`);
    }
  }
}
