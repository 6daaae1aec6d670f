/**
 * The spectrum of a window: a windowed Fourier transform, and the harmonics of a power system with their distortion.
 *
 * @module
 */

/** Window functions, from the one that separates frequencies best to the one that reads amplitudes best. */
export type WindowFunction = "rectangular" | "hann" | "blackman-harris" | "flat-top";

/** Names of the window functions. */
export const windowFunctions: readonly WindowFunction[] = ["rectangular", "hann", "blackman-harris", "flat-top"];

/**
 * Coefficients of the cosine sums, with alternating signs: Hann; Harris 1978, the minimum of four terms; and the flat top
 * of ISO 18431-2.
 */
const cosines: Readonly<Record<WindowFunction, readonly number[]>> = {
  rectangular: [1],
  hann: [0.5, 0.5],
  "blackman-harris": [0.35875, 0.48829, 0.14128, 0.01168],
  "flat-top": [1, 1.933, 1.286, 0.388, 0.0322],
};

/** A spectrum: amplitudes of the frequencies from 0 to half the sample rate. */
export interface Spectrum {
  /** Distance of two frequencies, in hertz. */
  readonly resolution: number;
  /** Amplitude (peak) of each frequency, in the unit of the signal; the first one is the mean. */
  readonly amplitudes: Float64Array;
}

/**
 * Transforms values in place: the discrete Fourier transform by halves (Cooley and Tukey, 1965).
 *
 * @param real Real parts; their number is a power of two
 * @param imag Imaginary parts, as many
 * @throws {RangeError} If the number is not a power of two
 *
 * @example The transform of a constant
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { transform } from "@villas/client/scope";
 *
 * const real = Float64Array.of(1, 1, 1, 1);
 * transform(real, new Float64Array(4));
 * assertEquals([...real], [4, 0, 0, 0]);
 * ```
 */
export function transform(real: Float64Array, imag: Float64Array): void {
  const { length } = real;
  if (length < 1 || (length & (length - 1)) !== 0 || imag.length !== length) {
    throw new RangeError(`Cannot transform ${length} values: expected a power of two, and as many imaginary parts`);
  }
  let reversed = 0;
  for (let index = 1; index < length; index++) {
    let bit = length >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (index < reversed) {
      swap(real, index, reversed);
      swap(imag, index, reversed);
    }
  }
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2;
    for (let step = 0; step < half; step++) {
      // From the angle each time: a product of rotations would gather errors.
      const angle = -2 * Math.PI * step / size;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      for (let even = step; even < length; even += size) {
        const odd = even + half;
        const [a = 0, b = 0, c = 0, d = 0] = [real[even], imag[even], real[odd], imag[odd]];
        const [re, im] = [c * cos - d * sin, c * sin + d * cos];
        real[even] = a + re;
        imag[even] = b + im;
        real[odd] = a - re;
        imag[odd] = b - im;
      }
    }
  }
}

function swap(values: Float64Array, a: number, b: number): void {
  [values[a], values[b]] = [values[b] ?? 0, values[a] ?? 0];
}

/**
 * Computes the spectrum of values at constant distances.
 *
 * The mean is taken out before the window is applied, and is the amplitude at 0 Hz. Values are filled up with zeros to a power
 * of two, which draws the spectrum more finely but separates no more frequencies.
 *
 * @param values The values
 * @param rate Samples per second
 * @param window The window function; default `"hann"`
 * @returns The amplitudes
 *
 * @example A sine of 50 Hz and amplitude 2
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { spectrumOf } from "@villas/client/scope";
 *
 * const sine = Float64Array.from({ length: 1024 }, (_, i) => 2 * Math.sin(2 * Math.PI * 50 * i / 1024));
 * assertAlmostEquals(spectrumOf(sine, 1024).amplitudes[50] ?? 0, 2, 1e-2);
 * ```
 */
export function spectrumOf(values: Float64Array, rate: number, window: WindowFunction = "hann"): Spectrum {
  const { length } = values;
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, length)));
  const weights = Float64Array.from(values, (_, index) => windowAt(window, index / length));
  const weight = weights.reduce((sum, factor) => sum + factor, 0);
  // The mean as the window weighs it: what any other one leaves behind would show beside 0 Hz.
  const mean = values.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0) / weight;
  const real = new Float64Array(size);
  for (let index = 0; index < length; index++) real[index] = ((values[index] ?? 0) - mean) * (weights[index] ?? 0);
  const imag = new Float64Array(size);
  transform(real, imag);
  const amplitudes = new Float64Array(size / 2 + 1);
  for (let index = 0; index < amplitudes.length; index++) {
    amplitudes[index] = 2 * Math.hypot(real[index] ?? 0, imag[index] ?? 0) / weight;
  }
  amplitudes[0] = mean;
  return { resolution: rate / size, amplitudes };
}

function windowAt(window: WindowFunction, position: number): number {
  return cosines[window].reduce(
    (sum, coefficient, order) =>
      sum + (order % 2 === 0 ? 1 : -1) * coefficient * Math.cos(2 * Math.PI * order * position),
    0,
  );
}

/** Harmonics of a nominal frequency. */
export interface Harmonics {
  /** The fundamental as it was found, in hertz. */
  readonly frequency: number;
  /** Amplitudes of the fundamental, the second harmonic, and so on. */
  readonly amplitudes: readonly number[];
  /** Total harmonic distortion: root of the sum of the squares of the harmonics over the fundamental (IEC 61000-4-7). */
  readonly distortion: number;
}

/** The furthest that a fundamental may be from the nominal frequency, as a part of it. */
const maximumDeviation = 0.1;

/** Number of the highest harmonic, as in IEC 61000-3-2. */
const highestHarmonic = 40;

/**
 * Measures the harmonics of a power system's frequency.
 *
 * Each amplitude is that of a sine fitted at exactly a multiple of the fundamental over a whole number of its periods, not
 * that of the nearest line of a spectrum: so neither the length of the window nor a frequency of 49.9 Hz spoils it.
 *
 * @param values The values, at constant distances
 * @param rate Samples per second
 * @param nominal The nominal frequency, in hertz, such as 50
 * @returns The harmonics up to the 40th below half the sample rate; undefined where there are fewer than two periods, fewer
 * than four samples per period, or no fundamental
 *
 * @example A square wave has every odd harmonic
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { measureHarmonics } from "@villas/client/scope";
 *
 * const sine = (order: number, i: number) => Math.sin(2 * Math.PI * 50 * order * i / 10_000);
 * const values = Float64Array.from({ length: 3000 }, (_, i) => 325 * sine(1, i) + 16.25 * sine(5, i));
 * assertAlmostEquals(measureHarmonics(values, 10_000, 50)?.distortion ?? NaN, 0.05, 1e-6);
 * ```
 */
export function measureHarmonics(values: Float64Array, rate: number, nominal: number): Harmonics | undefined {
  if (values.length < 2 * rate / nominal || rate < 4 * nominal) return undefined;
  const frequency = findFundamental(values, rate, nominal);
  const periods = Math.floor(values.length * frequency / rate + 1e-6);
  const length = Math.round(periods * rate / frequency);
  const amplitudes: number[] = [];
  for (let order = 1; order <= highestHarmonic && order * frequency < rate / 2; order++) {
    amplitudes.push(amplitudeAt(values.subarray(0, length), order * frequency / rate));
  }
  const [fundamental = 0, ...harmonics] = amplitudes;
  if (!(fundamental > 0)) return undefined;
  return { frequency, amplitudes, distortion: Math.hypot(...harmonics) / fundamental };
}

/** Finds the frequency of the largest amplitude near the nominal one, by golden section. */
function findFundamental(values: Float64Array, rate: number, nominal: number): number {
  const weighted = Float64Array.from(values, (value, index) => value * windowAt("hann", index / values.length));
  const measure = (frequency: number) => amplitudeAt(weighted, frequency / rate);
  const lines = 41;
  const step = 2 * maximumDeviation * nominal / (lines - 1);
  const candidates = Array.from({ length: lines }, (_, index) => nominal * (1 - maximumDeviation) + index * step);
  let best = nominal;
  let largest = -1;
  for (const candidate of candidates) {
    const amplitude = measure(candidate);
    if (amplitude > largest) [best, largest] = [candidate, amplitude];
  }
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [best - step, best + step];
  for (let round = 0; round < 40; round++) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (measure(a) > measure(b)) high = b;
    else low = a;
  }
  return (low + high) / 2;
}

/** Measures the amplitude at a frequency, given in periods per sample; the mean is taken out. */
function amplitudeAt(values: Float64Array, frequency: number): number {
  let [cosSum, sinSum, mean] = [0, 0, 0];
  for (const value of values) mean += value;
  mean /= values.length;
  // Goertzel's recursion would lose digits over long windows; a rotation that is set right now and then does not.
  const [stepCos, stepSin] = [Math.cos(2 * Math.PI * frequency), Math.sin(2 * Math.PI * frequency)];
  let [cos, sin] = [1, 0];
  for (let index = 0; index < values.length; index++) {
    if (index % 256 === 0) {
      const angle = 2 * Math.PI * frequency * index;
      [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    }
    const value = (values[index] ?? 0) - mean;
    cosSum += value * cos;
    sinSum += value * sin;
    const turned = cos * stepCos - sin * stepSin;
    sin = cos * stepSin + sin * stepCos;
    cos = turned;
  }
  return 2 * Math.hypot(cosSum, sinSum) / values.length;
}
