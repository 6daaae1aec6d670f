/**
 * Counters of a client.
 *
 * @module
 */

import type { SequenceCounters } from "../samples/sequence.ts";

/** Counters of what a client has received so far. */
export interface ReceivedCounters extends SequenceCounters {
  /** Datagrams from the remote, whether they could be decoded or not. */
  datagrams: number;
  /** Bytes of these datagrams. */
  bytes: number;
  /** Samples in these datagrams. */
  samples: number;
  /** Datagrams from the remote that could not be decoded. */
  refused: number;
  /** Datagrams from other sources than the remote. */
  ignored: number;
}

/** Counters of what a client has sent so far. */
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

/** Counters of what a client has received and sent so far. */
export interface Counters {
  /** Counters of what it has received. */
  received: ReceivedCounters;
  /** Counters of what it has sent. */
  sent: SentCounters;
}
