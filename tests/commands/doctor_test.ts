import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { now } from "@villas/client";
import { json, protobuf } from "@villas/client/formats";
import { openUdp } from "@villas/client/transports";
import { run, start } from "./_cli.ts";

/** Starts a doctor and a peer that makes datagrams, and sends them to it, as soon as it watches. */
async function diagnose(makeDatagrams: () => Uint8Array[], ...args: string[]) {
  using peer = await openUdp({ local: "udp://127.0.0.1:0" });
  await using doctor = start(
    ...["doctor", "--local", "udp://127.0.0.1:0", "--remote", peer.local, "--duration", "300ms", ...args],
  );
  const [, address = ""] = await doctor.expectError(/Watching (\S+) for/);
  await peer.setRemote(address);
  await peer.send(makeDatagrams());
  return await doctor.finish();
}

/** Two samples of now in a datagram each. */
function twoSamples(values: number[]): Uint8Array[] {
  return [0n, 1n].map((sequence) => protobuf().encode([{ sequence, tsOrigin: now(), values }]));
}

Deno.test("doctor finds nothing wrong with a good link", async () => {
  const { code, stdout } = await diagnose(() => twoSamples([1]), "-t", "f");
  assertEquals(code, 0, stdout);
  assertMatch(stdout, /^All is well: 2 samples of format protobuf arrived from udp:/);
});

Deno.test("doctor names the format that arrives instead, with a cause and a fix", async () => {
  const { code, stdout } = await diagnose(() => [json().encode([{ sequence: 0n, values: [1] }])]);
  assertEquals(code, 1);
  assertMatch(stdout, /^error other-format\n {2}1 of 1 datagram is not protobuf, but looks like json/);
  assertStringIncludes(stdout, "Give --format json");
});

Deno.test("doctor --json prints the findings and what was seen", async () => {
  const { code, stdout } = await diagnose(() => [protobuf().encode([{ values: [1] }, { values: [2] }])], "--json");
  assertEquals(code, 1);
  const { findings, observation } = JSON.parse(stdout);
  assertEquals(findings.map(({ code }: { code: string }) => code), ["several-samples", "sequence-missing"]);
  assertEquals([observation.datagrams, observation.samples, observation.kernelDrops], [1, 2, 0]);
});

Deno.test("doctor says that nothing arrives", async () => {
  const { code, stdout } = await diagnose(() => []);
  assertEquals(code, 1);
  assertMatch(stdout, /^error nothing-arrives\n {2}Nothing arrived at udp:\/\/127\.0\.0\.1:\d+ within 0\.\d s\./);
});

Deno.test("doctor says who has the port", async () => {
  using other = await openUdp({ local: "udp://127.0.0.1:0" });
  const { code, stdout } = await run("doctor", "--local", other.local);
  assertEquals(code, 1);
  const holder = Deno.build.os === "linux" ? `, by .* \\(process ${Deno.pid}\\)` : "";
  assertMatch(
    stdout,
    new RegExp(`^error address-in-use\n  Cannot open ${other.local}: the address is in use${holder}`),
  );
});

/** A node that gets two floats and takes one, as in the README, and one that no path leads to. */
const config = `nodes = {
  client = {
    type = "socket", format = "protobuf"
    in = { address = "*:12000", signals = "f" }, out = { address = "127.0.0.1:12001" }
  }
  lonely = {
    type = "socket", format = "protobuf"
    in = { address = "*:12002", signals = "f" }, out = { address = "127.0.0.1:12003" }
  }
  gen = { type = "signal.v2", in = { signals = ( { name = "va", signal = "sine" }, { name = "vb", signal = "sine" } ) } }
}
paths = ( { in = "gen", out = "client" } )`;

const lonelyNote = 'Cannot tell the signals that "lonely" sends from the configuration: no enabled path leads to it; ' +
  "give --signals-in if the format needs them";

const judged: [what: string, args: string[], codes: string[], ending: string, hasNote: boolean][] = [
  ["by what the path brings", ["--node", "client"], [], "; the node accepts f", false],
  ["by the format only where no path tells the signals", ["--node", "lonely"], [], "; the node accepts f", true],
  ["by --signals-in, which comes first", ["--node", "client", "--signals-in", "3f"], [], "; the node accepts f", false],
  ["by --signals, which stands for both", ["--node", "client", "-t", "2f"], [], "; the node accepts 2f", false],
  ["as others than expected", ["--node", "client", "--signals-in", "f"], ["other-signals"], "", false],
];

for (const [what, args, codes, ending, hasNote] of judged) {
  Deno.test(`doctor --config judges two floats ${what}`, async () => {
    const file = await Deno.makeTempFile({ suffix: ".conf" });
    await Deno.writeTextFile(file, config);
    const { code, stdout, stderr } = await diagnose(() => twoSamples([1, 2]), "--config", file, ...args);
    assertEquals([...stdout.matchAll(/^(?:error|warning) (.*)$/gm)].map(([, name]) => name), codes);
    assertEquals(code, codes.length === 0 ? 0 : 1);
    if (codes.length === 0) assertEquals(/ within \d+\.\d s(.*)\n/.exec(stdout)?.[1], ending);
    assertEquals(stderr.split(lonelyNote).length - 1, hasNote ? 1 : 0, stderr);
    await Deno.remove(file);
  });
}

Deno.test("doctor --quiet says nothing on what the configuration does not tell", async () => {
  const file = await Deno.makeTempFile({ suffix: ".conf" });
  await Deno.writeTextFile(file, config);
  const link = ["--node", "lonely", "--local", "udp://127.0.0.1:0", "--duration", "10ms"];
  const { code, stdout, stderr } = await run("doctor", "-q", "--config", file, ...link);
  assertEquals([code, stderr], [1, ""]);
  assertMatch(stdout, /^error nothing-arrives/);
  await Deno.remove(file);
});
