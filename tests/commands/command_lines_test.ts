/**
 * Command lines, each with its exact result: what VILLASnode's own tools understand means the same here.
 */

import { assertEquals } from "@std/assert";
import { commands } from "../../lib/commands/table.ts";
import { describeAddresses } from "../../lib/transports/address.ts";
import { run } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

/** Options of `signal`, and the samples that they generate: their values. */
const generated: [line: string, samples: string][] = [
  ["sine -nl2 -fcsv", "0, 0.5877852522924731"],
  ["sine -nl 2 -f csv", "0, 0.5877852522924731"],
  ["sine -nl=2 -f=csv", "0, 0.5877852522924731"],
  ["-nl2 -fcsv sine", "0, 0.5877852522924731"],
  ["counter -na2 -l3 -fcsv", "0, 2, 4"],
  ["counter -na-2 -l3 -fcsv", "0, -2, -4"],
  ["counter -na -2 -l3 -fcsv", "0, -2, -4"],
  ["constant -no -1.5 -l1 -fcsv", "-0.5"],
  ["constant -no-1.5 -l1 -fcsv", "-0.5"],
  ["constant -nv2 -l1 -fcsv", "1 1"],
  ["constant -nr1000 -l1 -fcsv", "1"],
  ["counter -qnl2 -fcsv -t2f", "0, 1"],
];

for (const [line, samples] of generated) {
  Deno.test(`villas-client signal ${line} generates ${samples}`, async () => {
    const { code, stdout, stderr } = await run("signal", ...line.split(" "));
    assertEquals(code, 0, stderr);
    const rows = stdout.split("\n").filter((row) => /^\d/.test(row)).map((row) =>
      row.split(",").slice(3).map(Number).join(" ")
    );
    assertEquals(rows.join(", "), samples);
  });
}

testWrongUsages([
  [["signal", "sine", "-nl5x"], 'Cannot set -l to "5x": expected a whole number, 1 or greater'],
  [["signal", "sine", "-nz"], "Unknown option -z in -nz"],
  [["signal", "sine", "--no-realtime=yes"], 'Cannot set --no-realtime to "yes": it takes no value'],
  [["recv", "--quiet=no"], 'Cannot set --quiet to "no": it takes no value'],
  [["recv", "-qy"], "Unknown option -y in -qy"],
  [["recv", "--dur", "5"], "Unknown option --dur: did you mean --duration?"],
  [["recv", "--sig", "5f"], "Unknown option --sig: did you mean --signals or --signals-in?"],
  [["recv", "-l", "0"], 'Cannot set -l to "0": expected a whole number, 1 or greater'],
  [["recv", "--stats", "run1.csv"], 'Unknown transport "run1.csv": expected udp or unix'],
  [["send", "--loop", "2", "run.csv"], 'Unknown operand "run.csv"'],
  [["rtt", "--histogram", "linear"], 'Unknown transport "linear": expected udp or unix'],
  [
    ["convert", "a.csv", "-o", "b.json"],
    'Cannot set -o to "b.json": it is a file; did you mean --output b.json?',
  ],
  [["convert", "--timing", "fast"], "Unknown option --timing: it is an option of send"],
  [["convert", "--svg", "x"], "Unknown option --svg: it is an option of rtt"],
  [
    ["recv", "--local", "memory:a"],
    `Cannot set --local to "memory:a": expected ${describeAddresses()} or a port`,
  ],
  [["recv", "memory"], 'Unknown transport "memory": expected udp or unix'],
  [
    ["recv", "udp://127.0.0.1:1"],
    'Unknown transport "udp://127.0.0.1:1": an address stands behind --local or --remote',
  ],
  [
    ["doctor", "mqtt://ann:x@lab/a"],
    'Unknown transport "mqtt://***@lab/a": an address stands behind --local or --remote',
  ],
  [["repair"], "FILE is missing: give the files of recordings that were cut off"],
  [["recv", "--local", "99999"], "Cannot set --local to..."],
  [["recv", "--output="], 'Cannot set --output to "": expected the name of a file'],
  [["--help", "ecko"], "Unknown command ecko: did you mean echo?"],
  [["--version", "echo"], 'Unknown operand "echo"'],
]);

// Options that have no effect beside the others, or without them.
testWrongUsages([
  [["recv", "-q", "-v"], "Cannot use -q with -v"],
  [["recv", "-v", "--log-level", "info"], "Cannot use -v with --log-level"],
  [["recv", "--any-source"], "Cannot use --any-source without --remote"],
  [["recv", "--node", "a"], "Cannot use --node without --config"],
  [["recv", "--interface", "127.0.0.1"], "Cannot use --interface without --multicast"],
  [["recv", "-t", "f", "--signals-in", "f"], "Cannot use -t with --signals-in: it sets the signals of both directions"],
  [["rtt", "--title", "x"], "Cannot use --title without --svg"],
  [["rtt", "--json", "--histogram"], "Cannot use --json with --histogram"],
  [["send", "--speed", "1", "-r", "5"], "Cannot use --speed with -r"],
  [["send", "--rate", "5", "--timing", "fast", "x.csv"], "Cannot use --rate with --timing fast"],
  [["send", "--timing", "rate", "x.csv"], "Cannot use --timing rate without --rate HZ"],
  [["send", "--speed", "2", "--timing", "fast", "x.csv"], "Cannot use --speed with --timing fast"],
  [["send", "--loop"], "Cannot loop standard input: it can be read only once"],
  [["signal", "sine", "--local", "1"], "Cannot use --local without --remote"],
  [["signal", "sine", "--batch"], "Cannot use --batch without --remote"],
  [["signal", "sine", "--no-batch"], "Cannot use --no-batch without --remote"],
  [["recv", "--no-batch", "--batch"], "Cannot use --batch with --no-batch"],
  [["signal", "sine", "-n", "--busy-wait"], "Cannot use --busy-wait with -n"],
  [["signal", "sine", "--seed", "1"], "Cannot use --seed without random or mixed"],
  [["demo", "--local", "12001"], "Cannot use --local without plant"],
  [["demo", "--remote", "12001"], "Cannot use --remote without plant"],
  [["demo", "plant", "--values", "3"], "Cannot use --values with plant: it always sends 2 values"],
]);

Deno.test("help is shown whatever else the command line has, and about itself", async () => {
  const [recv, program] = await Promise.all([run("recv", "--help"), run("--help")]);
  for (const args of [["recv", "--help", "--count", "abc"], ["recv", "--bogus", "-h"], ["recv", "--count", "--help"]]) {
    assertEquals(await run(...args), recv, args.join(" "));
  }
  for (const args of [["help"], ["help", "help"], ["help", "--help"], ["-h"]]) {
    assertEquals(await run(...args), program, args.join(" "));
  }
  assertEquals(await run("--help", "recv"), recv);
});

Deno.test("help about two commands is wrong usage", async () => {
  const { code, stderr } = await run("help", "echo", "recv");
  assertEquals([code, stderr.split("\n")[0]], [2, 'villas-client: error: Unknown operand "recv"']);
});

Deno.test("a port alone is one of this machine: on all interfaces to receive, on the loopback to send", async () => {
  const { code, stderr } = await run("echo", "--local", "0", "--remote", "41", "--timeout", "1ms", "-v");
  assertEquals(code, 124);
  assertEquals(
    stderr.match(/Receiving on udp:\/\/0\.0\.0\.0:\d+, sending to udp:\/\/127\.0\.0\.1:41,/)?.length,
    1,
    stderr,
  );
});

Deno.test("a letter means the same in all commands, or its help names the tool of VILLASnode that it is from", async () => {
  const meanings = new Map<string, string>();
  for (const { load } of commands) {
    for (const [name, { short, help }] of Object.entries((await load()).options)) {
      if (short === undefined || new RegExp(`\\(-${short} as in villas-`).test(help)) continue;
      assertEquals(meanings.get(short) ?? name, name, `-${short}`);
      meanings.set(short, name);
    }
  }
});
