/**
 * What sending has in common: the datagrams of one call go one after the other, and what cannot be sent is said.
 *
 * @module
 */

/** What says that the remote is not there, now; it may come, or come back. */
const absences = [Deno.errors.NotFound, Deno.errors.ConnectionRefused, Deno.errors.NetworkUnreachable];

/**
 * The same for errors that Deno has no class for: "network is down", "host is down" and "no route to host"
 * (`errno.h`).
 */
const absenceWords = /^(?:Network is down|Host is down|No route to host)/;

/**
 * Sends datagrams in their order, until one is not taken.
 *
 * An error behind the first datagram ends the batch as a remote that is not there does: so an error always means that
 * nothing was sent, and one that lasts is thrown by the next call.
 *
 * @param datagrams What to send
 * @param sendOne Sends one of them
 * @param remote The address, for the message
 * @param isClosed Whether the transport is closed, which ends the batch too
 * @param sendMany Sends as many at once as can be, from one of them on, and says how many; none if it cannot
 * @returns How many were taken
 */
export async function sendInOrder(
  datagrams: readonly Uint8Array[],
  sendOne: (datagram: Uint8Array) => Promise<unknown>,
  remote: string,
  isClosed: () => boolean,
  sendMany?: (start: number) => number,
): Promise<number> {
  let taken = 0;
  try {
    for (;;) {
      if (sendMany !== undefined) taken += sendMany(taken);
      const datagram = datagrams[taken];
      if (datagram === undefined) break;
      await sendOne(datagram);
      taken++;
    }
  } catch (error) {
    if (taken === 0 && !isClosed() && !isAbsence(error)) throw explain(error, remote);
  }
  return taken;
}

function isAbsence(error: unknown): boolean {
  return absences.some((absence) => error instanceof absence) ||
    (error instanceof Error && absenceWords.test(error.message));
}

function explain(error: unknown, remote: string): unknown {
  // Deno's own message names the missing flag.
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  return new Error(`Cannot send to ${remote}: ${error.message}`, { cause: error });
}

/**
 * The longest payload of a UDP datagram over IPv4, in bytes: 65,535 less the headers of IP and UDP (RFC 768, RFC 791).
 */
export const maximumUdpLength = 65_507;

/** Throws where a datagram is too long to send. */
export function checkLengths(datagrams: readonly Uint8Array[], maximumLength: number, remote: string): void {
  for (const { length } of datagrams) {
    if (length > maximumLength) throw tooLong(length, maximumLength, remote);
  }
}

/** The error for a datagram that is too long to send. */
export function tooLong(length: number, maximumLength: number, remote: string): RangeError {
  return new RangeError(
    `Cannot send a datagram of ${length} bytes to ${remote}: a datagram has at most ${maximumLength} bytes`,
  );
}

/** The error for sending without a remote. */
export function noRemote(local: string): TypeError {
  return new TypeError(`Cannot send from ${local}: no remote address is set`);
}
