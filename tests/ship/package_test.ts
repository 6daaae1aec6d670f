/**
 * The package as JSR gets it, and as a program of a user finds it.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

const root = new URL("../../", import.meta.url);
const config: { exports: Record<string, string>; tasks: Record<string, { command: string }> } = JSON.parse(
  await Deno.readTextFile(new URL("deno.json", root)),
);

async function deno(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** All files below a folder. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(new URL(folder, root)));
  const lists = entries.map(({ name, isDirectory }) => isDirectory ? listFiles(`${folder}${name}/`) : [folder + name]);
  return (await Promise.all(lists)).flat();
}

Deno.test("deno publish takes the package without slow types and warnings, and with nothing but what belongs into it", async () => {
  const { code, stdout, stderr } = await deno("publish", "--dry-run", "--allow-dirty");
  const text = stdout + stderr;
  assertEquals(code, 0, text);
  assertStringIncludes(text, "Checking for slow types in the public API");
  // The file of a user's controller is known when it runs, and nothing in it is to be rewritten.
  const others = text.replace(/^warning\[unanalyzable-dynamic-import\].*\n +--> \S*\/lib\/controllers\/load\.ts:/m, "");
  assertEquals(/warning|slow-type|excluded/i.test(others), false, text);
  const files = [...text.matchAll(/^ +(file:\S+) \(([\d.]+)(B|KB|MB)\)$/gm)];
  const names = files.map(([, url = ""]) => url.slice(root.href.length));
  const expected = [
    ...["CHANGELOG.md", "LICENSE", "README.md", "cli.ts", "deno.json", "mod.ts"],
    // The page of the scope ships as one module that is made of these.
    ...(await listFiles("lib/")).filter((file) => !file.startsWith("lib/scope/page/")),
    ...await listFiles("proto/"),
  ];
  assertEquals(names.toSorted(), expected.toSorted());
  const units: Record<string, number> = { B: 1, KB: 1024, MB: 1024 ** 2 };
  const size = files.reduce((sum, [, , number, unit = ""]) => sum + Number(number) * (units[unit] ?? NaN), 0);
  assert(size < 3_000_000, `The package has grown to ${size} bytes`);
});

Deno.test("every export of the package is one that deno doc --lint checks, and is there", async () => {
  for (const file of Object.values(config.exports)) {
    assert((await Deno.stat(new URL(file, root))).isFile);
    assertStringIncludes(config.tasks.check?.command ?? "", ` ${file.slice(2)}`);
  }
});

Deno.test("every module of the package says in a @module comment what it is for", async () => {
  const modules = (await listFiles("lib/")).filter((file) => file.endsWith(".ts"));
  for (const file of ["mod.ts", "cli.ts", ...modules]) {
    const text = await Deno.readTextFile(new URL(file, root));
    assertMatch(text, /^(?:\/\/.*\n)*\/\*\*\n \* \S[^]*?\n \* @module\n \*\/\n/, file);
    assertEquals(text.match(/@module$/gm)?.length, 1, file);
  }
});

Deno.test("a program of a user imports the package by its name, is checked strictly, and runs", async () => {
  const strict = "--config=tests/consumer/deno.json";
  const { code, stdout, stderr } = await deno("run", "--check", strict, "-A", "tests/consumer/main.ts");
  assertEquals(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.filter((line) => !line.startsWith("ok ")), []);
  assert(lines.length > 10);
});

Deno.test("all that the package exports can be imported by its name, under the strictest checks", async () => {
  const imports = await Promise.all(
    Object.entries(config.exports).filter(([name]) => name !== "./cli").map(async ([name, file], i) => {
      const { nodes } = JSON.parse((await deno("doc", "--json", file)).stdout) as {
        nodes: Record<string, { symbols: { name: string }[] }>;
      };
      const names = Object.values(nodes).flatMap(({ symbols }) => symbols.map(({ name }) => name));
      assert(names.length > 5);
      const renamed = names.map((name) => `type ${name} as ${name}${i}`);
      const used = names.map((name) => `${name}${i}`);
      return `import { ${renamed.join(", ")} } from "@villas/client${name.slice(1)}";\nexport { ${
        used.map((name) => `type ${name}`).join(", ")
      } };`;
    }),
  );
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, imports.join("\n"));
  const { code, stderr } = await deno("check", "--config=tests/consumer/deno.json", file);
  assertEquals(code, 0, stderr);
  await Deno.remove(file);
});
