import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../lib/system/input_error.ts";
import { choice, count, duration, flag, numberList, type Options, text } from "../../lib/terminal/option.ts";
import { asksForHelp, parseCommandLine, readVariable, suggest } from "../../lib/terminal/parse.ts";

/** A table with an option of each kind. */
const options = {
  reply: text("VALUES", { help: "reply" }),
  count: count("N", { short: "l", help: "count", env: "SAMPLER_COUNT" }),
  rates: numberList("HZ,...", { help: "rates" }, [100], "numbers", Number.isFinite),
  duration: duration({ help: "duration" }),
  level: choice("LEVEL", ["debug", "info"], "info", { short: "d", help: "level", env: "SAMPLER_LEVEL" }),
  stats: { ...text("FILE", { help: "stats" }), isValueOptional: true },
  quiet: flag({ short: "q", help: "quiet" }),
  verbose: flag({ short: "v", help: "verbose" }),
  loud: flag({ excludes: ["quiet"], help: "loud" }),
  title: text("TEXT", { short: "t", needs: ["stats"], help: "title" }),
} satisfies Options;

Deno.test("parseCommandLine() takes values that begin with a hyphen, short names, and switches in one word", async () => {
  const { values, operands } = await parseCommandLine(["--reply", "-1,-2", "-l", "5", "-qv", "udp"], options);
  assertEquals([values.reply, values.count, values.quiet, values.verbose], ["-1,-2", 5, true, true]);
  assertEquals(operands, ["udp"]);
});

Deno.test("parseCommandLine() returns the defaults for an empty command line", async () => {
  const { values, operands, variables } = await parseCommandLine([], options);
  assertEquals([values.reply, values.count, values.rates, values.level, values.quiet], [
    undefined,
    undefined,
    [100],
    "info",
    false,
  ]);
  assertEquals([operands, variables], [[], []]);
});

Deno.test("parseCommandLine() takes an optional value after =, or none before another option", async () => {
  const given = await parseCommandLine(["--stats=a", "-q"], options);
  assertEquals([given.values.stats, given.values.quiet, given.operands], ["a", true, []]);
  const omitted = await parseCommandLine(["--stats", "-q"], options);
  assertEquals([omitted.values.stats, omitted.values.quiet], ["", true]);
});

Deno.test("parseCommandLine() leaves everything after -- to the operands", async () => {
  const { values, operands } = await parseCommandLine(["-q", "--", "-l", "--reply"], options);
  assertEquals([values.quiet, operands], [true, ["-l", "--reply"]]);
});

const wrong: [args: string[], message: string][] = [
  [["--coun", "5"], "Unknown option --coun: did you mean --count?"],
  [["-x"], "Unknown option -x"],
  [["-qx"], "Unknown option -x in -qx"],
  [["-qfoo"], "Unknown option -f in -qfoo"],
  [["-5"], "Unknown option -5"],
  [["--dur", "5"], "Unknown option --dur: did you mean --duration?"],
  [["--r", "5"], "Unknown option --r"],
  [["--re", "5"], "Unknown option --re: did you mean --reply?"],
  [["--quiet=no"], 'Cannot set --quiet to "no": it takes no value'],
  [["--quiet="], 'Cannot set --quiet to "": it takes no value'],
  [["-q=1"], 'Cannot set -q to "1": it takes no value'],
  [["-vq=1"], 'Cannot set -q to "1": it takes no value'],
  [["-ql"], "Cannot set -l: its value N is missing"],
  [["--count", "--quiet"], "Cannot set --count: its value N is missing"],
  [["-l", "-q"], "Cannot set -l: its value N is missing"],
  [["--reply", "--"], "Cannot set --reply: its value VALUES is missing"],
  [["-ql1x"], 'Cannot set -l to "1x": expected a whole number, 1 or greater'],
  [["--title", "x"], "Cannot use --title without --stats"],
  [["-t", "x"], "Cannot use -t without --stats"],
  [["--loud", "-q"], "Cannot use --loud with -q"],
  [["--quiet", "--loud"], "Cannot use --loud with --quiet"],
  [["--count"], "Cannot set --count: its value N is missing"],
  [["-l"], "Cannot set -l: its value N is missing"],
  [["-l", "0"], 'Cannot set -l to "0": expected a whole number, 1 or greater'],
  [["-l", "1.5"], 'Cannot set -l to "1.5": expected a whole number, 1 or greater'],
  [["-l", ""], 'Cannot set -l to "": expected a whole number, 1 or greater'],
  [
    ["--duration", "-1"],
    'Cannot set --duration to "-1": expected a time above 0 and below 24 days, such as 10, 0.5, ' +
    "500ms, 2m or 1h",
  ],
  [["--rates", "1,,2"], 'Cannot set --rates to "1,,2": expected numbers'],
  [["-d", "inf"], 'Cannot set -d to "inf": did you mean info?'],
  [["-d", "loud"], 'Cannot set -d to "loud": expected debug, info'],
];
for (const [args, message] of wrong) {
  Deno.test(`parseCommandLine() rejects ${args.join(" ") || "nothing"}`, async () => {
    const { message: actual } = await assertRejects(() => parseCommandLine(args, options), InputError);
    assertEquals(actual, message);
  });
}

Deno.test("parseCommandLine() prefers a given value to the file's, that one to the environment's, that one to the default", async () => {
  const variables: Record<string, string> = { SAMPLER_COUNT: "3", SAMPLER_LEVEL: "debug" };
  const read = async (args: string[], file: Record<string, unknown>) => {
    const parsed = await parseCommandLine(args, options, {
      readVariable: (name) => variables[name],
      readFile: () => Promise.resolve(file),
    });
    return [parsed.values.count, parsed.values.level, parsed.variables];
  };
  assertEquals(await read(["-l", "1"], { count: 2 }), [1, "debug", ["SAMPLER_LEVEL"]]);
  assertEquals(await read([], { count: 2, unknown: 4 }), [2, "debug", ["SAMPLER_LEVEL"]]);
  assertEquals(await read([], {}), [3, "debug", ["SAMPLER_COUNT", "SAMPLER_LEVEL"]]);
  // A value that is not there keeps the environment out.
  assertEquals(await read([], { count: undefined, level: undefined }), [undefined, "info", []]);
  // An empty variable is as good as none.
  variables.SAMPLER_COUNT = "";
  assertEquals(await read([], {}), [undefined, "debug", ["SAMPLER_LEVEL"]]);
});

Deno.test("parseCommandLine() gives the file's reader the values of the command line alone", async () => {
  const seen: unknown[] = [];
  await parseCommandLine(["-q", "--rates", "1,2"], options, {
    readVariable: () => "5",
    readFile(given) {
      seen.push(given);
      return Promise.resolve({ count: 1, level: "info" });
    },
  });
  assertEquals(seen, [{ quiet: true, rates: [1, 2] }]);
});

Deno.test("parseCommandLine() reads a variable only if nothing else sets its option, and names it in errors", async () => {
  const sources = { readVariable: (name: string) => name === "SAMPLER_COUNT" ? "many" : undefined };
  assertEquals((await parseCommandLine(["-l", "2"], options, sources)).values.count, 2);
  const { message } = await assertRejects(() => parseCommandLine([], options, sources), InputError);
  assertEquals(message, 'Cannot set --count (from SAMPLER_COUNT) to "many": expected a whole number, 1 or greater');
});

Deno.test("parseCommandLine() reads a variable that counts with another option only where that one is given", async () => {
  const table = { ...options, format: { ...options.reply, env: "SAMPLER_FORMAT", envWith: "reply" } } satisfies Options;
  const sources = { readVariable: (name: string) => name === "SAMPLER_FORMAT" ? "csv" : undefined };
  assertEquals((await parseCommandLine([], table, sources)).values.format, undefined);
  assertEquals((await parseCommandLine(["--reply", "1"], table, sources)).values.format, "csv");
});

Deno.test("parseCommandLine() tells how each option was given", async () => {
  const sources = { readVariable: (name: string) => name === "SAMPLER_COUNT" ? "3" : undefined };
  const { shown } = await parseCommandLine(["-qd", "info", "--reply=1"], options, sources);
  assertEquals(Object.fromEntries(shown), {
    quiet: "-q",
    level: "-d",
    reply: "--reply",
    count: "--count (from SAMPLER_COUNT)",
  });
});

Deno.test("asksForHelp() finds --help and its letter whatever else is wrong, but not behind --", () => {
  const table = { ...options, help: flag({ short: "h", help: "help" }) };
  for (const args of [["--help"], ["--count", "abc", "-h"], ["--count", "--help"], ["-x", "-qh"]]) {
    assertEquals(asksForHelp(args, table), true, args.join(" "));
  }
  for (const args of [[], ["--", "--help"], ["--reply=--help"], ["help"]]) {
    assertEquals(asksForHelp(args, table), false, args.join(" "));
  }
});

Deno.test("parseCommandLine() lets an error that is not about the text pass", async () => {
  const broken: Options = {
    odd: {
      value: "X",
      help: "",
      default: 0,
      parse() {
        throw new RangeError("a fault of the parser");
      },
    },
  };
  await assertRejects(() => parseCommandLine(["--odd", "1"], broken), RangeError, "a fault of the parser");
});

Deno.test("readVariable() reads a variable; one that is not set is undefined", () => {
  assertEquals(readVariable("VILLAS_NO_SUCH_VARIABLE"), undefined);
  assertEquals(readVariable("PATH"), Deno.env.get("PATH"));
});

Deno.test("suggest() asks for the nearest name, and for none that is far", async () => {
  assertEquals(await suggest("jsn", ["json", "csv"]), "did you mean json?");
  assertEquals(await suggest("loc", ["remote", "local"], (name) => `--${name}`), "did you mean --local?");
  assertEquals(await suggest("yaml", ["json", "csv"]), "");
  assertEquals(await suggest("j", ["json"]), "");
});

Deno.test("parseCommandLine() refuses a value that fails the check of its option, and names the option", async () => {
  const options = {
    level: {
      ...text("LEVEL", { help: "set the level", short: "l" }),
      check: (level: string | undefined) =>
        level === "low" ? Promise.resolve() : Promise.reject(new TypeError("expected low")),
    },
  };
  assertEquals((await parseCommandLine(["-l", "low"], options)).values, { level: "low" });
  assertEquals((await parseCommandLine([], options)).values, { level: undefined });
  await assertRejects(
    () => parseCommandLine(["-l", "high"], options),
    InputError,
    'Cannot set -l to "high": expected low',
  );
});
