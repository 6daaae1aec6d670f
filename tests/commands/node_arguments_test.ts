import { assertEquals } from "@std/assert";
import { argumentsOfNode } from "../../lib/commands/_shared/node.ts";
import type { Options } from "../../lib/terminal/option.ts";
import { nodeOptions } from "../../lib/commands/_shared/options.ts";
import { signalList } from "../../lib/commands/_shared/signals.ts";
import { parseCommandLine } from "../../lib/terminal/parse.ts";

const oneList: Options = { ...nodeOptions, signals: signalList({ short: "t", env: "VILLAS_SIGNALS", help: "" }) };
const byDirection: Options = {
  ...oneList,
  "signals-in": signalList({ help: "" }),
  "signals-out": signalList({ help: "" }),
};

const receiving: Options = { ...oneList, "signals-in": signalList({ help: "" }) };

const received = '--signals-in=[{"name":"signal0","type":"float"},{"name":"signal1","type":"boolean"}]';
const sent = '-out=[{"name":"signal0","type":"integer"}]';
const note = 'Cannot tell the signals that "bb" sends from the configuration: no enabled path leads to it; give ' +
  "--signals-in where the format needs them";

const cases: [what: string, options: Options, line: string, args: string[], notes: string[]][] = [
  ["both lists", byDirection, "--node aa", [received, `--signals${sent}`], []],
  ["what is known of them, and why not more", byDirection, "--node bb", [`--signals${sent}`], [note]],
  ["none where the line has one for both", byDirection, "--node bb -t 2f", [], []],
  ["no note where the line says it", byDirection, "--node bb --signals-in 2f", [`--signals${sent}`], []],
  ["what is received to a command that only receives", receiving, "--node aa", [received], []],
  ["what is sent to a command with one list", oneList, "--node bb", [`--signals${sent.replace("-out", "")}`], []],
];

for (const [what, options, line, expected, expectedNotes] of cases) {
  Deno.test(`argumentsOfNode() takes from a file ${what}`, async () => {
    const file = await Deno.makeTempFile({ suffix: ".conf" });
    const node = 'type = "socket", in = { address = "*:1", signals = "i" }, out = { address = "a:2" }';
    const source = 'cc = { type = "file", signals = "fb" }';
    const paths = 'paths = ( { in = "cc", out = "aa" } )';
    await Deno.writeTextFile(file, `nodes = { aa = { ${node} } bb = { ${node} } ${source} } ${paths}`);
    const parsed = await parseCommandLine(["--config", file, ...line.split(" ")], options);
    const { args, notes } = await argumentsOfNode(parsed, options);
    assertEquals([args, notes], [expected, expectedNotes]);
    await Deno.remove(file);
  });
}

Deno.test("argumentsOfNode() takes the file's signals before those of the environment", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  const ends = { in: { address: "*:1", signals: "i" }, out: { address: "a:2" } };
  await Deno.writeTextFile(file, JSON.stringify({ nodes: { aa: { type: "socket", ...ends } } }));
  const parsed = await parseCommandLine(["--config", file], byDirection, (name) => {
    return name === "VILLAS_SIGNALS" ? "2f" : undefined;
  });
  const { args, replaced, notes } = await argumentsOfNode(parsed, byDirection);
  assertEquals([args, replaced], [[`--signals${sent}`], ["VILLAS_SIGNALS"]]);
  assertEquals(notes, [note.replace('"bb"', '"aa"')]);
  await Deno.remove(file);
});

Deno.test("argumentsOfNode() notes what VILLASnode reads otherwise than the file has it", async () => {
  const file = await Deno.makeTempFile({ suffix: ".conf" });
  const node = 'type = "socket", in = { address = "*:1", signals = "i" }, out = { address = "a:2" }';
  await Deno.writeTextFile(file, `nodes = { aa = { ${node} } }\nstats = 4294967297\n`);
  const parsed = await parseCommandLine(["--config", file], oneList);
  const { notes } = await argumentsOfNode(parsed, oneList);
  assertEquals(notes, [`${file}: line 2, column 9: libconfig 1.5 reads 4294967297 as 1; write 4294967297L`]);
  await Deno.remove(file);
});

Deno.test("argumentsOfNode() leaves a name to the first signal that has it", async () => {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  const aa = { type: "socket", in: { address: "*:1", signals: "i" }, out: { address: "a:2" } };
  const cc = { type: "signal", signal: "sine", values: 2 };
  await Deno.writeTextFile(file, JSON.stringify({ nodes: { aa, cc }, paths: [{ in: "cc", out: "aa" }] }));
  const { args } = await argumentsOfNode(await parseCommandLine(["--config", file], byDirection), byDirection);
  assertEquals(args, ['--signals-in=[{"name":"sine","type":"float"},{"type":"float"}]', `--signals${sent}`]);
  await Deno.remove(file);
});
