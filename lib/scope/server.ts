/**
 * The server of the page: it listens on the loopback, hands out the page, and speaks with it over a WebSocket.
 *
 * @module
 */

import { createFormat } from "../formats/table.ts";
import type { Signal } from "../samples/signals.ts";
import { type AccessRules, createToken, findRefusal, isLoopback, securityHeaders } from "./access.ts";
import type { SampleHistory, TimeBase } from "./history.ts";
import { subprotocol } from "./protocol.ts";
import type { ScopeServerOptions } from "./source.ts";
import { PageSession } from "./_session.ts";

/** The address to listen on; the default is a free port on the loopback. */
export interface ListenOptions {
  /** Host name or IP address; default `"127.0.0.1"`. On any other than the loopback, the URL gets a token. */
  readonly hostname?: string;
  /** Port; default: a free one. */
  readonly port?: number;
}

/** The most pages at a time. */
const maximumPages = 16;

/** Samples of an export that are written at once. */
const exportPiece = 2000;

/** A server of the page that is running. */
export interface ScopeServer extends AsyncDisposable {
  /** The address of the page, with the token where it needs one. */
  readonly url: string;
  /** Number of pages that are connected. */
  readonly pages: number;
}

/**
 * Serves the page of an oscilloscope.
 *
 * @param options What it shows
 * @param listen Where it listens
 * @returns The server; end it with `await using`
 * @throws {Deno.errors.AddrInUse} If the port is taken
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SampleHistory, serveScope } from "@villas/client/scope";
 *
 * const history = new SampleHistory();
 * history.push([{ tsOrigin: { sec: 1, nsec: 0 }, values: [230] }]);
 * await using server = await serveScope({ sources: [{ name: "lab", isLive: false, history }] });
 * const response = await fetch(new URL("/samples?format=value", server.url));
 * assertEquals(Number(await response.text()), 230);
 * ```
 */
export async function serveScope(options: ScopeServerOptions, listen: ListenOptions = {}): Promise<ScopeServer> {
  const { hostname = "127.0.0.1", port = 0 } = listen;
  const assets = await loadAssets();
  const token = isLoopback(hostname) ? undefined : createToken();
  const sessions = new Map<WebSocket, PageSession>();
  // The port is known only when it listens, and nobody can ask before.
  let rules: AccessRules = { hostname, port, token };
  const server = Deno.serve({ hostname, port, onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    const asset = request.method === "GET" ? assets.get(url.pathname) : undefined;
    // Scripts and styles are the same for everybody.
    const isOpen = asset !== undefined && url.pathname !== "/";
    const refusal = findRefusal(request, isOpen ? { ...rules, token: undefined } : rules);
    if (refusal !== undefined) return answer(refusal.reason, refusal.status);
    if (asset !== undefined) return asset();
    if (request.method === "GET" && url.pathname === "/samples") return exportSamples(url.searchParams, options);
    if (request.method === "GET" && url.pathname === "/stream") return accept(request, sessions, options);
    return answer("There is nothing here", 404);
  });
  rules = { hostname, port: server.addr.port, token };
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${server.addr.port}/${token === undefined ? "" : `?token=${token}`}`,
    get pages() {
      return sessions.size;
    },
    async [Symbol.asyncDispose]() {
      for (const [socket, session] of sessions) {
        session.end();
        socket.close(1001, "the scope has ended");
      }
      await server.shutdown();
    },
  };
}

/** Loads the page, which the other parts of the program do not need. */
async function loadAssets(): Promise<ReadonlyMap<string, () => Response>> {
  const { html, script, style, icon } = await import("./_page_bundle.ts");
  const serve = (body: string, type: string) => () =>
    new Response(body, { headers: { ...securityHeaders, "content-type": `${type}; charset=utf-8` } });
  return new Map([
    ["/", serve(html, "text/html")],
    ["/scope.js", serve(script, "text/javascript")],
    ["/scope.css", serve(style, "text/css")],
    ["/icon.svg", serve(icon, "image/svg+xml")],
  ]);
}

function answer(text: string, status: number): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...securityHeaders, "content-type": "text/plain; charset=utf-8" },
  });
}

/** Accepts the WebSocket of a page. */
function accept(request: Request, sessions: Map<WebSocket, PageSession>, options: ScopeServerOptions): Response {
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const isSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (!isSocket || !offered.includes(subprotocol)) return answer("This is for the page alone", 426);
  if (sessions.size >= maximumPages) return answer(`Cannot serve more than ${maximumPages} pages`, 503);
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol: subprotocol, idleTimeout: 30 });
  socket.onopen = () => sessions.set(socket, new PageSession(socket, options));
  socket.onmessage = ({ data }) => sessions.get(socket)?.receive(data);
  // An idle time-out may close a socket twice.
  socket.onclose = () => {
    sessions.get(socket)?.end();
    sessions.delete(socket);
  };
  socket.onerror = () => {};
  return response;
}

/** Writes the samples of a source, all or those of a window, as a file of any format. */
async function exportSamples(query: URLSearchParams, { sources }: ScopeServerOptions): Promise<Response> {
  const source = sources[Number(query.get("source") ?? 0)];
  if (source === undefined) return answer("There is no such source", 404);
  const { history } = source;
  const timebase: TimeBase = query.get("timebase") === "received" ? "received" : "origin";
  const name = query.get("format") ?? "csv";
  const format = await createFormat(name, { signals: signalsOf(history) }).catch((error) => error as Error);
  if (format instanceof Error) return answer(format.message, 400);
  const encode = format.createEncoder();
  const indexAt = (key: string, otherwise: number) =>
    query.has(key) ? history.indexAt(timebase, Number(query.get(key))) : otherwise;
  const [begin, end] = [indexAt("from", history.first), indexAt("to", history.end)];
  let number = begin;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      // While this goes on, the oldest samples may make room for new ones.
      number = Math.max(number, history.first);
      const stop = Math.min(end, number + exportPiece);
      if (number >= stop) return controller.close();
      const samples = Array.from({ length: stop - number }, (_, index) => history.sampleAt(number + index));
      number = stop;
      try {
        const piece = encode(samples);
        controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      } catch (error) {
        controller.error(error);
      }
    },
  });
  const type = format.isText ? "text/plain; charset=utf-8" : "application/octet-stream";
  const disposition = `attachment; filename="samples.${name.replace(/[^a-z0-9._]/g, "")}"`;
  return new Response(body, {
    headers: { ...securityHeaders, "content-type": type, "content-disposition": disposition },
  });
}

/** Returns the signals of a history, which formats name and type their values by. */
function signalsOf({ channels }: SampleHistory): Signal[] {
  return channels.filter(({ part }) => part === undefined || part === "magnitude").map((
    { name, unit, type, part },
  ) => ({
    name: part === undefined ? name : name.slice(0, -".magnitude".length),
    ...unit === "" ? {} : { unit },
    type,
  }));
}
