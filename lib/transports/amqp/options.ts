/**
 * Options of the transport `amqp`, and the names that its addresses hold.
 *
 * @module
 */

import type { ConnectionAddress } from "../address.ts";

/** Options of AMQP, named as VILLASnode's configuration and RabbitMQ name them where they have them. */
export interface AmqpOptions {
  /** Virtual host; default `"/"`. */
  vhost?: string;
  /** Name of the exchange; then the whole path of the addresses is the routing key. */
  exchange?: string;
  /** Type of the exchange: `direct` (default, as VILLASnode's), `topic` or `fanout`. */
  exchange_type?: "direct" | "topic" | "fanout";
  /** Declares the exchange durable: it outlives the broker; default false, as VILLASnode's. */
  durable?: boolean;
  /**
   * Uses the names as they are. Otherwise a zero byte is added to those of the exchange and the routing key, as
   * VILLASnode does (`lib/nodes/amqp.cpp`); default false.
   */
  plain_names?: boolean;
  /** Has the broker confirm each message, and sends what is not confirmed again after a loss; default false. */
  confirm?: boolean;
  /**
   * Receives from a durable queue of this name, which keeps what comes while nobody receives. It is bound to the exchange
   * of the address; where the address has no path, it must exist. Default: a queue of this connection only.
   */
  queue?: string;
  /** Type of that queue: `classic` (default), `quorum` (copied to several machines of a cluster) or `stream`. */
  queue_type?: "classic" | "quorum" | "stream";
  /**
   * Where to begin in a stream: `first`, `next` (default: what comes from now on), `last` (the last chunk, which may have
   * many messages), or the number of a message, from 0.
   */
  offset?: "first" | "last" | "next" | number;
  /** Number of messages that the broker sends ahead of their acknowledgement, 1 to 65,535; default 256. */
  prefetch?: number;
}

/** Names of all options. */
export const amqpOptionNames: readonly string[] = [
  ...["vhost", "exchange", "exchange_type", "durable", "plain_names", "confirm"],
  ...["queue", "queue_type", "offset", "prefetch"],
];

const exchangeTypes: readonly string[] = ["direct", "topic", "fanout"];
const queueTypes: readonly string[] = ["classic", "quorum", "stream"];

/** The longest name, in bytes of UTF-8: its length has 8 bits (AMQP 0-9-1, 4.2.5.3). */
const maximumLength = 255;

/**
 * Checks options of AMQP.
 *
 * @throws {TypeError} If there is no such option, or it cannot have this value, or one contradicts another
 */
export function checkAmqpOptions(options: AmqpOptions): void {
  const unknown = Object.keys(options).find((name) => !amqpOptionNames.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot set ${unknown} of AMQP: its options are ${amqpOptionNames.join(", ")}`);
  }
  checkType(options, "string", ["vhost", "exchange", "queue"]);
  checkType(options, "boolean", ["durable", "plain_names", "confirm"]);
  checkOneOf("exchange_type", options.exchange_type, exchangeTypes);
  checkOneOf("queue_type", options.queue_type, queueTypes);
  const { queue, queue_type: type, offset, prefetch, plain_names: isPlain = false } = options;
  const isNumber = typeof offset === "number" && Number.isSafeInteger(offset) && offset >= 0;
  if (!isNumber) checkOneOf("offset", offset, ["first", "last", "next"], " or a whole number of 0 or more");
  if (prefetch !== undefined && !(Number.isInteger(prefetch) && prefetch >= 1 && prefetch <= 65_535)) {
    throw new TypeError(`Cannot set prefetch of AMQP to ${prefetch}: expected 1 to 65535`);
  }
  if (queue === "") throw new TypeError("Cannot set queue of AMQP to an empty name");
  if (queue === undefined && (type !== undefined || prefetch !== undefined)) {
    throw new TypeError(`Cannot set ${type === undefined ? "prefetch" : "queue_type"} of AMQP without queue`);
  }
  if (offset !== undefined && type !== "stream") {
    throw new TypeError("Cannot set offset of AMQP without queue_type stream");
  }
  const isUnlikeVillas = options.durable || (options.exchange_type ?? "direct") !== "direct";
  if (isUnlikeVillas && !isPlain) {
    throw new TypeError(
      `Cannot set ${options.durable ? "durable" : "exchange_type"} of AMQP without plain_names: VILLASnode declares ` +
        "its exchange direct and not durable, and exchanges nothing over another one without a word",
    );
  }
}

function checkOneOf(name: string, value: unknown, choices: readonly string[], more = ""): void {
  if (value === undefined || choices.some((choice) => choice === value)) return;
  throw new TypeError(`Cannot set ${name} of AMQP to ${value}: expected ${choices.join(", ")}${more}`);
}

function checkType(options: AmqpOptions, type: string, keys: readonly (keyof AmqpOptions)[]): void {
  for (const key of keys) {
    const value = options[key];
    if (value !== undefined && typeof value !== type) {
      throw new TypeError(`Cannot set ${key} of AMQP to ${value}: expected a ${type}`);
    }
  }
}

/** Where messages go to or come from, in names as they are on the wire. */
export interface AmqpRoute {
  readonly exchange: string;
  readonly routingKey: string;
}

/**
 * Returns the exchange and the routing key of an address, `amqp://HOST/EXCHANGE/KEY`, as they are on the wire.
 *
 * @param address The address
 * @param options Options of the user, which may name the exchange
 * @returns The names; undefined where the address has no path
 * @throws {TypeError} If one of them is missing or too long
 */
export function routeFor({ path, text }: ConnectionAddress, options: AmqpOptions): AmqpRoute | undefined {
  if (path === "") return undefined;
  const slash = path.indexOf("/");
  if (options.exchange === undefined && slash < 0) {
    throw new TypeError(
      `Cannot use ${text}: expected an exchange and a routing key, as in amqp://HOST/EXCHANGE/KEY ` +
        "(a virtual host is the option vhost)",
    );
  }
  const exchange = options.exchange ?? path.slice(0, slash);
  const key = options.exchange === undefined ? path.slice(slash + 1) : path;
  if (exchange === "" && !options.plain_names) {
    throw new TypeError(`Cannot use ${text}: the exchange without a name is not VILLASnode's; it needs plain_names`);
  }
  // VILLASnode copies the C string with its end (amqp_bytes_strdup() in lib/nodes/amqp.cpp).
  const end = options.plain_names ? "" : "\0";
  const route = { exchange: `${exchange}${end}`, routingKey: `${key}${end}` };
  for (const name of Object.values(route)) {
    const { length } = new TextEncoder().encode(name);
    if (length > maximumLength) {
      throw new TypeError(`Cannot use ${text}: a name has ${length} bytes, more than ${maximumLength}`);
    }
  }
  return route;
}

/** Returns a name as a user writes it. */
export function shownName(name: string): string {
  return name.replace(/\0$/, "");
}
