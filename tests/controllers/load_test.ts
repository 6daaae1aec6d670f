import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { loadController, type StepContext } from "@villas/client/controllers";
import { InputError } from "@villas/client/system";
import { ownModules } from "../../lib/commands/_shared/own_modules.ts";
import { waysToImport, withFiles } from "./_ways_to_import.ts";

const context = {} as StepContext;

for (const way of waysToImport.filter(({ isForExecutables = false }) => !isForExecutables)) {
  const outcome = way.error === undefined ? "loads" : "says what is wrong with";
  Deno.test(`loadController() ${outcome} a controller with ${way.name}`, async () => {
    await withFiles(way, async (folder, file) => {
      const loading = loadController(`${folder}/${file}`, { ownModules });
      if (way.error === undefined) {
        assertEquals((await loading).controller.step([], context), [1]);
      } else {
        const { message } = await assertRejects(() => loading, InputError);
        assertMatch(message.replaceAll(`${folder}/`, ""), way.error);
      }
    });
  });
}

/** Loads a controller of one or more files. */
async function load(files: Record<string, string>) {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "villas-load-" }));
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
  return {
    folder,
    load: () => loadController(`${folder}/controller.ts`),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("loadController() gives the line of an exception in the file as it was written, also in what it imports", async () => {
  await using written = await load({
    "controller.ts": `import { gain } from "./gain.ts";
interface Unused {
  a: number;
}
const cases: Unused[] = [];
export default ([index]: [number]) => {
  if (index === 0) return [cases[0]!.a];
  return [gain(index)];
};
`,
    "gain.ts": `type Gain = number;

export function gain(value: Gain): Gain {
  throw new RangeError(\`no gain for \${value}\`);
}
`,
  });
  const { controller, locate, place } = await written.load();
  const thrownFor = (value: number) => {
    try {
      controller.step([value], context);
    } catch (error) {
      return locate(error);
    }
  };
  assertEquals(place, `${written.folder}/controller.ts:6`);
  assertMatch(thrownFor(0) ?? "", /\/controller\.ts:7:\d+$/);
  assertMatch(thrownFor(1) ?? "", /\/gain\.ts:4:\d+$/);
  assertEquals(locate(new Error("elsewhere")), undefined);
});

Deno.test("loadController() loads a file as it is now, and what it imports, too", async () => {
  await using written = await load({
    "controller.ts": 'import { gain } from "./gain.ts";\nimport table from "./table.json" with { type: "json" };\n' +
      "export default () => [gain, table.gain];\n",
    "gain.ts": "export const gain = 1;\n",
    "table.json": '{ "gain": 10 }',
  });
  const before = await written.load();
  await Deno.writeTextFile(`${written.folder}/gain.ts`, "export const gain = 2;\n");
  await Deno.writeTextFile(`${written.folder}/table.json`, '{ "gain": 20 }');
  const after = await written.load();
  assertEquals(before.controller.step([], context), [1, 10]);
  assertEquals(after.controller.step([], context), [2, 20]);
  assertEquals(
    after.files.map((file) => file.slice(written.folder.length + 1)).sort(),
    ["controller.ts", "gain.ts", "table.json"],
  );
});

Deno.test("loadController() rejects exports that are not what a controller needs, each with what was expected", async () => {
  const step = "export default () => [1];\n";
  const wrong: [string, string][] = [
    ["export const rate = 100;\n", "it has no default export: expected the step"],
    ["export default 5;\n", "its default export is not a function"],
    [`${step}export const rate = "100";\n`, "its rate is not a number of steps per second above 0"],
    [`${step}export const watchdog = 0;\n`, "its watchdog is not a number of seconds above 0"],
    [`${step}export const safe = 0;\n`, "its safe is not a list of values, or an object by signal names"],
    [
      `${step}export const parameters = { kp: [1] };\n`,
      "its parameters is not an object of numbers, booleans and texts",
    ],
    [`${step}export const links = [];\n`, "its links is not an object with a link for each name"],
    [`${step}export const init = true;\n`, "its init is not a function"],
  ];
  for (const [text, message] of wrong) {
    await using written = await load({ "controller.ts": text });
    const error = await assertRejects(written.load, InputError);
    assert(error.message.includes(`controller.ts: ${message}`), error.message);
  }
});
