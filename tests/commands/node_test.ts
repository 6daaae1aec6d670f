/**
 * `villas-client node`, and `--config` with the address of an API, against a stand-in for a VILLASnode and, where
 * `VILLAS_NODE` names one, against a real one.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect } from "@villas/client";
import { answer, type ApiCall, recordedAnswers, serveApi } from "../villasnode/_api_server.ts";
import { run, start } from "./_cli.ts";

const answers = await recordedAnswers();
const done = answer("", 200, "text/html");

/** A stand-in with some answers of its own. */
function serve(others: Readonly<Record<string, string>> = {}) {
  const table: Readonly<Record<string, string | undefined>> = { ...answers, ...others };
  return serveApi(({ line }: ApiCall) =>
    Object.hasOwn(table, line) ? table[line] : answer('{"error": "Unknown"}', 400)
  );
}

Deno.test("node shows nodes and paths with states, rates and signals", async () => {
  await using server = serve();
  const { code, stdout } = await run("node", server.url);
  assertEquals(code, 0);
  assertMatch(
    stdout,
    /^NODE +TYPE +STATE +SAMPLES\/S +SIGNALS IN\ngen +signal\.v2 +running +20\.00 +f \(a\)\nsink +file +running +- +1f\n/,
  );
  assertMatch(stdout, /\nfbd25ca5 +running +src -> udp +fibc \(va, n, b, z\)\n/);
  for (const line of stdout.split("\n")) assert(line.length <= 80, line);
});

Deno.test("node --json prints nodes and paths as one object", async () => {
  await using server = serve();
  const { code, stdout } = await run("node", server.url, "list", "--json");
  assertEquals(code, 0);
  const { nodes, paths } = JSON.parse(stdout);
  assertEquals([nodes.length, paths.length, stdout.trim().split("\n").length], [2, 3, 1]);
});

Deno.test("node --watch shows them again until it is interrupted", async () => {
  await using server = serve();
  await using process = start("node", server.url, "--watch", "0.1");
  await process.expectOutput(/NODE[^]*NODE[^]*NODE/);
  process.kill("SIGINT");
  assertEquals((await process.finish()).code, 0);
});

Deno.test("node stop and start do so with a node and with a path, by the beginning of its id", async () => {
  await using server = serve({
    "POST /api/v2/node/sink/stop": done,
    "GET /api/v2/node/sink": answer('{"name": "sink", "type": "file", "state": "stopped"}'),
    "POST /api/v2/path/11111111-2222-3333-4444-555555555555/start": done,
  });
  const stop = await run("node", server.url, "stop", "sink");
  assertEquals([stop.code, stop.stderr], [0, "villas-client: Node sink: stop done, it is stopped\n"]);
  assertEquals((await run("node", server.url, "start", "1111")).code, 0);
  assertEquals(server.calls.filter(({ line }) => line.startsWith("POST")).length, 2);
});

Deno.test("node refuses what a node does not stand, and does it with --force", async () => {
  await using server = serve({
    "POST /api/v2/node/gen/restart": done,
    "GET /api/v2/node/gen": answer('{"name": "gen", "type": "signal.v2", "state": "running"}'),
  });
  const { code, stderr } = await run("node", server.url, "restart", "gen");
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^villas-client: error: Cannot restart gen of type signal\.v2: .* \(--force does it all the same\)\n$/,
  );
  assertEquals(server.calls.filter(({ line }) => line.startsWith("POST")), []);
  assertEquals((await run("node", server.url, "restart", "gen", "--force")).code, 0);
});

Deno.test("node does nothing where one of several names is wrong", async () => {
  await using server = serve({ "POST /api/v2/node/sink/stop": done });
  const { code, stderr } = await run("node", server.url, "stop", "sink", "nope");
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot find "nope": the VILLASnode has the nodes gen, sink and 3 paths');
  assertEquals(server.calls.filter(({ line }) => line.startsWith("POST")), []);
});

Deno.test("node graph writes a file", async () => {
  await using server = serve({ "GET /api/v2/graph.dot?layout=dot": answer("digraph g {}", 200, "text/vnd.graphviz") });
  const path = await Deno.makeTempFile();
  try {
    assertEquals((await run("node", server.url, "graph", "-f", "dot", "--layout", "dot", "-o", path)).code, 0);
    assertEquals(await Deno.readTextFile(path), "digraph g {}");
  } finally {
    await Deno.remove(path);
  }
});

const wrong: readonly [args: string[], reason: RegExp][] = [
  [["frob"], /Unknown action "frob": expected list, status, /],
  [["127.0.0.1:8080"], /did you mean http:\/\/127\.0\.0\.1:8080\?/],
  [["stop"], /NAME is missing: give names of nodes, or ids of paths/],
  [["stop", "gen", "http://lab1:8080"], /Cannot use "http:\/\/lab1:8080" as a name: the address stands before stop/],
  [["list", "gen"], /list takes no names/],
  [["list", "--force"], /Cannot use --force with list/],
  [["restart", "--file", "a.json"], /expected an absolute path/],
  [["ftp://127.0.0.1"], /expected http:\/\/HOST:PORT/],
];

for (const [args, reason] of wrong) {
  Deno.test(`node refuses ${args.join(" ")}`, async () => {
    const { code, stderr } = await run("node", ...args);
    assertEquals(code, 2);
    assertMatch(stderr, reason);
  });
}

Deno.test("node says that nothing listens, with status 1", async () => {
  const { code, stderr } = await run("node", "http://127.0.0.1:1");
  assertEquals([code, stderr], [
    1,
    "villas-client: error: Cannot get status of the VILLASnode at http://127.0.0.1:1: nothing listens there\n",
  ]);
});

/** The configuration of a node `lab` that sends where a socket of the test may be. */
function configFor(local: string, extra: object = {}) {
  const config = {
    nodes: {
      lab: {
        ...{ type: "socket", format: "protobuf", in: { address: "127.0.0.1:1", signals: "f" } },
        out: { address: local.replace("udp://", ""), ...extra },
      },
      gen: { type: "signal.v2", in: { signals: [{ name: "a", signal: "sine" }] } },
    },
    paths: [{ in: "gen", out: "lab" }],
  };
  return answer(JSON.stringify(config));
}

function nodesWith(state: string) {
  return answer(JSON.stringify([{ name: "lab", type: "socket", uuid: "1", state, in: {}, out: {} }]));
}

function pathsWith(paths: readonly object[]) {
  const signals = [{ name: "a", type: "float" }];
  return answer(JSON.stringify(paths.map((path) => ({ uuid: "abcdef01-2", hooks: [], signals, ...path }))));
}

Deno.test("recv --config takes the settings of a running node", async () => {
  await using lab = await connect({ local: "udp://127.0.0.1:0", remote: "udp://127.0.0.1:9", signals: "f" });
  const config = {
    nodes: {
      lab: {
        ...{ type: "socket", format: "protobuf", in: { address: lab.local.replace("udp://", "") } },
        out: { address: "127.0.0.1:0" },
      },
    },
  };
  await using server = serve({ "GET /api/v2/config": answer(JSON.stringify(config)) });
  await using process = start("recv", "--config", server.url, "-l", "1");
  await process.expectError(new RegExp(`Receiving on udp://127\\.0\\.0\\.1:\\d+ from ${lab.local}`));
  process.kill("SIGINT");
  assertEquals((await process.finish()).code, 0);
});

const causes: readonly [code: string, nodes: string, paths: readonly object[]][] = [
  ["node-not-running", "stopped", [{ in: ["gen"], out: ["lab"], state: "running" }]],
  ["path-missing", "running", [{ in: ["lab"], out: [], state: "running" }]],
  ["path-stopped", "running", [{ in: ["gen"], out: ["lab"], state: "stopped" }]],
];

for (const [code, state, paths] of causes) {
  Deno.test(`doctor --config http://... names ${code} as the cause of silence`, async () => {
    await using server = serve({
      "GET /api/v2/config": configFor("127.0.0.1:0"),
      "GET /api/v2/nodes": nodesWith(state),
      "GET /api/v2/paths": pathsWith(paths),
    });
    const result = await run("doctor", "--config", server.url, "--node", "lab", "--duration", "0.1", "--json");
    assertEquals(result.code, 1, result.stderr);
    const { findings } = JSON.parse(result.stdout);
    assertEquals(findings.map((finding: { code: string }) => finding.code), [code]);
  });
}

Deno.test("doctor --config http://... names the hook that leaves out samples", async () => {
  await using server = serve({
    "GET /api/v2/config": configFor("127.0.0.1:0", { hooks: [{ type: "decimate", ratio: 10 }] }),
    "GET /api/v2/nodes": answer(
      JSON.stringify([{
        name: "lab",
        type: "socket",
        uuid: "1",
        state: "running",
        in: {},
        out: { hooks: [{ type: "decimate" }] },
      }]),
    ),
    "GET /api/v2/paths": pathsWith([{ in: ["gen"], out: ["lab"], state: "running" }]),
  });
  const result = await run("doctor", "--config", server.url, "--node", "lab", "--duration", "0.1", "--json");
  const { findings } = JSON.parse(result.stdout);
  assertEquals(findings.map((finding: { code: string }) => finding.code), ["hook-drops", "nothing-arrives"]);
});

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: node against a real VILLASnode, because VILLAS_NODE does not name one");

Deno.test({
  name: "node and --config control and read a real VILLASnode",
  ignore: node === undefined,
  async fn() {
    const folder = await Deno.makeTempDir();
    const reserved = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = reserved.addr as Deno.NetAddr;
    reserved.close();
    await using client = await connect({ local: "udp://127.0.0.1:0", anySource: true });
    // A port that is free.
    await using other = await connect({ local: "udp://127.0.0.1:0" });
    other.close();
    await Deno.writeTextFile(
      `${folder}/node.json`,
      JSON.stringify({
        hugepages: 0,
        http: { port },
        nodes: {
          gen: { type: "signal.v2", rate: 100, in: { signals: [{ name: "a", signal: "sine" }] } },
          lab: {
            ...{ type: "socket", format: "protobuf", in: { address: other.local.replace("udp://", ""), signals: "f" } },
            out: { address: client.local.replace("udp://", "") },
          },
        },
        paths: [{ in: "gen", out: "lab" }],
      }),
    );
    const daemon = new Deno.Command(node ?? "", {
      args: [`${folder}/node.json`],
      cwd: folder,
      stdout: "null",
      stderr: "null",
    }).spawn();
    const url = `http://127.0.0.1:${port}`;
    try {
      await client.receive({ timeout: 10 }); // it runs
      const shown = await run("node", url);
      assertMatch(shown.stdout, /\nlab +socket +running /);
      const [, path = ""] = /\n([0-9a-f]{8}) +running +gen -> lab/.exec(shown.stdout) ?? [];
      assertEquals((await run("node", url, "stop", path)).code, 0);
      const found = await run(
        ...["doctor", "--config", url, "--node", "lab", "--local", "udp://127.0.0.1:0", "--duration", "0.2", "--json"],
      );
      assertEquals(JSON.parse(found.stdout).findings[0].code, "path-stopped");
      for (const action of ["stop", "start"]) assertEquals((await run("node", url, action, "lab")).code, 0, action);
      assertMatch((await run("node", url, "start", "lab")).stderr, /it runs already/);
      assertEquals((await run("node", url, "start", path)).code, 0);
      assertEquals((await run("node", url, "restart")).code, 0);
      assertEquals((await run("node", url, "shutdown")).code, 0);
      await daemon.status;
    } finally {
      try {
        daemon.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await daemon.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
});
