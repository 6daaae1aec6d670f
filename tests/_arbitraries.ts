/**
 * Arbitrary samples for property tests.
 *
 * @module
 */

import type { Complex, Sample, Timestamp, Value } from "@villas/client";
import { fc } from "./_properties.ts";

/** Any int64, the limits more often than chance would have them. */
export const int64: fc.Arbitrary<bigint> = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** Any uint64. */
export const uint64: fc.Arbitrary<bigint> = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** Any point in time that the binary formats carry. */
export const timestamp: fc.Arbitrary<Timestamp> = fc.record({
  sec: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  nsec: fc.integer({ min: 0, max: 999_999_999 }),
});

/** Any complex number of two float32. */
export const complex: fc.Arbitrary<Complex> = fc.record({ real: fc.float(), imag: fc.float() });

/** Any value of any type, -0, NaN and infinities included. */
export const value: fc.Arbitrary<Value> = fc.oneof(fc.double(), int64, fc.boolean(), complex);

/** Any sample that may be sent. */
export const sample: fc.Arbitrary<Sample> = fc.record({
  sequence: uint64,
  tsOrigin: timestamp,
  tsReceived: timestamp,
  newFrame: fc.constant(true),
  values: fc.array(value, { maxLength: 40 }),
}, { requiredKeys: ["values"] });
