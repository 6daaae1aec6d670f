/**
 * Times between attempts to connect.
 *
 * @module
 */

/** The first wait, in milliseconds. */
const firstDelay = 100;

/** The longest wait, in milliseconds. */
const longestDelay = 10_000;

/**
 * Returns the time to wait before the next attempt: 0.1 s at first, then twice as long each time, up to 10 s; up to a
 * quarter more or less, so that the clients of a server that restarts do not come back all at once.
 *
 * @param attempt Number of failed attempts in a row before this one, from 0
 * @param random A random number from 0 to 1
 * @returns The time, in milliseconds
 */
export function retryDelay(attempt: number, random = Math.random()): number {
  const delay = firstDelay * 2 ** Math.min(attempt, 20) * (0.75 + random / 2);
  return Math.min(longestDelay, Math.max(firstDelay, delay));
}
