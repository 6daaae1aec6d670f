import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Sample, Value } from "@villas/client";
import { MeasurementErrors, totalVectorError } from "@villas/client/diagnosis";

const polar = (magnitude: number, degrees: number) => {
  const angle = degrees * Math.PI / 180;
  return { real: magnitude * Math.cos(angle), imag: magnitude * Math.sin(angle) };
};

Deno.test("totalVectorError() is that of closed forms, at any angle", () => {
  for (const angle of [0, 30, -135, 180]) {
    assertAlmostEquals(totalVectorError(polar(101, angle), polar(100, angle)), 0.01, 1e-12);
    assertAlmostEquals(totalVectorError(polar(99, angle), polar(100, angle)), 0.01, 1e-12);
    // The chord of an angle: 2 sin(0.573 / 2), which is 1 % to five digits.
    const chord = 2 * Math.sin(0.573 * Math.PI / 360);
    assertAlmostEquals(totalVectorError(polar(230, angle + 0.573), polar(230, angle)), chord, 1e-12);
    assertAlmostEquals(chord, 0.01, 1e-6);
    // Both at once, with the law of cosines.
    const both = Math.sqrt(1.01 ** 2 + 1 - 2 * 1.01 * Math.cos(0.573 * Math.PI / 180));
    assertAlmostEquals(totalVectorError(polar(101, angle + 0.573), polar(100, angle)), both, 1e-12);
  }
  assertEquals(totalVectorError(polar(1, 0), { real: 0, imag: 0 }), NaN);
});

function at(milliseconds: number, ...values: Value[]): Sample {
  return { tsOrigin: { sec: 7, nsec: milliseconds * 1e6 }, values };
}

/** Compares samples with those of a reference. */
async function compare(reference: readonly Sample[], measured: readonly Sample[]) {
  const errors = new MeasurementErrors(
    (async function* () {
      yield* reference;
    })(),
  );
  for (const sample of measured) {
    await errors.compare([sample], [{ name: "pmu0_va", type: "complex" }, { name: "pmu0_frequency", type: "float" }]);
  }
  return errors.figures;
}

Deno.test("MeasurementErrors finds the reference of each sample by its time, past those that were not measured", async () => {
  const reference = [0, 20, 40, 60, 80].map((time) => at(time, polar(100, time), 50 + time));
  const measured = [20, 30, 60, 100].map((time) => at(time, polar(102, time), 50.5 + time));
  const { compared, unmatched, errors } = await compare(reference, measured);
  assertEquals([compared, unmatched], [2, 2]);
  assertEquals(errors.map(({ name, kind, count }) => [name, kind, count]), [
    ["pmu0_va", "TVE", 2],
    ["pmu0_frequency", "FE", 2],
  ]);
  assertAlmostEquals(errors[0]?.max ?? 0, 0.02, 1e-12);
  assertAlmostEquals(errors[1]?.mean ?? 0, 0.5, 1e-12);
});

Deno.test("MeasurementErrors takes a float of the reference for a phasor along the real axis, and a whole number for a float", async () => {
  const { errors } = await compare([at(0, 100n, 50n)], [at(0, polar(101, 0), 50.25)]);
  assertAlmostEquals(errors[0]?.max ?? 0, 0.01, 1e-12);
  assertEquals(errors[1]?.max, 0.25);
});

Deno.test("MeasurementErrors leaves out what has no reference: no time, another type, not a number", async () => {
  const reference = [at(0, true, NaN), at(20, { real: 0, imag: 0 }, 50)];
  const { compared, unmatched, errors } = await compare(reference, [
    at(0, polar(1, 0), 50),
    { values: [1] },
    at(20, polar(1, 0), null),
  ]);
  assertEquals([compared, unmatched, errors], [2, 1, []]);
});
