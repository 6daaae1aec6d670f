import { assertEquals, assertThrows } from "@std/assert";
import { parseSignals } from "@villas/client";
import { type LinkSignals, parseDirections } from "@villas/client/samples";

const list = parseSignals("2f");
const named = [{ name: "va", type: "float" as const }];

const cases: [Parameters<typeof parseDirections>[0], LinkSignals][] = [
  [undefined, {}],
  [{}, {}],
  ["2f", { in: list, out: list }],
  [named, { in: named, out: named }],
  ["any", { out: "any" }],
  [{ in: "2f" }, { in: list }],
  [{ out: "2f" }, { out: list }],
  [{ in: "2f", out: named }, { in: list, out: named }],
  [{ in: "2f", out: "any" }, { in: list, out: "any" }],
  [{ in: "any", out: "2f" }, { out: list }],
];
for (const [signals, expected] of cases) {
  Deno.test(`parseDirections() reads ${JSON.stringify(signals)}`, () => {
    assertEquals(parseDirections(signals), expected);
  });
}

Deno.test("parseDirections() refuses a list that cannot be parsed, in either direction", () => {
  for (const signals of ["2x", { in: "2x" }, { out: "2x" }]) {
    assertThrows(() => parseDirections(signals), SyntaxError, 'Cannot parse "2x" as a signal list at "2x"');
  }
});
