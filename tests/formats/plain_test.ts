import { assert, assertEquals } from "@std/assert";
import { createFormat, type Format, parseSignals, type Sample } from "@villas/client";
import { DecodeError } from "@villas/client/formats";
import { PlainJsonReader } from "../../lib/formats/json/plain_json.ts";
import { PlainColumnReader } from "../../lib/formats/text/plain_columns.ts";
import { PlainHumanReader } from "../../lib/formats/text/plain_human.ts";
import { type Random, seededRandom } from "../_random.ts";
import { randomDecimal } from "./_decimals.ts";

const encoder = new TextEncoder();

/** A byte order mark in front, which no plain text has, leads past the fast paths and changes nothing else. */
const mark = "\ufeff";

/** The outcome of reading: samples as texts that tell -0 from 0, and the errors. */
interface Outcome {
  samples: string[];
  errors: string[];
}

function show(samples: readonly Sample[]): string[] {
  return samples.map((sample) => Deno.inspect(sample, { depth: 5, iterableLimit: Infinity, breakLength: Infinity }));
}

function showError(error: unknown, line = 0): string {
  if (!(error instanceof DecodeError)) throw error;
  return `${error.reason} at ${(error.line ?? NaN) + line}:${error.column}`;
}

function decode(format: Format, text: string): Outcome {
  try {
    return { samples: show(format.decode(encoder.encode(text))), errors: [] };
  } catch (error) {
    return { samples: [], errors: [showError(error)] };
  }
}

/** Reads a file in pieces. */
function readFile(format: Format, pieces: readonly Uint8Array[], line = 0): Outcome {
  const errors: string[] = [];
  const decoder = format.createDecoder((error) => errors.push(showError(error, line)));
  const samples = pieces.flatMap((piece) => decoder.push(piece));
  return { samples: show([...samples, ...decoder.end()]), errors };
}

/** The same, each line as a file of its own, past the fast paths. */
function readLines(format: Format, lines: readonly string[]): Outcome {
  const outcomes = lines.map((line, index) => readFile(format, [encoder.encode(`${mark}${line}\n`)], index));
  return { samples: outcomes.flatMap(({ samples }) => samples), errors: outcomes.flatMap(({ errors }) => errors) };
}

/** A delimiter with which no line takes the fast path. */
const otherDelimiter = "\x1e";

/** The same file with another delimiter, past the fast paths. */
function readAsText(format: Format, lines: readonly string[]): Outcome {
  const text = lines.map((line) => line.replace(/\r$/, "") + otherDelimiter).join("");
  return readFile(format, [encoder.encode(text)]);
}

function randomValue(random: Random): string {
  switch (random.below(9)) {
    case 0:
      return String(random.below(1000) - 500);
    case 1:
      return String(BigInt(random.next()) * BigInt(random.next()) >> BigInt(random.below(64)));
    case 2:
      return randomDecimal(random);
    case 3:
      return random.pick([
        "nan",
        "inf",
        "-inf",
        "<?>",
        "true",
        "false",
        "null",
        "-0",
        "-0.0",
        "007",
        "1.",
        ".5",
        "+1",
        "1e5",
      ]);
    case 4:
      return random.pick(["1.5+2.5i", "1e400", "1.e5", "9007199254740993", "18446744073709551616", "1e", "-", ""]);
    default:
      return ((random.next() - 2 ** 31) / 2 ** 22).toFixed(random.pick([2, 9, 17]));
  }
}

function randomLine(random: Random, separator: string): string {
  const sec = random.pick(["0", "1", "1700000000", "1700000000", "nan", "", "9007199254740993", "00"]);
  const nsec = random.pick(["0", "5", "000000005", "123456789", "999999999", "1000000000", "nan", "00"]);
  const offset = random.pick(["nan", "0.000000000", "0.000050000", "-0.5", "1e3", "12", "x"]);
  const number = random.pick(["0", "7", "123456789012", "18446744073709551615", "nan", "-1", "7.5"]);
  const values = Array.from({ length: random.below(5) }, () => randomValue(random));
  const columns = [sec, nsec, ...random.chance(0.6) ? [offset] : [], number, ...values];
  return columns.join(separator);
}

function randomHumanLine(random: Random): string {
  const origin = random.pick(["0.0", "1.5", "1700000000.123456789", "1700000000.000000005", "0.00", "5", ""]);
  const offset = random.pick(["", "", "+5.000000e-09", "-1.5", "+-5e-09", "+nan", "+1e-000000005", "+.5", "+12345.25"]);
  const number = random.pick(["", "(7)", "(7)", "(123456789012)", "(18446744073709551616)", "()", "(7"]);
  const flag = random.pick(["", "", "F"]);
  const values = Array.from({ length: random.below(5) }, () => randomValue(random));
  return `${origin}${offset}${number}${flag}${
    values.map((value) => random.pick(["\t", "\t", "\t", " ", ",", "; "]) + value).join("")
  }`;
}

function randomJsonLine(random: Random): string {
  const space = random.pick(["", " ", " "]);
  const time = () =>
    `[${random.pick(["0", "1700000000", "-1", "1.0"])},${space}${
      random.pick(["5", "007", "1000000000", "999999999"])
    }]`;
  const members = [
    `"ts":${space}{"origin":${space}${time()}${random.chance(0.5) ? `,${space}"received":${space}${time()}` : ""}}`,
    `"sequence":${space}${random.pick(["0", "7", "18446744073709551615", "-0", "7.0"])}`,
    `"data":${space}[${Array.from({ length: random.below(5) }, () => randomValue(random)).join(`,${space}`)}]`,
    `"flags": ["new_frame"]`,
    `"id": 5`,
  ];
  const chosen = members.filter((_, index) => random.chance(index < 3 ? 0.8 : 0.05));
  if (random.chance(0.1)) chosen.reverse();
  return `{${chosen.join(`,${space}`)}}`;
}

/** A text with a few characters changed, dropped, doubled or added. */
function mutate(random: Random, text: string): string {
  for (let left = random.pick([0, 0, 0, 1, 1, 2, 5]); left > 0; left--) {
    const at = random.below(text.length + 1);
    const added = random.pick([...' ,\t;.\r-+eEnaif0123456789()F<>?"[]{}:/#\0é']);
    text = text.slice(0, at) + random.pick(["", added, added, text.slice(at, at + 3).repeat(2)]) +
      text.slice(at + random.below(3));
  }
  return text.replaceAll("\n", " ");
}

const lines: Record<string, (random: Random) => string> = {
  csv: (random) => randomLine(random, ","),
  tsv: (random) => randomLine(random, "\t"),
  "villas.human": randomHumanLine,
  json: randomJsonLine,
};

for (const [name, makeLine] of Object.entries(lines)) {
  for (const types of ["", "1f", "3f", "1f1i1b1c", "2i"]) {
    const signals = types === "" ? {} : { signals: parseSignals(types) };

    Deno.test(`${name} reads plain and mutated datagrams of ${types || "any"} signals as it reads text`, async () => {
      const format = await createFormat(name, signals);
      const random = seededRandom(types.length + name.length);
      for (let i = 0; i < 1500; i++) {
        const parts = Array.from({ length: 1 + random.small(4) }, () => mutate(random, makeLine(random)));
        const text = name === "json"
          ? mutate(random, random.chance(0.9) ? `[${parts.join(random.pick([",", ", "]))}]` : parts.join(" "))
          : parts.join(random.pick(["\n", "\n", "\r\n"]));
        const ended = text + random.pick(["", "\n", "\r\n", "\r"]);
        assertEquals(decode(format, ended), decode(format, mark + ended), JSON.stringify(ended));
      }
    });

    Deno.test(`${name} reads plain and mutated lines of a file of ${types || "any"} signals as it reads text`, async () => {
      const format = await createFormat(name, signals);
      // In these files a line may say what the columns of the next ones are.
      const general = name === "csv" || name === "tsv"
        ? await createFormat({ type: name, delimiter: otherDelimiter }, signals)
        : undefined;
      const random = seededRandom(types.length + name.length + 1);
      for (let i = 0; i < 150; i++) {
        const texts = Array.from({ length: 1 + random.below(20) }, () => mutate(random, makeLine(random)));
        // A value of JSON that is not complete goes on in the next line.
        if (name === "json" && readLines(format, texts).errors.length > 0) continue;
        const file = encoder.encode(texts.join("\n") + "\n");
        const cut = random.below(file.length);
        const pieces = [file.subarray(0, cut), file.subarray(cut)];
        const expected = general === undefined ? readLines(format, texts) : readAsText(general, texts);
        assertEquals(readFile(format, pieces), expected, JSON.stringify(texts));
      }
    });
  }
}

Deno.test("the readers of plain lines take what VILLASnode writes", () => {
  const column = new PlainColumnReader(",", parseSignals("2f1i"));
  const columnLines = [
    "1700000000,123456789,7,230.10000000000000000,-0.00000000000000001,5\n",
    "1700000000,123456789,nan,7,230.1,1.5,-5\n",
    "1700000000,123456789,0.000050000,7,230.1,nan,-5\r\n",
    "0,0,0.000000000,7,230.1,inf",
  ];
  for (const line of columnLines) {
    assertTaken(column.read(encoder.encode(line), 0, line.length, true), column.end, line);
  }
  const human = new PlainHumanReader(parseSignals("2f1i"));
  const humanLines = [
    "1700000000.123456789(7)\t230.10000000000000000\t-1.00000000000000000\t5\n",
    "1700000000.123456789+5.000000e-05(7)F\t230.10000000000000000\t-1.00000000000000000\t5\r\n",
    "0.0(7)\t230.1",
  ];
  for (const line of humanLines) assertTaken(human.read(encoder.encode(line), 0, line.length), human.end, line);
  const json = new PlainJsonReader(undefined);
  const object =
    '{"ts": {"origin": [1700000000, 123456789]}, "sequence": 7, "data": [230.09999999999999, -1, true, 1e-05]}';
  const other = object.replace("1e-05", "1.0e-05").replaceAll(": ", ":").replaceAll(", ", ",");
  assertEquals(json.readDatagram(encoder.encode(`[${other}, ${other}]\n`))?.length, 2);
  assertEquals(json.readLine(encoder.encode(`${other}\n`), 0, []), other.length + 1);
});

function assertTaken(sample: Sample | undefined, end: number, line: string): void {
  assert(sample !== undefined, line);
  assertEquals(sample.sequence, 7n);
  assertEquals(end, line.endsWith("\n") ? line.length : line.length + 1);
}
