/**
 * Rates of samples, exactly: a number of steps in a number of nanoseconds.
 *
 * @module
 */

/** A rate of samples, as a fraction in lowest terms: 50 Hz is 1 step in 20,000,000 ns, 60 Hz are 3 steps in 50,000,000 ns. */
export interface SampleRate {
  /** Number of steps, 1 or more. */
  readonly steps: bigint;
  /** Number of nanoseconds that they take, at least as many. */
  readonly nanoseconds: bigint;
}

/** Units of rates, in steps per second, and of periods, in nanoseconds. */
const rateUnits: Readonly<Record<string, bigint>> = { "": 1n, Hz: 1n, kHz: 1_000n, MHz: 1_000_000n };
const periodUnits: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** The most of either number: a grid counts in float64 between seconds, which takes twice the steps. */
const maximumTerm = 2n ** 51n;

/**
 * Parses a rate, or the period of one.
 *
 * @param text Text such as `1kHz`, `50Hz`, `59.94Hz` or `1000` (Hz), or a period such as `20ms`, `100us` or `1m`
 * @returns The rate, exactly as it is written
 * @throws {SyntaxError} If it is not one, is above 1 GHz, or has too many digits
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSampleRate } from "@villas/client/recordings";
 *
 * assertEquals(parseSampleRate("60Hz"), { steps: 3n, nanoseconds: 50_000_000n });
 * assertEquals(parseSampleRate("20ms"), parseSampleRate("50"));
 * ```
 */
export function parseSampleRate(text: string): SampleRate {
  const [, whole = "", fraction = "", unit = ""] = /^(\d{1,12})(?:\.(\d{1,12}))?([a-zµ]*)$/i.exec(text) ?? [];
  const perSecond = Object.hasOwn(rateUnits, unit) ? rateUnits[unit] : undefined;
  const period = Object.hasOwn(periodUnits, unit) ? periodUnits[unit] : undefined;
  const number = BigInt(whole + fraction);
  const scale = 10n ** BigInt(fraction.length);
  if (whole === "" || number === 0n || (perSecond ?? period) === undefined) {
    throw new SyntaxError("expected a rate such as 1kHz or 59.94Hz, or a period such as 20ms");
  }
  const steps = perSecond === undefined ? scale : number * perSecond;
  const nanoseconds = perSecond === undefined ? number * (period ?? 1n) : scale * 1_000_000_000n;
  if (steps > nanoseconds) throw new SyntaxError("expected a rate of 1 GHz or less");
  const divisor = greatestCommonDivisor(steps, nanoseconds);
  const rate = { steps: steps / divisor, nanoseconds: nanoseconds / divisor };
  if (rate.steps > maximumTerm || rate.nanoseconds > maximumTerm) {
    throw new SyntaxError("expected a rate of fewer digits");
  }
  return rate;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
