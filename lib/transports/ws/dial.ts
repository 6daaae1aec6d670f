/**
 * The WebSocket client of a link: for VILLASnode's websocket node, for villas-relay, and for this project's own server.
 *
 * @module
 */

import { authorityOf, type ConnectionAddress } from "../address.ts";
import type { Dial, DialOptions, LinkConnection } from "../link/connection.ts";
import type { ConnectionOptions, Credentials } from "../link/options.ts";
import { checkNode } from "./node_check.ts";
import { isTextPath } from "./path.ts";
import { explainNetworkError } from "./reasons.ts";
import { SocketSender } from "./socket_sender.ts";

/** The sub-protocol of VILLASnode: without it, a node takes the connection and passes nothing on. */
export const subProtocol = "live";

/** What Deno's WebSocket takes beside sub-protocols. */
interface SocketOptions {
  protocols: string[];
  headers: Record<string, string>;
  client?: Deno.HttpClient;
}

/**
 * Creates the driver of a WebSocket client.
 *
 * @param address The address to connect to
 * @param options Options of the user
 * @param client Client with the certificates to trust, if there are any
 */
export function createWebSocketDial(
  address: ConnectionAddress,
  options: ConnectionOptions,
  client?: Deno.HttpClient,
): Dial {
  // VILLASnode 1.2.0 does not survive a question to its API over TLS: it ends when it has answered.
  const { check = !address.isSecure, credentials, onNotice } = options;
  const headers = authorization(credentials);
  const notices = new Set<string>();
  const notify = (notice: string | undefined) => {
    if (notice === undefined || notices.has(notice)) return;
    notices.add(notice);
    onNotice?.(notice);
  };
  return async ({ signal, onMessage }) => {
    if (check) notify(await checkNode(address, { headers, client, signal }));
    const settings: SocketOptions = { protocols: [subProtocol], headers, ...client && { client } };
    const socket = await openSocket(address, settings, signal);
    if (socket.protocol !== subProtocol) {
      notify(
        `The server did not choose the sub-protocol ${subProtocol}: VILLASnode and villas-relay pass nothing on without it`,
      );
    }
    return use(socket, isTextPath(address.path), onMessage);
  };
}

/** Creates the header that says who connects: with a token, else by name and password (RFC 6750, RFC 7617). */
function authorization({ user = "", password = "", token }: Credentials = {}): Record<string, string> {
  if (token) return { authorization: `Bearer ${token}` };
  if (user === "" && password === "") return {};
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return { authorization: `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}` };
}

/** Opens a socket; the signal gives the attempt up. */
function openSocket(address: ConnectionAddress, options: SocketOptions, signal: AbortSignal): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const url = `${address.isSecure ? "wss" : "ws"}://${authorityOf(address)}/${address.path.replaceAll("#", "%23")}`;
    // The types of a browser, which the page of the scope is checked with, know no options here.
    const socket = new WebSocket(url, options as unknown as string[]);
    socket.binaryType = "arraybuffer";
    const giveUp = () => {
      socket.close();
      settle(() => reject(signal.reason));
    };
    const settle = (how: () => void) => {
      signal.removeEventListener("abort", giveUp);
      socket.onopen = socket.onerror = socket.onclose = null;
      how();
    };
    signal.addEventListener("abort", giveUp, { once: true });
    socket.onopen = () => settle(() => resolve(socket));
    socket.onerror = (event) => settle(() => reject(explainNetworkError(messageOf(event), address)));
    socket.onclose = () => settle(() => reject(new Error("it closed the connection at once")));
  });
}

/** Returns the text of an error event, which is all that the runtime says. */
export function messageOf(event: Event): string {
  return event instanceof ErrorEvent ? event.message : "";
}

const encoder = new TextEncoder();

/** Returns the bytes of a message, of a text frame as well. */
export function bytesOf(data: unknown): Uint8Array {
  return data instanceof ArrayBuffer ? new Uint8Array(data) : encoder.encode(String(data));
}

/** Uses an open socket as a connection. */
function use(socket: WebSocket, isText: boolean, onMessage: DialOptions["onMessage"]): LinkConnection {
  const { promise: closed, resolve } = Promise.withResolvers<string>();
  const sender = new SocketSender(socket, isText, () => resolve("it has taken nothing for 10 s"));
  let fault = "";
  socket.onmessage = ({ data }) => onMessage(bytesOf(data));
  socket.onerror = (event) => fault = messageOf(event);
  socket.onclose = ({ code, reason }) => { // a lost connection may end twice, and is not clean
    sender.end();
    resolve(describeEnd(code, reason, fault));
  };
  void closed.then(() => {
    sender.end();
    socket.close();
  });
  return {
    closed,
    get pending() {
      return sender.pending;
    },
    send: (message) => sender.send(message),
    async close() {
      socket.close(1000);
      await closed;
    },
    abort: () => resolve("it did not close in time"),
  };
}

/** Describes the end of a connection; a lost one has the code 0 in Deno. */
export function describeEnd(code: number, reason: string, fault: string): string {
  if (/utf.?8/i.test(fault)) {
    return "a text message was not UTF-8: above 4080 bytes, messages of a websocket node end in foreign memory (send " +
      "fewer samples at once, or use villas.web or protobuf)";
  }
  if (code === 0 || code === 1006) {
    return fault === "" ? "the connection was lost" : `the connection was lost (${fault})`;
  }
  return `it closed the connection (${code}${reason === "" ? "" : ` ${reason}`})`;
}
