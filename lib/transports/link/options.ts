/**
 * Options of the transports that connect.
 *
 * @module
 */

import type { TransportOptions } from "../transport.ts";
import type { LinkState, PeerChange, WhenDown } from "./connection.ts";

/** Name and password, or a token, that a server asks for. */
export interface Credentials {
  /** Name of the user. */
  readonly user?: string | undefined;
  /** Password of the user. */
  readonly password?: string | undefined;
  /** Token, for servers that take one instead (`ws`: bearer authorisation). */
  readonly token?: string | undefined;
}

/** Options of the transports that connect. */
export interface ConnectionOptions extends TransportOptions {
  /**
   * What becomes of messages that are sent while the connection is down: 1,024 of them wait, then the oldest
   * (`"drop-oldest"`, the default) or the new ones (`"drop-newest"`) are dropped; or the transport ends with an error
   * when the connection fails or is lost, instead of connecting again (`"fail"`).
   */
  whenDown?: WhenDown;
  /** Certificates of the authorities to trust besides those of the system, as PEM text (`wss`, `mqtts`, `amqps`). */
  tlsCa?: string;
  /**
   * Certificate of this client (`mqtts`, `amqps`) or server (`wss`), and those that lead to its authority, as PEM text.
   */
  tlsCert?: string;
  /** Key of that certificate, as PEM text. */
  tlsKey?: string;
  /** What the server asks for. */
  credentials?: Credentials;
  /**
   * Asks the server before connecting whether it has what the address names, where it can be asked (`ws`: the API of a
   * VILLASnode). Default true, but for `wss`: VILLASnode 1.2.0 does not survive a question to its API over TLS.
   */
  check?: boolean;
  /**
   * Names of the formats that clients of a server may ask for besides that of its address (`ws`): whoever sends gives each
   * message in all that are used, as {@linkcode Transport.peerFormats} says. Default: none.
   */
  formats?: readonly string[];
  /** Called once for each change: connected, lost, or not to be reached. */
  onStateChange?: (state: LinkState) => void;
  /** Called when a client of a server comes or goes. */
  onPeerChange?: (change: PeerChange) => void;
  /** Called once for each thing that a user should know about the other end, in a sentence. */
  onNotice?: (notice: string) => void;
}
