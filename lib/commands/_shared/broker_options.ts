/**
 * Options of the transports that use a broker, `mqtt` and `amqp`, and how their addresses are used.
 *
 * @module
 */

import { InputError } from "../../system/input_error.ts";
import { file, type Option } from "../../terminal/option.ts";
import type { Address } from "../../transports/address.ts";
import type { AmqpOptions } from "../../transports/amqp/options.ts";
import type { MqttOptions } from "../../transports/mqtt/options.ts";

/** Settings by name; a value of true may be left out. */
type Settings = Record<string, string | number | boolean>;

/** Names of settings that are texts, even where they look like a number or a truth value. */
const textNames: readonly string[] = [
  ...["client_id", "will_topic", "will_message", "vhost", "exchange", "queue"],
];

/**
 * Parses settings: `NAME=VALUE,NAME,...` or a JSON object, for values with commas.
 *
 * @throws {SyntaxError} If the text is neither
 */
function parseSettings(text: string): Settings {
  if (text.trim() === "") throw new SyntaxError("expected NAME=VALUE,... or a JSON object");
  if (text.startsWith("{")) {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new SyntaxError(`it is not a JSON object: ${(error as Error).message}`, { cause: error });
    }
  }
  return Object.fromEntries(
    text.split(",").map((part) => {
      const [, name = "", value] = /^([^=]*)(?:=(.*))?$/s.exec(part) ?? [];
      return [name.trim(), value === undefined ? true : parseSetting(name.trim(), value)];
    }),
  );
}

/** Parses the value of a setting that stands behind its name. */
export function parseSetting(name: string, value: string): string | number | boolean {
  if (textNames.includes(name)) return value;
  if (value === "true" || value === "false") return value === "true";
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

/** Declares an option that takes settings; what checks them is loaded by those alone who give some. */
function settings<T extends object>(
  help: string,
  loadCheck: () => Promise<(options: T) => void>,
): Option<T | undefined> {
  return {
    help,
    value: "SETTINGS",
    default: undefined,
    parse: (given) => parseSettings(given) as T,
    async check(options) {
      const check = await loadCheck();
      if (options !== undefined) check(options);
    },
  };
}

/** Options of the transports that use a broker; the credentials come from the environment. */
export const brokerOptions = {
  mqtt: settings<MqttOptions>(
    "set options of MQTT, such as qos=1,retain, or a JSON object: qos (0, 1, 2), retain, keepalive (5 s), version (3 for " +
      "3.1.1, or 5), client_id, session, will_topic, will_message",
    async () => (await import("../../transports/mqtt/options.ts")).checkMqttOptions,
  ),
  amqp: settings<AmqpOptions>(
    "set options of AMQP, such as confirm,queue=lab, or a JSON object: confirm, queue, queue_type (classic, quorum, " +
      "stream), offset (first, next, last, N), prefetch, plain_names, durable, exchange_type, exchange, vhost",
    async () => (await import("../../transports/amqp/options.ts")).checkAmqpOptions,
  ),
  "tls-cert": file("FILE", {
    needs: ["tls-key"],
    help: "show this certificate (PEM) to the broker (mqtts, amqps), or as the server of --local wss://",
  }, "read"),
  "tls-key": file("FILE", { needs: ["tls-cert"], help: "use this key (PEM) of the certificate" }, "read"),
};

/** What a command does with its link; `"any"` where it opens none. */
export type LinkDirections = "receive" | "send" | "both" | "any";

/** What follows the host in an address, by transport. */
const names: Readonly<Record<string, string>> = { mqtt: "topic", amqp: "exchange and routing key" };

/** Tells whether an address is one at a broker. */
export function isBroker(address: Address | undefined): boolean {
  return address !== undefined && Object.hasOwn(names, address.transport);
}

/** The addresses of a link. */
interface LinkEnds {
  readonly local?: Address | undefined;
  readonly remote?: Address | undefined;
}

/**
 * Returns the addresses that are of use to a command. Over a broker each direction has one of its own, and a command that
 * has one direction needs no other: a configuration or the environment may give both.
 *
 * @throws {InputError} If the address of a direction is missing
 */
export function usableEnds({ local, remote }: LinkEnds, directions: LinkDirections): LinkEnds {
  const transport = local?.transport ?? remote?.transport ?? "";
  const name = names[transport];
  if (name === undefined || directions === "any") return { local, remote };
  if (directions !== "send" && local === undefined) {
    throw new InputError(`Cannot receive over ${transport} without --local, the address with the ${name} to receive`);
  }
  if (directions !== "receive" && remote === undefined) {
    throw new InputError(`Cannot send over ${transport} without --remote, the address with the ${name} to send to`);
  }
  return directions === "send" ? { remote } : directions === "receive" ? { local } : { local, remote };
}
