import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  createWaveforms,
  type GeneratedSignal,
  type Shape,
  shapes,
  toSignalList,
  type Waveform,
} from "@villas/client/generators";
import { fc } from "../_properties.ts";

/** Creates the waveform of one signal. */
function waveform(signal: GeneratedSignal, rate?: number): Waveform {
  const [first] = createWaveforms([signal], rate === undefined ? {} : { rate });
  assert(first !== undefined);
  return first;
}

// Time in eighths of a period, where every value is exact but those of the sine.
const h = Math.SQRT1_2;
const table: [GeneratedSignal, number[]][] = [
  [{ signal: "sine" }, [0, h, 1, h, 0, -h, -1, -h, 0]],
  [{ signal: "sine", amplitude: 10, offset: 1, phase: Math.PI / 2 }, [11, 1 + 10 * h, 1, 1 - 10 * h, -9]],
  [{ signal: "sine", frequency: 2 }, [0, 1, 0, -1, 0, 1, 0, -1, 0]],
  [{ signal: "square" }, [-1, -1, -1, -1, 1, 1, 1, 1, -1]],
  [{ signal: "square", amplitude: 3, offset: 1, phase: Math.PI }, [4, 4, 4, 4, -2, -2, -2, -2, 4]],
  [{ signal: "triangle" }, [1, 0.5, 0, -0.5, -1, -0.5, 0, 0.5, 1]],
  [{ signal: "triangle", amplitude: 2, offset: 1, phase: Math.PI / 2 }, [1, 0, -1, 0, 1, 2, 3, 2, 1]],
  [{ signal: "ramp" }, [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 0]],
  // The frequency of a ramp is its period in seconds, and its phase is no matter.
  [{ signal: "ramp", frequency: 0.25, amplitude: 8, offset: 1, phase: 1 }, [1, 2, 1, 2, 1, 2, 1, 2, 1]],
  [{ signal: "counter" }, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  [{ signal: "counter", amplitude: 0.5, offset: -1, frequency: 9 }, [-1, -0.5, 0, 0.5, 1]],
  [{ signal: "constant" }, [1, 1, 1]],
  [{ signal: "constant", amplitude: 2, offset: 0.5 }, [2.5, 2.5, 2.5]],
  // One step more than the width, because the limit counts.
  [{ signal: "pulse" }, [1, 1, 0, 0, 0, 0, 0, 0, 1]],
  [{ signal: "pulse", pulse_width: 0 }, [1, 0, 0, 0, 0, 0, 0, 0, 1]],
  [{ signal: "pulse", pulse_width: 2, pulse_low: -1, pulse_high: 5, offset: 1, amplitude: 7 }, [6, 6, 6, 0, 0, 0]],
  [{ signal: "pulse", phase: Math.PI }, [0, 0, 0, 0, 1, 1, 0, 0, 0]],
];

for (const [signal, values] of table) {
  Deno.test(`createWaveforms() computes VILLASnode's ${JSON.stringify(signal)}`, () => {
    const valueAt = waveform(signal, 8);
    for (const [step, value] of values.entries()) assertAlmostEquals(valueAt(step / 8, step), value, 1e-14);
  });
}

/** Returns the distance to the next lower multiple of a number. */
const above = (x: number, period: number) => x - period * Math.floor(x / period);

// The same signals in other words, for any time from 0 on and phase from 0 on.
const formulations: Partial<Record<Shape, (periods: number, amplitude: number) => number>> = {
  sine: (periods, amplitude) => amplitude * Math.cos(2 * Math.PI * (above(periods, 1) - 0.25)),
  square: (periods, amplitude) => Math.floor(2 * periods) % 2 === 0 ? -amplitude : amplitude,
  triangle: (periods, amplitude) => amplitude * (2 / Math.PI) * Math.asin(Math.cos(2 * Math.PI * periods)),
};
const quantity = fc.double({ min: 0.01, max: 100, noNaN: true });

for (const [signal, formulation] of Object.entries(formulations) as [Shape, (p: number, a: number) => number][]) {
  Deno.test(`createWaveforms() agrees with another formula of ${signal}, for any properties`, () => {
    fc.assert(
      fc.property(quantity, quantity, quantity, quantity, quantity, (time, frequency, amplitude, offset, phase) => {
        const periods = time * frequency + phase / (2 * Math.PI);
        // Where a square changes, rounding decides.
        fc.pre(signal !== "square" || Math.abs(above(2 * periods + 0.5, 1) - 0.5) > 1e-9);
        const value = waveform({ signal, frequency, amplitude, offset, phase })(time, 0);
        assertAlmostEquals(value, offset + formulation(periods, amplitude), 1e-6 * amplitude);
      }),
    );
  });
}

Deno.test("createWaveforms() makes a ramp rise by its amplitude per second, from 0, with its frequency as the period", () => {
  fc.assert(fc.property(quantity, quantity, quantity, (time, frequency, amplitude) => {
    const value = waveform({ signal: "ramp", frequency, amplitude })(time, 0);
    const rest = above(time, frequency);
    fc.pre(rest > 1e-9 && frequency - rest > 1e-9);
    assertAlmostEquals(value, amplitude * rest, 1e-9 * amplitude);
  }));
});

Deno.test("createWaveforms() keeps a pulse high for one step more than its width in each period", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 6, max: 9 }), (width, exponent) => {
    const rate = 2 ** exponent; // times are exact then
    const valueAt = waveform({ signal: "pulse", pulse_width: width }, rate);
    let high = 0;
    for (let step = 0; step < 3 * rate; step++) high += valueAt(step / rate, step);
    assertEquals(high, 3 * (width + 1));
  }));
});

Deno.test("createWaveforms() knows every shape", () => {
  for (const shape of shapes) assertEquals(typeof waveform({ signal: shape })(0, 0), "number");
});

Deno.test("createWaveforms() mixes shapes in VILLASnode's order, counting mixed signals only", () => {
  const mixed: GeneratedSignal = { signal: "mixed" };
  const sine: GeneratedSignal = { signal: "sine" };
  const signals = [mixed, sine, mixed, mixed, mixed, mixed, mixed, mixed, mixed, mixed];
  const values = createWaveforms(signals, { seed: 1 }).map((valueAt) => valueAt(0.25, 3));
  assertEquals(values.slice(1, 9), [1, 1, -1, 0, 0.25, 3, 1, 0]);
});

Deno.test("toSignalList() keeps names and units, numbers the others as VILLASnode does, and returns floats", () => {
  assertEquals(toSignalList([{ signal: "counter", name: "n", unit: "1" }, { signal: "pulse" }]), [
    { name: "n", unit: "1", type: "float" },
    { name: "signal1", type: "float" },
  ]);
});

Deno.test("createWaveforms() refuses a shape that does not exist", () => {
  const signal = "constants" as Shape;
  assertThrows(() => createWaveforms([{ signal }]), TypeError, 'Cannot generate a signal of shape "constants"');
});

/** Returns the first values of a random signal. */
function walk(seed: number, length: number, signal: Partial<GeneratedSignal> = {}): number[] {
  const [valueAt] = createWaveforms([{ signal: "random", ...signal }], { seed });
  assert(valueAt !== undefined);
  return Array.from({ length }, (_, step) => valueAt(step / 10, step));
}

Deno.test("createWaveforms() returns the same random signal for the same seed, and different ones for different seeds", () => {
  assertEquals(walk(7, 100), walk(7, 100));
  const beginnings = new Set([0, 1, 2, 7, 2 ** 32, 2 ** 32 + 7, 2 ** 53 - 1].map((seed) => walk(seed, 1)[0]));
  assertEquals(beginnings.size, 7);
  assertEquals(new Set(createWaveforms(Array(9).fill({ signal: "random" }), { seed: 1 }).map((f) => f(0, 0))).size, 9);
});

// What is written down once must never change: recordings are made again from their seeds.
Deno.test("createWaveforms() returns the same random signal in every version", () => {
  assertEquals(walk(42, 3), [0.09361972167376367, 0.1734126913738609, 0.26034499384363863]);
});

Deno.test("createWaveforms() returns a new random signal each time without a seed", () => {
  const first = () => createWaveforms([{ signal: "random" }])[0]?.(0, 0);
  assert(first() !== first());
});

Deno.test("createWaveforms() takes normally distributed steps with VILLASnode's standard deviation", () => {
  const count = 100_000;
  const values = [3, ...walk(1, count, { offset: 3 })];
  const steps = values.slice(1).map((value, index) => (value - (values[index] ?? NaN)) / 0.2);
  const moment = (power: number) => steps.reduce((sum, step) => sum + step ** power, 0) / count;
  assertAlmostEquals(moment(1), 0, 0.01);
  assertAlmostEquals(moment(2), 1, 0.02);
  assertAlmostEquals(moment(3), 0, 0.05);
  assertAlmostEquals(moment(4), 3, 0.1);
  // Shares below -2, -1, 0, 1 and 2 standard deviations, from a table of the normal distribution.
  const shares = [[-2, 0.02275], [-1, 0.15866], [0, 0.5], [1, 0.84134], [2, 0.97725]] as const;
  for (const [limit, share] of shares) {
    assertAlmostEquals(steps.filter((step) => step < limit).length / count, share, 0.005);
  }
  // Each step is independent of the one before.
  const correlation = steps.reduce((sum, step, index) => sum + step * (steps[index - 1] ?? 0), 0) / count;
  assertAlmostEquals(correlation, 0, 0.015);
});

Deno.test("createWaveforms() keeps a random signal constant if its deviation is 0", () => {
  assertEquals(walk(1, 3, { stddev: 0, offset: 2 }), [2, 2, 2]);
});

for (const seed of [-1, 1.5, NaN, 2 ** 53]) {
  Deno.test(`createWaveforms() refuses ${seed} as a seed`, () => {
    assertThrows(() => createWaveforms([], { seed }), RangeError, `Cannot take ${seed} as a seed`);
  });
}
