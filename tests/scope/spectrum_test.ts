import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { measureHarmonics, spectrumOf, transform, windowFunctions } from "@villas/client/scope";

/** The transform by its definition. */
function transformNaively(real: Float64Array, imag: Float64Array): [number[], number[]] {
  const { length } = real;
  const sums = Array.from({ length }, (_, frequency) => {
    let [re, im] = [0, 0];
    for (let index = 0; index < length; index++) {
      const angle = -2 * Math.PI * frequency * index / length;
      const [a, b] = [real[index] ?? 0, imag[index] ?? 0];
      re += a * Math.cos(angle) - b * Math.sin(angle);
      im += a * Math.sin(angle) + b * Math.cos(angle);
    }
    return [re, im] as const;
  });
  return [sums.map(([re]) => re), sums.map(([, im]) => im)];
}

Deno.test("transform says what the sum of the definition says", () => {
  for (const length of [1, 2, 8, 64, 256]) {
    const real = Float64Array.from({ length }, (_, index) => Math.sin(index * index) * 3 + 1);
    const imag = Float64Array.from({ length }, (_, index) => Math.cos(index ** 3));
    const [re, im] = transformNaively(real, imag);
    transform(real, imag);
    for (let index = 0; index < length; index++) {
      assertAlmostEquals(real[index] ?? NaN, re[index] ?? 0, 1e-9);
      assertAlmostEquals(imag[index] ?? NaN, im[index] ?? 0, 1e-9);
    }
  }
  assertThrows(() => transform(new Float64Array(6), new Float64Array(6)), RangeError, "Cannot transform 6 values");
});

Deno.test("spectrumOf reads the amplitude of a sine and the mean with every window function", () => {
  const values = Float64Array.from({ length: 4096 }, (_, index) => 7 + 2 * Math.sin(2 * Math.PI * 128 * index / 4096));
  for (const window of windowFunctions) {
    const { resolution, amplitudes } = spectrumOf(values, 4096, window);
    assertEquals(resolution, 1);
    assertAlmostEquals(amplitudes[128] ?? NaN, 2, 1e-3);
    assertAlmostEquals(amplitudes[0] ?? NaN, 7, 1e-9);
    assert((amplitudes[200] ?? 1) < 1e-3, window);
  }
});

Deno.test("measureHarmonics finds the frequency and the distortion, whatever the length of the window", () => {
  for (const [frequency, nominal] of [[50, 50], [49.87, 50], [60.1, 60]] as const) {
    for (const length of [4000, 5003, 9999]) {
      const rate = 10_000;
      const values = Float64Array.from({ length }, (_, index) => {
        const angle = 2 * Math.PI * frequency * index / rate;
        return 3 + 325 * Math.sin(angle + 0.3) + 13 * Math.sin(3 * angle) + 9.75 * Math.sin(5 * angle + 1);
      });
      const harmonics = measureHarmonics(values, rate, nominal);
      assertAlmostEquals(harmonics?.frequency ?? NaN, frequency, 5e-3);
      assertAlmostEquals(harmonics?.amplitudes[0] ?? NaN, 325, 1);
      assertAlmostEquals(harmonics?.distortion ?? NaN, 0.05, 2e-3);
    }
  }
});

Deno.test("measureHarmonics has no answer for less than two periods, few samples, or nothing", () => {
  const sine = Float64Array.from({ length: 390 }, (_, index) => Math.sin(2 * Math.PI * 50 * index / 10_000));
  assertEquals(measureHarmonics(sine, 10_000, 50), undefined);
  assertEquals(measureHarmonics(new Float64Array(1000), 150, 50), undefined);
  assertEquals(measureHarmonics(new Float64Array(1000), 10_000, 50), undefined);
});
