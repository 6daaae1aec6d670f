import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Format, now, type Sample } from "@villas/client";
import { diagnose, type Expectations, type LayoutFinder, observeLink } from "@villas/client/diagnosis";
import { csv, gtnet, json, protobuf, raw, villasBinary } from "@villas/client/formats";
import { parseDirections } from "@villas/client/samples";
import { openUdp } from "@villas/client/transports";

interface Link {
  /** What is sent to the watched end, each as a datagram. */
  datagrams: Uint8Array[];
  /** The format that is expected. */
  format?: Format;
  /** What is expected otherwise. */
  expectations?: Expectations;
  /** What a stranger sends. */
  strange?: Uint8Array[];
  /** Finds another layout. */
  findLayout?: LayoutFinder;
}

/** Sends datagrams over a real socket, watches them arrive, and returns what is wrong. */
async function findWrong(
  { datagrams, format = protobuf(), expectations = {}, strange = [], findLayout }: Link,
) {
  const strangers = new Map<string, number>();
  using remote = await openUdp({ local: "udp://127.0.0.1:0" });
  const arrived = Promise.withResolvers<void>();
  let expected = datagrams.length + strange.length;
  const note = () => --expected === 0 && arrived.resolve();
  using watched = await openUdp({
    local: "udp://127.0.0.1:0",
    remote: remote.local,
    onIgnored(from) {
      strangers.set(from, (strangers.get(from) ?? 0) + 1);
      note();
    },
  });
  const counting: Format = {
    ...format,
    decode(datagram) {
      note();
      return format.decode(datagram);
    },
  };
  const received = expectations.signals?.in;
  const observing = observeLink(watched, strangers, {
    format: counting,
    ...received === undefined ? {} : { signals: received },
  });
  using stranger = await openUdp({ local: "udp://127.0.0.1:0", remote: watched.local });
  await remote.setRemote(watched.local);
  await Promise.all([remote.send(datagrams), stranger.send(strange)]);
  if (expected > 0) await arrived.promise;
  watched.close();
  const findings = diagnose(await observing, expectations, findLayout);
  return { findings, codes: findings.map(({ code }) => code), stranger: stranger.local };
}

const numbered = (count: number): Sample[] =>
  Array.from({ length: count }, (_, i) => ({ sequence: BigInt(i), values: [i + 0.5, 2] }));
const each = (samples: readonly Sample[], format: Format = protobuf()) =>
  samples.map((sample) => format.encode([sample]));

Deno.test("diagnose() finds nothing wrong with a good link", async () => {
  const samples = numbered(5).map((sample) => ({ ...sample, tsOrigin: now() }));
  const signals = parseDirections({ in: "2f", out: "f" });
  assertEquals((await findWrong({ datagrams: each(samples), expectations: { signals } })).codes, []);
  assertEquals((await findWrong({ datagrams: each(samples) })).codes, []);
});

Deno.test("diagnose() says that nothing arrives, and what to check", async () => {
  const { findings } = await findWrong({ datagrams: [] });
  assertEquals(findings.map(({ code, severity }) => [code, severity]), [["nothing-arrives", "error"]]);
  assertStringIncludes(findings[0]?.cure ?? "", "out.address");
});

Deno.test("diagnose() names the address that datagrams come from instead", async () => {
  const { findings, codes, stranger } = await findWrong({ datagrams: [], strange: each(numbered(2)) });
  assertEquals(codes, ["other-source"]);
  assertStringIncludes(findings[0]?.cure ?? "", `Give --remote ${stranger}`);
});

for (const other of [json(), villasBinary()]) {
  Deno.test(`diagnose() names ${other.name} where protobuf is expected`, async () => {
    const { findings, codes } = await findWrong({ datagrams: each(numbered(3), other) });
    assertEquals(codes, ["other-format"]);
    assertStringIncludes(findings[0]?.cure ?? "", `Give --format ${other.name}`);
  });
}

Deno.test("diagnose() does not guess between raw formats, but names what it may be", async () => {
  const { findings, codes } = await findWrong({ datagrams: each(numbered(3), raw()) });
  assertEquals(codes, ["not-decodable"]);
  assertStringIncludes(findings[0]?.cause ?? "", "it may be raw or gtnet");
});

Deno.test("diagnose() finds samples that do not have the signals that are to come", async () => {
  const samples: Sample[] = [{ sequence: 0n, values: [1, 2n] }, { sequence: 1n, values: [1, 2, 3] }];
  const datagrams = each(samples);
  const { findings, codes } = await findWrong({ datagrams, expectations: { signals: parseDirections({ in: "2f" }) } });
  assertEquals(codes, ["other-signals"]);
  assertEquals(
    findings[0]?.cause,
    "2 of 2 samples do not have the signals 2f, which are expected: value 1 is of type integer, signal1 of type float",
  );
});

Deno.test("diagnose() does not judge what comes by what the node takes", async () => {
  const samples: Sample[] = [{ sequence: 0n, values: [1, 2n] }, { sequence: 1n, values: [1, 2, 3] }];
  const { codes } = await findWrong({
    datagrams: each(samples),
    expectations: { signals: parseDirections({ out: "f" }) },
  });
  assertEquals(codes, []);
});

Deno.test("diagnose() names another sender that is ignored", async () => {
  const link = { datagrams: each(numbered(3)), strange: each(numbered(2)) };
  const { findings, codes, stranger } = await findWrong(link);
  assertEquals(codes, ["other-sender"]);
  assertStringIncludes(findings[0]?.cause ?? "", `2 datagrams from ${stranger} were ignored: only those from udp:`);
});

const texts: [name: string, expected: Format, text: string, cure: string][] = [
  ["csv", csv(), "1700000000;000000005;1;1.5;2.5\n", `'{"type":"csv","separator":";"}'`],
  ["json.kafka", protobuf(), '[{"schema": {}, "payload": {"timestamp": 1, "sequence": 0, "va": 1.5}}]', "json.kafka"],
  ["json.edgeflex", protobuf(), '[{"va": 1.5, "created": 1}]', "json.edgeflex"],
  [
    "json.reserve",
    protobuf(),
    '[{"measurements": [{"name": "va", "value": 1.5, "created": 1, "sequence": 0}]}]',
    "json.reserve",
  ],
];

for (const [name, format, text, cure] of texts) {
  Deno.test(`diagnose() names ${name} as it comes where ${format.name} is expected`, async () => {
    const datagrams = [new TextEncoder().encode(text)];
    const { findings, codes } = await findWrong({ datagrams, format });
    assertEquals(codes, ["other-format"]);
    assertStringIncludes(findings[0]?.cure ?? "", `Give --format ${cure}, or set`);
  });
}

Deno.test("diagnose() tells raw from gtnet by values that are no measurements otherwise", async () => {
  const samples = Array.from({ length: 20 }, (_, i) => ({ values: [230.1 + i / 7, 49.98 - i / 300] }));
  const link = { datagrams: each(samples, gtnet()), format: raw() };
  const signals = parseDirections({ in: "2f" });
  const { findings, codes } = await findWrong({ ...link, expectations: { signals, format: "raw" } });
  assertEquals(codes, ["layout-suspect", "sequence-missing"]);
  assertStringIncludes(findings[0]?.cure ?? "", "Give --format gtnet, or set");
});

Deno.test("diagnose() names another layout in which the values are measurements", async () => {
  const datagrams = each([{ values: [1.5, 2.5] }], gtnet());
  const asked: unknown[] = [];
  const findLayout: LayoutFinder = (first, specification, signals) => {
    asked.push([first.length, specification, signals?.length]);
    return { specification: { type: "raw", endianess: "big" }, preview: "2 values: 1.5, 2.5" };
  };
  const { findings, codes } = await findWrong({
    ...{ datagrams, format: raw(), findLayout },
    expectations: { format: '{"type": "raw", "bits": 32}', signals: parseDirections({ in: "2f", out: "f" }) },
  });
  assertEquals(codes, ["layout-suspect", "sequence-missing"]);
  assertEquals(asked, [[1, '{"type": "raw", "bits": 32}', 2]]);
  assertEquals(
    findings[0]?.cause,
    'Read as {"type":"raw","bits":32}, the values are tiny or huge numbers; read as {"type":"raw","endianess":"big"}, ' +
      "they are 2 values: 1.5, 2.5",
  );
  assertEquals(
    findings[0]?.cure,
    `Give --format '{"type":"raw","endianess":"big"}', or set this format in the VILLASnode's configuration`,
  );
});

Deno.test("diagnose() names the other layout of what cannot be decoded, too", async () => {
  const findLayout = () => ({ specification: { type: "raw" }, preview: "3 values: 1.5, 2.5, 3.5" });
  const datagrams = each([{ values: [1.5, 2.5, 3.5] }], raw());
  const { findings, codes } = await findWrong({ datagrams, format: raw({ bits: 64 }), findLayout });
  assertEquals(codes, ["not-decodable"]);
  assertStringIncludes(findings[0]?.cause ?? "", "; read as raw, they are 3 values: 1.5, 2.5, 3.5");
});

Deno.test("diagnose() finds marks and unset values without knowing the signals", async () => {
  const { codes } = await findWrong({
    datagrams: [Uint8Array.of(0x0a, 2, 8, 2), Uint8Array.of(0x0a, 5, 8, 1, 0xa2, 6, 0)],
  });
  assertEquals(codes, ["fatal-values", "sequence-missing"]);
});

Deno.test("diagnose() finds several samples in a datagram where one is taken", async () => {
  const datagrams = [protobuf().encode(numbered(3))];
  assertEquals((await findWrong({ datagrams })).codes, ["several-samples"]);
  assertEquals((await findWrong({ datagrams, expectations: { vectorize: 3 } })).codes, []);
});

Deno.test("diagnose() finds sequence numbers that stand still, are left out, or begin anew", async () => {
  const sample = (sequence: number): Sample => ({ sequence: BigInt(sequence), values: [1] });
  const still = await findWrong({ datagrams: each([5, 5, 5, 5].map(sample)) });
  assertEquals(still.findings.map(({ code, severity }) => [code, severity]), [["sequence-not-rising", "error"]]);
  assertEquals((await findWrong({ datagrams: each([5, 6, 9].map(sample)) })).codes, ["numbers-missing"]);
  assertEquals((await findWrong({ datagrams: each([9999, 0, 1].map(sample)) })).codes, ["restarts"]);
});

Deno.test("diagnose() finds clocks that do not agree", async () => {
  const shifted = (seconds: number) =>
    each(numbered(2).map((sample) => ({ ...sample, tsOrigin: { ...now(), sec: now().sec + seconds } })));
  const ahead = await findWrong({ datagrams: shifted(60) });
  assertEquals(ahead.codes, ["clock-offset"]);
  assertStringIncludes(ahead.findings[0]?.cause ?? "", "the sender's clock is ahead");
  const behind = await findWrong({ datagrams: shifted(-60) });
  assertStringIncludes(behind.findings[0]?.cause ?? "", "the sender's clock is behind");
});

Deno.test("diagnose() takes an origin time of 0 for none, and not for a clock that is decades behind", async () => {
  const timed = (nsec: number) => each([{ sequence: 0n, tsOrigin: { sec: 0, nsec }, values: [1] }]);
  assertEquals((await findWrong({ datagrams: timed(0) })).codes, []);
  assertEquals((await findWrong({ datagrams: timed(1) })).codes, ["clock-offset"]);
});
