import { assertEquals } from "@std/assert";
import type { Signal } from "@villas/client";
import { clientSettingsForNode, parseLibconfig } from "@villas/client/villasnode";

/** The client's node, and what else the nodes of a configuration hold. */
const nodes = (others: string, client = "") =>
  `nodes = {
  client = {
    type = "socket", ${client}
    in = { address = "*:12000", signals = "i" }
    out = { address = "127.0.0.1:12001" }
  }
  ${others}
}`;

/** A generator as VILLASnode's users have it. */
const gen = `gen = { type = "signal.v2", in = { signals = (
  { name = "va", signal = "sine", unit = "V" }, { name = "signal1", signal = "ramp" }, { signal = "counter" },
  { name = "signal3", signal = "mixed", type = "integer" }, { name = "signal4", signal = "mixed" }
) } }`;

/** Nodes with signals of several types. */
const two = `
  aa = { type = "socket", in = { signals = "fib" } }
  bb = { type = "file", signals = ( { name = "u", unit = "V" }, { name = "7", type = "complex" } ) }
`;

const toClient = (path: string) => `paths = ( { ${path}, out = "client" } )`;
const write = ({ name = "", unit, type }: Signal) => `${name}${unit === undefined ? "" : `[${unit}]`} ${type}`;
const names = (count: number, type = "float") => Array.from({ length: count }, (_, i) => `signal${i} ${type}`);

const known: [what: string, config: string, expected: string[]][] = [
  ["a generator names unnamed signals by their waveforms, and makes floats", nodes(gen) + toClient('in = "gen"'), [
    ...["va[V] float", "ramp float", " float", "random float", "sine float"],
  ]],
  [
    "a legacy generator with one waveform",
    nodes('gen = { type = "signal", signal = "sine", values = 2 }') + toClient('in = "gen"'),
    ["sine float", "sine float"],
  ],
  [
    "a legacy generator with several",
    nodes('gen = { type = "signal", signal = ("ramp", "sine"), values = 2 }') + toClient('in = "gen"'),
    ["ramp float", "sine float"],
  ],
  [
    "a legacy generator with mixed ones, without pulse",
    nodes('gen = { type = "signal", signal = "mixed", values = 8 }') + toClient('in = "gen"'),
    ["random", "sine", "square", "triangle", "ramp", "counter", "constant", "random"].map((name) => `${name} float`),
  ],
  [
    "a round-trip test, as many as its largest case has",
    nodes('rtt = { type = "test_rtt", values = 3, cases = ( { values = [1, 5, 2] }, { rates = 10 } ) }') +
    toClient('in = "rtt"'),
    names(5),
  ],
  ["a node without signals: 64 floats", nodes('web = { type = "websocket" }') + toClient('in = "web"'), names(64)],
  ["a short list", nodes(two) + toClient('in = "aa"'), ["signal0 float", "signal1 integer", "signal2 boolean"]],
  ["a list of the node, not of its direction", nodes(two) + toClient('in = "bb"'), ["u[V] float", "7 complex"]],
  [
    "a count",
    nodes('aa = { type = "mqtt", in = { signals = { count = 2, type = "boolean" } } }') + toClient('in = "aa"'),
    [" boolean", " boolean"],
  ],
  ["an echo", nodes("") + toClient('in = "client"'), ["signal0 integer"]],
  ["one value by its index", nodes(two) + toClient('in = "aa.data[1]"'), ["signal1 integer"]],
  ["one value in the other notations", nodes(two) + toClient('in = ("aa[1]", "aa.data.1", "aa.1")'), [
    ...["signal1 integer", "signal1 integer", "signal1 integer"],
  ]],
  ["one value by its name", nodes(two) + toClient('in = ("bb.u", "bb.data[u]", "bb.data.7")'), [
    ...["u[V] float", "u[V] float", "7 complex"],
  ]],
  ["a range of indices", nodes(two) + toClient('in = "aa.data[0-1]"'), ["signal0 float", "signal1 integer"]],
  ["a range of names", nodes(two) + toClient('in = "bb.data[u-7]"'), ["u[V] float", "7 complex"]],
  ["several sources, in order", nodes(two) + toClient('in = ("bb.data[7]", "aa.data[1-2]", "bb.u")'), [
    ...["7 complex", "signal1 integer", "signal2 boolean", "u[V] float"],
  ]],
  [
    "fields of the header and statistics",
    nodes(two) +
    toClient(
      'in = ("aa.hdr.sequence", "aa.hdr.length", "aa.ts.origin", "aa.stats.owd.mean", "aa.stats.skipped.total")',
    ),
    [
      ...["aa.hdr.sequence integer", "aa.hdr.length integer", "aa.ts.origin.sec[s] integer"],
      ...["aa.stats.owd.mean[seconds] float", "aa.stats.skipped.total[samples] integer"],
    ],
  ],
  [
    "a path to several nodes",
    nodes(two) + 'paths = ( { in = "bb", out = ("aa", "client") } )',
    ["u[V] float", "7 complex"],
  ],
  [
    "a path that is reversed",
    nodes(two) + 'paths = ( { in = "client", out = "bb", reverse = true } )',
    ["u[V] float", "7 complex"],
  ],
  [
    "a reversed path that leads to it forwards",
    nodes(two) + 'paths = ( { in = "bb", out = "client", reverse = true } )',
    ["u[V] float", "7 complex"],
  ],
  [
    "the enabled one of two paths",
    nodes(two) + 'paths = ( { in = "aa", out = "client", enabled = false }, { in = "bb", out = "client" } )',
    ["u[V] float", "7 complex"],
  ],
  [
    "hooks that leave signals alone, and one that is off",
    nodes(`aa = { type = "socket", signals = "f", hooks = ( { type = "scale", signals = ["signal0"] }, "stats" ) }`) +
    toClient('in = "aa", hooks = ( { type = "decimate", ratio = 2 }, "print", { type = "lua", enabled = false } )'),
    ["signal0 float"],
  ],
];

for (const [what, config, expected] of known) {
  Deno.test(`clientSettingsForNode() receives the signals of ${what}`, () => {
    const { signals, notes } = clientSettingsForNode(parseLibconfig(config), "client");
    assertEquals(signals?.in?.map(write), expected);
    assertEquals(signals?.out?.map(write), ["signal0 integer"]);
    assertEquals(notes, undefined);
  });
}

const unknown: [what: string, config: string, reason: string][] = [
  ["no path leads to it", nodes(two) + 'paths = ( { in = "client", out = "aa" } )', "no enabled path leads to it"],
  [
    "its path is disabled",
    nodes(two) + toClient('in = "aa", enabled = false'),
    "no enabled path leads to it",
  ],
  [
    "its source is disabled",
    nodes('aa = { type = "socket", enabled = false }') + toClient('in = "aa"'),
    'node "aa" is disabled',
  ],
  [
    "two paths lead to it",
    nodes(two) + 'paths = ( { in = "aa", out = "client" }, { in = "bb", out = ["client"] } )',
    "path 1 and path 2 lead to it, and VILLASnode takes only one",
  ],
  [
    "a hook of the path changes them",
    nodes(two) + 'paths = ( { in = "client" }, { in = "aa", out = "client", hooks = ( "print", { type = "lua" } ) } )',
    'hook "lua" of path 2 changes them',
  ],
  [
    "a hook of the source changes them",
    nodes('aa = { type = "socket", in = { hooks = ( { type = "average", offset = 0 } ) } }') + toClient('in = "aa"'),
    'hook "average" of node "aa" changes them',
  ],
  [
    "a hook of the node itself changes them",
    nodes(two, 'hooks = ( { type = "cast", new_type = "integer", signals = ["a"] } )') + toClient('in = "aa"'),
    'hook "cast" of node "client" changes them',
  ],
  [
    "the source brings its own",
    nodes('pmu = { type = "c37.118", in = { address = "localhost" } }') + toClient('in = "pmu"'),
    'node "pmu" of type c37.118 brings signals of its own',
  ],
  [
    "the source cannot be read",
    nodes('aa = { type = "socket", in = { signals = "2x" } }') + toClient('in = "aa"'),
    'those of node "aa" cannot be read (Cannot parse "2x" as a signal list at "2x": expected counts and letters such ' +
    'as "64f2i", with f (float), i (integer), b (boolean), c (complex))',
  ],
  [
    "a legacy generator contradicts itself",
    nodes('gen = { type = "signal", signal = ("ramp", "sine"), values = 3 }') + toClient('in = "gen"'),
    'those of node "gen" cannot be read (signal and values differ in number)',
  ],
  ...["cc", "aa.data[3]", "aa.data[2-1]", "aa.data[x]", "aa.nothing", "aa.stats.owd.p99", "aa.stats.x.mean", "a b"].map(
    (
      source,
    ): [string, string, string] => [
      `the path takes "${source}"`,
      nodes(two) + toClient(`in = "${source}"`),
      `path 1 takes "${source}", which selects nothing of a node in the file`,
    ],
  ),
  [
    "there are too many",
    nodes('aa = { type = "socket", in = { signals = { count = 65536 } } }') + toClient('in = ("aa", "aa[0]")'),
    "path 1 has more than 65536 signals",
  ],
];

for (const [what, config, reason] of unknown) {
  Deno.test(`clientSettingsForNode() says that it cannot tell what it receives where ${what}`, () => {
    const { signals, notes } = clientSettingsForNode(parseLibconfig(config), "client");
    assertEquals(signals?.in, undefined);
    assertEquals(signals?.out?.map(write), ["signal0 integer"]);
    assertEquals(notes, [`Cannot tell the signals that "client" sends from the configuration: ${reason}`]);
  });
}
