/**
 * Random numbers that are the same in every run: what a seed found once, it finds again.
 *
 * @module
 */

/** A seeded source of random numbers. */
export interface Random {
  /** The next 32 random bits, as an unsigned number. */
  next(): number;
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  /** A whole number from 0 to `limit` - 1, small ones far more often than large ones. */
  small(limit: number): number;
  /** Whether something of this probability (0 to 1) happens. */
  chance(probability: number): boolean;
  /** One entry of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** So many random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/**
 * Makes a source of random numbers: a xorshift of 32 bits (Marsaglia 2003) with a multiplication behind it.
 *
 * @param seed Any whole number
 * @returns The source
 */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed | 0, 0x9e37_79b1) ^ 0x5bd1_e995;
  if (state === 0) state = 1;

  function next(): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.imul(state, 0x2c1b_3c6d) >>> 0;
  }
  const below = (limit: number) => Math.floor(next() / 2 ** 32 * limit);
  return {
    next,
    below,
    small: (limit) => Math.floor((next() / 2 ** 32) ** 3 * limit),
    chance: (probability) => next() / 2 ** 32 < probability,
    pick: (list) => list[below(list.length)] as typeof list[number],
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i++) bytes[i] = next() >>> 24;
      return bytes;
    },
  };
}
