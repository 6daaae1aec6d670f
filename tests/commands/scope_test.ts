import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect, parseSignals } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { openUdp } from "@villas/client/transports";
import { run, runArguments, type Running, start } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

/** Waits for the address of the page, and reads all samples from there. */
async function readShown(scope: Running, format = "json"): Promise<string> {
  const [url = ""] = await scope.expectOutput(/http:\S+/);
  return await (await fetch(new URL(`/samples?format=${format}`, url))).text();
}

const folder = await Deno.makeTempDir({ prefix: "villas-scope-" });
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

async function writeRecording(name: string, text: string): Promise<string> {
  const path = `${folder}/${name}`;
  await Deno.writeTextFile(path, text);
  return path;
}

Deno.test("scope shows what arrives, and sums up at the end", async () => {
  await using scope = start(
    "scope",
    "--local",
    "udp://127.0.0.1:0",
    "--listen",
    "127.0.0.1:0",
    "-t",
    '[{"name": "va"}]',
  );
  const [, address = ""] = await scope.expectError(/Receiving on (\S+) from every address/);
  await using node = await connect({ local: "udp://127.0.0.1:0", remote: address, signals: parseSignals("f") });
  const [url = ""] = await scope.expectOutput(/http:\/\/127\.0\.0\.1:\d+\//);
  for (let number = 0; number < 3; number++) {
    await node.send({
      sequence: BigInt(number),
      tsOrigin: { sec: 1_700_000_000, nsec: number },
      values: [number + 0.5],
    });
  }
  let shown = "";
  while (shown.split("\n").length < 4) {
    shown = await (await fetch(new URL("/samples", url))).text();
  }
  assertMatch(shown, /^# secs,nsecs,offset,sequence,va\n1700000000,000000000,\d+\.\d+,0,0\.50*\n/);
  scope.kill("SIGINT");
  const { code, stdout, stderr } = await scope.finish();
  assertEquals([code, stdout], [0, `${url}\n`]);
  assertStringIncludes(stderr, "Received 3 datagrams, 3 samples");
});

Deno.test("scope goes on after a datagram that cannot be decoded, and says so", async () => {
  await using scope = start("scope", "--local", "udp://127.0.0.1:0");
  const [, remote = ""] = await scope.expectError(/Receiving on (\S+) from/);
  using peer = await openUdp({ local: "udp://127.0.0.1:0", remote });
  await peer.send([new Uint8Array([1, 2, 3])]);
  await scope.expectError(/Cannot decode/);
  await peer.send([protobuf().encode([{ values: [4.5] }])]);
  while (!(await readShown(scope)).includes("4.5"));
  scope.kill("SIGTERM");
  const { code, stderr } = await scope.finish();
  assertEquals(code, 0);
  assertStringIncludes(stderr, "refused 1");
});

Deno.test("scope shows files, of any format", async () => {
  const first = await writeRecording("run1.json", '{"ts": {"origin": [1, 0]}, "data": [1.5]}\n');
  const second = await writeRecording("run2.csv", "secs,nsecs,offset,sequence,a\n5,0,0,0,2.5\n5,1,0,1,3.5\n");
  await using scope = start("scope", first, second);
  assertStringIncludes(await readShown(scope), '"data": [1.5]');
  await scope.expectError(/Read 2 samples from \S+run2\.csv/);
  scope.kill("SIGINT");
  assertEquals((await scope.finish()).code, 0);
});

Deno.test("scope shows files whatever the environment says of links", async () => {
  const path = await writeRecording("plain.json", '{"ts": {"origin": [1, 0]}, "data": [1.5]}\n{"data": [2.5]}\n');
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: runArguments("scope", path, "--duration", "0.1"),
    env: { VILLAS_LOCAL: "udp://127.0.0.1:0", VILLAS_REMOTE: "udp://127.0.0.1:9", NO_COLOR: "1" },
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr).includes("error")], [0, false]);
});

Deno.test("scope says where a file does not fit into the memory", async () => {
  const rows = Array.from({ length: 40_000 }, (_, index) => `${1000 + index},0,0,${index},1.5`);
  const path = await writeRecording("long.csv", `secs,nsecs,offset,sequence,a\n${rows.join("\n")}\n`);
  await using scope = start("scope", path, "--memory", "1", "--duration", "0.1");
  const { code, stderr } = await scope.finish();
  assertEquals(code, 0);
  assertMatch(stderr, /Showing the last \d+ samples of \S+: --memory 1 holds no more/);
});

Deno.test("scope --output draws files as SVG, without a server", async () => {
  const rows = Array.from(
    { length: 100 },
    (_, index) => `${1000 + index},0,0,${index},${Math.sin(index)},${index % 2}`,
  );
  const path = await writeRecording("run.csv", `secs,nsecs,offset,sequence,va,n\n${rows.join("\n")}\n`);
  const drawn = await run(
    "scope",
    path,
    "-o",
    "-",
    "-t",
    '[{"name": "va", "unit": "V"}, {"name": "n", "type": "integer"}]',
  );
  assertEquals(drawn.code, 0);
  assertMatch(drawn.stdout, /^<svg xmlns[\s\S]*va \[V\][\s\S]*<\/svg>\n$/);
  const chosen = await run("scope", path, "-o", "-", "--panes", "signal1", "--from", "10", "--to", "20");
  assertEquals(chosen.code, 0, chosen.stderr);
  assert(!chosen.stdout.includes("signal0"));
  const wrong = await run("scope", path, "-o", "-", "--panes", "vx");
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, 'Cannot draw "vx": there are ');
});

Deno.test("scope --controls refuses what the node would not survive, before anything is sent", async () => {
  const { code, stderr } = await run("scope", "--local", "udp://127.0.0.1:0", "--controls", "n:int");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "value 0 is of type integer");
  assertStringIncludes(stderr, "--signals i");
});

Deno.test("scope --listen on another address than the loopback has a token", async () => {
  await using scope = start("scope", "--local", "udp://127.0.0.1:0", "--listen", "0.0.0.0:0");
  const [, port, token] = await scope.expectOutput(/http:\/\/0\.0\.0\.0:(\d+)\/\?token=([0-9a-f]{32})/);
  const status = async (query: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/${query}`);
    await response.body?.cancel();
    return response.status;
  };
  assertEquals([await status(""), await status(`?token=${token}`)], [401, 200]);
});

Deno.test("scope says in its own words that there is no file of a view, and where files end", async () => {
  const path = await writeRecording(
    "third.json",
    '{"ts": {"origin": [1, 0]}, "data": [1]}\n{"ts": {"origin": [1, 333333333]}, "data": [2]}\n',
  );
  const missing = await run("scope", path, "--view", "missing.json");
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.stderr, "Cannot read missing.json: there is no such file or folder");
  const outside = await run("scope", path, "--output", "-", "--from", "9");
  assertEquals(outside.code, 2);
  assertStringIncludes(outside.stderr, "Cannot draw from 9 s to 0.333333 s: there is nothing between");
});

const view = await writeRecording("view.json", "[1]");

testWrongUsages([
  [["scope", "udp", "run1.csv"], "Cannot show udp with files: one link, or files"],
  [["scope", "--rate", "10"], "...--controls..."],
  [["scope", "--from", "1"], "...--output..."],
  [["scope", "-o", "x.svg"], "Cannot use --output without a file"],
  [["scope", "run1.csv", "-o", "run1.png"], "Cannot draw run1.png: pictures are SVG, which rsvg-convert..."],
  [["scope", "--controls", "a:nonsense"], '..."nonsense" is not a type...'],
  [["scope", "--listen", "here"], "...expected HOST:PORT..."],
  [["scope", "run1.csv", "--local", "udp://127.0.0.1:0"], "Cannot use --local with files: it is about a link"],
  [["scope", "run1.csv", "--controls", "a"], "Cannot use --controls with files: it is about a link"],
  [["scope", "--view", view], `Cannot read ${view} as a view: expected a JSON object`],
]);
