/**
 * Parts that sending has in common: the datagrams of one call go one after the other, and errors say the reason.
 *
 * @module
 */

import { explainSystemError } from "../system/errors.ts";

/** Errors that mean that the remote is not there now; it may come, or come back. */
const absences = [Deno.errors.NotFound, Deno.errors.ConnectionRefused];

/** Errors that mean that no network leads to the remote now, or that this machine has no address to send there from. */
const missingRoutes = [Deno.errors.NetworkUnreachable, Deno.errors.AddrNotAvailable];

/**
 * The same for errors that Deno has no class for: "network is down", "host is down" and "no route to host"
 * (`errno.h`).
 */
const absenceWords = /^(?:Network is down|Host is down|No route to host)/;

/** The way to a remote. */
export interface Route {
  /** The address, for messages. */
  readonly remote: string;
  /** The longest datagram, in bytes. */
  readonly maximumLength: number;
  /** Sends one datagram. */
  sendOne(datagram: Uint8Array): Promise<unknown>;
  /** Sends as many as possible at once, from index `start` on; returns how many, or 0 if it cannot. */
  readonly sendMany?: ((datagrams: readonly Uint8Array[], start: number) => number) | undefined;
  /** Returns whether the transport is closed, which ends a batch, too. */
  isClosed(): boolean;
  /** Called where no network leads to the remote. */
  readonly onNoRoute?: () => void;
}

/**
 * Creates a function that sends datagrams in their order, until one is not taken.
 *
 * An error behind the first datagram ends the batch as a remote that is not there does: so an error always means that
 * nothing was sent, and one that lasts is thrown by the next call.
 *
 * @param route The way to the remote
 * @returns Function that takes datagrams and returns how many of them the system took
 */
export function createSender(route: Route): (datagrams: readonly Uint8Array[]) => Promise<number> {
  const { remote, maximumLength, sendMany } = route;

  /** Handles an error of the first datagram. */
  function explainNone(error: unknown): number {
    if (route.isClosed()) return 0;
    if (isAbsence(error)) {
      if (isNoRoute(error)) route.onNoRoute?.();
      return 0;
    }
    throw explainSystemError(error, `Cannot send to ${remote}`);
  }

  async function sendAll(datagrams: readonly Uint8Array[]): Promise<number> {
    checkLengths(datagrams, maximumLength, remote);
    let taken = 0;
    try {
      for (;;) {
        if (sendMany !== undefined) taken += sendMany(datagrams, taken);
        const datagram = datagrams[taken];
        if (datagram === undefined) return taken;
        await route.sendOne(datagram);
        taken++;
      }
    } catch (error) {
      return taken === 0 ? explainNone(error) : taken;
    }
  }

  return (datagrams) => {
    // One datagram, as most are sent, takes no async function of its own.
    const [datagram] = datagrams;
    const isOne = sendMany === undefined && datagrams.length === 1 && datagram !== undefined;
    return isOne && datagram.length <= maximumLength
      ? route.sendOne(datagram).then(one, explainNone)
      : sendAll(datagrams);
  };
}

const one = () => 1;

function isAbsence(error: unknown): boolean {
  return [...absences, ...missingRoutes].some((absence) => error instanceof absence) ||
    (error instanceof Error && absenceWords.test(error.message));
}

function isNoRoute(error: unknown): boolean {
  return missingRoutes.some((missing) => error instanceof missing) ||
    (error instanceof Error && /^(?:Network is (?:down|unreachable)|No route to host)/.test(error.message));
}

/**
 * The longest payload of a UDP datagram over IPv4, in bytes: 65,535 less the headers of IP and UDP (RFC 768, RFC 791).
 */
export const maximumUdpLength = 65_507;

/**
 * Checks the lengths of datagrams.
 *
 * @throws {RangeError} If one is too long to send
 */
export function checkLengths(
  datagrams: readonly Uint8Array[],
  maximumLength: number,
  remote: string,
  noun?: "datagram" | "message" | "frame",
): void {
  for (const { length } of datagrams) {
    if (length > maximumLength) throw tooLong(length, maximumLength, remote, noun);
  }
}

/** Creates the error for a datagram, or a message of a connection, that is too long to send. */
export function tooLong(
  length: number,
  maximumLength: number,
  remote: string,
  noun: "datagram" | "message" | "frame" = "datagram",
): RangeError {
  return new RangeError(
    `Cannot send a ${noun} of ${length} bytes to ${remote}: a ${noun} has at most ${maximumLength} bytes`,
  );
}

/** Creates the error for sending without a remote. */
export function noRemote(local: string): TypeError {
  return new TypeError(`Cannot send from ${local}: no remote address is set`);
}
