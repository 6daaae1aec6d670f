import { assertEquals, assertThrows } from "@std/assert";
import { boolean, checkOptions, integer, oneOf } from "../../lib/formats/options.ts";
import type { FormatOptions } from "@villas/client/formats";

const own = { fake: boolean, bits: oneOf(8, 16, 32, 64), level: integer(-2, 5) };

const accepted: Record<string, unknown>[] = [
  {},
  { signals: [] },
  { sequence: false, ts_origin: true, ts_received: true, offset: false, data: true },
  { real_precision: 0 },
  { real_precision: 31 },
  { real_precision: undefined },
  { fake: true },
  { bits: 8 },
  { bits: 64 },
  { level: -2 },
  { level: 5 },
];
for (const options of accepted) {
  Deno.test(`checkOptions() accepts ${Deno.inspect(options)}`, () => checkOptions("raw", options, own));
}

const names = "fake, bits, level, signals, sequence, ts_origin, ts_received, offset, data, real_precision";
const refused: [Record<string, unknown>, string][] = [
  [{ sequence: 1 }, 'Cannot set option "sequence" of format raw to 1: expected true or false'],
  [{ sequence: null }, 'Cannot set option "sequence" of format raw to null: expected true or false'],
  [{ ts_origin: "false" }, 'Cannot set option "ts_origin" of format raw to "false": expected true or false'],
  [{ signals: "2f" }, 'Cannot set option "signals" of format raw to "2f": expected a list of signals'],
  [
    { real_precision: 32 },
    'Cannot set option "real_precision" of format raw to 32: expected a whole number from 0 to 31',
  ],
  [
    { real_precision: -1 },
    'Cannot set option "real_precision" of format raw to -1: expected a whole number from 0 to 31',
  ],
  [{ level: 0.5 }, 'Cannot set option "level" of format raw to 0.5: expected a whole number from -2 to 5'],
  [{ level: "1" }, 'Cannot set option "level" of format raw to "1": expected a whole number from -2 to 5'],
  [{ bits: 24 }, 'Cannot set option "bits" of format raw to 24: expected 8, 16, 32, 64'],
  [{ bits: "8" }, 'Cannot set option "bits" of format raw to "8": expected 8, 16, 32, 64'],
  [{ fake: "" }, 'Cannot set option "fake" of format raw to "": expected true or false'],
  [{ precision: 3 }, `Cannot set option "precision" of format raw: it has ${names}`],
  [{ toString: 3 }, `Cannot set option "toString" of format raw: it has ${names}`],
];
for (const [options, message] of refused) {
  Deno.test(`checkOptions() refuses ${Deno.inspect(options)}`, () => {
    assertEquals(assertThrows(() => checkOptions("raw", options, own), TypeError).message, message);
  });
}

Deno.test("checkOptions() lets no format redefine a common option", () => {
  const options: FormatOptions = { sequence: true };
  checkOptions("raw", options, { sequence: oneOf("yes", "no") });
});
