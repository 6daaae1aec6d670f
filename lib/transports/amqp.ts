/**
 * The transport `amqp`: messages over a broker of AMQP 0-9-1 such as RabbitMQ, as VILLASnode's node type of that name
 * exchanges them, and durable queues and streams for others.
 *
 * @see VILLASnode, `lib/nodes/amqp.cpp`
 *
 * @module
 */

import { type ConnectionAddress, toConnectionAddress } from "./address.ts";
import { type AmqpOptions, checkAmqpOptions, routeFor, shownName } from "./amqp/options.ts";
import type { Dial, DialOptions } from "./link/connection.ts";
import { joinConnections } from "./link/join.ts";
import { Link } from "./link/link.ts";
import type { ConnectionOptions } from "./link/options.ts";
import { Unconfirmed } from "./link/unconfirmed.ts";
import type { Transport } from "./transport.ts";
import { loadPackages } from "../system/packages.ts";

/** The longest message that is sent, in bytes; brokers accept more. */
const maximumLength = 1_048_576;

/** Number of messages that the broker need not have confirmed before the next one is sent. */
const windowSize = 256;

/** Options of {@linkcode openAmqp}. */
export interface OpenAmqpOptions extends ConnectionOptions {
  /** Options of AMQP. */
  amqp?: AmqpOptions;
}

/**
 * Opens a link over a broker of AMQP: messages to the exchange and the routing key of `local` are received, and what is
 * sent goes to those of `remote`. There is one connection for each direction, so that a consumer which the broker ends
 * does not end the sending.
 *
 * Both may be the same, as those of a VILLASnode always are: what this link has sent is left out of what it receives,
 * unless `anySource` is set.
 *
 * @param options Addresses such as `amqp://HOST[:PORT]/EXCHANGE/KEY` or `amqps://...`, with the names as VILLASnode's
 * configuration has them. A link without `local` only sends, and one without `remote` only receives.
 * @returns The link, which connects in the background
 * @throws {SyntaxError} If an address cannot be parsed
 * @throws {TypeError} If a name or an option is wrong
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { openTransport } from "@villas/client/transports";
 *
 * await assertRejects(
 *   () => openTransport({ remote: "amqp://127.0.0.1/lab/measured", amqp: { durable: true } }),
 *   TypeError,
 *   "Cannot set durable of AMQP without plain_names",
 * );
 * ```
 */
// deno-lint-ignore require-await -- errors become rejections, as those of the other transports
export async function openAmqp(options: OpenAmqpOptions): Promise<Transport> {
  const local = options.local === undefined ? undefined : toConnectionAddress(options.local, "amqp");
  const remote = options.remote === undefined ? undefined : toConnectionAddress(options.remote, "amqp");
  const some = local ?? remote;
  if (some === undefined) throw new TypeError("Cannot connect with an AMQP broker without an address");
  const { amqp = {}, anySource = false, credentials, tlsCa, tlsCert, tlsKey, onNotice } = options;
  checkAmqpOptions(amqp);
  const incoming = local && routeFor(local, amqp);
  const outgoing = remote && routeFor(remote, amqp);
  if (local !== undefined && incoming === undefined && amqp.queue === undefined) {
    throw new TypeError(`Cannot receive on ${local.text}: expected amqp://HOST/EXCHANGE/KEY, or the option queue`);
  }
  if (remote !== undefined && outgoing === undefined) {
    throw new TypeError(`Cannot send to ${remote.text}: expected amqp://HOST/EXCHANGE/KEY`);
  }
  const mark = `villas-client ${crypto.randomUUID()}`;
  const unconfirmed = new Unconfirmed(windowSize);
  const position = { next: undefined };
  let returned = 0;
  const onReturned = () => {
    if (returned++ > 0 || outgoing === undefined) return;
    onNotice?.(
      `No queue takes what is sent to exchange "${shownName(outgoing.exchange)}" with routing key ` +
        `"${shownName(outgoing.routingKey)}": the broker drops it as long as nobody receives`,
    );
  };
  const settingsFor = ({ host, port, isSecure, credentials: login }: ConnectionAddress) => ({
    broker: { host, port, tls: isSecure ? { authorities: tlsCa, certificate: tlsCert, key: tlsKey } : undefined },
    ...{ options: amqp, ...(credentials ?? login) },
  });
  const receive = async (address: ConnectionAddress, dialing: DialOptions) => {
    const { dialConsumer } = await loadPackages(() => import("./amqp/consumer.ts"));
    const ownMark = anySource ? undefined : mark;
    return await dialConsumer({ ...settingsFor(address), route: incoming, ownMark, position }, dialing);
  };
  const send = async (address: ConnectionAddress, dialing: DialOptions) => {
    if (outgoing === undefined) throw new TypeError("There is nothing to send to");
    const { dialProducer } = await loadPackages(() => import("./amqp/producer.ts"));
    return await dialProducer({ ...settingsFor(address), route: outgoing, mark, unconfirmed, onReturned }, dialing);
  };
  const dial: Dial = async (dialing) => {
    if (remote === undefined) return await receive(some, dialing);
    if (local === undefined) return await send(remote, dialing);
    return await joinConnections(() => receive(local, dialing), () => send(remote, dialing));
  };
  const figures = { pending: () => unconfirmed.size, returned: () => returned };
  return new Link({ local: some.text, remote: remote?.text, maximumLength, dial, ...figures }, options);
}
