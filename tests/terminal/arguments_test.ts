import { assertEquals } from "@std/assert";
import { splitArguments } from "../../lib/terminal/arguments.ts";
import { count, file, flag, number, type Options, text } from "../../lib/terminal/option.ts";

/** The letters of VILLASnode's `villas-signal`, `villas-convert` and `villas-compare`. */
const options: Options = {
  values: count("N", { short: "v", help: "" }),
  rate: number("HZ", { short: "r", help: "" }, 1),
  amplitude: number("NUMBER", { short: "a", help: "" }, 1),
  offset: number("NUMBER", { short: "o", help: "" }, 1),
  format: text("FORMAT", { short: "f", help: "" }),
  print: text("FORMAT", { short: "p", help: "" }),
  epsilon: number("EPSILON", { short: "e", help: "" }, 1),
  signals: text("TYPES", { short: "t", help: "" }),
  timestamps: flag({ short: "T", help: "" }),
  sequence: flag({ short: "s", help: "" }),
  "no-realtime": flag({ short: "n", help: "" }),
  quiet: flag({ short: "q", help: "" }),
  count: count("N", { short: "l", help: "" }),
  reply: text("VALUES", { help: "" }),
  stats: { ...file("FILE", { short: "S", help: "" }), isValueOptional: true },
  loop: { ...count("N", { help: "" }), isValueOptional: true },
};

/** Arguments, and what they are: options with their values, then operands, then faults. */
const lines: [line: string, options: string, operands?: string, faults?: string][] = [
  ["", ""],
  ["sine", "", "sine"],
  ["-", "", "-"],
  ["-l 5", "count=5"],
  ["-l5", "count=5"],
  ["-l=5", "count=5"],
  ["-l -5", "count=-5"],
  ["-l-5", "count=-5"],
  ["--count 5", "count=5"],
  ["--count=5", "count=5"],
  ["--count=", "count="],
  ["sine -nl5", "no-realtime= count=5", "sine"],
  ["sine -nl 5", "no-realtime= count=5", "sine"],
  ["-nl=5 sine", "no-realtime= count=5", "sine"],
  ["-ql1", "quiet= count=1"],
  ["-ql=1", "quiet= count=1"],
  ["-na2", "no-realtime= amplitude=2"],
  ["-na-2", "no-realtime= amplitude=-2"],
  ["-na -2", "no-realtime= amplitude=-2"],
  ["-nr1000", "no-realtime= rate=1000"],
  ["-nr1e3", "no-realtime= rate=1e3"],
  ["-r.5", "rate=.5"],
  ["-fjson", "format=json"],
  ["-f=json", "format=json"],
  ["-f -", "format=-"],
  ['-f{"type":"raw"}', 'format={"type":"raw"}'],
  ["-fa=b", "format=a=b"],
  ["-t2f", "signals=2f"],
  ["-pcsv", "print=csv"],
  ["-Tse0.1", "timestamps= sequence= epsilon=0.1"],
  ["-Tse 0.1 a b", "timestamps= sequence= epsilon=0.1", "a b"],
  ["-sT", "sequence= timestamps="],
  ["-v2 -v3", "values=2 values=3"],
  ["-o -1", "offset=-1"],
  ["-o-1", "offset=-1"],
  ["-o -inf", "offset=-inf"],
  ["-o -.5", "offset=-.5"],
  ["--reply -1,2", "reply=-1,2"],
  ["--reply=-1,2", "reply=-1,2"],
  ["--reply --1", "reply=--1"],
  ["--stats run.csv", "stats=", "run.csv"],
  ["--stats=run.csv", "stats=run.csv"],
  ["--stats= run.csv", "stats=", "run.csv"],
  ["--stats -q", "stats= quiet="],
  ["--loop 2", "loop=", "2"],
  ["--loop=2 run.csv", "loop=2", "run.csv"],
  ["-S run.csv", "stats=", "run.csv"],
  ["-S=a", "stats=a"],
  ["-Sq", "stats= quiet="],
  ["-q -- -l 5 --reply", "quiet=", "-l 5 --reply"],
  ["-q --", "quiet="],
  ["-l 5 run.csv -q -", "count=5 quiet=", "run.csv -"],
  ["--quiet=no", "", "", "--quiet unexpected value"],
  ["--quiet=", "", "", "--quiet unexpected value"],
  ["-q=no", "", "", "-q unexpected value"],
  ["-nq=no", "no-realtime=", "", "-q unexpected value"],
  ["-qx", "quiet=", "", "-x unknown"],
  ["-qx5", "quiet=", "", "-x unknown"],
  ["-x -q", "quiet=", "", "-x unknown"],
  ["-1", "", "", "-1 unknown"],
  ["-é", "", "", "-é unknown"],
  ["--nothing", "", "", "--nothing unknown"],
  ["--nothing=1 -q", "quiet=", "", "--nothing unknown"],
  ["--constructor", "", "", "--constructor unknown"],
  ["--no-quiet", "", "", "--no-quiet unknown"],
  ["--=5", "", "", "--=5 unknown"],
  ["-=5", "", "", "-= unknown"],
  ["--count", "", "", "--count missing value"],
  ["-l", "", "", "-l missing value"],
  ["-ql", "quiet=", "", "-l missing value"],
  ["--count --quiet", "quiet=", "", "--count missing value"],
  ["--count --stats=a", "stats=a", "", "--count missing value"],
  ["-l -q", "quiet=", "", "-l missing value"],
  ["-l --", "", "", "-l missing value"],
];

for (const [line, expected, operands = "", faults = ""] of lines) {
  Deno.test(`splitArguments() takes apart: ${line || "nothing"}`, () => {
    const words = splitArguments(line === "" ? [] : line.split(" "), options);
    assertEquals({
      options: words.given.map(({ name, text }) => `${name}=${text}`).join(" "),
      operands: words.operands.join(" "),
      faults: words.faults.map(({ shown, reason }) => `${shown} ${reason}`).join(" "),
    }, { options: expected, operands, faults });
  });
}

Deno.test("splitArguments() keeps an option as it was typed, and a value with its blanks and line breaks", () => {
  const { given } = splitArguments(["-ql", "5 \n", "--reply=a\nb"], options);
  assertEquals(given, [
    { name: "quiet", shown: "-q", text: "" },
    { name: "count", shown: "-l", text: "5 \n" },
    { name: "reply", shown: "--reply", text: "a\nb" },
  ]);
});
