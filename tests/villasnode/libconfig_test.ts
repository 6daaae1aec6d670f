import { assertEquals, assertThrows } from "@std/assert";
import { type ConfigGroup, type ConfigValue, formatLibconfig, parseLibconfig } from "@villas/client/villasnode";
import { fc } from "../_properties.ts";

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
];

for (const [what, text, expected] of cases) {
  Deno.test(`parseLibconfig() reads ${what}`, () => assertEquals(parseLibconfig(text), expected));
}

/** Texts that no libconfig reads, but for infinities, which VILLASnode loses, and the deepest one; place, expected, found. */
const mistakes: [text: string, place: string, expected: string, found: string][] = [
  ["a", "1, 2", '"=" or ":"', "the end"],
  ["a = ", "1, 5", "a value", "the end"],
  ["a = {\n  b = 1\n", "3, 1", "the name of a setting", "the end"],
  ["a = (1, 2\n", "2, 1", '"," or ")"', "the end"],
  ["a = [1, 2\n", "2, 1", '"," or "]"', "the end"],
  ["a = (", "1, 6", "a value", "the end"],
  ["a = (1,", "1, 8", "a value", "the end"],
  ["a = (1 2)", "1, 8", '"," or ")"', '"2"'],
  ["a = (1; 2)", "1, 7", '"," or ")"', '";"'],
  ["a = [1 2]", "1, 8", '"," or "]"', '"2"'],
  ["a = (,)", "1, 6", "a value", '","'],
  ["a = (1,,2)", "1, 8", "a value", '","'],
  ["a = (1]", "1, 7", '"," or ")"', '"]"'],
  ["a = { b = 1 )", "1, 13", "the name of a setting", '")"'],
  ["a = { 1 }", "1, 7", "the name of a setting", '"1"'],
  ["{ a = 1 }", "1, 1", "the name of a setting", '"{"'],
  ["}", "1, 1", "the name of a setting", '"}"'],
  ["a = 1 }", "1, 7", "the name of a setting", '"}"'],
  ["= 1", "1, 1", "the name of a setting", '"="'],
  ["a == 1", "1, 4", "a value", '"="'],
  ["a := 1", "1, 4", "a value", '"="'],
  ["a = 1;;", "1, 7", "the name of a setting", '";"'],
  ["a = 1,;", "1, 7", "the name of a setting", '";"'],
  ["; a = 1", "1, 1", "the name of a setting", '";"'],
  ["a b = 1", "1, 3", '"=" or ":"', '"b"'],
  ["a.b = 1", "1, 2", '"=" or ":"', '"."'],
  ["_a = 1", "1, 1", "the name of a setting", '"_"'],
  ["__proto__ = { polluted = true }", "1, 1", "the name of a setting", '"_"'],
  ["-a = 1", "1, 1", "the name of a setting", '"-"'],
  ["7up = 1", "1, 1", "the name of a setting", '"7"'],
  ["true = 1", "1, 1", "the name of a setting", '"true"'],
  ["FALSE = 1", "1, 1", "the name of a setting", '"FALSE"'],
  ['"a" = 1', "1, 1", "the name of a setting", '"\\"a\\""'],
  ["größe = 1", "1, 3", '"=" or ":"', '"ö"'],
  ["a = 12abc", "1, 10", '"=" or ":"', "the end"],
  ["a = 1e", "1, 7", '"=" or ":"', "the end"],
  ["a = 5l", "1, 7", '"=" or ":"', "the end"],
  ["a = 5LLL", "1, 9", '"=" or ":"', "the end"],
  ["a = 1_000", "1, 6", "the name of a setting", '"_"'],
  ["a = 1.2.3", "1, 8", "the name of a setting", '".3"'],
  ["a = -0xFF", "1, 10", '"=" or ":"', "the end"],
  ["a = 0x", "1, 7", '"=" or ":"', "the end"],
  ["a = - 1", "1, 5", "a value", '"-"'],
  ["a = --1", "1, 5", "a value", '"-"'],
  ["a = 1-2", "1, 6", "the name of a setting", '"-2"'],
  ["a = 1e999", "1, 5", "a number in the range of a double", '"1e999"'],
  ["a = ( -1e999 )", "1, 7", "a number in the range of a double", '"-1e999"'],
  ["a = inf", "1, 5", "a value", '"inf"'],
  ["a = yes", "1, 5", "a value", '"yes"'],
  ["a = null", "1, 5", "a value", '"null"'],
  ["a = $HOME", "1, 5", "a value", '"$"'],
  ["a = 'x'", "1, 5", "a value", '"\'"'],
  ['a = "x\n', "1, 5", "a value", '"\\""'],
  ['a = "x\\"', "1, 5", "a value", '"\\""'],
  ["a = 1 / b = 2", "1, 7", "the name of a setting", '"/"'],
  ["a = 1 */ b = 2", "1, 8", '"=" or ":"', '"/"'],
  ["a = 1\u00a0b = 2", "1, 6", "the name of a setting", '"\u00a0"'],
  ["a = [ 1, 2.0 ]", "1, 10", "an integer without L, as the first value of the array is", '"2.0"'],
  ["a = [ 1, 2L ]", "1, 10", "an integer without L, as the first value of the array is", '"2L"'],
  ["a = [ 1L, 2 ]", "1, 11", "an integer with L, as the first value of the array is", '"2"'],
  ["a = [ 1.0, true ]", "1, 12", "a number with a fraction, as the first value of the array is", '"true"'],
  ['a = [ true, "x" ]', "1, 13", "a boolean, as the first value of the array is", '"\\"x\\""'],
  ['a = [ "x", 1 ]', "1, 12", "a string, as the first value of the array is", '"1"'],
  ["a = [ ( 1 ) ]", "1, 7", "a string, a number or a boolean, which are all that an array takes", '"("'],
  ["a = [ 1, [ 2 ] ]", "1, 10", "a string, a number or a boolean, which are all that an array takes", '"["'],
  ["a = [ { } ]", "1, 7", "a string, a number or a boolean, which are all that an array takes", '"{"'],
  ["a = 1\nb = 2\na = 3", "3, 1", "a name that the group does not have yet", '"a"'],
  ["g = { x = 1, x = 2 }", "1, 14", "a name that the group does not have yet", '"x"'],
  ["g = { }\ng = { }", "2, 1", "a name that the group does not have yet", '"g"'],
  ["/* é\n */ ⚡ = 1", "2, 5", "the name of a setting", '"⚡"'],
  ['s = "⚡⚡" x', "1, 11", '"=" or ":"', "the end"],
  ["a = 1\r\nb = = 2\r\n", "2, 5", "a value", '"="'],
  ['a = 1 @include "b"', "1, 7", "the name of a setting", '"@"'],
  ['@include"b"', "1, 1", "the name of a setting", '"@"'],
  ['@INCLUDE "b"', "1, 1", "the name of a setting", '"@"'],
  [`a = ${"(".repeat(1000)}`, "1, 106", "no more than 100 groups and lists in one another", '"("'],
];

for (const [text, place, expected, found] of mistakes) {
  Deno.test(`parseLibconfig() refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    const [line, column] = place.split(", ");
    const error = assertThrows(() => parseLibconfig(text), SyntaxError);
    assertEquals(
      error.message,
      `Cannot parse the configuration at line ${line}, column ${column}: expected ${expected}, found ${found}`,
    );
  });
}

Deno.test("parseLibconfig() leaves includes out, with a warning", () => {
  const warnings: string[] = [];
  const onWarning = (warning: string) => warnings.push(warning);
  assertEquals(parseLibconfig('@include "other.conf"\na = 1\n', { onWarning }), { a: 1 });
  assertEquals(warnings, ["line 1, column 1: the @include is left out"]);
});

const written: [value: ConfigValue, text: string][] = [
  [2147483647, "2147483647"],
  [-2147483648, "-2147483648"],
  [2147483648, "2147483648L"],
  [-2147483649, "-2147483649L"],
  [Number.MAX_SAFE_INTEGER, "9007199254740991L"],
  [2 ** 53, "9007199254740992.0"],
  [1e21, "1.0e+21"],
  [1e-7, "1.0e-7"],
  [0.1, "0.1"],
  [-0, "-0.0"],
  ["\b\v\x01", '"\\x08\\x0b\\x01"'],
  ['a"b\\c\n', '"a\\"b\\\\c\\n"'],
  ["\\b", '"\\\\b"'],
  ["ä⚡", '"ä⚡"'],
  [[], "()"],
  [[1, "x", true], '(\n  1,\n  "x",\n  true\n)'],
  [{}, "{\n}"],
];

for (const [value, text] of written) {
  Deno.test(`formatLibconfig() writes ${JSON.stringify(value)} as libconfig 1.5 reads it`, () => {
    assertEquals(formatLibconfig({ a: value }), `a = ${text}\n`);
    assertEquals(parseLibconfig(formatLibconfig({ a: value })), { a: value });
  });
}

const name =
  "as the name of a setting in libconfig, where it begins with a letter or * and goes on with letters, digits, " +
  "-, _ and *: use JSON";

const unwritable: [what: string, group: ConfigGroup, message: string][] = [
  ["a name that begins with a digit", { a: { "1st": 1 } }, `Cannot write "1st" ${name}`],
  ["a name with a blank", { "a b": 1 }, `Cannot write "a b" ${name}`],
  ["a name that is a boolean", { True: 1 }, `Cannot write "True" ${name}`],
  ["a number that is none", { a: NaN }, "Cannot write NaN in libconfig: expected a finite number"],
  ["an infinite number", { a: [Infinity] }, "Cannot write Infinity in libconfig: expected a finite number"],
  ["a NUL character", { a: "x\0" }, 'Cannot write "x\\u0000" in libconfig, whose strings have no NUL character'],
];

for (const [what, group, message] of unwritable) {
  Deno.test(`formatLibconfig() refuses ${what}`, () => {
    const error = assertThrows(() => formatLibconfig(group), TypeError);
    assertEquals(error.message, message);
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
