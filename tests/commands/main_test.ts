import { assertEquals, assertMatch } from "@std/assert";
import { version } from "@villas/client";
import { run, spawn } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";
import { commandHelp } from "../../lib/terminal/help.ts";
import { parseCommandLine } from "../../lib/terminal/parse.ts";
import { commands } from "../../lib/commands/table.ts";
import { describeAddresses } from "../../lib/transports/address.ts";

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

testWrongUsages([
  [[], "A command is missing"],
  [["ecko"], "Unknown command ecko: did you mean echo?"],
  [["xyz"], "Unknown command xyz"],
  [["--verison"], "Unknown option --verison"],
  [["echo", "--remot", "udp://[::1]:1"], "Unknown option --remot: did you mean --remote?"],
  [["echo", "-y"], "Unknown option -y"],
  [["echo", "tcp"], 'Unknown transport "tcp": expected udp or unix'],
  [["echo", "udp", "unix"], 'Unknown operand "unix"'],
  [["echo", "--count"], "Cannot set --count: its value N is missing"],
  [["echo", "-l"], "Cannot set -l: its value N is missing"],
  [["echo", "--count", "0"], 'Cannot set --count to "0": expected a whole number, 1 or greater'],
  [["echo", "--count", "1.5"], 'Cannot set --count to "1.5": expected a whole number, 1 or greater'],
  [
    ["echo", "--duration", "-1"],
    'Cannot set --duration to "-1": expected a time above 0 and below 24 days, such as 10, 0.5, 500ms, 2m or 1h',
  ],
  [
    ["echo", "--local", "nonsense"],
    `Cannot set --local to "nonsense": expected ${describeAddresses()} or a port`,
  ],
  [
    ["echo", "--local", "udp://127.0.0.1:99999"],
    'Cannot set --local to "udp://127.0.0.1:99999": Cannot parse "udp://127.0.0.1:99999" as a UDP address...',
  ],
  [
    ["echo", "unix", "--local", "udp://127.0.0.1:0"],
    'Cannot use "udp://127.0.0.1:0" with unix: it is an address of udp',
  ],
  [["echo", "--local", "udp://127.0.0.1:0", "--remote", "unix:/run/x"], "...they are of different transports..."],
  [
    ["echo", "--local", "udp://127.0.0.1:0", "--remote", "udp://[::1]:1"],
    "...one is an IPv4 address, the other an IPv6...",
  ],
  [["echo", "--signals", "3x"], 'Cannot set --signals to "3x": Cannot parse "3x" as a signal list at "3x"...'],
  [["echo", "--reply", "1,x", "--local", "udp://127.0.0.1:0"], 'Cannot take "x" as value 1...'],
  [["echo", "--print", "yaml"], 'Cannot set --print to "yaml": expected...'],
  [["echo", "--print", "jsn"], 'Cannot set --print to "jsn": did you mean json?'],
  [["echo", "--print", "csv.x"], 'Cannot set --print to "csv.x": did you mean csv?'],
  [["echo", "--format", "villas.bin"], 'Cannot set --format to "villas.bin": did you mean villas.binary?'],
  [["echo", "--log-level", "inf"], 'Cannot set --log-level to "inf": did you mean info?'],
  [["demo", "--print", '{"type": "cvs"}'], 'Cannot set --print to "{"type": "cvs"}": did you mean csv?'],
  [["echo", "--interface", "127.0.0.1"], "Cannot use --interface without --multicast"],
  [["demo", "--rate", "0"], 'Cannot set --rate to "0": expected a number greater than 0'],
]);

Deno.test("main() takes a fault of a command for a failure, not for wrong usage, and shows its stack with --verbose", async () => {
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const program = new URL("_faulty_cli.ts", import.meta.url).pathname;
  const runFaulty = async (...args: string[]) => {
    await using process = spawn(Deno.execPath(), ["run", "-q", "-A", `--config=${config}`, program, "faulty", ...args]);
    return await process.finish();
  };
  const message = "villas-client: error: Cannot read properties of undefined (reading 'fault')\n";
  assertEquals(await runFaulty(), { code: 1, stdout: "", stderr: message });
  const { code, stderr } = await runFaulty("--verbose");
  assertEquals(code, 1);
  assertMatch(stderr, /debug: TypeError: Cannot read.*\n\s+at .*_faulty_cli\.ts/);
});

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
