/**
 * Access to the page: who may load it, and what may speak to its server.
 *
 * A page of another site in the same browser can reach a server on the loopback, by its address or by a name of its own that
 * resolves to it. `Host` tells the second, and `Origin` the first.
 *
 * @module
 */

/** Address of the server, and the token that a visitor needs. */
export interface AccessRules {
  /** Host and port that it listens on. */
  readonly hostname: string;
  readonly port: number;
  /** The token that the URL has to carry; undefined on the loopback. */
  readonly token?: string | undefined;
}

/** Headers of every answer: no code but that of the server, and nothing that another page could use. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Tells whether a host is one of this machine alone. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Finds the reason to turn a request away.
 *
 * @param request The request
 * @param rules Where the server listens
 * @returns Status and reason; undefined for a request that may pass
 */
export function findRefusal(
  request: Request,
  rules: AccessRules,
): { readonly status: number; readonly reason: string } | undefined {
  const host = request.headers.get("host") ?? "";
  const url = new URL(request.url);
  if (isLoopback(rules.hostname) && !isNameOfLoopback(host, rules.port)) {
    return { status: 421, reason: "Cannot serve this host: open the URL that villas-client scope has printed" };
  }
  const origin = request.headers.get("origin");
  const needsOrigin = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (origin === null ? needsOrigin : origin !== `http://${host}`) {
    return { status: 403, reason: "Cannot serve another site's page" };
  }
  const isOpen = request.headers.get("sec-fetch-site") === "cross-site" && url.pathname !== "/";
  if (isOpen) return { status: 403, reason: "Cannot serve another site's page" };
  if (rules.token !== undefined && !isSame(url.searchParams.get("token") ?? "", rules.token)) {
    return { status: 401, reason: "Cannot serve without the token: open the URL that villas-client scope has printed" };
  }
  return undefined;
}

function isNameOfLoopback(host: string, port: number): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].some((name) => {
    return host === `${name}:${port}` || (port === 80 && host === name);
  }) || (/^127(\.\d{1,3}){3}:\d+$/.test(host) && host.endsWith(`:${port}`));
}

/** Compares two texts in a time that does not tell where they differ. */
function isSame(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let index = 0; index < expected.length; index++) {
    difference |= (given.charCodeAt(index) || 0) ^ expected.charCodeAt(index);
  }
  return difference === 0;
}

/** Creates a token: 128 random bits. */
export function createToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
