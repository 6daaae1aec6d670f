/**
 * Ways to import something in a controller, and what comes of each: the same table for every runtime.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import type { Running } from "../commands/_cli.ts";

/** A way to import. */
export interface WayToImport {
  /** What it is, in words. */
  readonly name: string;
  /** Files by name; `controller.*` is the one that is run. */
  readonly files: Readonly<Record<string, string>>;
  /** Pattern of the message where it does not work anywhere. */
  readonly error?: RegExp;
  /** True where other runtimes would download something. */
  readonly isForExecutables?: boolean;
}

/** The step of a controller that says whether it has imported what it should. */
const say = (expression: string) => `export default () => [Number(${expression})];\n`;

/** All ways; what works gives 1. */
export const waysToImport: readonly WayToImport[] = [
  { name: "JavaScript, .js", files: { "controller.js": say("true") } },
  { name: "JavaScript, .mjs", files: { "controller.mjs": say("true") } },
  {
    name: "TypeScript, .ts, with enums and parameter properties",
    files: {
      "controller.ts": "enum Mode { Off, On = 4 }\nclass Gain { constructor(readonly k: number) {} }\n" +
        "const gain = new Gain(2) satisfies Gain;\n" + say("Mode.On === 4 as number && gain.k === 2"),
    },
  },
  { name: "TypeScript, .mts", files: { "controller.mts": "const on: boolean = true;\n" + say("on") } },
  {
    name: "relative .ts and .js, from each other",
    files: {
      "controller.ts": 'import { gain } from "./lib/gain.ts";\nimport type { Gain } from "./lib/gain.ts";\n' +
        "const two: Gain = 2;\n" + say("gain === two"),
      "lib/gain.ts":
        'import { one } from "../one.js";\nexport type Gain = number;\nexport const gain: Gain = one + 1;\n',
      "one.js": "export const one = 1;\n",
    },
  },
  {
    name: "a file that two others import, once",
    files: {
      "controller.ts": 'import { a } from "./a.ts";\nimport { b } from "./b.ts";\n' + say("a === b"),
      "a.ts": 'export { shared as a } from "./shared.ts";\n',
      "b.ts": 'export { shared as b } from "./shared.ts";\n',
      "shared.ts": "export const shared: object = {};\n",
    },
  },
  {
    name: "an import type that is used as a type only",
    files: {
      "controller.ts": 'import { Gain } from "./types.ts";\nconst gain: Gain = 2;\n' + say("gain === 2"),
      "types.ts": "export type Gain = number;\n",
    },
  },
  {
    name: "import() of a relative file",
    files: {
      "controller.ts": 'const { gain } = await import("./gain.ts");\n' + say("gain === 2"),
      "gain.ts": "export const gain: number = 2;\n",
    },
  },
  {
    name: "JSON",
    files: {
      "controller.ts": 'import table from "./table.json" with { type: "json" };\n' +
        'const { default: same } = await import("./table.json", { with: { type: "json" } });\n' +
        say("table.gain === 2 && same.gain === 2"),
      "table.json": '{ "gain": 2 }\n',
    },
  },
  {
    name: "JSON that begins with a byte order mark",
    files: {
      "controller.ts": 'import table from "./table.json" with { type: "json" };\n' + say("table.gain === 2"),
      "table.json": '\ufeff{ "gain": 2 }\n',
    },
  },
  {
    name: "namespaces of types, and what only looks like a namespace",
    files: {
      "controller.ts":
        "namespace Types {\n  export type Gain = number;\n}\nconst text = `\nnamespace Text {\n  const a;\n}`;\n" +
        "declare namespace Other {\n  const a: number;\n}\nconst gain: Types.Gain = 2;\n" +
        say("gain === 2 && text !== ''"),
    },
  },
  {
    name: "namespaces with values",
    files: {
      "controller.ts": "type A = 1;\nexport namespace Gains {\n  export const kp = 2;\n}\n" + say("Gains.kp === 2"),
    },
    error: /controller\.ts:2:1: Namespaces such as Gains do not work: use an object, or a file of its own/,
  },
  {
    name: "import.meta, for a file beside the controller",
    files: {
      "controller.ts": 'const text = await Deno.readTextFile(new URL("./table.csv", import.meta.url));\n' +
        say('text === "1,2" && import.meta.url === `file://${import.meta.dirname}/controller.ts`'),
      "table.csv": "1,2",
    },
  },
  {
    name: "node: modules",
    files: { "controller.js": 'import { join } from "node:path";\n' + say('join("a", "b") === "a/b"') },
  },
  {
    name: "@villas/client: the very modules of the program",
    files: {
      "controller.ts": 'import { connect, UnfitSampleError } from "@villas/client";\n' +
        'import { UnfitSampleError as same } from "@villas/client/client";\n' +
        'import { UnfitSampleError as jsr } from "jsr:@villas/client@^0.1.0";\n' +
        // The class of an error that the program itself throws.
        'const client = await connect({ local: "memory:a", remote: "memory:b" });\n' +
        "const error = await client.send({ values: [1n] }).catch((error) => error);\n" +
        say("error instanceof UnfitSampleError && same === UnfitSampleError && jsr === same"),
    },
  },
  ...Object.keys(config.exports).filter((name) => name !== "./cli").map((name) => `@villas/client${name.slice(1)}`).map(
    (name) => ({
      name: `all that ${name} exports`,
      files: { "controller.ts": `import * as room from "${name}";\n` + say("Object.keys(room).length > 0") },
    }),
  ),
  {
    name: "@villas/client/NAME that does not exist",
    files: { "controller.ts": 'import "@villas/client/fromats";\n' + say("true") },
    error:
      /controller\.ts imports "@villas\/client\/fromats", which is not a module of this package: expected @villas\/client, /,
  },
  {
    name: "packages of npm that the program has itself",
    files: {
      "controller.ts": 'import { build } from "npm:hdr-histogram-js@3.0.1";\n' + say('typeof build === "function"'),
    },
  },
  {
    name: "packages of npm that the program does not have",
    isForExecutables: true,
    files: { "controller.ts": 'import "npm:left-pad@1.3.0";\n' + say("true") },
    error: /Cannot import "npm:left-pad@1\.3\.0": an executable has no modules but its own. Bundle the controller/,
  },
  {
    name: "bare names",
    files: { "controller.js": 'import _ from "lodash";\n' + say("true") },
    error: /Cannot import "lodash": .*\. Bundle the controller \(deno bundle /,
  },
  {
    name: "URLs",
    files: { "controller.js": 'import "https://127.0.0.1:1/none.js";\n' + say("true") },
    error: /Cannot import "https:\/\/127\.0\.0\.1:1\/none\.js": .*\. Bundle the controller/,
  },
  {
    name: "require",
    files: { "controller.js": 'const { join } = require("node:path");\n' + say("true") },
    error: /controller\.js:1:\d+: ReferenceError: require is not defined; a controller is a module/,
  },
  {
    name: "files that import each other",
    files: { "controller.js": 'import "./other.js";\n' + say("true"), "other.js": 'import "./controller.js";\n' },
    error: /controller\.js imports other\.js imports controller\.js: move what both need into a file of its own/,
  },
  {
    name: "a file that is not there",
    files: { "controller.ts": 'import { x } from "./x.ts";\n' + say("x") },
    error: /Cannot read x\.ts \(imported by controller\.ts\): there is no such file/,
  },
  {
    name: "a file without its ending",
    files: { "controller.ts": 'import { x } from "./x";\n' + say("x"), "x.ts": "export const x: number = 1;\n" },
    error:
      /Cannot read x \(imported by controller\.ts\): there is no such file or folder; write the whole name of x\.ts/,
  },
  {
    name: "a .ts file by the name of what a compiler would make of it",
    files: { "controller.ts": 'import { x } from "./x.js";\n' + say("x"), "x.ts": "export const x: number = 1;\n" },
    error: /Cannot read x\.js \(imported by controller\.ts\): .*; write the whole name of x\.ts/,
  },
  {
    name: "a folder",
    files: { "controller.ts": 'import { x } from "./x";\n' + say("x"), "x/index.ts": "export const x: number = 1;\n" },
    error: /Cannot read x \(imported by controller\.ts\): .*; write the whole name of x\/index\.ts/,
  },
  {
    name: "import() of an expression",
    files: {
      "controller.js": 'const name = "./x.js";\nconst { x } = await import(name);\n' + say("x"),
      "x.js": "export const x = 1;\n",
    },
    error: /controller\.js:2:\d+: .*; import\(\) finds a file only where its name is written there as a text/,
  },
  {
    name: "bytes",
    files: { "controller.js": 'import x from "./x.bin" with { type: "bytes" };\n' + say("x[0]"), "x.bin": "\u0001" },
    error: /; read the file instead: Deno\.readFile\(new URL\(NAME, import\.meta\.url\)\)/,
  },
  {
    name: "a syntax error in the body of an arrow function",
    files: { "controller.ts": "type Gain = number;\nexport default (): Gain[] => {\n  return [2 2];\n};\n" },
    error: /controller\.ts:3:13: Unexpected token, expected ","/,
  },
  {
    name: "a syntax error in an arrow function within another",
    files: {
      "controller.ts": "export default async ([a]: [number]): Promise<number[]> => {\n" +
        "  const twice = [1].map((x: number) => {\n    return x +;\n  });\n  return await twice;\n};\n",
    },
    error: /controller\.ts:3:15: Unexpected token/,
  },
  {
    name: "TypeScript with a syntax error",
    files: { "controller.ts": "const gain: number = 2;\nconst = 3;\n" + say("true") },
    error: /controller\.ts:2:7: Unexpected token/,
  },
  {
    name: "JavaScript with a syntax error",
    files: { "controller.js": "const gain = 2;\nexport default (x) => { return x x; };\n" },
    error: /controller\.js:2:\d+: /,
  },
  {
    name: "a syntax error in a file that it imports",
    files: { "controller.ts": 'import "./gain.js";\n' + say("true"), "gain.js": "\n\nconst = 2;\n" },
    error: /gain\.js:3:\d+: /,
  },
  {
    name: "JSON that is broken",
    files: {
      "controller.ts": 'import table from "./table.json" with { type: "json" };\n' + say("table.gain === 2"),
      "table.json": '{ "gain": }\n',
    },
    error: /Cannot read table\.json: Unexpected token '\}'/,
  },
  {
    name: "a module that throws",
    files: {
      "controller.ts":
        "type Gain = number;\nconst gains: Gain[] = [];\nif (gains.length === 0) throw new RangeError('no gains');\n" +
        say("true"),
    },
    error: /controller\.ts:3:\d+: RangeError: no gains/,
  },
  { name: "CommonJS, .cjs", files: { "controller.cjs": "module.exports = () => 1;\n" }, error: /expected a module/ },
];

/** Writes the files of a way into a folder that nobody may write, and checks that nothing has changed there. */
export async function withFiles(
  { files }: WayToImport,
  test: (folder: string, file: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "villas-imports-" }));
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await Deno.chmod(folder, 0o555);
    const before = await listFiles(folder);
    await test(folder, Object.keys(files)[0] ?? "");
    // Root may write nevertheless.
    assertEquals(await listFiles(folder), before);
  } finally {
    await Deno.chmod(folder, 0o755);
    await Deno.remove(folder, { recursive: true });
  }
}

/** Tries a way with the program. */
export async function tryImport(
  start: (folder: string, ...args: string[]) => Running,
  way: WayToImport,
): Promise<void> {
  await withFiles(way, async (folder, file) => {
    await using run = start(folder, "run", "--plant", "--count", "1", file);
    const { code, stdout, stderr } = await run.finish();
    if (way.error === undefined) assertEquals([JSON.parse(stdout).data.at(-1), code], [1, 0], stderr);
    else assertEquals([way.error.test(stderr), code, stdout], [true, 2, ""], stderr);
  });
}

async function listFiles(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}
