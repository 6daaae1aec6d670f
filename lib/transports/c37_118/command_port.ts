/**
 * The ways on which PDCs give commands to a PMU of ours, and get their answers.
 *
 * @module
 */

/** A PDC that has given a command, and what it wants. */
export interface Pdc {
  /** Resolves when it is gone: with the reason, as the end of a sentence. */
  readonly gone: Promise<string>;
  /** True while it wants data. */
  isStarted: boolean;
  /** Types of frames that it has asked for and that are not there yet. */
  readonly awaited: Set<number>;
  /** Number of data frames that were dropped because it took them too slowly. */
  readonly dropped: number;
  /** Number of frames that wait to be written. */
  readonly unsent: number;
  /** Sends frames that answer a command. */
  send(frames: readonly Uint8Array[]): void;
  /** Sends a data frame; the oldest ones are dropped where too much waits. */
  sendData(frame: Uint8Array): void;
  /** Delivers what waits, for so many milliseconds at most, and ends the connection. */
  close(time: number): Promise<void>;
}

/** The PMU, as a port sees it. */
export interface CommandHandler {
  /** True if there is no room for another PDC. */
  readonly isFull: boolean;
  /** Takes a PDC that has come. */
  admit(pdc: Pdc, peer: string): void;
  /** Takes a frame of a PDC, which is valid during the call. */
  obey(pdc: Pdc, frame: Uint8Array): void;
}

/** An address that takes commands. */
export interface CommandPort {
  /** The address, with the port that is really used. */
  readonly local: string;
  /** The longest frame that it can carry. */
  readonly maximumFrame: number;
  /** Begins to take commands. */
  start(handler: CommandHandler): void;
  /** Stops to listen; PDCs that are there stay. */
  close(): void;
}
