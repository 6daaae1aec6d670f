import { assertEquals, assertThrows } from "@std/assert";
import { parseGeneratedSignal, shapes } from "@villas/client/generators";

Deno.test("parseGeneratedSignal() reads every shape", () => {
  for (const signal of shapes) assertEquals(parseGeneratedSignal(signal), { signal });
});

Deno.test("parseGeneratedSignal() reads every property under VILLASnode's name", () => {
  const text =
    "pulse:name=a b,unit=m/s,frequency=50,amplitude=-1,stddev=.5,offset=1e3,phase=0.1,pulse_width=3,pulse_low=-2";
  assertEquals(parseGeneratedSignal(`${text},pulse_high=4`), {
    signal: "pulse",
    name: "a b",
    unit: "m/s",
    frequency: 50,
    amplitude: -1,
    stddev: 0.5,
    offset: 1000,
    phase: 0.1,
    pulse_width: 3,
    pulse_low: -2,
    pulse_high: 4,
  });
  assertEquals(parseGeneratedSignal("pulse:pulse-width=2"), { signal: "pulse", pulse_width: 2 });
});

const mistakes: [string, string][] = [
  ["", 'Cannot take "" as the shape of a signal: expected sine, square,'],
  ["Sine", 'Cannot take "Sine" as the shape'],
  ["constants:amplitude=1", 'Cannot take "constants" as the shape'],
  ["sine:", 'Cannot take "" as a property in "sine:": expected NAME=VALUE'],
  ["sine:10", 'Cannot take "10" as a property in "sine:10"'],
  ["sine:amp=10", 'Cannot take "amp=10" as a property in "sine:amp=10"'],
  ["sine:signal=ramp", 'Cannot take "signal=ramp" as a property'],
  ["sine:amplitude=", 'Cannot take "" as amplitude in "sine:amplitude=": expected a number'],
  ["sine:phase=1,offset=x", 'Cannot take "x" as offset in "sine:phase=1,offset=x": expected a number'],
  ["sine:offset=Infinity", 'Cannot take "Infinity" as offset'],
];

for (const [notation, message] of mistakes) {
  Deno.test(`parseGeneratedSignal() refuses "${notation}"`, () => {
    assertThrows(() => parseGeneratedSignal(notation), SyntaxError, message);
  });
}
