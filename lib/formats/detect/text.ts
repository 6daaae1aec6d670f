/**
 * Detection of text formats by their look, without decoding them.
 *
 * @module
 */

/** A format that a datagram matches. */
export interface FormatMatch {
  /** VILLASnode's name of the format. */
  format: string;
  /** Options that the format needs to decode it, if any. */
  options?: Record<string, unknown>;
  /** The reason, as a clause. */
  reason: string;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Returns the text of a datagram that is text: UTF-8 without control characters other than tabs and line ends, and the NUL
 * behind the last line end of VILLASnode's `influxdb` node.
 */
export function textOf(datagram: Uint8Array): string | undefined {
  let text: string;
  try {
    text = utf8.decode(datagram);
    if (text.endsWith("\n\0")) text = text.slice(0, -1);
  } catch {
    return undefined;
  }
  // deno-lint-ignore no-control-regex -- they are what tells binary data from text
  return /^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$/.test(text) ? text : undefined;
}

// A single character between two columns: none that occurs in numbers, names and quotations.
const separator = "([\\t !$%&*,/:;<=>?@\\\\^`|~])";

const header = new RegExp(`^#\\s*secs${separator}nsecs\\1`);

/** Beginnings of lines of columns: nanoseconds of nine digits, because fewer may be bare numbers, or no time. */
const columnTimes = [
  new RegExp(`^\\d+${separator}\\d{9}\\1`),
  new RegExp(`^nan${separator}nan\\1`),
  new RegExp(`^0${separator}0\\1(?:0\\.0{9})\\1`),
];

/** The beginning of a line without a time: a separator, then the sequence number, or the offset and that. */
const columnsWithoutTime = /^([,\t;|])(?:\d+|(?:nan|-?\d+\.\d{9})\1(?:\d+|nan))(?:\1|$)/;

const someOffset = "[-+]{1,2}(?:\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?|nan|inf)";
const clearOffset = "[-+]{1,2}\\d+(?:\\.\\d+(?:e[-+]?\\d+)?|e[-+]?\\d+)";
const value = "\\s*(?:[-+]?(?:[\\d.]|nan|inf)|<)";
const values = `(?:[\\t ,;]${value}|\\s*$)`;
const blankValues = `(?:[\\t ]${value}|\\s*$)`;

/**
 * Beginnings of lines of `villas.human`. A number alone is not a time, because rows of bare numbers begin with one: a
 * sequence number in brackets, an offset or the mark of a frame follows it, or it is later than 1973, or has
 * nanoseconds of nine digits and a tab after it, as in a simulation that starts at 0.
 */
const humanTimes = [
  `(?:\\d+(?:\\.\\d+)?)?(?:${someOffset})?\\(\\d+\\)F?${values}`,
  `\\d+(?:\\.\\d+)?(?:(?:${clearOffset})F?|F)${blankValues}`,
  `\\d{9,}(?:\\.\\d+)?${blankValues}`,
  `\\d{9,}\\.\\d{9}${values}`,
  "\\d+\\.\\d{9}\\t",
].map((pattern) => new RegExp(`^${pattern}`, "i"));

const singleNumber = /^[-+]?(?:\d+(?:\.\d*)?(?:e[-+]?\d+)?|nan|inf)\s*$/i;

// A character behind a backslash is a part of a name, whatever it is. VILLASnode does not escape blanks in a measurement.
const influxName = "(?:[^\\s,=\\\\]|\\\\.)+";
const influxFields = new RegExp(
  `^(?:[^\\s,=\\\\]|\\\\.)+(?:,${influxName}=${influxName})*(?: +[^\\s=]+)* +${influxName}=(?:[-+]?[.\\dnNiI]|[tTfF"])`,
);

const nameAndNumber = /^[^|]+\|[-+]?(?:\d|nan|inf)/;

/** Finds the format that a line matches, if any. No pattern costs more than the length of the line. */
function findLineMatch(line: string): FormatMatch | undefined {
  const [, headerSeparator] = header.exec(line) ?? [];
  if (headerSeparator !== undefined) {
    return createColumnMatch(headerSeparator, (name) => `it begins with the header of ${name}`);
  }
  if (/^#\s*seconds\.nanoseconds/.test(line)) {
    return { format: "villas.human", reason: "it begins with the header of villas.human" };
  }
  for (const pattern of columnTimes) {
    const [, character] = pattern.exec(line) ?? [];
    if (character === undefined) continue;
    return createColumnMatch(character, (_, by) => `its lines begin with seconds and nanoseconds, separated by ${by}`);
  }
  const [, first] = columnsWithoutTime.exec(line) ?? [];
  if (first !== undefined) {
    return createColumnMatch(first, (_, by) => `its lines begin with ${by}, without a time before it`);
  }
  if (singleNumber.test(line)) return { format: "value", reason: "it is a single number" };
  if (humanTimes.some((pattern) => pattern.test(line))) {
    return { format: "villas.human", reason: "its lines begin with a time, and values follow" };
  }
  if (nameAndNumber.test(line)) return { format: "iotagent_ul", reason: "it has names and numbers separated by |" };
  if (influxFields.test(line)) {
    return { format: "influx", reason: "its lines have a measurement and fields of InfluxDB" };
  }
  return undefined;
}

function createColumnMatch(character: string, explain: (name: string, by: string) => string): FormatMatch {
  if (character === "\t") return { format: "tsv", reason: explain("tsv", "a tab") };
  if (character === ",") return { format: "csv", reason: explain("csv", "a comma") };
  const by = character === " " ? "a space" : `"${character}"`;
  return { format: "csv", options: { separator: character }, reason: explain(`csv, separated by ${by}`, by) };
}

/** Finds the format that a text matches, if any. */
export function findTextMatch(text: string): FormatMatch | undefined {
  const start = text.trimStart();
  if (start.startsWith("[") || start.startsWith("{")) return findJsonMatch(start);
  // A line may begin with its separator, so only line ends are skipped. Comments other than a header may say anything.
  for (const line of text.slice(0, 4096).split(/[\r\n]+/)) {
    const match = findLineMatch(line);
    if (match !== undefined) return match;
    if (line !== "" && !line.startsWith("#")) return undefined;
  }
  return undefined;
}

/** Members that only one of the JSON formats has; the first one that is found decides. */
const jsonMembers: readonly [member: string, format: string, isLikely: (value: unknown, object: object) => boolean][] =
  [
    ["payload", "json.kafka", (value) => isObject(value) && !isNamedValue(value)],
    ["measurements", "json.reserve", Array.isArray],
    ["setpoints", "json.reserve", Array.isArray],
    ["data", "json", Array.isArray],
    ["created", "json.edgeflex", isFlat],
    ["sequence", "json", (value) => typeof value === "number"],
  ];

/** Finds the JSON format by the members of the first object. */
function findJsonMatch(text: string): FormatMatch | undefined {
  const value = parseFirst(text);
  const isArray = Array.isArray(value);
  const first: unknown = isArray ? value[0] : value;
  if (isArray && first === undefined) return { format: "json", reason: "it is an empty JSON array" };
  if (!isObject(first)) return undefined;
  const members = new Map(Object.entries(first));
  const found = jsonMembers.find(([name, , isLikely]) => members.has(name) && isLikely(members.get(name), first));
  if (found === undefined) return undefined;
  const [member, format] = found;
  return { format, reason: `it is JSON ${isArray ? "of an array of objects" : "of an object"} with "${member}"` };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tells whether an object has a time and otherwise only values, at least one of them. */
function isFlat(created: unknown, object: object): boolean {
  const values = Object.values(object);
  return typeof created === "number" && values.length > 1 && values.every(isNamedValue);
}

function isNamedValue(value: unknown): boolean {
  if (isObject(value)) return Object.keys(value).sort().join() === "imag,real";
  return value === null || typeof value === "number" || typeof value === "boolean";
}

/** Parses the first JSON value of a text; in a file others follow, one per line or indented over several lines. */
function parseFirst(text: string): unknown {
  const ends = [text.length, text.indexOf("\n"), text.indexOf("\n}\n") + 2];
  for (const end of ends) {
    try {
      if (end > 1) return JSON.parse(text.slice(0, end));
    } catch {
      // Perhaps the next one.
    }
  }
  return undefined;
}
