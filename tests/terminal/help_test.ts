import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Command, Program } from "../../lib/terminal/command.ts";
import { commandHelp, lineWidth, programHelp } from "../../lib/terminal/help.ts";
import { count, flag, text } from "../../lib/terminal/option.ts";

const command: Command = {
  name: "sampler",
  operands: "[FILE...]",
  maximumOperands: Infinity,
  description: [`Takes samples ${"and more samples ".repeat(20)}until interrupted.`, "It never sends anything."],
  examples: [{ what: "Take ten samples", line: `villas-client sampler --count 10 ${"x".repeat(100)}` }],
  options: {
    count: count("N", { short: "l", help: "quit after N samples", env: "SAMPLER_COUNT", defaultText: "7" }, 10),
    "a-long-name": text("WITH-A-VALUE", {
      help: "do something that takes a while to explain, ".repeat(5).trim(),
    }),
    stats: { ...text("FILE", { help: "write figures" }), isValueOptional: true },
    quiet: flag({ help: "be quiet" }),
  },
  run: () => Promise.resolve(0),
};

const program: Program = {
  purpose: "sample what there is to sample, as long as there is something",
  notes: ["Data goes to standard output. ".repeat(10).trim()],
  commonOptions: {},
  version: "1.2.3",
};

for (const width of [40, 63, 64, 80, 120, 200]) {
  Deno.test(`commandHelp() and programHelp() fit ${width} columns, and use them`, () => {
    const help = commandHelp(command, { width });
    const lines = [
      ...help.split("\nExamples:")[0]?.split("\n") ?? [],
      ...programHelp(
        program,
        [command, command].map(
          ({ name }) => ({
            name,
            summary: "take samples and print each of them, whatever it may be, as it arrives here",
          }),
        ),
        { width },
      ).split("\n"),
    ];
    for (const line of lines) assert(line.length <= width, line);
    assert(Math.max(...lines.map(({ length }) => length)) > width - 15, help);
    // An example can be copied: it is never broken.
    assertStringIncludes(help, `\n  ${command.examples[0]?.line}\n`);
  });
}

Deno.test("commandHelp() aligns the options, and names variable and default", () => {
  const help = commandHelp(command);
  assertMatch(help, /^Usage: villas-client sampler \[OPTIONS\] \[FILE\.\.\.\]\n\nTakes samples/);
  assertStringIncludes(help, "  -l, --count N           quit after N samples (default: $SAMPLER_COUNT, else 7)\n");
  assertStringIncludes(
    help,
    "      --a-long-name WITH-A-VALUE\n                          do something",
  );
  assertStringIncludes(help, "      --stats[=FILE]      write figures\n");
  assertStringIncludes(help, "      --quiet             be quiet\n");
});

Deno.test("commandHelp() puts explanations below the names on a narrow terminal", () => {
  assertStringIncludes(commandHelp(command, { width: 50 }), "      --quiet\n        be quiet\n");
});

Deno.test("lineWidth() is 80 where no person watches", () => {
  assertEquals(lineWidth({ isTerminal: () => false }), 80);
});

Deno.test("lineWidth() is that of COLUMNS between 40 and 200, if it is a number", () => {
  const width = (variable: string) => lineWidth({ isTerminal: () => false }, variable);
  assertEquals(["20", "40", "72", "200", "300", "", "0", "wide"].map(width), [40, 40, 72, 200, 200, 80, 80, 80]);
});
