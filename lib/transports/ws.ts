/**
 * The transport `ws`: VILLASnode's websocket node, as its client (`remote`) or as the server that it connects to
 * (`local`).
 *
 * @module
 */

import { toConnectionAddress } from "./address.ts";
import { Link } from "./link/link.ts";
import type { ConnectionOptions } from "./link/options.ts";
import type { Transport } from "./transport.ts";
import { createWebSocketDial } from "./ws/dial.ts";
import { maximumMessage, maximumSamples } from "./ws/path.ts";
import { serveWebSocket } from "./ws/server.ts";

/**
 * Opens a WebSocket: a client with `remote`, a server with `local`.
 *
 * A client asks the API of the VILLASnode about the node before it connects, unless `check` is false, and ends with an
 * error where there is no such node, it is not of type websocket, or the VILLASnode does not have the format. A node that
 * is stopped, or not there yet, is waited for. Over TLS it asks only where `check` is true, because VILLASnode 1.2.0 ends
 * when it has answered over TLS.
 *
 * The path is that of VILLASnode: `/NODE` or `/NODE.FORMAT`, where the format is `villas.web` if none is named. What is
 * sent and received has to be in this format; messages of text formats travel in text frames. A server lets clients have
 * other formats, too, if `formats` names them: {@linkcode Transport.peerFormats}.
 *
 * A connection on which nothing is taken for 10 s counts as lost. One that only receives is not known to be lost where
 * the other end vanishes without a word: a VILLASnode sends no pings.
 *
 * @param options Addresses such as `ws://127.0.0.1:8080/node.json`
 * @returns The transport, which connects in the background
 * @throws {SyntaxError} If an address cannot be parsed
 * @throws {TypeError} If there is neither or both of `local` and `remote`, or `wss://` is to be served without `tlsCert`
 *   and `tlsKey` that belong together
 *
 * @see VILLASnode, `lib/nodes/websocket.cpp`; RFC 6455
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openWebSocket } from "@villas/client/transports";
 *
 * const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const remote = `ws://127.0.0.1:${listener.addr.port}/node`;
 * listener.close();
 * const client = await openWebSocket({ remote, whenDown: "fail" });
 * const reason = await client.closed;
 * assertEquals(reason?.message, `Cannot connect to ${remote}: nobody listens there`);
 * ```
 */
export async function openWebSocket(options: ConnectionOptions = {}): Promise<Transport> {
  const { local, remote } = options;
  if (local !== undefined && remote !== undefined) {
    throw new TypeError(
      "Cannot use two WebSocket addresses: one connection goes both ways, to a remote or on a local one",
    );
  }
  if (local !== undefined) return await serveWebSocket(toConnectionAddress(local, "ws"), options);
  if (remote === undefined) throw new TypeError("Cannot open a WebSocket without an address");
  const address = toConnectionAddress(remote, "ws");
  const { text } = address;
  const trusting = options.tlsCa === undefined ? undefined : createTrustingClient(options.tlsCa);
  const link = new Link({
    ...{ local: text, remote: text, maximumLength: maximumMessage, maximumSamples },
    dial: createWebSocketDial(address, options, trusting),
  }, options);
  void link.closed.then(() => trusting?.close());
  return link;
}

/** Creates the client that trusts more authorities than the system does. */
function createTrustingClient(certificates: string): Deno.HttpClient {
  try {
    return Deno.createHttpClient({ caCerts: [certificates] });
  } catch (error) {
    throw new TypeError(`Cannot use the certificates of authorities: ${(error as Error).message}`, { cause: error });
  }
}
