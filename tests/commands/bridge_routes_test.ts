/**
 * Files of routes: what is read from them, and what is said about mistakes.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { checkLoops, checkRoute } from "../../lib/commands/_shared/bridge_routes.ts";
import { readRoutes } from "../../lib/commands/_shared/bridge_routes_file.ts";
import { InputError } from "../../lib/system/input_error.ts";

/** Reads routes from text. */
async function read(text: string, suffix = ".json") {
  const path = await Deno.makeTempFile({ suffix });
  try {
    await Deno.writeTextFile(path, text);
    const warnings: string[] = [];
    const routes = await readRoutes(path, (message) => warnings.push(message.replaceAll(path, "FILE")));
    return { routes, warnings };
  } catch (error) {
    if (error instanceof InputError) error.message = error.message.replaceAll(path, "FILE");
    throw error;
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("readRoutes() reads paths in VILLASnode's words, from JSON", async () => {
  const { routes, warnings } = await read(JSON.stringify({
    paths: [
      {
        name: "lab",
        in: { address: "udp://:12001", format: { type: "raw", bits: 64 }, signals: [{ name: "va", unit: "V" }] },
        out: ["udp://h:12000,format=json,signals=2f", { file: "run.csv", append: true }],
        hooks: [
          { type: "select", signals: ["va", 0] },
          { type: "scale", signal: "va", scale: 0.001, offset: 1 },
          { type: "cast", signal: "va", new_type: "integer", new_name: "kv", new_unit: "kV" },
          { type: "decimate", ratio: 10, renumber: true, priority: 3 },
          { type: "limit_rate", rate: 5, mode: "origin" },
          { type: "scale", signal: "va", enabled: false },
        ],
        rate: 20,
        sequence: "renumber",
      },
      { in: "udp://:1", out: "udp://h:2", enabled: false },
      { in: "unix:/a,remote=unix:/b", out: "udp://h:2,local=udp://:3", reverse: true },
    ],
  }));
  assertEquals(warnings, []);
  assertEquals(routes.map(({ name, sequence, rate, isReversed }) => [name, sequence, rate, isReversed]), [
    ["lab", "renumber", 20, false],
    ["path 2", "keep", undefined, true],
  ]);
  const [lab] = routes;
  assertEquals(lab?.inputs[0]?.format, { type: "raw", bits: 64 });
  assertEquals(lab?.inputs[0]?.signals, [{ name: "va", unit: "V", type: "float" }]);
  assertEquals(lab?.to.map(({ name, path, append }) => [name, path, append]), [
    ["udp://h:12000", undefined, false],
    ["run.csv", "run.csv", true],
  ]);
  assertEquals(lab?.steps, [
    { type: "select", signals: ["va", 0] },
    { type: "scale", signals: ["va"], scale: 0.001, offset: 1 },
    { type: "cast", signals: ["va"], newType: "integer", newName: "kv", newUnit: "kV" },
    { type: "decimate", ratio: 10, renumber: true },
    { type: "limit_rate", rate: 5, mode: "origin" },
  ]);
});

Deno.test("readRoutes() reads libconfig, too", async () => {
  const { routes } = await read(
    'paths = ( { in = "udp://:1", out = ( "udp://h:2", "run.csv" ), rate = 2.5 } )',
    ".conf",
  );
  assertEquals(routes.map(({ inputs, to, rate }) => [inputs[0]?.name, to.length, rate]), [["udp://:1", 2, 2.5]]);
});

const nodes = {
  aa: { address: "udp://:1", signals: [{ name: "va", unit: "V" }, { name: "vb" }, { name: "n", type: "integer" }] },
  bb: "udp://:2,signals=2f",
  cc: { address: "udp://h:3", vectorize: 2 },
};

Deno.test("readRoutes() reads several inputs, which are nodes of the file or parts of their samples", async () => {
  const input = ["aa.data[va-vb]", "bb", "aa.hdr.sequence", "aa[n]", "aa.ts.origin", "aa.1"];
  const { routes: [route], warnings } = await read(JSON.stringify({
    nodes,
    paths: [{ in: input, out: ["cc", "run.csv"], mode: "all", mask: ["bb"], vectorize: 5, linger: "10ms" }],
  }));
  assertEquals(warnings, []);
  assertEquals(route?.inputs.map(({ name }) => name), ["udp://:1", "udp://:2"]);
  const { signals, ...merge } = route?.merge ?? {};
  assertEquals(merge, {
    parts: [
      { input: 0, take: [0, 1] },
      { input: 1, take: [0, 1] },
      { input: 0, take: "sequence" },
      { input: 0, take: [2] },
      { input: 0, take: "origin" },
      { input: 0, take: [1] },
    ],
    mode: "all",
    mask: [1],
    keepsSequence: false,
  });
  assertEquals(signals?.map(({ name, type }) => [name, type]), [
    ...[["va", "float"], ["vb", "float"], ["signal0", "float"], ["signal1", "float"], ["aa.hdr.sequence", "integer"]],
    ...[["n", "integer"], ["aa.ts.origin.sec", "integer"], ["vb", "float"]],
  ]);
  // What an output says itself comes first, and a file has no messages.
  assertEquals(route?.to.map(({ vectorize, linger }) => [vectorize, linger]), [[2, 0.01], [undefined, undefined]]);
});

Deno.test("readRoutes() numbers merged samples as VILLASnode does, unless sequence or original_sequence_no says otherwise", async () => {
  const kept = async (path: object) => {
    const { routes: [route] } = await read(JSON.stringify({ nodes, paths: [{ out: "cc", ...path }] }));
    return route?.merge?.keepsSequence;
  };
  assertEquals(await kept({ in: ["aa", "bb"] }), false);
  assertEquals(await kept({ in: ["aa", "bb"], sequence: "keep" }), true);
  assertEquals(await kept({ in: ["aa", "bb"], original_sequence_no: true }), true);
  assertEquals(await kept({ in: "aa.data[0]" }), true);
  assertEquals(await kept({ in: "aa" }), undefined); // all of one input needs no merging
});

Deno.test("readRoutes() warns about keys that mean nothing, with the nearest one", async () => {
  const { warnings } = await read(JSON.stringify({
    http: {},
    paths: [{
      in: { address: "udp://:1", fromat: "json" },
      outt: 1,
      out: "udp://h:2",
      hooks: [{ type: "decimate", ratio: 2, every: 3 }],
    }],
  }));
  assertEquals(warnings, [
    'FILE, the file: ignoring "http": expected nodes, paths',
    'FILE, paths[0]: ignoring "outt": did you mean out?',
    'FILE, paths[0].hooks[0]: ignoring "every": expected type, enabled, priority, ratio, renumber',
    'FILE, paths[0].in: ignoring "fromat": did you mean format?',
  ]);
});

const path = (more: string) => `{"paths": [{"in": "udp://:1", "out": "udp://h:2"${more}}]}`;
const mistakes: readonly [string, string][] = [
  ["{", "Cannot read FILE: Expected property name or '}' in JSON at position 1 (line 1 column 2)"],
  [
    '{\n  "paths": [\n    {"in": "udp://:1",}\n  ]\n}',
    "Cannot read FILE: Expected double-quoted property name in JSON at position 37 (line 3 column 23)",
  ],
  ["[]", "Cannot read FILE: Cannot read the file as a group of settings: it is []"],
  ["{}", "Cannot use FILE, paths: expected a list of paths"],
  ['{"paths": []}', "Cannot use FILE: it has no path that is enabled"],
  ['{"paths": [5]}', "Cannot use FILE, paths[0]: expected a group"],
  ['{"paths": [{"out": "udp://h:2"}]}', "Cannot use FILE, paths[0]: it has no in"],
  ['{"paths": [{"in": "udp://:1"}]}', "Cannot use FILE, paths[0]: it has no out"],
  [
    '{"paths": [{"in": ["udp://:1", "udp://:2"], "out": "a.csv"}]}',
    'Cannot use FILE, paths[0].in[0]: give the signals of udp://:1, such as signals = "2f", or what to take of it: they ' +
    "say where the values of the next input begin",
  ],
  [
    '{"nodes": {"a": "udp://:1"}, "paths": []}',
    "Cannot use FILE, nodes.a: expected a name of 2 to 32 small letters, digits, - and _, as VILLASnode does",
  ],
  [
    '{"nodes": {"aa": "udp://:1"}, "paths": [{"in": "ab.data[0]", "out": "a.csv"}]}',
    "Cannot use FILE, paths[0].in: there is no node ab in nodes, but aa",
  ],
  ['{"paths": [{"in": "ab[0]", "out": "a.csv"}]}', "Cannot use FILE, paths[0].in: there is no node ab: nodes has none"],
  [
    '{"nodes": {"aa": "udp://:1,signals=2f"}, "paths": [{"in": "aa.data[2]", "out": "a.csv"}]}',
    "Cannot use FILE, paths[0].in: aa has no such values: it has 2 signals",
  ],
  [
    '{"nodes": {"aa": "udp://:1"}, "paths": [{"in": "aa.data[va]", "out": "a.csv"}]}',
    "Cannot use FILE, paths[0].in: aa has no such values: its signals are not known, so only indices are",
  ],
  [
    '{"nodes": {"aa": "udp://:1"}, "paths": [{"in": "aa.stats.owd.mean", "out": "a.csv"}]}',
    "Cannot use FILE, paths[0].in: a bridge has no statistics of nodes to send",
  ],
  [path(', "mode": "some"'), "Cannot use FILE, paths[0].mode: expected any or all"],
  [path(', "mask": ["bb"]'), "Cannot use FILE, paths[0].mask[0]: expected one of udp://:1"],
  [path(', "vectorize": 0'), "Cannot use FILE, paths[0].vectorize: expected a number above 0"],
  [path(', "linger": "10ms"'), "Cannot use FILE, paths[0].linger: it has no effect without vectorize"],
  [
    '{"paths": [{"in": 5, "out": "a.csv"}]}',
    "Cannot use FILE, paths[0].in: expected an address, the path of a file, or a group",
  ],
  [
    '{"paths": [{"in": {"address": "udp://:x"}, "out": "a.csv"}]}',
    'Cannot use FILE, paths[0].in.address: Cannot parse "udp://:x" as a UDP address: expected "udp://HOST:PORT" or ' +
    '"udp://[IPV6]:PORT", with a port from 0 to 65535',
  ],
  [
    '{"paths": [{"in": {"format": "json"}, "out": "a.csv"}]}',
    "Cannot use FILE, paths[0].in.address: expected an address or the path of a file",
  ],
  [
    '{"paths": [{"in": "udp://:1", "out": ["a.csv", {"address": "udp://h:2", "vectorize": 0}]}]}',
    "Cannot use FILE, paths[0].out[1].vectorize: expected a whole number, 1 or greater",
  ],
  [path(', "reverse": 1'), "Cannot use FILE, paths[0].reverse: expected true or false"],
  [path(', "rate": -1'), "Cannot use FILE, paths[0].rate: expected a number above 0"],
  [path(', "sequence": "new"'), "Cannot use FILE, paths[0].sequence: expected keep or renumber"],
  [
    path(', "hooks": [{"type": "scal"}]'),
    'Cannot use FILE, paths[0].hooks[0].type: "scal" is not a hook of a bridge: did you mean scale?',
  ],
  [
    path(', "hooks": [{"type": "lua"}]'),
    'Cannot use FILE, paths[0].hooks[0].type: "lua" is not a hook of a bridge: there are select, scale, cast, decimate, ' +
    "limit_rate",
  ],
  [path(', "hooks": [{"type": "scale"}]'), "Cannot use FILE, paths[0].hooks[0]: it has no signals"],
  [
    path(', "hooks": [{"type": "scale", "signal": "va", "scale": "2"}]'),
    "Cannot use FILE, paths[0].hooks[0].scale: expected a number",
  ],
  [
    path(', "hooks": [{"type": "cast", "signal": "va", "new_type": "int"}]'),
    "Cannot use FILE, paths[0].hooks[0].new_type: expected float, integer, boolean, complex",
  ],
  [
    path(', "hooks": [{"type": "decimate", "ratio": 1.5}]'),
    "Cannot use FILE, paths[0].hooks[0].ratio: expected a whole number, 1 or greater",
  ],
  [path(', "hooks": [{"type": "limit_rate"}]'), "Cannot use FILE, paths[0].hooks[0].rate: expected a number"],
];
for (const [text, message] of mistakes) {
  Deno.test(`readRoutes() refuses ${text.replace(/\s+/g, " ")}`, async () => {
    assertEquals((await assertRejects(() => read(text), InputError)).message, message);
  });
}

Deno.test("readRoutes() refuses two paths of one name, and a file that is not there", async () => {
  const twice =
    '{"paths": [{"name": "a", "in": "udp://:1", "out": "b.csv"}, {"name": "a", "in": "udp://:2", "out": "c.csv"}]}';
  await assertRejects(() => read(twice), InputError, 'two paths have the name "a"');
  const error = await assertRejects(() => readRoutes("/no/such/routes.json", () => {}), Deno.errors.NotFound);
  assertEquals(error.message, "Cannot read /no/such/routes.json: there is no such file or folder");
});

Deno.test("checkLoops() finds what leads back over several routes, also on other names of this machine", async () => {
  const loop =
    '{"paths": [{"name": "a", "in": "udp://:1", "out": "udp://localhost:2"}, {"name": "b", "in": "udp://0.0.0.0:2", ' +
    '"out": ["x.csv", "udp://127.0.0.1:3"]}, {"name": "c", "in": "udp://127.0.0.1:3", "out": "udp://127.0.0.1:1"}]}';
  const { routes } = await read(loop);
  for (const route of routes) checkRoute(route);
  await assertRejects(
    async () => await checkLoops(routes),
    InputError,
    "Cannot bridge a > b > c > a: what is sent to udp://127.0.0.1:1 would go round for ever",
  );
  checkLoops(routes.slice(0, 2)); // a chain is none
});
