/**
 * Addresses that a page or figures are served at, as options take them.
 *
 * @module
 */

/** Address of a server. */
export interface Listening {
  /** Host name or IP address. */
  readonly hostname: string;
  /** Port; 0 for a free one. */
  readonly port: number;
}

/** A free port of this machine, for a page. */
export const freePort: Listening = { hostname: "127.0.0.1", port: 0 };

/**
 * Parses an address to serve at.
 *
 * @param text `HOST:PORT`, or a port of this machine; an IPv6 address stands in brackets
 * @throws {SyntaxError} If it is neither
 */
export function parseListening(text: string): Listening {
  const [, ipv6, name, digits] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^\s[\]/:]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new SyntaxError("expected HOST:PORT or a port from 0 to 65535, such as 127.0.0.1:9464");
  }
  return { hostname: ipv6 ?? (name || "127.0.0.1"), port };
}
