/**
 * Waits until the remote of a connection is there.
 *
 * @module
 */

import type { Connection } from "./connect.ts";
import type { Log } from "../../terminal/log.ts";

/** Waits for the remote as the Python client does; whatever closes the connection ends the wait. */
export async function waitForRemote({ client, closed }: Connection, log: Log): Promise<void> {
  try {
    await client.ready({ signal: closed, onWait: () => log.info(`Waiting for ${client.remote} to appear`) });
  } catch (error) {
    if (!closed.aborted) throw error;
  }
}
