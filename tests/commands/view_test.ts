/**
 * What is printed of received samples: which of them, which values, and as a table.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseSignals, type Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { createTableWriter } from "../../lib/commands/_shared/sample_table.ts";
import { runArguments, spawn } from "./_cli.ts";
import { face, startRecv } from "./_recv.ts";
import { hasTerminal } from "./_terminal.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

const samples: Sample[] = Array.from({ length: 6 }, (_, i) => ({
  sequence: BigInt(i),
  tsOrigin: { sec: 1_700_000_000, nsec: 500_000 * i },
  values: [i + 0.123456, i, -i],
}));

const signals = parseSignals([{ name: "va", unit: "V" }, { name: "p" }, { name: "f", unit: "Hz" }]);

/** Prints the six samples, which come in one datagram. */
async function print(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  await using pair = await startRecv("--count", "6", ...args);
  await pair.peer.send([protobuf().encode(samples)]);
  const { code, stdout, stderr } = await pair.recv.finish();
  assertEquals(code, 0, stderr);
  return { stdout, stderr };
}

Deno.test("recv --every prints every n-th sample, and counts all of them", async () => {
  const { stdout, stderr } = await print("--every", "4");
  assertEquals(stdout.match(/(?<="sequence": )\d/g), ["0", "4"]);
  assertStringIncludes(stderr, "Received 1 datagram, 6 samples");
});

Deno.test("recv --max-rate prints no more samples than that", async () => {
  assertEquals((await print("--max-rate", "0.1")).stdout.match(/(?<="sequence": )\d/g), ["0"]);
});

Deno.test("recv --select prints values by index, range and name, in this order", async () => {
  const list = JSON.stringify(signals);
  const { stdout } = await print("--select", "f,0-1", "-t", list, "-p", "csv", "--digits", "2", "--every", "6");
  assertEquals(stdout.split("\n").map((line) => line.split(",").slice(4)), [
    ["f[Hz]", "va[V]", "p"],
    ["-0.00", "0.12", "0.00"],
    [],
  ]);
});

Deno.test("recv --select leaves a value empty that a sample does not have", async () => {
  const { stdout } = await print("--select", "1,7", "--every", "6");
  assertStringIncludes(stdout, '"data": [0.0, null]');
});

Deno.test("recv --print table shows names, units and as many digits as asked for", async () => {
  const { stdout } = await print("-p", "table", "-t", JSON.stringify(signals), "--digits", "1", "--time", "epoch");
  const [titles = "", first = "", , , , last] = stdout.split("\n");
  assertMatch(titles, /^ +time \[s\] +seq +va \[V\] +p +f \[Hz\]$/);
  assertMatch(first, /^1700000000\.000000000 +0 +0\.1 +0\.0 +0\.0$/);
  assertMatch(last ?? "", /^1700000000\.002000000 +4 +4\.1 +4\.0 +-4\.0$/);
  assertEquals(new Set(stdout.trimEnd().split("\n").map(({ length }) => length)).size, 1, stdout);
});

for (const columns of [40, 80]) {
  Deno.test(`createTableWriter() fits ${columns} columns, and says how many values it omits`, () => {
    const write = createTableWriter({ measure: () => ({ columns, rows: 4 }), time: "iso" });
    const values = Array.from({ length: 64 }, (_, i) => i === 3 ? -1e-300 : i * 1.5);
    const lines = write(samples.map((sample) => ({ ...sample, values }))).trimEnd().split("\n");
    for (const line of lines) assert(line.length <= columns, line);
    const shown = lines[0]?.match(/signal\d+/g)?.length ?? 0;
    assert(shown > 0, lines[0]);
    assertEquals(lines[0]?.endsWith(` +${64 - shown}`) || columns === 40, true, lines[0]);
    assertMatch(lines[1] ?? "", /2023-11-14T22:13:20\.000000Z/);
    // The titles come once per screen.
    assertEquals(lines.filter((line) => line.includes("signal0")).length, 2, lines.join("\n"));
  });
}

Deno.test("createTableWriter() shows every kind of value, and new titles when columns change", () => {
  const write = createTableWriter();
  assertEquals(
    write([{ values: [NaN, -Infinity, 7n, true, { real: 1, imag: -2 }, null] }]),
    "  time [s]     seq    signal0    signal1    signal2    signal3         signal4    signal5\n" +
      "         -       -        nan       -inf          7       true  1.0000-2.0000j          -\n",
  );
  assertMatch(write([{ values: [123456, 12345678901234567890n] }]), /^ .*signal0.*\n.* 123456 .*12345678901234567890/);
});

const ignore = !await hasTerminal();

for (const columns of [40, 80]) {
  Deno.test(`recv --print table fits a terminal of ${columns} columns`, { ignore }, async () => {
    const words = [Deno.execPath(), ...runArguments("recv", "--local", "udp://127.0.0.1:0", "-l", "6", "-p", "table")];
    const line = `stty cols ${columns} rows 24; ${words.map((word) => `'${word}'`).join(" ")}`;
    await using pair = await face(spawn("script", ["--quiet", "--flush", "--return", "--command", line, "/dev/null"]));
    const wide = samples.map((sample) => ({ ...sample, values: Array.from({ length: 20 }, (_, i) => i / 3) }));
    await pair.peer.send([protobuf().encode(wide)]);
    const { stdout } = await pair.recv.finish();
    const table = stdout.split("\r\n").filter((line) => line !== "" && !line.startsWith("villas-client"));
    assertEquals(table.length, 7, stdout);
    for (const line of table) assert(line.length <= columns, line);
    const shown = columns === 40 ? 1 : 5;
    assertEquals(table[0]?.match(/signal\d+/g)?.length, shown, stdout);
    assert(table[0]?.endsWith(`+${20 - shown}`), table[0]);
  });
}

testWrongUsages([
  [["recv", "--select", "3-1"], 'Cannot select "3-1": expected an index or a range such as 0-3 (names need --signals)'],
  [["recv", "--select", "2", "-t", "2f"], "Cannot select value 2: there are 2, from 0 to 1"],
  [["echo", "--select", "signal", "-t", "2f"], 'Cannot select "signal": did you mean signal0 or signal1?'],
  [["recv", "--time", "iso"], "Cannot use --time with json, which has its own timestamps: give --print table"],
  [["recv", "--digits", "0"], "Cannot use --digits 0 with json: it has significant digits, 1 or more"],
  [["recv", "--digits", "3", "-p", "raw"], "Cannot use --digits with raw: it is binary"],
  [["echo", "-p", "none", "--every", "2"], "Cannot use --every with --print none: nothing is printed"],
]);
