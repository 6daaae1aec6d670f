import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type ConfigGroup, type ConfigValue, formatLibconfig, parseLibconfig } from "@villas/client/villasnode";

const cases: [string, string, ConfigGroup][] = [
  ["an empty file", "", {}],
  ["comments of all kinds", '# a\n// b\n/* c\n = */ x = 1 # "d"\n', { x: 1 }],
  ["both signs of assignment and every end of a setting", "a = 1; b : 2, c = 3\nd=4", { a: 1, b: 2, c: 3, d: 4 }],
  ["integers", "a = -7; b = 0x1F; c = 0b101; d = 0o17; e = 7L; f = +3", { a: -7, b: 31, c: 5, d: 15, e: 7, f: 3 }],
  ["floats", "a = 1.5; b = -.5; c = 1e3; d = 2.; e = 1.5E-3", { a: 1.5, b: -0.5, c: 1000, d: 2, e: 0.0015 }],
  ["booleans in any case", "a = true; b = FALSE; c = True", { a: true, b: false, c: true }],
  ["texts with escapes, in parts", String.raw`a = "x\n\"\\\x41" "y"  "z"`, { a: 'x\n"\\Ayz' }],
  ["groups, lists and arrays", 'a = { b = (1, "x", { c = [1, 2] }) }', { a: { b: [1, "x", { c: [1, 2] }] } }],
  ["empty groups and lists, and a comma at the end", "a = {}; b = (); c = [1,]", { a: {}, b: [], c: [1] }],
  ["names with hyphens, stars and digits", "a-b*_1 = 1", { "a-b*_1": 1 }],
  ["a name that begins as a value does", "trueish = 1; a = true", { trueish: 1, a: true }],
  ["includes, which are left out", '@include "other.conf"\na = 1\n@include "more.conf"', { a: 1 }],
];

for (const [what, text, expected] of cases) {
  Deno.test(`parseLibconfig() reads ${what}`, () => assertEquals(parseLibconfig(text), expected));
}

const mistakes: [string, string][] = [
  ["a", 'line 1, column 2: expected "=" or ":", found the end'],
  ["a = ", "line 1, column 5: expected a value, found the end"],
  ["a = {\n  b = 1\n", "line 3, column 1: expected the name of a setting, found the end"],
  ["a = (1 2)", 'line 1, column 8: expected "," or ")", found "2"'],
  ['a = "x\n', 'line 1, column 5: expected a value, found "\\""'],
  ["a = 12abc", 'line 1, column 10: expected "=" or ":", found the end'],
  ["__proto__ = { polluted = true }", 'line 1, column 1: expected the name of a setting, found "_"'],
  ["= 1", 'line 1, column 1: expected the name of a setting, found "="'],
  [`a = ${"(".repeat(1000)}`, "expected no more than 100 groups and lists in one another"],
];

for (const [text, message] of mistakes) {
  Deno.test(`parseLibconfig() refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
    assertThrows(() => parseLibconfig(text), SyntaxError, message);
  });
}

const key = fc.stringMatching(/^[A-Za-z][-A-Za-z0-9_]{0,8}$/);
const { group } = fc.letrec<{ group: ConfigGroup; value: ConfigValue }>((tie) => ({
  group: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: "small" },
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "binary-ascii" }).map((text) => text.replaceAll("\0", "")),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("group"),
  ),
}));

Deno.test("formatLibconfig() writes what parseLibconfig() reads back", () => {
  fc.assert(fc.property(group, (config) => assertEquals(parseLibconfig(formatLibconfig(config)), config)));
});

Deno.test("parseLibconfig() gives settings or a SyntaxError for anything", () => {
  const pieces = fc.constantFrom(
    "a",
    "=",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    '"',
    "1",
    ".",
    "e",
    "#",
    "/*",
    "*/",
    " ",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      try {
        parseLibconfig(parts.join(""));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
