/**
 * Tells the text formats apart by their shape, without reading what they say.
 *
 * @module
 */

/** What a datagram looks like. */
export interface Shape {
  /** VILLASnode's name of the format. */
  format: string;
  /** Why, as the end of a sentence that begins with "it". */
  reason: string;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The text of a datagram that is text: UTF-8 with no control characters but tabs and line ends. */
export function textOf(datagram: Uint8Array): string | undefined {
  let text: string;
  try {
    text = utf8.decode(datagram);
  } catch {
    return undefined;
  }
  // deno-lint-ignore no-control-regex -- they are what tells binary data from text
  return /^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$/.test(text) ? text : undefined;
}

/** Lines that are known by how they begin. None of the patterns looks back, so a long line costs no more than its length. */
const lineShapes: readonly (Shape & { pattern: RegExp })[] = [
  { format: "csv", pattern: /^#\s*secs,/, reason: "it begins with the header of csv" },
  { format: "tsv", pattern: /^#\s*secs\t/, reason: "it begins with the header of tsv" },
  { format: "villas.human", pattern: /^#\s*seconds\.nanoseconds/, reason: "it begins with the header of villas.human" },
  {
    format: "csv",
    pattern: /^(?:\d+,\d{1,9}|nan,nan|),/,
    reason: "its lines begin with seconds and nanoseconds, separated by a comma",
  },
  {
    format: "tsv",
    pattern: /^(?:\d+\t\d{1,9}|nan\tnan|)\t/,
    reason: "its lines begin with seconds and nanoseconds, separated by a tab",
  },
  { format: "value", pattern: /^[-+]?(?:\d+(?:\.\d*)?(?:e[-+]?\d+)?|nan|inf)\s*$/i, reason: "it is a single number" },
  {
    format: "villas.human",
    pattern: /^\d+(?:\.\d+)?(?:[-+]\d+(?:\.\d+)?(?:e[-+]?\d+)?)?(?:\(\d+\))?F?(?:[\s,;]|$)/,
    reason: "its lines begin with a time, and values follow",
  },
  {
    format: "iotagent_ul",
    pattern: /^[^|]+\|[-+]?(?:\d|nan|inf)/,
    reason: "it has names and numbers with | in between",
  },
];

/** What shape a text has, if any that is known. */
export function findTextShape(text: string): Shape | undefined {
  const start = text.trimStart();
  if (start.startsWith("[") || start.startsWith("{")) return findJsonShape(start);
  // What a line begins with may be its separator, so only line ends are passed over. Comments that are no header may
  // say anything.
  for (const line of text.slice(0, 4096).split(/[\r\n]+/)) {
    const shape = lineShapes.find(({ pattern }) => pattern.test(line));
    if (shape !== undefined) return { format: shape.format, reason: shape.reason };
    if (line !== "" && !line.startsWith("#")) return undefined;
  }
  return undefined;
}

/** Members that only one of the JSON formats has, in an order in which the first one that is found decides. */
const jsonMembers: readonly [string, string][] = [
  ["payload", "json.kafka"],
  ["measurements", "json.reserve"],
  ["setpoints", "json.reserve"],
  ["data", "json"],
  ["created", "json.edgeflex"],
  ["sequence", "json"],
];

/** What the JSON formats differ in is the members of the first object. */
function findJsonShape(text: string): Shape | undefined {
  const value = parseFirst(text);
  const isArray = Array.isArray(value);
  const first: unknown = isArray ? value[0] : value;
  if (isArray && first === undefined) return { format: "json", reason: "it is an empty JSON array" };
  if (typeof first !== "object" || first === null) return undefined;
  const found = jsonMembers.find(([member]) => Object.hasOwn(first, member));
  if (found === undefined) return undefined;
  const [member, format] = found;
  if (isArray && format !== "json") return undefined;
  return { format, reason: `it is JSON ${isArray ? "of an array of objects" : "of an object"} with "${member}"` };
}

/** The first JSON value of a text, which in a file is followed by others: one a line, or indented over several lines. */
function parseFirst(text: string): unknown {
  const ends = [text.length, text.indexOf("\n"), text.indexOf("\n}\n") + 2];
  for (const end of ends) {
    try {
      if (end > 1) return JSON.parse(text.slice(0, end));
    } catch {
      // Then perhaps the next one.
    }
  }
  return undefined;
}
