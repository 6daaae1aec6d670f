/**
 * Reads README.md as what it tells a user to do: files to write, commands to type, and what is seen then.
 *
 * @module
 */

/** A command, with what the page shows behind it. */
export interface Step {
  /** What to type; a line, or several that end in `\`. */
  readonly command: string;
  /** The lines that are seen then; undefined where the page shows none, in a block of commands alone. */
  readonly seen: readonly string[] | undefined;
}

/** A file of the page: a fenced block whose first line is a comment with its name, or a program without a name. */
export interface PageFile {
  /** Its name, if it has one. */
  readonly name: string | undefined;
  /** What is in it. */
  readonly text: string;
  /** The language of its fence. */
  readonly language: string;
}

/** What stands below a heading of the second level, or above the first one. */
export interface Section {
  /** The heading; empty above the first one. */
  readonly title: string;
  /** What to type, in the order of the page. */
  readonly steps: readonly Step[];
  /** The files. */
  readonly files: readonly PageFile[];
}

/** Languages of files; every other fence but those of commands is a mistake. */
const fileLanguages = ["ts", "libconfig", "python"];

/**
 * Reads the page.
 *
 * @throws {SyntaxError} If there is a block that is neither commands nor a file
 */
export function parsePage(markdown: string): Section[] {
  return markdown.split(/^## /m).map((text, index) => {
    const title = index === 0 ? "" : text.split("\n", 1)[0] ?? "";
    const steps: Step[] = [];
    const files: PageFile[] = [];
    for (const [, language = "", block = ""] of text.matchAll(/^```(.*)\n([^]*?)^```$/gm)) {
      if (language === "sh") steps.push(...parseCommands(block));
      else if (language === "console") steps.push(...parseConsole(block));
      else if (fileLanguages.includes(language)) files.push(parseFile(language, block));
      else throw new SyntaxError(`Cannot execute a block of "${language}" below "${title}"`);
    }
    return { title, steps, files };
  });
}

/** A block of commands alone, which may have comments behind them. */
function parseCommands(block: string): Step[] {
  const lines = block.replaceAll("\\\n", "\\\\n").split("\n").filter((line) => !/^\s*(#.*)?$/.test(line));
  return lines.map((line) => ({ command: line.replaceAll("\\\\n", "\\\n"), seen: undefined }));
}

/** A block of commands behind `$ `, each with what is seen then. */
function parseConsole(block: string): Step[] {
  const [before = "", ...parts] = block.split(/^\$ /m);
  if (before !== "") throw new SyntaxError(`Expected "$ COMMAND" instead of "${before}"`);
  return parts.map((part) => {
    const [command = "", ...seen] = part.trimEnd().split("\n");
    return { command, seen };
  });
}

function parseFile(language: string, text: string): PageFile {
  const [, name] = /^(?:\/\/|#) (\S+\.\w+)\n/.exec(text) ?? [];
  return { name, text, language };
}

/**
 * Says where what was seen is not what the page shows, but for numbers, and for what depends on the machine.
 *
 * Standard output and standard error are compared each for itself, because a pipe does not tell their order. `...` on the
 * page stands for any lines.
 *
 * @returns The difference, or undefined if there is none
 */
export function findDifference(expected: readonly string[], actual: readonly string[]): string | undefined {
  for (const isMessage of [true, false]) {
    const own = (line: string) => line === "..." || line.startsWith("villas-client: ") === isMessage;
    const wanted = expected.filter(own).map(generalize);
    const seen = actual.filter((line) => own(line) && !isAboutMachine(line)).map(generalize);
    const missing = findMissing(wanted, seen);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** Numbers, their units and the space in front of them differ from run to run. */
function generalize(line: string): string {
  return line.replace(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?: (?:ns|µs|ms|s)\b)?/g, "0")
    .replace(/ in (?:µs|ms|s)\b/, " in 0").replace(/[ \t]+/g, " ").trimEnd();
}

/** What a busy machine says of itself. */
function isAboutMachine(line: string): boolean {
  return /^villas-client: (?:warning: (?:.*(?:busy|too slow)|\d+ samples\/s of )|More than 1 ms late)/.test(line);
}

/** Goes through both lists at a time. */
function findMissing(wanted: readonly string[], seen: readonly string[]): string | undefined {
  let position = 0;
  let isFree = false;
  for (const line of wanted) {
    if (line === "...") {
      isFree = true;
      continue;
    }
    const found = isFree ? seen.indexOf(line, position) : seen[position] === line ? position : -1;
    if (found < 0) return `"${line}" is not there, but ${JSON.stringify(seen.slice(position, position + 3))}`;
    position = found + 1;
    isFree = false;
  }
  if (!isFree && position < seen.length) return `"${seen[position]}" comes on top`;
  return undefined;
}
