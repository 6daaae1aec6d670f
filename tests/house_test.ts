/**
 * The house: which room may import which. A room is a folder of `lib/`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

const root = new URL("../", import.meta.url);

/** The rooms in the order of their imports: each may import those of the lines above it, and itself. */
const order: readonly (readonly string[])[] = [
  ["samples", "system"],
  ["timing", "terminal"],
  ["generators", "formats", "api"],
  ["transports"],
  ["client"],
  ["recordings", "roundtrips", "villasnode", "diagnosis"],
  ["controllers", "scope"],
  ["commands/_shared"],
  ["commands"],
];

/** Returns the room of a file of `lib/`, by its path in it; empty for what lies loose. */
function roomOf(path: string): string {
  const [first = "", second] = path.split("/");
  if (!path.includes("/")) return "";
  return first === "commands" && second === "_shared" ? "commands/_shared" : first;
}

/** Lists the paths in `lib/` of all its files. */
async function listFiles(folder = "", found: string[] = []): Promise<string[]> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`lib/${folder}`, root))) {
    if (isDirectory) await listFiles(`${folder}${name}/`, found);
    else if (name.endsWith(".ts")) found.push(`${folder}${name}`);
  }
  return found.sort();
}

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Reads the imports of a file from this project: static ones, dynamic ones and those of types. */
async function readImports(from: string): Promise<Import[]> {
  const url = new URL(`lib/${from}`, root);
  // Examples in comments import as a user does.
  const code = (await Deno.readTextFile(url)).replace(/\/\*[\s\S]*?\*\//g, "");
  return [...code.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()"(\.[^"]+)"/g)].map(([, specifier = ""]) => {
    const to = new URL(specifier, url).pathname.slice(new URL("lib/", root).pathname.length);
    return { from, to };
  });
}

const files = await listFiles();
const imports = (await Promise.all(files.map(readImports))).flat();

function rankOf(room: string): number {
  return order.findIndex((rooms) => rooms.includes(room));
}

Deno.test("lib has nothing outside its rooms but the version", () => {
  assertEquals(files.filter((file) => !file.includes("/")), ["version.ts"]);
  assertEquals(files.filter((file) => file.includes("/") && rankOf(roomOf(file)) < 0), []);
});

Deno.test("lib has imports in one direction only, from the rooms above in the order of the house", () => {
  const wrong = imports.filter(({ from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to)];
    return other !== "" && room !== other && rankOf(other) >= rankOf(room);
  });
  assertEquals(wrong.map(({ from, to }) => `${from} imports ${to}`), []);
});

Deno.test("lib has no circle of imports, types included", () => {
  const next = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push([...path.slice(start), file].join(" > "));
    if (start >= 0 || done.has(file)) return;
    for (const { to } of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  assertEquals(circles, []);
});

Deno.test("lib has no import of another room's private file, whose name begins with _", () => {
  const wrong = imports.filter(({ from, to }) => {
    const isPrivate = to.split("/").some((part) => part.startsWith("_") && part !== "_shared");
    return isPrivate && roomOf(from) !== roomOf(to);
  });
  assertEquals(wrong.map(({ from, to }) => `${from} imports ${to}`), []);
});

Deno.test("lib has no command that imports another", () => {
  const isCommand = (file: string) => /^commands\/[a-z0-9_]+\.ts$/.test(file) && !/\/(?:table|main)\.ts$/.test(file);
  const wrong = imports.filter(({ from, to }) => isCommand(from) && isCommand(to));
  assertEquals(wrong.map(({ from, to }) => `${from} imports ${to}`), []);
});

Deno.test("lib has a mod.ts in each room of the library that says what belongs there", async () => {
  const rooms = order.flat().filter((room) =>
    !room.startsWith("commands") && files.some((file) => roomOf(file) === room)
  );
  const missing: string[] = [];
  for (const room of rooms) {
    const text = await Deno.readTextFile(new URL(`lib/${room}/mod.ts`, root)).catch(() => "");
    if (!/^\/\*\*[\s\S]{80,}?@module\n \*\//.test(text)) missing.push(room);
  }
  assertEquals(missing, []);
});

Deno.test("mod.ts names at most 40 exports, each by its name", async () => {
  const code = (await Deno.readTextFile(new URL("mod.ts", root))).replace(/\/\*[\s\S]*?\*\//g, "");
  const names = [...code.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = ""]) => {
    return list.split(",").map((name) => name.trim()).filter((name) => name !== "");
  });
  assertEquals(/export \*/.test(code), false);
  assertEquals(names.length <= 40 && names.length > 20, true, `${names.length} names`);
});
