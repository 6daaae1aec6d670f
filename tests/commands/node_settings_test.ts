import { assertEquals, assertRejects } from "@std/assert";
import { parseSignals } from "@villas/client";
import { readNodeSettings } from "../../lib/commands/_shared/node_config.ts";
import { connectionOptions, format, nodeOptions } from "../../lib/commands/_shared/options.ts";
import { signalList } from "../../lib/commands/_shared/signals.ts";
import { InputError } from "../../lib/system/input_error.ts";
import { count, type Options } from "../../lib/terminal/option.ts";

const oneList: Options = { ...nodeOptions, signals: signalList({ help: "" }) };
const receiving: Options = { ...oneList, "signals-in": signalList({ help: "" }) };
const byDirection: Options = { ...receiving, "signals-out": signalList({ help: "" }) };

const received = [{ name: "signal0", type: "float" }, { name: "signal1", type: "boolean" }];
const sent = [{ name: "signal0", type: "integer" }];
const note = 'Cannot tell the signals that "bb" sends from the configuration: no enabled path leads to it; give ' +
  "--signals-in if the format needs them";

const node = 'type = "socket", in = { address = "*:1", signals = "i" }, out = { address = "a:2" }';
const libconfig = `nodes = { aa = { ${node} } bb = { ${node} } cc = { type = "file", signals = "fb" } }
paths = ( { in = "cc", out = "aa" } )`;

/** Writes a configuration, and removes it after its use. */
async function withConfig<T>(text: string, suffix: string, use: (config: string) => Promise<T>): Promise<T> {
  const config = await Deno.makeTempFile({ suffix });
  try {
    await Deno.writeTextFile(config, text);
    return await use(config);
  } finally {
    await Deno.remove(config);
  }
}

const cases: [name: string, options: Options, given: object, values: Record<string, unknown>, notes: string[]][] = [
  ["both lists", byDirection, { node: "aa" }, { signals: undefined, "signals-in": received, "signals-out": sent }, []],
  [
    "the list that is known, and why the other is not",
    byDirection,
    { node: "bb" },
    { signals: undefined, "signals-out": sent },
    [note],
  ],
  ["none if --signals is given", byDirection, { node: "bb", signals: parseSignals("2f") }, {}, []],
  ["no note if --signals-in is given", byDirection, { node: "bb", "signals-in": parseSignals("2f") }, {
    signals: undefined,
    "signals-out": sent,
  }, []],
  ["received signals for a command that only receives", receiving, { node: "aa" }, {
    signals: undefined,
    "signals-in": received,
  }, []],
  ["sent signals for a command with one list", oneList, { node: "bb" }, { signals: sent }, []],
];

for (const [name, options, given, values, notes] of cases) {
  Deno.test(`readNodeSettings() takes from a file ${name}`, () =>
    withConfig(libconfig, ".conf", async (config) => {
      assertEquals(await readNodeSettings({ config, ...given }, options), { values, notes });
    }));
}

Deno.test("readNodeSettings() leaves a name to the first signal that has it", () => {
  const aa = { type: "socket", in: { address: "*:1", signals: "i" }, out: { address: "a:2" } };
  const cc = { type: "signal", signal: "sine", values: 2 };
  const text = JSON.stringify({ nodes: { aa, cc }, paths: [{ in: "cc", out: "aa" }] });
  return withConfig(text, ".json", async (config) => {
    const { values } = await readNodeSettings({ config }, byDirection);
    assertEquals(values["signals-in"], [{ name: "sine", type: "float" }, { type: "float" }]);
  });
});

Deno.test("readNodeSettings() returns addresses, format and sizes as the options have them", () => {
  const options: Options = {
    ...connectionOptions,
    format: format([], "protobuf", { help: "" }),
    vectorize: count("N", { help: "" }),
  };
  const client = {
    type: "socket",
    format: { type: "json", compact: true },
    in: { address: "*:1", vectorize: 2 },
    out: { address: "224.1.2.3:2" },
  };
  return withConfig(JSON.stringify({ nodes: { client } }), ".json", async (config) => {
    const { values } = await readNodeSettings({ config, signals: parseSignals("f") }, options);
    assertEquals(values, {
      local: { transport: "udp", host: "0.0.0.0", port: 2, text: "udp://0.0.0.0:2" },
      remote: { transport: "udp", host: "127.0.0.1", port: 1, text: "udp://127.0.0.1:1" },
      vectorize: 2,
      multicast: "224.1.2.3",
      format: { type: "json", compact: true },
    });
  });
});

Deno.test("readNodeSettings() rejects --node without --config, and a node that is not there", async () => {
  await assertRejects(
    () => readNodeSettings({ node: "aa" }, byDirection),
    InputError,
    "Cannot use --node without --config",
  );
  await withConfig(libconfig, ".conf", async (config) => {
    await assertRejects(
      () => readNodeSettings({ config, node: "xx" }, byDirection),
      InputError,
      'Cannot find node "xx": the configuration has the nodes aa, bb',
    );
  });
});
