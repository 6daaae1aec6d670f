import { assert, assertEquals } from "@std/assert";
import { villasHuman } from "@villas/client/formats";
import {
  createRoundTripLog,
  findCaveats,
  roundTripLogName,
  type RoundTripReport,
  summarizeRoundTrips,
  tabulateRoundTrips,
} from "@villas/client/roundtrips";
import { createHistogram } from "@villas/client/timing";

function histogramOf(...durations: number[]) {
  const histogram = createHistogram();
  for (const seconds of durations) histogram.record(seconds);
  return histogram;
}

const faultless: RoundTripReport = {
  rate: 100,
  values: 8,
  planned: 1000,
  started: 1_700_000_000.25,
  stopped: 1_700_000_010.25,
  sent: 1000,
  received: 1000,
  lost: 0,
  duplicate: 0,
  reordered: 0,
  lateCount: 0,
  corrupted: 0,
  unexpected: 0,
  undelivered: 0,
  outstanding: 0,
  roundTrips: histogramOf(0.0001, 0.0002, 0.0003),
  jitter: 0.00001,
  missedDeadlines: 0,
  lateness: histogramOf(0, 0.0005),
  kernelDrops: 0,
  machine: { busy: 0.2, stolen: 0 },
  isComplete: true,
};

Deno.test("findCaveats() has none where nothing is known to be wrong", () => {
  assertEquals(findCaveats(faultless, histogramOf(0.00005)), []);
  assertEquals(findCaveats({ ...faultless, kernelDrops: undefined, machine: undefined }), []);
});

Deno.test("findCaveats() says each thing that makes the figures less than the whole story", () => {
  const cases: [Partial<RoundTripReport>, string][] = [
    [{ isComplete: false, sent: 400 }, "The measurement was ended after 400 of 1000 samples"],
    [{ outstanding: 3 }, "3 of the lost samples may still have been on their way"],
    [
      { kernelDrops: 12 },
      "The kernel dropped 12 datagrams at this socket, which came back too fast for this client",
    ],
    [{ undelivered: 5 }, "5 samples could not be delivered: the remote was unreachable"],
    [{ undelivered: 1 }, "1 sample could not be delivered: the remote was unreachable"],
    [{ corrupted: 1 }, "Something came back that differs from what was sent: once"],
    [{ unexpected: 2 }, "2 samples of an earlier measurement came back"],
    [
      { missedDeadlines: 2 },
      "2 samples missed the deadline, up to 500 µs late: the rate was not kept evenly",
    ],
    [{ machine: { busy: 0.97, stolen: 0 } }, "This machine's processors were busy 97 % of the time"],
    [
      { machine: { busy: 0.5, stolen: 0.034 } },
      "The host of this virtual machine took 3.4 % of its processors' time",
    ],
  ];
  for (const [change, caveat] of cases) assertEquals(findCaveats({ ...faultless, ...change }), [caveat]);
});

Deno.test("findCaveats() says where the round trip is half the client's own overhead", () => {
  const caveats = findCaveats(faultless, histogramOf(0.00011, 0.00012));
  assertEquals(caveats, ["At the median, half of the round trip or more may be this client's own overhead"]);
});

Deno.test("summarizeRoundTrips() loses nothing in JSON", () => {
  const own = histogramOf(0.00005);
  const reports = [faultless, { ...faultless, kernelDrops: undefined, machine: undefined, roundTrips: histogramOf() }];
  for (const report of reports) {
    const summary = summarizeRoundTrips({ ...report, jitter: NaN }, own);
    assertEquals(JSON.parse(JSON.stringify(summary)), summary);
  }
  const { roundTrip, clientOverhead, jitter, machine } = summarizeRoundTrips(faultless);
  assertEquals([roundTrip.count, roundTrip.min, roundTrip.max], [3, 0.0001, 0.0003]);
  assertEquals([clientOverhead, jitter, machine?.busy], [null, 0.00001, 0.2]);
});

Deno.test("tabulateRoundTrips() keeps to 80 columns, aligned, for large figures", () => {
  const many = 12_345_678;
  const large: RoundTripReport = {
    ...faultless,
    ...{ rate: 10_000, values: 1024, sent: many, received: many, lost: 99_999, duplicate: 9999, reordered: 99_999 },
    ...{ lateCount: 9999, corrupted: 99_999, missedDeadlines: 999_999, roundTrips: histogramOf(0.0001, 3599) },
  };
  const lines = tabulateRoundTrips([{ report: large, clientOverhead: histogramOf(0.05) }, { report: faultless }]);
  for (const line of lines) assert(line.length <= 80, line);
  const [head = "", ...rest] = lines;
  const ends = [...head.matchAll(/\S+/g)].map(({ index, 0: word }) => index + word.length);
  for (const row of rest.slice(0, 2)) {
    assertEquals([...row.matchAll(/\S+/g)].map(({ index, 0: word }) => index + word.length), ends);
  }
});

for (const width of [40, 60, 80, 200]) {
  Deno.test(`tabulateRoundTrips() has each column once in lines of ${width} characters`, () => {
    const lines = tabulateRoundTrips([{ report: faultless, clientOverhead: histogramOf(0.05) }], width);
    for (const line of lines) assert(line.length <= width, line);
    const heads = lines.filter((line) => line.startsWith("    rate values")).join(" ").split(/ +/);
    const names = "sent received lost dup reorder late corrupt missed min mean p50 p90 p99 p99.9 max stddev jitter";
    assertEquals(heads.filter((name) => !["", "rate", "values"].includes(name)), names.split(" "));
  });
}

Deno.test("tabulateRoundTrips() writes a stroke for what there is not", () => {
  const nothing = { ...faultless, roundTrips: histogramOf(), jitter: NaN };
  const row = tabulateRoundTrips([{ report: nothing }]).at(-1) ?? "";
  assertEquals(row.trim().split(/ +/), ["100", "8", ...new Array<string>(9).fill("-")]);
});

Deno.test("createRoundTripLog() writes what VILLASnode reads, with the round trip as the offset", () => {
  const log = createRoundTripLog(2);
  const trips = [{ sec: 1_700_000_000, nsec: 999_999_999, seconds: 0.000183 }, { sec: 1, nsec: 0, seconds: 2.5 }];
  const text =
    trips.map(({ sec, nsec, seconds }, index) =>
      log.sample({ case: 2, index, tsOrigin: { sec, nsec }, elapsed: 0, seconds })
    ).join("") + log.end({ ...faultless, received: 998 });
  assertEquals(
    text,
    "# seconds.nanoseconds+offset(sequence)\n1700000000.999999999+1.830000e-04(0)\n1.000000000+2.500000e+00(1)\n" +
      '# {"id":2,"rate":100,"values":8,"started":1700000000.25,"stopped":1700000010.25,"count":1000,"sent":1000,' +
      '"received":998,"missed":2}\n',
  );
  const reader = villasHuman().createDecoder((error) => {
    throw error;
  });
  const samples = [...reader.push(new TextEncoder().encode(text)), ...reader.end()];
  assertEquals(samples.map(({ sequence, tsReceived }) => [sequence, tsReceived]), [
    [0n, { sec: 1_700_000_001, nsec: 182_999 }],
    [1n, { sec: 3, nsec: 500_000_000 }],
  ]);
});

Deno.test("roundTripLogName() keeps rates apart that are no whole numbers", () => {
  assertEquals(roundTripLogName("a", { rate: 0.5, values: 1 }), "a_values1_rate0.5.log");
  assertEquals(roundTripLogName("a", { rate: 1e21, values: 1 }), `a_values1_rate1e+21.log`);
});
