/**
 * Frames of tests: bytes recorded from a VILLASnode, frames written out field by field, and configurations at random.
 *
 * @module
 */

import type { Configuration, PmuConfiguration, StreamDescription } from "@villas/client/c37_118";
import { fc } from "../../_properties.ts";

const folder = new URL("../../data/c37/", import.meta.url);

/** Reads a frame that a VILLASnode sent. */
export function recorded(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`${name}.bin`, folder));
}

/** The settings of the VILLASnodes that sent the frames. */
export const descriptions: Readonly<Record<string, StreamDescription>> = {
  one: {
    idcode: 7,
    data_rate: 50,
    pmus: [{
      name: "STATION-A",
      idcode: 7,
      frequency: "f",
      rocof: "r",
      phasor: [
        { signal: "va", unit: "volt" },
        { signal: "ia", name: "I phase A long name over 16", unit: "ampere" },
      ],
      analog: [{ signal: "an", name: "an0", unit: "rms" }],
      digital: [{ signal: "b", name: "breaker", normal: true }],
    }],
  },
  ...JSON.parse(Deno.readTextFileSync(new URL("descriptions.json", folder))),
};

/** The checksum as the standard's annex defines it, bit by bit, so that the table of the library is not judged by itself. */
export function slowCrc(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const isSet = ((crc >> 15) ^ (byte >> bit)) & 1;
      crc = (crc << 1) & 0xffff;
      if (isSet) crc ^= 0x1021;
    }
  }
  return crc;
}

/** Writes a frame from its fields in hexadecimal, blanks and all: `SIZE` and the checksum are filled in. */
export function frame(...fields: readonly string[]): Uint8Array<ArrayBuffer> {
  const text = fields.join("").replaceAll(" ", "");
  const length = text.replace("SIZE", "0000").length / 2 + 2;
  const bytes = Uint8Array.fromHex(text.replace("SIZE", length.toString(16).padStart(4, "0")));
  const checksum = slowCrc(bytes);
  return Uint8Array.from([...bytes, checksum >> 8, checksum & 0xff]);
}

/** Writes a name of 16 bytes in hexadecimal. */
export function name16(text: string): string {
  return new TextEncoder().encode(text.padEnd(16)).toHex();
}

const uint16 = fc.integer({ min: 0, max: 0xffff });
const float32 = fc.float({ noNaN: true });
/** Names that both ways of writing them carry: no blanks at their ends, 16 bytes at most. */
const shortName = fc.string({ maxLength: 16 }).map((text) => text.replace(/[^!-~]/g, "x"));

function pmuOf(isThird: boolean): fc.Arbitrary<PmuConfiguration> {
  const name = isThird ? fc.string({ unit: "grapheme", maxLength: 20 }) : shortName;
  const details = fc.record({
    guid: fc.uuid(),
    latitude: float32,
    longitude: float32,
    elevation: fc.constant(Infinity),
    serviceClass: fc.constantFrom("M", "P"),
    window: fc.nat(),
    groupDelay: fc.nat(),
  });
  return fc.record({
    isPolar: fc.boolean(),
    hasFloatPhasors: fc.boolean(),
    hasFloatAnalogs: fc.boolean(),
    hasFloatFrequency: fc.boolean(),
  }).chain((numbers) => {
    const integerScale = fc.integer({ min: 1, max: 0xff_ffff });
    const scale = isThird ? float32 : integerScale.map((units) => numbers.hasFloatPhasors ? units : units * 1e-5);
    return fc.record({
      station: name,
      idcode: uint16,
      numbers: fc.constant(numbers),
      phasors: fc.array(
        fc.record({
          name,
          unit: fc.constantFrom("volt" as const, "ampere" as const),
          scale,
          angleOffset: isThird ? float32 : fc.constant(0),
          component: isThird ? fc.integer({ min: 0, max: 7 }) : fc.constant(4),
          modifications: isThird ? fc.nat(0x7fff).map((bits) => bits * 2 ** 16) : fc.constant(0),
        }),
        { maxLength: 5 },
      ),
      analogs: fc.array(
        fc.record({
          name,
          kind: isThird ? fc.constant(0) : fc.nat(255),
          scale: isThird ? float32 : fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
          offset: isThird ? float32 : fc.constant(0),
        }),
        { maxLength: 5 },
      ),
      digitals: fc.array(
        fc.record({ names: fc.array(name, { minLength: 16, maxLength: 16 }), normal: uint16, mask: uint16 }),
        { maxLength: 3 },
      ),
      nominalFrequency: fc.constantFrom(50 as const, 60 as const),
      changeCount: uint16,
      ...isThird ? { details } : {},
    });
  });
}

/** Any configuration of type 1 and 2, or with `isThird`, any of type 3. */
export function configurationOf(isThird: boolean): fc.Arbitrary<Configuration> {
  return fc.record({
    idcode: uint16,
    timeBase: fc.integer({ min: 1, max: 0xff_ffff }),
    timeBaseFlags: fc.nat(255),
    dataRate: fc.integer({ min: -32_768, max: 32_767 }),
    pmus: fc.array(pmuOf(isThird), { maxLength: 4 }),
  });
}
