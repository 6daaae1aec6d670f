/**
 * The driver of a link: the small part that each protocol writes itself.
 *
 * @module
 */

/** An open connection, as the driver of a protocol gives it. */
export interface LinkConnection {
  /** Resolves, and never rejects, when the connection is lost or closed: with the reason, as the end of a sentence. */
  readonly closed: Promise<string>;
  /** Number of messages that were taken and whose fate is not known yet; undefined where the protocol does not say it. */
  readonly pending?: number | undefined;

  /**
   * Sends one message.
   *
   * @param message The message. It must stay as it is until the promise resolves; a driver that returns none has copied it
   * @returns A promise only where the connection takes no more at the moment: it resolves when the message was taken
   * @throws {Error} If the connection is lost before the message was taken
   */
  send(message: Uint8Array): Promise<void> | void;

  /** Delivers what was taken, then ends the connection. The link waits 2 s for it; what it needs longer for is lost. */
  close(): Promise<void>;

  /** Ends the connection at once, where {@linkcode close} has taken too long. */
  abort?(): void;
}

/** What a driver is given to connect with. */
export interface DialOptions {
  /** Aborted when the attempt is to be given up. */
  readonly signal: AbortSignal;
  /** To be called with each message that arrives; the message is the receiver's from then on. */
  onMessage(message: Uint8Array): void;
}

/**
 * Connects once.
 *
 * @throws {RefusedError} If trying again is of no use as long as nobody changes a setting
 * @throws {Error} If the other end cannot be reached; the message is the reason, as the end of a sentence
 */
export type Dial = (options: DialOptions) => Promise<LinkConnection>;

/**
 * The other end refuses this client: its address, its credentials or what it asks for are wrong. A link that was never
 * connected ends with it instead of trying again.
 */
export class RefusedError extends Error {
  /** Name of the class. */
  override name = "RefusedError";
}

/** What a link does with what cannot be sent because the connection is down: see {@linkcode ConnectionOptions}. */
export type WhenDown = "drop-oldest" | "drop-newest" | "fail";

/** State of a link. */
export type LinkState =
  | {
    /** True while it is connected. */
    readonly isUp: true;
  }
  | {
    /** True while it is connected. */
    readonly isUp: false;
    /** The reason, as the end of a sentence. */
    readonly reason: string;
    /** True if it was connected before. */
    readonly wasUp: boolean;
  };

/** Figures of a link. */
export interface LinkStats {
  /** Times that it was connected. */
  readonly connects: number;
  /** Times that the connection was lost. */
  readonly losses: number;
  /** Messages to send that were dropped while the connection was down, because the queue was full. */
  readonly droppedWhileDown: number;
  /** Messages to send that were dropped because the other end was too slow to take them (servers). */
  readonly droppedBySlowPeers: number;
  /** Messages to send that clients did not get because the format that they have asked for cannot carry them (servers). */
  readonly droppedByFormat?: number;
  /** Messages that arrived and were dropped because this program was too slow to read them. */
  readonly droppedUnread: number;
  /** Messages to send that a broker took and gave back: no queue takes them (`amqp`), or it could not keep them. */
  readonly returned: number;
  /** Messages that were taken for sending and not delivered when the link was closed. */
  readonly unsent: number;
  /** True while it is connected. */
  readonly isUp: boolean;
  /** Number of clients that are connected; only servers have it, whose connects and losses are those of clients. */
  readonly peers?: number;
}

/** A client of a server that comes or goes. */
export interface PeerChange {
  /** Its address, such as `"127.0.0.1:50312"`. */
  readonly peer: string;
  /** True if it comes. */
  readonly isThere: boolean;
  /** The reason why it goes, as the end of a sentence. */
  readonly reason?: string;
}
