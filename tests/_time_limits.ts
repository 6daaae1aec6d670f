/**
 * How long tests may take that wait for another process, or for a connection: one that waits for ever fails instead of
 * stopping all tests behind it.
 *
 * @module
 */

/** Limit of a test, in milliseconds, on the slowest machine that it should pass on. */
export const timeLimit = 120_000;

/** Limit of a test that starts RabbitMQ, compiles an executable, or does many things in turn, in milliseconds. */
export const longTimeLimit = 600_000;
