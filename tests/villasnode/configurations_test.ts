/**
 * Tests the reader with configurations of every construct that VILLASnode takes, against the values of a real VILLASnode.
 *
 * @module
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type ConfigGroup, formatLibconfig, parseLibconfig, readNodeConfig } from "@villas/client/villasnode";

const folder = new URL("../data/configurations/", import.meta.url).pathname;

/** Environment of the files. */
const environment: Readonly<Record<string, string>> = {
  LAB_HOST: "192.0.2.7",
  LAB_PORT: "12000",
  LAB_COUNT: "3",
  LAB_EMPTY: "",
  LAB_PARTS: "parts",
  LAB_NESTED: "${LAB_HOST}",
};

/** Files whose values are not those of `villas-conf2json`, and why. */
const ownValues: Readonly<Record<string, string>> = {
  "binary-and-octal.conf": "libconfig 1.5 refuses it, 1.8 reads it like this",
  "comma-behind-the-last.conf": "libconfig 1.5 refuses it, 1.8 reads it like this",
  "comment-at-the-very-end.conf": "libconfig 1.5 refuses it, 1.8 reads it like this",
  "include-pattern-of-folders.conf": "VILLASnode takes patterns with libconfig 1.7 and newer",
  "include-pattern.conf": "VILLASnode takes patterns with libconfig 1.7 and newer",
  "include-variable.conf": "VILLASnode replaces variables, conf2json does not",
  "string-include.conf": "VILLASnode follows the string, conf2json does not",
  "variables-empty.conf": "VILLASnode replaces variables, conf2json does not",
  "variables.conf": "VILLASnode replaces variables, conf2json does not",
};

/** Warnings, without the path in front of them; files that are not here have none. */
const warnings: Readonly<Record<string, readonly string[]>> = {
  "binary-and-octal.conf": [
    "line 1, column 10: libconfig 1.5 does not take 0b1011; use a decimal number",
    "line 2, column 11: libconfig 1.5 does not take 0B1; use a decimal number",
    "line 3, column 9: libconfig 1.5 does not take 0o17; use a decimal number",
    "line 4, column 17: libconfig 1.5 does not take 0O7; use a decimal number",
    "line 5, column 10: libconfig 1.5 does not take 0q10; use a decimal number",
  ],
  "comma-behind-the-last.conf": [
    "line 1, column 16: libconfig 1.5 refuses a comma behind the last value",
    "line 2, column 21: libconfig 1.5 refuses a comma behind the last value",
    "line 3, column 34: libconfig 1.5 refuses a comma behind the last value",
  ],
  "comment-at-the-very-end.conf": [
    "line 2, column 1: libconfig 1.5 refuses a comment in the last line without a line feed behind it",
  ],
  "comment-without-end.conf": ["line 2, column 1: the comment never ends; the rest of the file is part of it"],
  "integers-of-53-bits.conf": [
    "line 2, column 10: 9007199254740993L is taken as 9007199254740992, with the 53 bits of a JavaScript number",
    "line 3, column 11: 9223372036854775807L is taken as 9223372036854775808, with the 53 bits of a JavaScript number",
    "line 5, column 10: libconfig 1.5 reads 9223372036854775808L as 9223372036854775807",
  ],
  "integers-wrapped.conf": [
    "line 1, column 12: libconfig 1.5 reads 2147483648 as -2147483648; write 2147483648L",
    "line 2, column 16: libconfig 1.5 reads 4294967296 as 0; write 4294967296L",
    "line 3, column 14: libconfig 1.5 reads 9999999999 as 1410065407; write 9999999999L",
    "line 4, column 12: libconfig 1.5 reads -2147483649 as 2147483647; write -2147483649L",
    "line 5, column 13: libconfig 1.5 reads 99999999999999999999 as -1",
    "line 6, column 15: libconfig 1.5 reads 0xFFFFFFFF as -1; write 0xFFFFFFFFL",
    "line 7, column 22: libconfig 1.5 reads 0x1FFFFFFFF as -1; write 0x1FFFFFFFFL",
    "line 8, column 23: libconfig 1.5 reads 0xFFFFFFFFFFFFFFFFL as -1",
    "line 9, column 14: libconfig 1.5 reads 4294967297 as 1; write 4294967297L",
  ],
  "json-53-bits.json": ["9007199254740993 is taken as 9007199254740992, with the 53 bits of a JavaScript number"],
  "strings-with-newer-escapes.conf": [
    "line 1, column 8: libconfig 1.5 takes \\a as two characters, and newer ones as one; write it as \\xHH",
    "line 2, column 13: libconfig 1.5 takes \\b as two characters, and newer ones as one; write it as \\xHH",
    "line 3, column 16: libconfig 1.5 takes \\v as two characters, and newer ones as one; write it as \\xHH",
  ],
  "strings-with-null-bytes.conf": [
    "line 1, column 12: libconfig 1.5 leaves \\x00 out, and newer ones end the string there",
    "line 2, column 9: libconfig 1.5 leaves \\x00 out, and newer ones end the string there",
  ],
  "variables-empty.conf": [
    'alone: VILLASnode leaves "${LAB_EMPTY}" as it is, for its variables are empty',
    'first: VILLASnode leaves "${LAB_EMPTY}x" as it is, for its variables are empty',
  ],
};

const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
  .filter((name) => /\.(conf|json)$/.test(name) && !name.endsWith(".expected.json"))
  .sort();

async function readExpected(name: string): Promise<ConfigGroup> {
  return JSON.parse(await Deno.readTextFile(`${folder}${name.replace(/\.conf$/, "")}.expected.json`));
}

for (const name of names) {
  Deno.test(`readNodeConfig() reads ${name} as VILLASnode does`, async () => {
    const path = folder + name;
    const found: string[] = [];
    const config = await readNodeConfig(path, {
      environment: (variable) => environment[variable],
      onWarning: (warning) => found.push(warning),
    });
    assertEquals(config, await readExpected(name));
    if (name.endsWith(".conf")) assertEquals(parseLibconfig(formatLibconfig(config)), config, "written and read again");
    assertEquals(found, (warnings[name] ?? []).map((warning) => `${path}: ${warning}`));
  });
}

Deno.test("The configurations are at least 40, and the lists of exceptions name no others", () => {
  assertEquals(names.length >= 40, true);
  assertEquals(Object.keys({ ...ownValues, ...warnings }).filter((name) => !names.includes(name)), []);
});

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) {
  console.warn("IGNORED: VILLAS_NODE does not name a villas-node whose conf2json reads the files");
}

Deno.test({
  name: "villas-conf2json reads the configurations as they are expected",
  ignore: node === undefined,
  async fn(test) {
    const tool = `${node?.replace(/[^/]*$/, "")}villas-conf2json`;
    for (const name of names.filter((name) => name.endsWith(".conf") && !Object.hasOwn(ownValues, name))) {
      await test.step(name, async () => {
        const { stdout } = await new Deno.Command(tool, { args: [folder + name], stderr: "null" }).output();
        assertEquals(JSON.parse(new TextDecoder().decode(stdout)), await readExpected(name));
      });
    }
  },
});

Deno.test({
  name: "villas-conf2json reads what formatLibconfig() writes",
  ignore: node === undefined,
  async fn(test) {
    const tool = `${node?.replace(/[^/]*$/, "")}villas-conf2json`;
    const path = await Deno.makeTempFile({ suffix: ".conf" });
    for (const name of names.filter((name) => name.endsWith(".conf"))) {
      await test.step(name, async () => {
        const expected = await readExpected(name);
        await Deno.writeTextFile(path, formatLibconfig(expected));
        const { stdout } = await new Deno.Command(tool, { args: [path], stderr: "null" }).output();
        assertEquals(JSON.parse(new TextDecoder().decode(stdout)), expected);
      });
    }
    await Deno.remove(path);
  },
});

/** Files of a folder, of which the first one is read, and the message; `DIR` is the folder. */
const refused: [what: string, files: Record<string, string>, message: string][] = [
  [
    "an include of the file itself",
    { "main.conf": 'a = 1\n@include "main.conf"\n' },
    "Cannot include DIR/main.conf at line 2, column 1: it includes itself (DIR/main.conf > DIR/main.conf)",
  ],
  [
    "includes in a circle",
    {
      "main.conf": '@include "one.conf"\n',
      "one.conf": 'a = 1\n  @include "two.conf"\n',
      "two.conf": '@include "./one.conf"\n',
    },
    "Cannot include DIR/./one.conf at line 1, column 1 of DIR/two.conf: it includes itself " +
    "(DIR/main.conf > DIR/one.conf > DIR/two.conf > DIR/./one.conf)",
  ],
  [
    "JSON files that include each other",
    { "main.json": '{ "a": "@include b.json" }', "b.json": '["@include main.json"]' },
    "Cannot include DIR/main.json at [0]: it includes itself (DIR/main.json > DIR/b.json > DIR/main.json)",
  ],
  [
    "more includes in one another than libconfig takes",
    Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`f${index}.conf`, `@include "f${index + 1}.conf"\n`]),
    ),
    "Cannot include DIR/f11.conf at line 1, column 1 of DIR/f10.conf: more than 10 files include each other " +
    `(${Array.from({ length: 12 }, (_, index) => `DIR/f${index}.conf`).join(" > ")})`,
  ],
  [
    "an include of a file that is missing",
    { "main.conf": 'a = 1\n\n  @include "none.conf"\n' },
    'Cannot include "none.conf" at line 3, column 1: there is no such file',
  ],
  [
    "an include whose pattern matches nothing",
    { "main.conf": '@include "*.inc"\n' },
    'Cannot include "*.inc" at line 1, column 1: there is no such file',
  ],
  [
    "an include of a folder",
    { "main.conf": '@include "."\n' },
    'Cannot include "." at line 1, column 1: there is no such file',
  ],
  [
    "a mistake in an included file, at its place there",
    { "main.conf": '@include "one.conf"\n', "one.conf": "# one\na = = 1\n" },
    'Cannot parse the configuration at line 2, column 5 of DIR/one.conf: expected a value, found "="',
  ],
  [
    "a group that an included file leaves open",
    { "main.conf": '@include "one.conf"\n', "one.conf": "a = {\n" },
    "Cannot parse the configuration at line 2, column 1: expected the name of a setting, found the end",
  ],
  [
    "a setting that an included file has again",
    { "main.conf": 'a = 1\n@include "one.conf"\n', "one.conf": "b = 1\na = 2\n" },
    "Cannot parse the configuration at line 2, column 1 of DIR/one.conf: " +
    'expected a name that the group does not have yet, found "a"',
  ],
  [
    "an include that does not begin its line",
    { "main.conf": 'a = 1 @include "one.conf"\n', "one.conf": "b = 1\n" },
    'Cannot parse the configuration at line 1, column 7: expected the name of a setting, found "@"',
  ],
  [
    "a variable that is not set",
    { "main.conf": 'nodes = { a = { list = ( 1, "x${NONE}" ) } }\n' },
    "Cannot replace ${NONE} at nodes.a.list[1]: there is no such environment variable",
  ],
  [
    "a variable that is not set, in an include",
    { "main.conf": '@include "${NONE}/a.conf"\n' },
    "Cannot replace ${NONE} at line 1, column 1: there is no such environment variable",
  ],
  [
    "a variable with a default, which only shells have",
    { "main.json": '{ "a": "${NONE:-1}" }' },
    "Cannot replace ${NONE:-1} at a: there is no such environment variable",
  ],
  [
    "a string that includes libconfig",
    { "main.conf": 'nodes = "@include one.conf"\n', "one.conf": "a = 1\n" },
    "Cannot include DIR/one.conf at nodes: VILLASnode takes .json files only in a string",
  ],
  [
    "a string that includes a file that is missing",
    { "main.json": '{ "nodes": { "a": "@include none.json" } }' },
    'Cannot include "none.json" at nodes.a: there is no such file',
  ],
  [
    "more files than a configuration has",
    { "main.conf": '@include "one.conf"\n'.repeat(1001), "one.conf": "" },
    "Cannot include DIR/one.conf at line 1001, column 1: more than 1000 files are included",
  ],
  [
    "JSON that is nested too deeply",
    { "main.json": "[".repeat(100_000) + "]".repeat(100_000) },
    "it is nested too deeply",
  ],
  ["JSON that is a list", { "main.json": "[]" }, "Cannot read the file as a group of settings: it is []"],
  ["JSON that is null", { "main.json": "null" }, "Cannot read the file as a group of settings: it is null"],
  ["a number in JSON that no double holds", { "main.json": '{ "a": 1e400 }' }, "1e400 is out of the range of a double"],
  [
    "a byte order mark in libconfig",
    { "main.conf": "\ufeffa = 1\n" },
    'Cannot parse the configuration at line 1, column 1: expected the name of a setting, found "\ufeff"',
  ],
  [
    "libconfig in a file whose name ends in .json",
    { "main.json": "a = 1\n" },
    "Unexpected token 'a', \"a = 1\n\" is not valid JSON",
  ],
];

for (const [what, files, message] of refused) {
  Deno.test(`readNodeConfig() refuses ${what}`, async () => {
    const directory = await Deno.makeTempDir();
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeFile(`${directory}/${name}`, new TextEncoder().encode(content));
    }
    const main = `${directory}/${Object.keys(files)[0]}`;
    const error = await assertRejects(() => readNodeConfig(main, { environment: () => undefined }), SyntaxError);
    assertEquals(error.message, `Cannot read ${main}: ${message.replaceAll("DIR", directory)}`);
    await Deno.remove(directory, { recursive: true });
  });
}

Deno.test("readNodeConfig() takes the files of a pattern in the order of their names, and ten in one another", async () => {
  const directory = await Deno.makeTempDir();
  const write = (name: string, text: string) => Deno.writeTextFile(`${directory}/${name}`, text);
  const matches: [pattern: string, expected: number[]][] = [
    ["p*.conf", [1, 2, 3, 4]],
    ["p?.conf", [1, 2, 3]],
    ["p[12].conf", [1, 2]],
    ["p[!12].conf", [3]],
    ["p[^1-2].conf", [3]],
    ["p[[:digit:]].conf", [1, 2, 3]],
    ["[p]\\1.conf", [1]],
    ["p1.conf", [1]],
    ["*", [0, 1, 2, 3, 4]],
    ["./*1.conf", [1]],
    [`${directory}/p[3].conf`, [3]],
  ];
  const main = `${await Deno.makeTempDir({ dir: directory, prefix: "main" })}/main.conf`;
  for (const [index, name] of [".hidden", "p1.conf", "p2.conf", "p3.conf", "p44.conf"].entries()) {
    await write(name, `{ n = ${index} }, `);
  }
  for (const [pattern, expected] of matches) {
    const place = pattern.startsWith("/") ? pattern : `../${pattern}`;
    await Deno.writeTextFile(main, `list = (\n@include "${place.replaceAll("\\", "\\\\")}"\n)\n`);
    assertEquals(await readNodeConfig(main), { list: expected.map((n) => ({ n })) }, pattern);
  }
  for (let depth = 0; depth < 10; depth++) await write(`d${depth}.conf`, `@include "d${depth + 1}.conf"\n`);
  await write("d10.conf", "deepest = true\n");
  assertEquals(await readNodeConfig(`${directory}/d0.conf`), { deepest: true });
  await Deno.remove(directory, { recursive: true });
});

Deno.test("readNodeConfig() reads bytes that are not UTF-8 as U+FFFD, and says so", async () => {
  const path = await Deno.makeTempFile({ suffix: ".conf" });
  await Deno.writeFile(path, Uint8Array.from('a = "\xe4"\nb = "\\xe4"\n', (character) => character.charCodeAt(0)));
  const warnings: string[] = [];
  const config = await readNodeConfig(path, { onWarning: (warning) => warnings.push(warning) });
  assertEquals(config, { a: "\ufffd", b: "\ufffd" });
  assertEquals(warnings, [
    `${path}: the file has bytes that are not UTF-8; they are read as U+FFFD`,
    `${path}: line 2, column 5: a string has bytes that are not UTF-8; they are read as U+FFFD`,
  ]);
  await Deno.remove(path);
});

Deno.test("parseLibconfig() finds places and mistakes in long texts without searching them again and again", () => {
  const count = 50_000;
  let warned = 0;
  parseLibconfig(Array.from({ length: count }, (_, index) => `a${index} = 4294967296\n`).join(""), {
    onWarning: () => warned++,
  });
  assertEquals(warned, count);
  assertThrows(() => parseLibconfig(`a = "${'\\"'.repeat(count)}`), SyntaxError, "line 1, column 5: expected a value");
});
