/**
 * Who may connect to a WebSocket server: by path, sub-protocol, and where a browser's page comes from.
 *
 * @module
 */

import { defaultWebSocketFormat, splitPath } from "./path.ts";

/** The sub-protocol of VILLASnode, which clients offer. */
const subProtocol = "live";

/** Names of the own machine: pages from there may connect to servers there. */
const loopbackHosts: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** What a server serves. */
export interface Admission {
  /** The path, without the slash that it begins with. */
  readonly path: string;
  /** Names of the formats that may be asked for besides that of the path. */
  readonly formats: readonly string[];
  /** True if only this machine reaches the server. */
  readonly isLoopback: boolean;
}

/**
 * Judges a request for a WebSocket.
 *
 * @param request The request
 * @param admission What the server serves
 * @returns The refusal; undefined where the request is welcome
 */
export function findRefusal(request: Request, { path, formats, isLoopback }: Admission): Response | undefined {
  const { hostname, host } = new URL(request.url);
  const served = splitPath(path);
  const asked = readAskedPath(request);
  const own = served.format ?? defaultWebSocketFormat;
  if (asked.node !== served.node) return refuse(404, `There is no ${asked.node} here, but /${path}`);
  if (asked.format !== own && !formats.includes(asked.format)) {
    const others = formats.filter((format) => format !== own);
    return refuse(
      404,
      others.length === 0
        ? `${served.node} is in the format ${own} here: connect to /${served.node}.${own}`
        : `There is no format ${asked.format} here, but ${[own, ...others].join(", ")}`,
    );
  }
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return new Response(`This is a WebSocket: connect to ws://${host}/${path}\n`, {
      status: 426,
      headers: { upgrade: "websocket", connection: "upgrade" },
    });
  }
  if (isLoopback && !loopbackHosts.includes(hostname)) {
    // A page whose own name leads to this machine would pass for one from here otherwise.
    return refuse(403, `This server is for this machine: connect to 127.0.0.1, not to ${hostname}`);
  }
  const origin = request.headers.get("origin");
  if (origin !== null && !isOwnOrigin(origin, hostname)) {
    return refuse(403, `Pages from ${origin} may not connect here`);
  }
  const offered = offeredProtocols(request);
  if (offered.length > 0 && !offered.includes(subProtocol)) {
    return refuse(400, `Offer the sub-protocol ${subProtocol}, or none`);
  }
  return undefined;
}

/**
 * Reads the path that a request asks for, as VILLASnode does: `/NODE`, `/NODE.FORMAT` or `/NODE/FORMAT`.
 *
 * @see VILLASnode, `lib/nodes/websocket.cpp`
 */
export function readAskedPath({ url }: Request): { readonly node: string; readonly format: string } {
  const path = decodeURI(new URL(url).pathname).replace(/^\/|\/$/g, "");
  const { node, format = defaultWebSocketFormat } = splitPath(path.replace("/", "."));
  return { node, format };
}

/** Returns the sub-protocol to choose: a browser ends the connection where none of those that it offers is chosen. */
export function chooseProtocol(request: Request): string | undefined {
  return offeredProtocols(request).includes(subProtocol) ? subProtocol : undefined;
}

function offeredProtocols(request: Request): string[] {
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

/** Returns whether a page is from the host that it connects to; a VILLASnode names the host without a port, too. */
function isOwnOrigin(origin: string, hostname: string): boolean {
  if (!URL.canParse(origin)) return false; // "null", of a file or a sandbox
  const from = new URL(origin).hostname;
  return from === hostname || (loopbackHosts.includes(from) && loopbackHosts.includes(hostname));
}

/**
 * Returns whether a request is that of a VILLASnode: it names its own host as the origin, and no program.
 *
 * @see `lib/web.cpp`, `lib/nodes/websocket.cpp`
 */
export function isVillasNode({ headers }: Request): boolean {
  const origin = headers.get("origin");
  return origin !== null && /^https?:\/\/[^/:]+$/.test(origin) && headers.get("user-agent") === null;
}

/** Creates a refusal. */
export function refuse(status: number, reason: string): Response {
  return new Response(`${reason}\n`, { status });
}
