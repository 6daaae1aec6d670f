import { assertEquals } from "@std/assert";
import { formatNames } from "@villas/client";
import { run } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";
import { isInstalled, shells } from "../terminal/_shells.ts";
import type { Command } from "../../lib/terminal/command.ts";
import { type CompletionTable, generalOptions, loadCompletions } from "../../lib/terminal/completion.ts";
import { file } from "../../lib/terminal/option.ts";
import { commonOptions, connectionOptions, format } from "../../lib/commands/_shared/options.ts";
import { bashCompletions } from "../../lib/terminal/completion_bash.ts";
import { fishCompletions } from "../../lib/terminal/completion_fish.ts";
import { zshCompletions } from "../../lib/terminal/completion_zsh.ts";
import { commands } from "../../lib/commands/table.ts";
import { addressPrefixes } from "../../lib/transports/address.ts";

/** A command with an option of each kind, whatever the real ones have. */
const sampler: Command = {
  name: "sampler",
  operands: "[FILE...]",
  maximumOperands: 2,
  description: [],
  examples: [],
  options: {
    ...connectionOptions,
    input: format([], undefined, { short: "i", help: "it's [a] format: of what is read" }),
    output: file("FILE", { short: "o", help: "where to write" }),
    stats: { ...file("FILE", { help: "the figures" }), isValueOptional: true },
    ...commonOptions,
  },
  run: () => Promise.resolve(0),
};

const generators: Record<string, (table: CompletionTable) => string> = {
  bash: bashCompletions,
  zsh: zshCompletions,
  fish: fishCompletions,
};

const names = [...commands.map(({ name }) => name), "help", "sampler"];

/** A line up to the cursor, and what its last word could become. */
const cases: [line: string, words: readonly string[]][] = [
  ["", names],
  ["ec", ["echo"]],
  ["--v", ["--version"]],
  ["help ec", ["echo"]],
  ["completions ", ["bash", "fish", "zsh"]],
  ["echo ", ["udp", "unix"]],
  ["signal sq", ["square"]],
  ["echo --log-level w", ["warning"]],
  ["echo -d ", ["trace", "debug", "info", "warning", "error", "critical", "off"]],
  ["sampler --lo", ["--local", "--log-level"]],
  ["sampler --input ", formatNames],
  ["sampler -i ", formatNames],
  ["sampler --input=cs", ["--input=csv"]],
  ["sampler --local ", addressPrefixes],
  ["sampler --local un", ["unix:"]],
  ["sampler --local unix:one", ["unix:one.json"]],
  ["sampler --local=unix:one", ["--local=unix:one.json"]],
  ["sampler ", ["my file.csv", "one.json", "two.json"]],
  ["sampler one.json t", ["two.json"]],
  ["sampler --output t", ["two.json"]],
  ["sampler --output my", ["my file.csv"]],
  ["sampler --stats=t", ["--stats=two.json"]],
  // What follows an option whose value may be omitted is not its value.
  ["sampler --stats t", ["two.json"]],
];

for (const shell of shells) {
  const ignore = !await isInstalled(shell.name) || !await isInstalled("script");
  Deno.test({
    name: `completions ${shell.name}: the shell completes commands, options, formats, addresses and files`,
    ignore,
    async fn() {
      const loaded = await loadCompletions([
        ...commands,
        { name: "sampler", summary: "it's a sampler", load: () => Promise.resolve(sampler) },
      ]);
      const script = generators[shell.name]?.(loaded) ?? "";
      const folder = await Deno.makeTempDir();
      for (const file of ["one.json", "two.json", "my file.csv"]) await Deno.writeTextFile(`${folder}/${file}`, "");
      const lines = cases.map(([line]) => `villas-client ${line}`);
      const answers = await shell.complete(script, lines, folder);
      assertEquals(
        cases.map(([line], i) => [line, answers[i]]),
        cases.map(([line, words]) => [line, [...words].sort()]),
      );
      await Deno.remove(folder, { recursive: true });
    },
  });

  Deno.test({
    name: `completions ${shell.name}: the script that is printed completes every option of every command`,
    ignore,
    async fn() {
      const { code, stdout, stderr } = await run("completions", shell.name);
      assertEquals([code, stderr], [0, ""]);
      const folder = await Deno.makeTempDir();
      const lines = commands.map(({ name }) => `villas-client ${name} --`);
      const answers = (await shell.complete(stdout, lines, folder))
        // Fish also offers what takes a value behind "=".
        .map((words) => words.filter((word) => !word.endsWith("=")));
      for (const [i, { name, load }] of commands.entries()) {
        const expected = Object.keys((await load()).options).map((option) => `--${option}`).sort();
        assertEquals([name, answers[i]], [name, expected]);
      }
      await Deno.remove(folder, { recursive: true });
    },
  });
}

Deno.test({
  name: "completions bash: the rest of a word in quotes is completed, too",
  ignore: !await isInstalled("bash") || !await isInstalled("script"),
  async fn() {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/my file.csv`, "");
    const script = bashCompletions(
      await loadCompletions([
        { name: "sampler", summary: "", load: () => Promise.resolve(sampler) },
      ]),
    );
    const [shell] = shells;
    // A tab, because the shell closes the quotes then.
    const lines = ['villas-client sampler --output "my f\t', 'villas-client sampler --output="my f\t'];
    const answers = await shell?.complete(script, lines, folder);
    assertEquals(answers?.map((words) => words.at(-1)?.replace("--output=", "")), ["my file.csv", "my file.csv"]);
    await Deno.remove(folder, { recursive: true });
  },
});

testWrongUsages([
  [["completions"], "SHELL is missing: expected bash, zsh, fish"],
  [["completions", "tcsh"], 'Unknown shell "tcsh": expected bash, zsh, fish'],
]);

Deno.test("loadCompletions() returns candidates for each kind of option and operand", async () => {
  const table = await loadCompletions([{ name: "sampler", summary: "s", load: () => Promise.resolve(sampler) }]);
  const [first, help] = table.commands;
  assertEquals([table.prefixes, table.pathPrefixes], [addressPrefixes, ["unix:"]]);
  assertEquals(help, { name: "help", summary: "show the help of a command", operands: ["sampler"], options: [] });
  assertEquals(first?.operands, "file");
  const kinds = Object.fromEntries(
    first?.options.map(({ name, candidates, takes }) => [name, [takes, candidates]]) ?? [],
  );
  assertEquals(kinds["input"], ["value", formatNames]);
  assertEquals(kinds["output"], ["value", "file"]);
  assertEquals(kinds["stats"], ["optional", "file"]);
  assertEquals(kinds["local"], ["value", "prefix"]);
  assertEquals(kinds["multicast"], ["value", "none"]);
  assertEquals(kinds["quiet"], ["nothing", "none"]);
  assertEquals(first?.options.find(({ name }) => name === "input")?.summary, "it's [a] format");
  assertEquals(Object.keys(generalOptions), ["--help", "--version"]);
});
