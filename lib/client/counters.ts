/**
 * What a client counts.
 *
 * @module
 */

import type { SequenceCounters } from "../samples/sequence.ts";

/** What a client has received, as counted so far. */
export interface ReceivedCounters extends SequenceCounters {
  /** Datagrams from the remote, whether they could be decoded or not. */
  datagrams: number;
  /** Bytes of these datagrams. */
  bytes: number;
  /** Samples in these datagrams. */
  samples: number;
  /** Datagrams from the remote that could not be decoded. */
  refused: number;
  /** Datagrams from others than the remote. */
  ignored: number;
}

/** What a client has sent, as counted so far. */
export interface SentCounters {
  /** Datagrams that the system took; whether they arrive is not known. */
  datagrams: number;
  /** Bytes of these datagrams. */
  bytes: number;
  /** Samples in these datagrams. */
  samples: number;
  /**
   * Datagrams that the system did not take because the remote was not there (`unix`), no network led to it (`udp`), or
   * the client was closed.
   */
  undelivered: number;
  /** Datagrams that were not sent because the format cannot carry them, or the receiver would not survive them. */
  refused: number;
}

/** What a client has received and sent, as counted so far. */
export interface Counters {
  /** What it has received. */
  received: ReceivedCounters;
  /** What it has sent. */
  sent: SentCounters;
}
