/**
 * The WebSocket server: for a VILLASnode whose websocket node has `destinations`, for browsers, and for other clients of
 * this project.
 *
 * @module
 */

import { Changes } from "../../system/changes.ts";
import { resolvesWithin, yieldToEventLoop } from "../../system/wait.ts";
import { explainOpening } from "../_listen.ts";
import type { ConnectionAddress } from "../address.ts";
import { Inbox } from "../link/inbox.ts";
import { closingTime } from "../link/link.ts";
import type { ConnectionOptions } from "../link/options.ts";
import { checkLengths } from "../sending.ts";
import type { PeerFormats, ReadyOptions, Transport, TransportStats, Variants } from "../transport.ts";
import { chooseProtocol, findRefusal, isVillasNode, readAskedPath, refuse } from "./admission.ts";
import type { ServerCertificate } from "./certificate.ts";
import { defaultWebSocketFormat, isTextFormat, maximumMessage, maximumSamples, splitPath } from "./path.ts";
import { ServedFormats } from "./served_formats.ts";
import { ServerClient } from "./server_client.ts";

/** The largest number of clients at a time. */
const maximumClients = 256;

/** Time without a word from a client after which it is asked, and then given up, in seconds. */
const idleTimeout = 30;

/** Status of a close: the server ends (RFC 6455, 7.4.1). */
const goingAway = 1001;

/**
 * Serves a WebSocket, over TLS where the address says so: what is sent goes to all clients, and what any of them sends is
 * received.
 *
 * A client gets the format that it asks for, as from a VILLASnode, if that is the one of the address or among the options'
 * `formats`. One that takes messages more slowly than they are sent loses its oldest ones, and delays nobody.
 *
 * @param address The address to serve, whose path names the format
 * @param options Options of the user; an encrypted address needs `tlsCert` and `tlsKey`
 * @returns The open transport
 * @throws {Deno.errors.AddrInUse} If the port is in use
 * @throws {TypeError} If the certificate is missing or of no use, or an option is about connecting
 *
 * @see VILLASnode, `lib/nodes/websocket.cpp`, `lib/web.cpp`; RFC 6455
 */
export async function serveWebSocket(address: ConnectionAddress, options: ConnectionOptions): Promise<Transport> {
  if (options.whenDown !== undefined) {
    throw new TypeError("Cannot choose what to do when the connection is down for a server: clients connect to it");
  }
  if (options.credentials !== undefined) {
    throw new TypeError("Cannot use a user, a password or a token for a server: it asks for none");
  }
  return new WebSocketServer(address, options, address.isSecure ? await readCertificate(address, options) : undefined);
}

/** Takes the certificate of a server from the options, and reports what clients may have against it. */
async function readCertificate(
  { text }: ConnectionAddress,
  { tlsCert: cert, tlsKey: key, onNotice }: ConnectionOptions,
): Promise<ServerCertificate> {
  if (cert === undefined || key === undefined) {
    throw new TypeError(`Cannot serve ${text} without a certificate and its key: --tls-cert and --tls-key name them`);
  }
  const { checkCertificate } = await import("./certificate.ts");
  for (const notice of checkCertificate({ cert, key }, text)) onNotice?.(notice);
  return { cert, key };
}

/** A client that is let in. */
interface Arrival {
  /** Its address. */
  readonly peer: string;
  /** Name of the format that it asks for. */
  readonly format: string;
  /** True if it is a VILLASnode. */
  readonly isNode: boolean;
}

class WebSocketServer implements Transport {
  readonly local: string;
  readonly remote: string;
  readonly maximumLength = maximumMessage;
  readonly maximumSamples = maximumSamples;
  readonly closed: Promise<undefined>;
  readonly #resolveClosed: (reason: undefined) => void;
  readonly #path: string;
  /** The format of the address. */
  readonly #format: string;
  readonly #formats: ServedFormats | undefined;
  readonly #isLoopback: boolean;
  readonly #onPeerChange: ConnectionOptions["onPeerChange"];
  readonly #onNotice: ConnectionOptions["onNotice"];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #stop = new AbortController();
  readonly #inbox = new Inbox();
  readonly #clients = new Set<ServerClient>();
  /** Functions that wake the calls which wait for a client. */
  readonly #changes = new Changes();
  #connects = 0;
  #losses = 0;
  #droppedWhileDown = 0;
  /** Messages that clients who are gone were too slow to take. */
  #droppedBefore = 0;
  #droppedByFormat = 0;
  #unsent = 0;
  #isClosed = false;

  constructor(
    { host, port, path, text }: ConnectionAddress,
    { formats, onPeerChange, onNotice }: ConnectionOptions,
    certificate: ServerCertificate | undefined,
  ) {
    const hostname = host === "*" ? "0.0.0.0" : host;
    this.#path = path;
    this.#format = splitPath(path).format ?? defaultWebSocketFormat;
    this.#formats = formats && new ServedFormats(formats);
    this.#isLoopback = hostname === "localhost" || hostname === "::1" || hostname.startsWith("127.");
    this.#onPeerChange = onPeerChange;
    this.#onNotice = onNotice;
    ({ promise: this.closed, resolve: this.#resolveClosed } = Promise.withResolvers<undefined>());
    try {
      this.#server = Deno.serve(
        { hostname, port, signal: this.#stop.signal, onListen() {}, ...certificate },
        (request, info) => this.#answer(request, info.remoteAddr),
      );
    } catch (error) {
      throw explainOpening(error, text);
    }
    const { addr } = this.#server;
    this.local = port === 0 ? text.replace(/:0\/(.*)$/s, `:${addr.port}/$1`) : text;
    this.remote = this.local;
  }

  get peerFormats(): PeerFormats | undefined {
    return this.#formats;
  }

  async #answer(request: Request, { hostname, port }: Deno.NetAddr): Promise<Response> {
    const admission = { path: this.#path, formats: this.#formats?.names ?? [], isLoopback: this.#isLoopback };
    const refusal = this.#answerQuestion(request) ?? findRefusal(request, admission);
    if (refusal !== undefined) return refusal;
    const { format } = readAskedPath(request);
    const reason = format === this.#format ? undefined : await this.#formats?.prepare(format);
    if (reason !== undefined) return refuse(503, reason);
    if (this.#isClosed) return refuse(503, "This server is about to end");
    if (this.#clients.size >= maximumClients) return refuse(503, `There are ${maximumClients} clients already`);
    const protocol = chooseProtocol(request);
    const isNode = isVillasNode(request); // the request is gone when the socket opens
    const { socket, response } = Deno.upgradeWebSocket(request, {
      idleTimeout,
      ...protocol === undefined ? {} : { protocol },
    });
    const peer = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
    socket.onopen = () => this.#admit(socket, { peer, format, isNode });
    return response;
  }

  /** Answers as the API of a VILLASnode does what clients ask it before they connect; see `node_check.ts`. */
  #answerQuestion({ url, method }: Request): Response | undefined {
    const { pathname } = new URL(url);
    const [, question] = /^\/api\/v2\/(.+)$/.exec(pathname) ?? [];
    if (question === undefined || method !== "GET") return undefined;
    const { node } = splitPath(this.#path);
    if (question === `node/${node}`) return Response.json({ name: node, type: "websocket", state: "running" });
    if (question === "capabilities") {
      const formats = new Set([this.#format, ...this.#formats?.names ?? []]);
      return Response.json({ formats: [...formats], nodes: ["websocket"] });
    }
    return Response.json({ error: question.startsWith("node/") ? "Unknown node" : "Unknown API request" }, {
      status: 400,
    });
  }

  #admit(socket: WebSocket, { peer, format, isNode }: Arrival): void {
    const formats = format === this.#format ? undefined : this.#formats;
    const other = formats === undefined ? undefined : format;
    const client = new ServerClient(socket, { format: other, isText: isTextFormat(format) }, (message) => {
      formats?.mark(message, format);
      this.#inbox.push(message);
    });
    this.#clients.add(client);
    formats?.join(format);
    this.#connects++;
    this.#onPeerChange?.({ peer, isThere: true });
    this.#changes.notify();
    void client.gone.then((reason) => {
      this.#clients.delete(client);
      formats?.leave(format);
      this.#droppedBefore += client.dropped;
      this.#losses++;
      this.#onPeerChange?.({ peer, isThere: false, reason });
      if (isNode && !this.#isClosed) {
        this.#onNotice?.(`The VILLASnode at ${peer} will not come back by itself: start its node again`);
      }
    });
  }

  receive(limit?: number): Promise<readonly Uint8Array[]> {
    return this.#inbox.receive(limit);
  }

  async send(datagrams: readonly Uint8Array[], variants?: Variants): Promise<number> {
    checkLengths(datagrams, maximumMessage, this.remote, "message");
    if (this.#isClosed) return 0;
    if (this.#clients.size === 0) this.#droppedWhileDown += datagrams.length;
    let isFull = false;
    for (const client of this.#clients) {
      const messages = client.format === undefined ? datagrams : variants?.get(client.format);
      for (let index = 0; index < datagrams.length; index++) {
        const message = messages?.[index];
        if (message === null) this.#droppedByFormat++;
        else if (message !== undefined) client.send(message);
      }
      isFull ||= client.isFull;
    }
    // Sockets pass on what they have between the turns of this program only: a client that is slow costs others one turn.
    if (isFull) await yieldToEventLoop();
    return datagrams.length;
  }

  async ready({ signal, onWait }: ReadyOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#clients.size > 0 || this.#isClosed) return;
    onWait?.();
    await this.#changes.until(() => this.#clients.size > 0 || this.#isClosed, signal);
  }

  stats(): TransportStats {
    let droppedBySlowPeers = this.#droppedBefore;
    for (const { dropped } of this.#clients) droppedBySlowPeers += dropped;
    return {
      ignored: 0,
      kernelDrops: undefined,
      receiveBuffer: undefined,
      link: {
        connects: this.#connects,
        losses: this.#losses,
        droppedWhileDown: this.#droppedWhileDown,
        droppedBySlowPeers,
        droppedByFormat: this.#droppedByFormat,
        droppedUnread: this.#inbox.dropped,
        returned: 0,
        unsent: this.#unsent,
        isUp: this.#clients.size > 0,
        peers: this.#clients.size,
      },
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#inbox.close();
    this.#changes.notify();
    void this.#finish();
  }

  /** Delivers what waits for clients, as far as the time allows, and ends. */
  async #finish(): Promise<void> {
    const leaving = Promise.all(Array.from(this.#clients, (client) => client.close(goingAway, "The server ends")));
    await resolvesWithin(closingTime, leaving);
    for (const { pending } of this.#clients) this.#unsent += pending;
    this.#stop.abort();
    await this.#server.finished;
    this.#resolveClosed(undefined);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
