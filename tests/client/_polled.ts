/**
 * A transport that polls when a test says so.
 *
 * @module
 */

import { protobuf } from "@villas/client/formats";
import type { DatagramTransport, Transport } from "@villas/client/transports";
import { encode, numbered, overlay } from "./_pair.ts";

const { decode } = protobuf();
const numberOf = (datagram: Uint8Array) => Number(decode(datagram)[0]?.sequence);

type Handle = (datagrams: readonly Uint8Array[]) => boolean;

/** A transport whose polls are the test's: they find a datagram when the test says so. */
export class PolledTransport {
  /** Numbers of the samples that were sent, by each call; those of `send` in lists of their own. */
  readonly sent: (number | number[])[] = [];
  /** Number of datagrams that `sendNow` takes. */
  room = Infinity;
  /** What `send` does with datagrams; default: it takes all of them. */
  onSend = (datagrams: readonly Uint8Array[]) => Promise.resolve(datagrams.length);
  #handle: Handle | undefined;
  #isEnded = false;
  #return: ((datagrams: readonly Uint8Array[]) => void) | undefined;
  readonly #transport: DatagramTransport;

  constructor(transport: DatagramTransport) {
    this.#transport = transport;
  }

  /** The transport for a client. */
  get transport(): Transport {
    return overlay(this.#transport, {
      receive: (_limit?: number, handle?: Handle) => {
        this.#handle = handle;
        if (this.#isEnded) return Promise.resolve([]);
        return new Promise<readonly Uint8Array[]>((resolve) => this.#return = resolve);
      },
      close: () => {
        this.#transport.close();
        this.end();
      },
      sendNow: (datagrams: readonly Uint8Array[]) => {
        const taken = datagrams.slice(0, this.room);
        this.sent.push(...taken.map(numberOf));
        return taken.length;
      },
      send: (datagrams: readonly Uint8Array[]) => {
        this.sent.push(datagrams.map(numberOf));
        return this.onSend(datagrams);
      },
    });
  }

  /** Finds datagrams, as a poll does; returns whether they were dealt with at once. Nobody polls while nobody receives. */
  find(...numbers: number[]): boolean {
    if (this.#return === undefined) return false;
    const datagrams = numbers.map((number) => encode([numbered(number, number)]));
    if (this.#handle?.(datagrams)) return true;
    this.#resolve(datagrams);
    return false;
  }

  /** Ends it, as a transport that is closed. */
  end(): void {
    this.#isEnded = true;
    this.#resolve([]);
  }

  #resolve(datagrams: readonly Uint8Array[]): void {
    this.#return?.(datagrams);
    this.#return = undefined;
  }
}

/** Lets everything go on that waits for nothing but its turn. */
export const settle = () => new Promise((resolve) => setTimeout(resolve));
