import { assertEquals, assertRejects } from "@std/assert";
import { createFormat, parseSignals, type Sample } from "@villas/client";
import { json } from "@villas/client/formats";
import { compareStreams, type Comparison, readBatches } from "@villas/client/recordings";

const data = new URL("../data/formats/", import.meta.url);

/** A stream that gives its samples in batches of these lengths, over and over. */
async function* stream(samples: readonly Sample[], ...lengths: number[]): AsyncGenerator<Sample[]> {
  let turn = 0;
  for (let start = 0; start < samples.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield samples.slice(start, start + length);
    start += length;
  }
}

/** Samples with one value each, numbered from 0. */
function series(...values: number[]): Sample[] {
  return values.map((value, index) => ({ sequence: BigInt(index), values: [value] }));
}

const noDifferences = { length: 0, sequence: 0, timestamp: 0, values: 0, type: 0, data: 0 };

Deno.test("compareStreams() takes streams for equal however they are cut into batches", async () => {
  const samples = series(1, 2, 3, 4, 5, 6, 7);
  const streams = [stream(samples, 7), stream(samples, 1), stream(samples, 2, 0, 3), stream(samples, 0, 0, 6)];
  assertEquals(await compareStreams(streams), {
    streams: streams.map(() => ({ samples: 7, differences: noDifferences, values: 0 })),
    isComplete: true,
  });
});

Deno.test("compareStreams() finds nothing between streams without samples", async () => {
  const { first, isComplete } = await compareStreams([stream([]), stream([])]);
  assertEquals([first, isComplete], [undefined, true]);
});

Deno.test("compareStreams() returns the first difference, and counts all of them", async () => {
  const samples: Sample[] = series(1, 2, 3, 4);
  const expected: Sample = { sequence: 1n, values: [2] };
  const actual: Sample = { sequence: 5n, values: [2.5] };
  const others: Sample[] = [
    { sequence: 0n, values: [1] },
    actual,
    { sequence: 2n, values: [7, 8] },
    { sequence: 3n, values: [4.25] },
  ];
  assertEquals(
    await compareStreams([stream(samples), stream(others)]),
    {
      first: { kind: "sequence", distance: 4n, index: 1, stream: 1, expected, actual },
      streams: [
        { samples: 4, differences: noDifferences, values: 0 },
        {
          samples: 4,
          differences: { ...noDifferences, sequence: 1, data: 2, values: 1 },
          values: 2,
          largest: { distance: 0.5, index: 1, value: 0 },
        },
      ],
      isComplete: true,
    } satisfies Comparison,
  );
});

Deno.test("compareStreams() counts a sample once, whatever number of its values differ", async () => {
  const { streams } = await compareStreams([stream([{ values: [1, 2, 3n] }]), stream([{ values: [5, 9, 3] }])]);
  assertEquals(streams[1], {
    samples: 1,
    differences: { ...noDifferences, data: 1, type: 1 },
    values: 3,
    largest: { distance: 7, index: 0, value: 1 },
  });
});

Deno.test("compareStreams() counts the samples that one stream has and the first one has not, and the reverse", async () => {
  const { first, streams } = await compareStreams([
    stream(series(1, 2)),
    stream(series(1, 2, 3, 4, 5), 3),
    stream(series(1)),
  ]);
  assertEquals(first, { kind: "length", index: 1, stream: 2, expected: series(1, 2)[1] as Sample });
  assertEquals(streams.map(({ samples, differences }) => [samples, differences.length]), [[2, 0], [5, 3], [1, 1]]);
});

Deno.test("compareStreams() finds the end of a stream before what else the sample differs in, as VILLASnode", async () => {
  const { first } = await compareStreams([stream(series(1, 2)), stream(series(1, 9)), stream(series(1))]);
  assertEquals([first?.kind, first?.index, first?.stream], ["length", 1, 2]);
});

Deno.test("compareStreams() compares all with the first stream, not with each other", async () => {
  const { first, streams } = await compareStreams([stream(series(1)), stream(series(1.5)), stream(series(0.5))], {
    epsilon: 0.6,
  });
  assertEquals([first, streams.map(({ values }) => values)], [undefined, [0, 0, 0]]);
});

Deno.test("compareStreams() leaves the streams at the first difference where that is asked for", async () => {
  let given = 0;
  async function* endless() {
    for (;;) yield series(given++);
  }
  const comparison = await compareStreams([endless(), stream(series(0, 2))], { untilFirst: true, sequence: false });
  assertEquals(comparison.first?.index, 1);
  assertEquals(comparison.isComplete, false);
  assertEquals(given <= 3, true);
});

Deno.test("compareStreams() takes streams that an abort ends for incomplete, not for shorter", async () => {
  const controller = new AbortController();
  async function* aborting() {
    yield series(1);
    controller.abort();
  }
  const comparison = await compareStreams([aborting(), stream(series(1, 2))], { signal: controller.signal });
  assertEquals([comparison.first, comparison.isComplete], [undefined, false]);
});

Deno.test("compareStreams() throws what a stream throws, and ends the others", async () => {
  let hasEnded = false;
  async function* failing(): AsyncGenerator<Sample[]> {
    yield series(1);
    throw new Error("No more");
  }
  async function* watched() {
    try {
      for (;;) yield series(1);
    } finally {
      hasEnded = true;
    }
  }
  await assertRejects(() => compareStreams([watched(), failing()]), Error, "No more");
  assertEquals(hasEnded, true);
});

for (const name of ["csv", "tsv", "villas.human", "protobuf"]) {
  Deno.test(`compareStreams() finds VILLASnode's own ${name} and json files equal`, async () => {
    const options = { signals: parseSignals("fibc") };
    const path = (ending: string) => new URL(`mixed.${ending}`, data).pathname;
    const { first, streams } = await compareStreams([
      readBatches(path("json"), json(options)),
      readBatches(path(name), await createFormat(name, options)),
    ], { epsilon: 0 });
    assertEquals([first, streams.map(({ samples }) => samples)], [undefined, [4, 4]]);
  });
}
