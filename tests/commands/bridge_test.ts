/**
 * `villas-client bridge`, as a process of its own with real sockets and files.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect, type Sample } from "@villas/client";
import { openUdp } from "@villas/client/transports";
import { anyAddress, listen, range, receivingAddress, take, writeRoutes } from "./_bridge.ts";
import { run, start, startFed, startPipeline } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";
import { withFolder } from "../_folders.ts";

Deno.test("bridge turns protobuf over UDP into json over UDP and a csv file, and counts both", async () => {
  await withFolder(async (folder) => {
    await using far = await listen({ format: "json" });
    await using bridge = start(
      ...["bridge", anyAddress, `${far.local},format=json`, `${folder}/run.csv`, "--count", "5", "--stats"],
    );
    await using near = await connect({ local: anyAddress, remote: await receivingAddress(bridge) });
    for (const sample of range(0, 5)) await near.send(sample);
    assertEquals(await take(far, 5), range(0, 5));
    const { code, stdout, stderr } = await bridge.finish();
    assertEquals(code, 0, stderr);
    const { routes: [route] } = JSON.parse(stdout);
    assertEquals([route.received.samples, route.format, route.skipped], [5, "protobuf", 0]);
    assertEquals(
      route.outputs.map((
        { to, format, messages, samples }: Record<string, unknown>,
      ) => [to, format, messages, samples]),
      [[far.local, "json", 5, 5], [`${folder}/run.csv`, "csv", 5, 5]],
    );
    const rows = (await Deno.readTextFile(`${folder}/run.csv`)).trimEnd().split("\n");
    assertEquals(rows.length, 6);
    assertMatch(rows[1] ?? "", /^1,000000000,[0-9.e+]+,0,0\.0/); // with the time on its way, as recordings have it
    assertMatch(stderr, /Received 5 samples from udp:\S+ \(.*samples\/s\)\n/);
    assertStringIncludes(stderr, `Sent 5 samples in 5 messages to ${far.local}\n`);
  });
});

Deno.test("bridge selects, scales, casts and renames values, and packs several samples into a message", async () => {
  await using far = await listen({
    format: "json.kafka",
    signals: '[{"name": "count", "type": "integer"}, {"name": "kV"}]',
  });
  await using bridge = start(
    ...["bridge", `${anyAddress},signals=[{"name":"u","type":"float"},{"name":"n","type":"float"}]`],
    ...[`${far.local},format=json.kafka,signals=[{"name":"count","type":"integer"},{"name":"kV"}]`],
    ...["--select", "n,u", "--scale", "1=0.001:1", "--cast", "n=integer", "--rename", "u=kV,n=count", "--count", "4"],
    ...["--every", "2"],
  );
  await using near = await connect({ local: anyAddress, remote: await receivingAddress(bridge) });
  for (let n = 0; n < 4; n++) await near.send({ sequence: BigInt(n), values: [1000 * n, n + 0.75] });
  assertEquals((await take(far, 2)).map(({ values }) => values), [[0n, 1], [2n, 3]]);
  assertEquals((await bridge.finish()).code, 0);
});

Deno.test("bridge --vectorize fills messages, --linger sends those that wait, and --sequence renumber numbers from 0", async () => {
  await using far = await listen();
  await using bridge = start(
    ...["bridge", anyAddress, far.local, "--vectorize", "3", "--linger", "20ms", "--sequence", "renumber"],
  );
  await using near = await connect({ local: anyAddress, remote: await receivingAddress(bridge) });
  for (const sample of range(70, 74)) await near.send(sample);
  const samples = await take(far, 4);
  assertEquals(samples.map(({ sequence }) => sequence), [0n, 1n, 2n, 3n]);
  assertEquals(far.counters.received.datagrams, 2);
  bridge.kill("SIGINT");
  assertEquals((await bridge.finish()).code, 0);
});

Deno.test("bridge --both passes samples on in both directions", async () => {
  const [near, far] = [await openUdp({ local: anyAddress }), await openUdp({ local: anyAddress })];
  const places = [await openUdp({ local: anyAddress }), await openUdp({ local: anyAddress })];
  const [toNear = "", toFar = ""] = places.map(({ local }) => local);
  for (const place of places) place.close();
  await near.setRemote(toNear);
  await far.setRemote(toFar);
  await using left = await connect({ transport: near });
  await using right = await connect({ transport: far, format: "villas.binary", signals: "2f" });
  await using bridge = start(
    ...["bridge", "--both", `${toNear},remote=${near.local}`],
    ...[`${far.local},local=${toFar},format=villas.binary,signals=2f`],
  );
  await bridge.expectError(/sending to \S+ as protobuf/);
  await left.send(range(0, 1));
  assertEquals((await take(right, 1)).map(({ values }) => values), [[0, 0.5]]);
  await right.send(range(5, 6));
  assertEquals((await take(left, 1)).map(({ values }) => values), [[5, 0.5]]);
  bridge.kill("SIGINT");
  const { code, stderr } = await bridge.finish();
  assertEquals(code, 0, stderr);
  assertEquals(stderr.match(/Received 1 sample from/g)?.length, 2, stderr);
});

Deno.test("bridge replays a file to standard output, and reads standard input", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/in.json`, '{"sequence": 0, "data": [1.5]}\n{"sequence": 1, "data": [2.5]}\n');
    const { code, stdout, stderr } = await run("bridge", `${folder}/in.json`, "-,format=csv", "--quiet");
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.trimEnd().split("\n").slice(1), [
      "nan,nan,nan,0,1.50000000000000000",
      "nan,nan,nan,1,2.50000000000000000",
    ]);
    await using fed = startFed("bridge", "-,format=json", `${folder}/out.json`, "--quiet");
    await fed.write('{"sequence": 3, "data": [1.5]}\n');
    await fed.endInput();
    assertEquals((await fed.finish()).code, 0);
    assertEquals(await Deno.readTextFile(`${folder}/out.json`), '{"sequence": 3, "data": [1.5]}\n');
  });
});

Deno.test("bridge with append=true continues a recording, without a second header", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/in.json`, '{"ts": {"origin": [1, 2]}, "sequence": 0, "data": [1.5]}\n');
    for (let time = 0; time < 2; time++) {
      await using bridge = start("bridge", `${folder}/in.json`, `${folder}/out.csv,append=true`, "--quiet");
      assertEquals(await bridge.finish(), { code: 0, stdout: "", stderr: "" });
    }
    const rows = (await Deno.readTextFile(`${folder}/out.csv`)).trimEnd().split("\n");
    assertEquals(rows.map((row) => row.slice(0, 3)), ["# s", "1,0", "1,0"]);
  });
});

Deno.test("bridge ends cleanly where the reader of standard output is gone", async () => {
  await using bridge = startPipeline("| head -n 1", "bridge", anyAddress, "-");
  await using near = await connect({ local: anyAddress, remote: await receivingAddress(bridge) });
  let isOver = false;
  const finished = bridge.finish().finally(() => isOver = true);
  for (let n = 0; !isOver; n++) {
    await near.send(range(n, n + 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { code, stdout, stderr } = await finished;
  assertEquals([code, stdout.split("\n").length], [0, 2], stderr);
});

Deno.test("bridge reads its routes again on SIGHUP: one that stays loses nothing, others end and begin", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/routes.json`;
    await using far = await listen();
    await using other = await listen();
    const stays = { name: "stays", in: anyAddress, out: far.local };
    await writeRoutes(file, stays, { name: "leaves", in: anyAddress, out: far.local });
    await using bridge = start("bridge", file);
    const [, address = ""] = await bridge.expectError(/Receiving on (\S+),[^]*Receiving on/);
    await using near = await connect({ local: anyAddress, remote: address });
    let sent = 0;
    let isSending = true;
    const sending = (async () => {
      for (; isSending; sent++) {
        await near.send(range(sent, sent + 1));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const received: Sample[] = [];
    const receiving = (async () => {
      for await (const sample of far) received.push(sample);
    })();
    await writeRoutes(file, stays, {
      name: "comes",
      in: anyAddress,
      out: other.local,
      hooks: [{ type: "decimate", ratio: 2 }],
    });
    bridge.kill("SIGHUP");
    const [, later = ""] = await bridge.expectError(
      /Receiving on \S+, sending to \S+ as protobuf\n(?:.*\n)*.*Receiving on (\S+), sending to \S+ as protobuf\nvillas-client: Ended 1/,
    );
    await using newcomer = await connect({ local: anyAddress, remote: later });
    for (const sample of range(0, 4)) await newcomer.send(sample);
    assertEquals((await take(other, 2)).map(({ sequence }) => sequence), [0n, 2n]);
    // What cannot be read changes nothing.
    await Deno.writeTextFile(file, '{"paths": [,]}');
    bridge.kill("SIGHUP");
    await bridge.expectError(/error: The routes stay as they are: Cannot read .*routes\.json: .*\n/);
    isSending = false;
    await sending;
    while (received.length < sent) await new Promise((resolve) => setTimeout(resolve, 1));
    bridge.kill("SIGTERM");
    const { code, stderr } = await bridge.finish();
    assertEquals(code, 0, stderr);
    far.close();
    await receiving;
    assertEquals(received.map(({ sequence }) => Number(sequence)), Array.from({ length: sent }, (_, index) => index));
    assert(sent > 3, `${sent} samples were sent meanwhile`);
  });
});

Deno.test("bridge merges two inputs into one, and counts both and what went into samples of the other", async () => {
  await withFolder(async (folder) => {
    await using far = await listen({ format: "json" });
    const file = `${folder}/routes.json`;
    const nodes = {
      left: { address: anyAddress, signals: [{ name: "va" }, { name: "vb" }] },
      right: `${anyAddress},format=json,signals=1i`,
    };
    const path = { name: "both", in: ["left.data[vb]", "right"], out: `${far.local},format=json,signals=any` };
    await Deno.writeTextFile(file, JSON.stringify({ nodes, paths: [path] }));
    await using bridge = start("bridge", file, "--stats");
    const [, left = "", right = ""] = await bridge.expectError(/Receiving on (\S+) and (\S+), sending to/);
    await using one = await connect({ local: anyAddress, remote: left });
    await using other = await connect({ local: anyAddress, remote: right, format: "json", signals: "1i" });
    await one.send({ sequence: 70n, values: [1, 2] });
    await other.send({ sequence: 5n, values: [3n] });
    const [first] = await take(far, 1);
    assertEquals([first?.sequence, first?.values], [0n, [2, 3n]]);
    await other.send({ sequence: 6n, values: [4n] });
    const [second] = await take(far, 1);
    assertEquals([second?.sequence, second?.values], [1n, [2, 4n]]);
    bridge.kill("SIGINT");
    const { code, stdout, stderr } = await bridge.finish();
    assertEquals(code, 0, stderr);
    const { routes: [route] } = JSON.parse(stdout);
    assertEquals([route.received.samples, route.merged, route.format], [3, 1, "protobuf and json"]);
    assertEquals(
      route.inputs.map((
        { from, received }: { from: string; received: { samples: number } },
      ) => [from, received.samples]),
      [[left, 1], [right, 2]],
    );
    assertMatch(stderr, /Received 1 sample from \S+ \(.*\)\n.*Received 2 samples from \S+ \(.*\), merged 1\n/);
  });
});

Deno.test("bridge serves browsers and others with a WebSocket of its own", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `ws://127.0.0.1:${listener.addr.port}/lab.json`;
  listener.close();
  await using bridge = start("bridge", anyAddress, `local=${address}`, "--count", "1");
  await using near = await connect({ local: anyAddress, remote: await receivingAddress(bridge) });
  await using viewer = await connect({ remote: address, check: false });
  await bridge.expectError(/Client 127\.0\.0\.1:\d+ connected to ws:/);
  await near.send(range(0, 1));
  assertEquals(await take(viewer, 1), range(0, 1));
  assertEquals((await bridge.finish()).code, 0);
});

testWrongUsages([
  [["bridge"], "FROM is missing: give FROM and TO, or a file of routes"],
  [["bridge", "udp://:1"], "Cannot bridge udp://:1 alone: give a TO behind it, or a file of routes"],
  [
    ["bridge", "udp://:1,fromat=json", "a.csv"],
    'Cannot use "udp://:1,fromat=json": unknown setting fromat: did you mean format?',
  ],
  [["bridge", "udp://:1,format=jsn", "a.csv"], 'Cannot use "udp://:1,format=jsn": format: there is no format jsn...'],
  [
    ["bridge", "udp://:1,signals=2x", "a.csv"],
    'Cannot use "udp://:1,signals=2x": signals: Cannot parse "2x" as a signal list...',
  ],
  [["bridge", "upd://h:1", "a.csv"], 'Cannot use "upd://h:1": address: Cannot find the transport of "upd://h:1"...'],
  [["bridge", "udp://:1", "a.cvs"], "Cannot tell the format of a.cvs from its name: give it as a.cvs,format=NAME"],
  [["bridge", "udp://:1", "udp://127.0.0.1:1"], "...what is sent to udp://127.0.0.1:1 would go round for ever"],
  [["bridge", "udp://:1", "udp://h:2", "--both"], "Cannot bridge udp://:1: udp://:1 needs remote=, to send back to"],
  [
    ["bridge", "udp://:1", "unix:/a,local=udp://:3"],
    "Cannot bridge udp://:1: udp://0.0.0.0:3 and unix:/a belong to different transports",
  ],
  [["bridge", "udp://:1", "udp://h:2,append=true"], "...is not a file, so nothing can be appended to it"],
  [
    ["bridge", "udp://:1", "udp://h:2", "--select", "va"],
    'Cannot select "va": expected an index or a range such as 0-3...',
  ],
  [
    ["bridge", "udp://:1", "udp://h:2", "--rename", "0=va"],
    "...Cannot rename value 0: the signals of the input are not known",
  ],
  [
    ["bridge", "udp://:1", "udp://h:2", "--cast", "0=int"],
    'Cannot set --cast to "0=int": expected signals and types...',
  ],
  [
    ["bridge", "udp://:1", "udp://h:2", "--scale", "0=x"],
    'Cannot set --scale to "0=x": expected signals and factors...',
  ],
  [["bridge", "udp://:1", "udp://h:2", "--linger", "10ms"], "Cannot use --linger without --vectorize"],
  [["bridge", "-", "a.csv", "-", "-"], "Cannot bridge -: - is given twice"],
  [["bridge", "udp://:1", "a.csv", "./a.csv"], "...also an output"],
  [
    ["bridge", "routes.json", "--both"],
    "Cannot use --both with a file of routes: it has its own words for this; or a TO is missing",
  ],
]);

Deno.test("bridge receives from a PMU in its own format, without a word", async () => {
  const signals = ["constant:name=va,offset=229", "sine:name=frequency,offset=50", "--signals", "cf"];
  await using pmu = start(
    "signal",
    ...signals,
    "--rate",
    "50",
    "--local",
    "c37.118://127.0.0.1:0/7",
    "--print",
    "none",
  );
  const [, address = ""] = await pmu.expectError(/Serving (c37\.118:\S+)/);
  const { code, stdout, stderr } = await run("bridge", address, "-,format=json", "--count", "2");
  assertEquals(code, 0, stderr);
  const [first] = stdout.split("\n");
  assertEquals(JSON.parse(first ?? "").data[0], { real: 230, imag: 0 });
});
