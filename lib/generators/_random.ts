/**
 * Random numbers from a seed: the same on every machine and in every run.
 *
 * @module
 */

/** A source of random numbers of the standard normal distribution. */
export type NormalSource = () => number;

/** Numbers skipped at the beginning, until similar seeds have nothing left in common. */
const warmUp = 20;

/**
 * Creates a source of 32 random bits at a time: xoshiro128** 1.1 (Blackman and Vigna 2018), which repeats itself after
 * 2^128 - 1 numbers.
 *
 * @param words The initial state, four words of 32 bits, not all of them 0
 * @returns A function that returns the next number, unsigned
 */
export function createXoshiro128(words: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = words;
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
}

function rotate(word: number, bits: number): number {
  return word << bits | word >>> (32 - bits);
}

/**
 * Creates a source of normally distributed numbers, two at a time from two uniform ones (Box and Muller 1958).
 *
 * @param seed A whole number from 0 to 2^53 - 1
 * @param stream The index of one of the independent sources of this seed
 * @returns A function that returns the next number
 */
export function createNormalSource(seed: number, stream: number): NormalSource {
  const next = createXoshiro128([seed >>> 0, Math.floor(seed / 2 ** 32), stream, 0x9e37_79b9]);
  for (let i = 0; i < warmUp; i++) next();
  /** Returns a number from 0 to below 1, of 53 bits. */
  const uniform = () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())); // 1 - uniform() is above 0
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
