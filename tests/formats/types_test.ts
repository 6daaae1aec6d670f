/**
 * Tests `carriesTypes`: what a reader without signals makes of values.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { createFormat, EncodeError, type Format, formatNames, parseSignals, type Value } from "@villas/client";

/** Formats that put values in an order of their own, which their own tests look at. */
const ordering: readonly string[] = ["c37.118"];

const carrying: Record<string, boolean> = {
  protobuf: true,
  "villas.binary": false,
  "villas.web": false,
  "villas.human": true,
  json: true,
  csv: true,
  tsv: true,
  raw: false,
  gtnet: false,
  "opal.asyncip": false,
  "json.kafka": true,
  "json.edgeflex": true,
  "json.reserve": true,
  iotagent_ul: true,
  value: true,
  "c37.118": true,
  influx: true,
};

/** Values whose text or bits may be taken for those of another type. */
const values: readonly Value[] = [1, -0, 0.5, 1e6, 0n, 1n, -7n, 2n ** 40n, { real: 1, imag: -2 }];

/** Encodes one value and decodes it without signals; undefined if the format cannot carry it. */
function forward(format: Format, value: Value): Value | undefined {
  try {
    const [sample] = format.decode(format.encode([{ tsOrigin: { sec: 1, nsec: 0 }, sequence: 1n, values: [value] }]));
    return sample?.values[0];
  } catch (error) {
    if (error instanceof EncodeError) return undefined;
    throw error;
  }
}

Deno.test("formatNames lists the formats of this test", () => {
  assertEquals(Object.keys(carrying).sort(), [...formatNames].sort());
});

for (const [name, carriesTypes] of Object.entries(carrying)) {
  Deno.test(`createFormat() returns ${name}, which ${carriesTypes ? "carries" : "does not carry"} types`, async () => {
    const format = await createFormat(name);
    assertEquals(format.carriesTypes, carriesTypes);
    const forwarded = (ordering.includes(name) ? [] : values).map((value) => [value, forward(format, value)] as const);
    const changed = forwarded.filter(([value, read]) =>
      read !== undefined && Deno.inspect(read) !== Deno.inspect(value)
    );
    assertEquals(changed.length > 0, !carriesTypes, Deno.inspect(changed));
    assertEquals((await createFormat(name, { signals: parseSignals("i") })).carriesTypes, carriesTypes);
  });
}

for (const name of ["villas.human", "csv", "tsv", "value"]) {
  Deno.test(`createFormat() returns ${name} without decimals, which does not carry types`, async () => {
    const format = await createFormat({ type: name, real_precision: 0 });
    assertEquals(format.carriesTypes, false);
    assertEquals(forward(format, 2), 2n);
  });
  Deno.test(`createFormat() returns ${name}, which reads a boolean without its signal as an integer`, async () => {
    assertEquals(forward(await createFormat(name), true), 1n);
  });
}
