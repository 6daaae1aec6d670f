/**
 * Synchrophasors on the command line: a PMU made of `signal` or `send`, and a PDC made of `recv`.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findFreeUdpPort } from "../_ports.ts";
import { timeLimit } from "../_time_limits.ts";
import { run, start } from "./_cli.ts";

const types =
  '[{"name":"va","type":"complex"},{"name":"ia","type":"complex"},{"name":"frequency"},{"name":"t","unit":"C"}]';
const shapes = ["constant:offset=230", "constant:offset=3", "constant:offset=50", "ramp"];

/** Starts a PMU, and returns its address when it serves. */
async function startPmu(...args: string[]) {
  const pmu = start("signal", ...shapes, "-t", types, "--local", "c37.118://127.0.0.1:0/7", ...args);
  const [, address = ""] = await pmu.expectError(/Serving (\S+)/);
  return { pmu, address };
}

Deno.test("signal is a PMU and recv its PDC: names, units, values, and times at reporting instants", {
  timeout: timeLimit,
}, async () => {
  const { pmu, address } = await startPmu("-r", "100", "-l", "200");
  await using _running = pmu;
  const { code, stdout, stderr } = await run("recv", "--remote", address, "-l", "20", "-p", "csv", "--digits", "3");
  assertEquals(code, 0, stderr);
  const [header, ...lines] = stdout.trim().split("\n");
  const names = "pmu0_va[V],pmu0_ia[A],pmu0_frequency[Hz],pmu0_rocof[Hz/s],pmu0_t";
  assertEquals(header, `# secs,nsecs,offset,sequence,${names}`);
  assertEquals(lines.length, 20);
  const cells = lines.map((line) => line.split(","));
  for (const [index, [, nsec]] of cells.entries()) {
    assertEquals(Number(nsec) % 10_000_000, 0);
    const before = cells[index - 1]?.[1];
    if (before !== undefined) assertEquals((Number(nsec) - Number(before) + 1e9) % 1e9, 10_000_000);
  }
  assertEquals(cells[0]?.slice(4, 8), ["231.000+0.000i", "4.000+0.000i", "51.000", "0.000"]);
  assertStringIncludes(stderr, "Stream 7, 100 frames/s: villas-client id 1, 2 phasors, 1 analog");
  assertStringIncludes(stderr, "Missing 0, duplicate 0");
  const end = await pmu.finish();
  assertEquals(end.code, 0);
  assertStringIncludes(end.stderr, "1 client connected");
});

Deno.test("recv selects values of a PMU by the names that it gives, and adds STAT and station names by option", {
  timeout: timeLimit,
}, async () => {
  const { pmu, address } = await startPmu("-r", "50");
  await using _running = pmu;
  const selection = ["--select", "villas-client_frequency,villas-client_stat", "--stat-signals", "--station-names"];
  const { code, stdout, stderr } = await run(
    "recv",
    "--remote",
    address,
    "-l",
    "1",
    "-p",
    "csv",
    "--digits",
    "1",
    ...selection,
  );
  assertEquals(code, 0, stderr);
  const [header, line] = stdout.trim().split("\n");
  assertEquals(header, "# secs,nsecs,offset,sequence,villas-client_frequency[Hz],villas-client_stat");
  assertEquals(line?.split(",").slice(4), ["51.0", "0"]);
  const wrong = await run("recv", "--remote", address, "-l", "1", "--select", "nothing");
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, 'Cannot select "nothing": expected an index');
});

Deno.test("recv records frames in a file, which convert reads, and send serves again with the same times", {
  timeout: timeLimit,
}, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { pmu, address } = await startPmu("-r", "50");
    const file = `${folder}/run.json`;
    const recorded = await run("recv", "--remote", address, "-l", "10", "-o", file);
    assertEquals(recorded.code, 0, recorded.stderr);
    await pmu[Symbol.asyncDispose]();
    // Names of a PMU are in the list, so that the frames have them.
    const list =
      '[{"name":"va","type":"complex"},{"name":"ia","type":"complex"},{"name":"frequency"},{"name":"rocof"},{"name":"t"}]';
    const captured = `${folder}/run.c37.118`;
    const converted = await run("convert", file, "--output", captured, "-t", list);
    assertEquals(converted.code, 0, converted.stderr);
    const bytes = await Deno.readFile(captured);
    assertEquals(bytes.subarray(0, 2), Uint8Array.from([0xaa, 0x31]));
    const compared = await run("compare", file, captured, "-s");
    assertEquals(compared.code, 0, compared.stdout + compared.stderr);
    await using again = start("send", captured, "--local", "c37.118://127.0.0.1:0/9", "-t", list, "--timing", "fast");
    const [, served = ""] = await again.expectError(/Sending .* to (\S+) as c37.118/);
    const received = await run("recv", "--remote", served, "-l", "10", "-p", "json");
    assertEquals(received.code, 0, received.stderr);
    const timesOf = (text: string) => text.trim().split("\n").map((line) => JSON.parse(line).ts.origin);
    assertEquals(timesOf(received.stdout), timesOf(await Deno.readTextFile(file)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test(
  "recv and signal take both roles from a c37.118 node of a configuration",
  { timeout: timeLimit },
  async () => {
    const folder = await Deno.makeTempDir();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    try {
      const file = `${folder}/villas.conf`;
      await Deno.writeTextFile(
        file,
        `nodes = { pmu = { type = "c37.118", out = { address = "127.0.0.1:${port}", idcode = 300, data_rate = 50, pmus = (
        { name = "Station", frequency = "f", rocof = "r", phasor = ( { signal = "va", name = "VA", unit = "volt" } ) } ) } } }`,
      );
      const config = ["--config", file];
      await using pmu = start(
        "signal",
        "constant:offset=229",
        "constant:offset=49",
        "constant:offset=-1",
        ...config,
        "-r",
        "50",
      );
      await pmu.expectError(/Serving c37\.118:\/\/127\.0\.0\.1:\d+\/300/);
      const { code, stdout, stderr } = await run("recv", ...config, "-l", "1", "-p", "csv", "--digits", "0");
      assertEquals(code, 0, stderr);
      const [header, line] = stdout.trim().split("\n");
      assertEquals(header, "# secs,nsecs,offset,sequence,pmu0_VA[V],pmu0_frequency[Hz],pmu0_rocof[Hz/s]");
      assertEquals(line?.split(",").slice(4), ["230+0i", "50", "0"]);
      assertStringIncludes(stderr, "Stream 300, 50 frames/s: Station id 1, 1 phasor");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

/** Ways over UDP: options of the PMU, and those of the PDC by the address that the PMU says. */
const udpWays: readonly [string, pmu: (port: number) => string[], pdc: (port: number, served: string) => string[]][] = [
  [
    "commands and data in datagrams",
    () => ["--local", "c37.118+udp://127.0.0.1:0/7"],
    (_, served) => ["--remote", served],
  ],
  [
    "commands over TCP and data over UDP",
    (port) => ["--local", "c37.118://127.0.0.1:0/7", "--remote", `c37.118+udp://127.0.0.1:${port}`],
    (port, served) => ["--remote", served, "--local", `c37.118+udp://127.0.0.1:${port}`],
  ],
];

for (const [name, pmuOptions, pdcOptions] of udpWays) {
  Deno.test(`signal is a PMU and recv its PDC: ${name}`, { timeout: timeLimit }, async () => {
    const port = findFreeUdpPort();
    await using pmu = start("signal", ...shapes, "-t", types, "-r", "50", ...pmuOptions(port));
    const [, served = ""] = await pmu.expectError(/(?:Serving|from) (c37\.118\S+)/);
    const { code, stdout, stderr } = await run("recv", ...pdcOptions(port, served), "-l", "5", "-p", "csv");
    assertEquals(code, 0, stderr);
    assertEquals(stdout.trim().split("\n").length, 6);
    assertStringIncludes(stderr, "Stream 7, 50 frames/s: villas-client id 1, 2 phasors, 1 analog");
    await pmu.expectError(/Client \S+ left: it (?:has stopped the data|closed the connection)/);
    pmu.kill("SIGINT");
    assertEquals((await pmu.finish()).code, 0);
  });
}

Deno.test("signal is a PMU that sends by itself, and recv hears it", { timeout: timeLimit }, async () => {
  const port = findFreeUdpPort();
  await using pdc = start("recv", "--local", `c37.118+udp://127.0.0.1:${port}`, "-l", "5", "-p", "csv");
  await pdc.expectError(/Receiving on/);
  const remote = ["--remote", `c37.118+udp://127.0.0.1:${port}/7`];
  await using pmu = start("signal", ...shapes, "-t", types, "-r", "50", ...remote);
  const { code, stdout, stderr } = await pdc.finish();
  assertEquals([code, stdout.trim().split("\n").length], [0, 6], stderr);
  assertStringIncludes(stderr, "Stream 7, 50 frames/s: villas-client id 1, 2 phasors, 1 analog");
  pmu.kill("SIGINT");
  const end = await pmu.finish();
  assertEquals(end.code, 0);
  assertStringIncludes(end.stderr, `Sending to udp://127.0.0.1:${port} from`);
});

Deno.test("recv compares what arrives with a reference: TVE, FE and RFE", { timeout: timeLimit }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const lines = (magnitude: number, frequency: string, rocof: string, count: number) =>
      Array.from({ length: count }, (_, index) =>
        JSON.stringify({
          ts: { origin: [1_700_000_000, 20_000_000 * index] },
          data: [{ real: magnitude, imag: 0 }, "FREQUENCY", "ROCOF"],
        }).replace('"FREQUENCY"', frequency).replace('"ROCOF"', rocof)).join("\n");
    await Deno.writeTextFile(`${folder}/sent.json`, lines(101, "50.25", "0.25", 10));
    await Deno.writeTextFile(`${folder}/true.json`, lines(100, "50.0", "0", 8));
    const list = '[{"name":"va","type":"complex"},{"name":"frequency"},{"name":"rocof"}]';
    await using pmu = start("send", `${folder}/sent.json`, "--local", "c37.118://127.0.0.1:0", "-t", list);
    const [, address = ""] = await pmu.expectError(/Sending .* to (\S+) as c37.118/);
    const { code, stdout, stderr } = await run(
      ...["recv", "--remote", address, "-l", "10", "-p", "none", "--reference", `${folder}/true.json`, "--stats"],
    );
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "Compared 8 samples with the reference; for 2 it has none of the same time");
    assertStringIncludes(stderr, "pmu0_va: TVE at most 1 %, 1 % on average");
    assertStringIncludes(stderr, "pmu0_frequency: FE at most 250 mHz, 250 mHz on average");
    assertStringIncludes(stderr, "pmu0_rocof: RFE at most 0.25 Hz/s, 0.25 Hz/s on average");
    const { measurementErrors } = JSON.parse(stdout);
    assertEquals([measurementErrors.compared, measurementErrors.errors[0].kind, measurementErrors.errors[0].count], [
      8,
      "TVE",
      8,
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test(
  "recv says why a PMU is not to be had, and ends after --timeout with status 124",
  { timeout: timeLimit },
  async () => {
    const { code, stderr } = await run("recv", "--remote", "c37.118://127.0.0.1:1", "--timeout", "0.5");
    assertEquals(code, 124);
    assertStringIncludes(stderr, "Cannot connect to c37.118://127.0.0.1:1/: nobody listens there; trying again");
    assertStringIncludes(stderr, "The connection was never made");
  },
);

const pmu = "c37.118://127.0.0.1:0";
for (
  const [args, message] of [
    [["recv", "--local", pmu], `Cannot receive on ${pmu}/, which is a PMU: give its address with --remote`],
    [["send", "--remote", "c37.118://127.0.0.1:1", "--values", "1"], "a PMU receives no samples"],
    [["echo", "--remote", "c37.118://127.0.0.1:1"], "a PMU receives no samples"],
    [["send", "--local", pmu, "--values", "1"], "Cannot be a PMU of unknown signals: give --signals"],
    [["signal", "counter", "--local", pmu, "-t", "i"], 'signal "signal0" is an integer'],
    [["recv", "--remote", "c37.118://127.0.0.1:1", "-f", "json"], "it carries frames of the format c37.118"],
    [["recv", "--stat-signals"], "Cannot use --stat-signals with the format protobuf: only c37.118 has it"],
    [["signal", "sine", "--local", "udp://127.0.0.1:1"], "Cannot use --local without --remote"],
  ] as const
) {
  Deno.test(`${args.join(" ")} is wrong usage`, async () => {
    const { code, stderr } = await run(...args);
    assertStringIncludes(stderr, message);
    assertEquals(code, 2);
    assert(stderr.trim().split("\n").length <= 2, stderr);
  });
}
