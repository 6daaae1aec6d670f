/**
 * Two connections that make one: messages come from one of them and go to the other.
 *
 * @module
 */

import type { LinkConnection } from "./connection.ts";

/** Ends a connection at once. */
function abortConnection(connection: LinkConnection): void {
  if (connection.abort !== undefined) connection.abort();
  else connection.close().catch(() => {});
}

/**
 * Opens two connections and joins them. Where one of them is lost, the other one is ended, too.
 *
 * @param receiving Opens the connection that messages come from
 * @param sending Opens the connection that messages go to
 * @returns Both as one
 */
export async function joinConnections(
  receiving: () => Promise<LinkConnection>,
  sending: () => Promise<LinkConnection>,
): Promise<LinkConnection> {
  const receiver = await receiving();
  let sender: LinkConnection;
  try {
    sender = await sending();
  } catch (error) {
    abortConnection(receiver);
    throw error;
  }
  const both = [receiver, sender];
  return {
    closed: Promise.race(both.map(({ closed }) => closed)).then((reason) => {
      both.forEach(abortConnection);
      return reason;
    }),
    get pending() {
      return sender.pending;
    },
    send: (message) => sender.send(message),
    async close() {
      // First what delivers: the end of the other one must not cut it off.
      await sender.close();
      await receiver.close();
    },
    abort: () => both.forEach(abortConnection),
  };
}
