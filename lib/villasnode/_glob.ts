/**
 * Finds the files that the pattern of an `@include` stands for.
 *
 * @module
 */

/** Characters that make a part of a path a pattern; other parts are taken literally. */
const special = /[?*[]/;

/**
 * Finds files by a pattern.
 *
 * Each part of the path between slashes is a pattern of its own: `?` is any character, `*` any number of them (also where a
 * name begins with a dot), `[a-z]` and `[!a-z]` one of a set or not. VILLASnode takes the files in the order of the
 * directory, which no one can tell; here they are sorted.
 *
 * @param pattern Pattern of the files
 * @param folder Folder that it is relative to
 * @returns Paths; none where nothing matches
 *
 * @see VILLASnode, `utils::glob` in `common/lib/utils.cpp`
 */
export async function findFiles(pattern: string, folder: string): Promise<string[]> {
  let paths = [pattern.startsWith("/") ? "/" : folder];
  for (const part of pattern.split("/").filter((part) => part !== "")) {
    const found = await Promise.all(paths.map(async (path) => {
      const prefix = path === "" || path.endsWith("/") ? path : `${path}/`;
      return (special.test(part) ? await listMatches(path, part) : [part]).map((name) => prefix + name);
    }));
    paths = found.flat();
  }
  const isFile = await Promise.all(paths.map(async (path) => (await statOrNothing(path))?.isFile === true));
  return paths.filter((_, index) => isFile[index]).sort();
}

async function listMatches(folder: string, pattern: string): Promise<string[]> {
  const path = folder === "" ? "." : folder;
  if ((await statOrNothing(path))?.isDirectory !== true) return [];
  const expression = toExpression(pattern);
  const names = await Array.fromAsync(Deno.readDir(path), ({ name }) => name);
  return names.filter((name) => expression.test(name));
}

async function statOrNothing(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** Translates a pattern of fnmatch(3); a bracket without its end stands for itself. */
function toExpression(pattern: string): RegExp {
  const source = pattern.replace(
    /\\([^])|\[([!^]?)(\]?(?:\[:[a-z]+:\]|[^\]])*)\]|[^]/g,
    (part, quoted?: string, negation?: string, set?: string) => {
      if (quoted !== undefined) return escape(quoted);
      if (set !== undefined) {
        const members = set.replace(/\[:([a-z]+):\]|[\\\]^[]/g, (member, name?: string) => {
          return name === undefined ? `\\${member}` : classes[name] ?? "";
        });
        return `[${negation === "" ? "" : "^"}${members}]`;
      }
      return part === "*" ? "[^]*" : part === "?" ? "[^]" : escape(part);
    },
  );
  return new RegExp(`^${source}$`, "u");
}

function escape(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

/** Named sets of characters of fnmatch(3), in ASCII. */
const classes: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};
