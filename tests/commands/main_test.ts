import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { version } from "@villas/client";
import { run } from "./_cli.ts";
import { commandHelp } from "../../lib/terminal/help.ts";
import { parseCommandLine } from "../../lib/terminal/parse.ts";
import { commands } from "../../lib/commands/table.ts";

Deno.test("villas-client --version says the version of deno.json", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assertEquals(config.version, version);
  const { code, stdout } = await run("--version");
  assertEquals(code, 0);
  assertMatch(stdout, new RegExp(`^villas-client ${version} \\(Deno `));
});

Deno.test("villas-client --help names every command", async () => {
  const { code, stdout, stderr } = await run("--help");
  assertEquals([code, stderr], [0, ""]);
  for (const { name, summary } of commands) assertMatch(stdout, new RegExp(`  ${name} +${summary.slice(0, 30)}`));
});

Deno.test("villas-client help COMMAND shows what COMMAND --help shows", async () => {
  const [long, short, word] = await Promise.all([run("echo", "--help"), run("echo", "-h"), run("help", "echo")]);
  assertEquals(long.stdout, short.stdout);
  assertEquals(long.stdout, word.stdout);
  assertMatch(long.stdout, /^Usage: villas-client echo/);
});

const mistakes: [string[], string][] = [
  [[], "A command is missing"],
  [["ecko"], "Unknown command ecko: did you mean echo?"],
  [["xyz"], "Unknown command xyz"],
  [["--verison"], "Unknown option --verison"],
  [["echo", "--remot", "udp://[::1]:1"], "Unknown option --remot: did you mean --remote?"],
  [["echo", "-x"], "Unknown option -x"],
  [["echo", "tcp"], 'Unknown transport "tcp": expected udp or unix'],
  [["echo", "udp", "unix"], 'Unknown operand "unix"'],
  [["echo", "--count"], "Cannot set --count: its value N is missing"],
  [["echo", "-l"], "Cannot set -l: its value N is missing"],
  [["echo", "--count", "0"], 'Cannot set --count to "0": expected a whole number, 1 or greater'],
  [["echo", "--count", "1.5"], 'Cannot set --count to "1.5": expected a whole number, 1 or greater'],
  [["echo", "--duration", "-1"], 'Cannot set --duration to "-1": expected a time above 0'],
  [["echo", "--local", "nonsense"], 'Cannot set --local to "nonsense": Cannot find the transport of "nonsense"'],
  [["echo", "--local", "udp://127.0.0.1:99999"], 'Cannot parse "udp://127.0.0.1:99999" as a UDP address'],
  [["echo", "unix", "--local", "udp://127.0.0.1:0"], 'Cannot use "udp://127.0.0.1:0" with unix'],
  [["echo", "--local", "udp://127.0.0.1:0", "--remote", "unix:/run/x"], "they are of different transports"],
  [["echo", "--local", "udp://127.0.0.1:0", "--remote", "udp://[::1]:1"], "one is an IPv4 address, the other an IPv6"],
  [["echo", "--signals", "3x"], 'Cannot set --signals to "3x": Cannot parse "3x" as a signal list at "3x"'],
  [["echo", "--reply", "1,x", "--local", "udp://127.0.0.1:0"], 'Cannot take "x" as value 1'],
  [["echo", "--print", "yaml"], 'Cannot set --print to "yaml": expected'],
  [["echo", "--print", "jsn"], 'Cannot set --print to "jsn": did you mean json?'],
  [["echo", "--print", "csv.x"], 'Cannot set --print to "csv.x": did you mean csv?'],
  [["echo", "--format", "villas.bin"], 'Cannot set --format to "villas.bin": did you mean villas.binary?'],
  [["echo", "--log-level", "inf"], 'Cannot set --log-level to "inf": did you mean info?'],
  [["demo", "--print", '{"type": "cvs"}'], ": did you mean csv?"],
  [["echo", "--interface", "127.0.0.1"], "Cannot use --interface without --multicast"],
  [["demo", "--rate", "0"], 'Cannot set --rate to "0": expected a number greater than 0'],
];

for (const [args, message] of mistakes) {
  Deno.test(`villas-client ${args.join(" ")} is wrong usage`, async () => {
    const { code, stdout, stderr } = await run(...args);
    assertStringIncludes(stderr, message);
    assertMatch(stderr, /See villas-client( echo| demo)? --help\n$/);
    assertEquals([code, stdout], [2, ""]);
  });
}

/** The words of an example that are for the executable: not what stands in front of a pipe, nor a file behind < or >. */
function wordsOf(line: string): string[] {
  const part = line.split(" | ").find((part) => part.startsWith("villas-client")) ?? line;
  const words = part.replace(/ [<>] \S+/g, "").match(/'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replace(/^'(.*)'$/, "$1"));
}

for (const { name, load } of commands) {
  Deno.test(`the help of ${name} fits 40, 80 and 200 columns, and its examples can be parsed`, async () => {
    const command = await load();
    for (const width of [40, 80, 200]) {
      const lines = commandHelp(command, { width }).split("\n");
      // An example is one line, which on a terminal of 80 columns is not broken.
      const examples = width < 80 ? command.examples.map(({ line }) => `  ${line}`) : [];
      for (const line of lines) assertEquals(line.length > width && !examples.includes(line), false, line);
    }
    for (const { line } of command.examples) {
      const [program, called, ...args] = wordsOf(line);
      assertEquals([program, called], ["villas-client", name]);
      await parseCommandLine(args, command.options);
    }
  });
}
