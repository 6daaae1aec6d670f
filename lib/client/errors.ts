/**
 * Errors of a client's calls; those of formats and of the guard stand with them.
 *
 * @module
 */

/**
 * No sample came within the time limit of a call. Nothing is lost: the next call gets what comes.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { connect, TimeoutError } from "@villas/client";
 *
 * await using client = await connect({ local: "memory:waiting", remote: "memory:silent" });
 * const error = await assertRejects(() => client.receive({ timeout: 0.01 }), TimeoutError);
 * assertEquals(error.message, "No sample came to memory:waiting within 0.01 s");
 * ```
 */
export class TimeoutError extends Error {
  /** `"TimeoutError"` */
  override name = "TimeoutError";
  /** The time limit, in seconds. */
  readonly timeout: number;

  /**
   * Creates the error.
   *
   * @param local Address that was received on
   * @param timeout Time limit, in seconds
   */
  constructor(local: string, timeout: number) {
    super(`No sample came to ${local} within ${timeout} s`);
    this.timeout = timeout;
  }
}

/**
 * The client is closed, so nothing can be sent any more.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { ClosedError, connect } from "@villas/client";
 *
 * const client = await connect({ local: "memory:ended", remote: "memory:node" });
 * client.close();
 * await assertRejects(() => client.send({ values: [1.5] }), ClosedError);
 * ```
 */
export class ClosedError extends Error {
  /** `"ClosedError"` */
  override name = "ClosedError";

  /**
   * Creates the error.
   *
   * @param local Address of the client
   */
  constructor(local: string) {
    super(`Cannot send from ${local}: the client is closed`);
  }
}
