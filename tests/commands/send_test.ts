import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createFormat, type Format, type Sample, secondsBetween, type Timestamp } from "@villas/client";
import { json, protobuf } from "@villas/client/formats";
import { openUdp, openUnix, type Transport } from "@villas/client/transports";
import { type Finished, run, start, startFed } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

const isWindows = Deno.build.os === "windows";
const beginning: Timestamp = { sec: 1_700_000_000, nsec: 500_000_000 };

/** A recording of some milliseconds between its samples. */
function record(...milliseconds: number[]): Sample[] {
  return milliseconds.map((time, i) => {
    const nsec = beginning.nsec + Math.round(time * 1e6);
    return {
      sequence: BigInt(i),
      tsOrigin: { sec: beginning.sec + Math.floor(nsec / 1e9), nsec: nsec % 1e9 },
      values: [i + 0.5, -i],
    };
  });
}

/** Runs a test with a file of samples and a socket to send them to. */
async function withRecording(
  samples: readonly Sample[] | string,
  test: (file: string, receiver: Transport, addresses: string[]) => Promise<void>,
): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(file, typeof samples === "string" ? samples : json().createEncoder()(samples) as string);
  using receiver = await openUdp({ local: "udp://127.0.0.1:0" });
  try {
    await test(file, receiver, ["--local", "udp://127.0.0.1:0", "--remote", receiver.local]);
  } finally {
    await Deno.remove(file);
  }
}

interface Arrival {
  samples: Sample[];
  time: number;
}

async function receive(receiver: Transport, datagrams: number, format: Format = protobuf()): Promise<Arrival[]> {
  const received: { bytes: Uint8Array; time: number }[] = [];
  while (received.length < datagrams) {
    const list = await receiver.receive();
    const time = performance.now();
    for (const datagram of list) received.push({ bytes: datagram.slice(), time });
  }
  return received.map(({ bytes, time }) => ({ samples: format.decode(bytes), time }));
}

const samplesOf = (arrivals: readonly Arrival[]) => arrivals.flatMap(({ samples }) => samples);

/** Sends and receives to the end. */
async function exchange(
  receiver: Transport,
  datagrams: number,
  ...args: string[]
): Promise<Finished & { arrivals: Arrival[] }> {
  await using process = start("send", ...args);
  const arrivals = await receive(receiver, datagrams);
  return { ...await process.finish(), arrivals };
}

for (const speed of [1, 2]) {
  Deno.test(`send replays a recording as it was, at ${speed} times its speed`, async () => {
    const times = Array.from({ length: 200 }, (_, i) => 5 * i + (i * 7919 % 3));
    const samples = record(...times);
    await withRecording(samples, async (file, receiver, addresses) => {
      const { code, stdout, stderr, arrivals } = await exchange(
        receiver,
        samples.length,
        ...[file, "--timing", "original", "--speed", String(speed), ...addresses],
      );
      assertEquals(samplesOf(arrivals), samples);
      assertEquals({ code, stdout }, { code: 0, stdout: "" });
      assertStringIncludes(stderr, "Sent 200 datagrams, 200 samples, ");
      const errors = samples.slice(1).map(({ tsOrigin }, i) => {
        const recorded = secondsBetween(tsOrigin ?? beginning, samples[i]?.tsOrigin ?? beginning) * 1000 / speed;
        return Math.abs((arrivals[i + 1]?.time ?? NaN) - (arrivals[i]?.time ?? NaN) - recorded);
      }).sort((a, b) => a - b);
      const [median, high, most] = [0.5, 0.99, 1].map((part) => errors[Math.ceil(part * errors.length) - 1] ?? NaN);
      console.log(
        `Error of the times between samples at speed ${speed}: ` +
          `p50 ${median?.toFixed(3)}, p99 ${high?.toFixed(3)}, max ${most?.toFixed(3)} ms`,
      );
    });
  });
}

Deno.test("send replays what recv has recorded of what send has sent", () =>
  withRecording(record(0, 1, 5, 6, 20), async (file, receiver, addresses) => {
    const recorded = file.replace(".json", ".recorded.pb");
    try {
      await using recording = start("recv", "--local", "udp://127.0.0.1:0", "-o", recorded, "--count", "5");
      const [, address = ""] = await recording.expectError(/Receiving on (\S+) from/);
      const sent = await run("send", file, "--local", "udp://127.0.0.1:0", "--remote", address);
      assertEquals([sent.code, (await recording.finish()).code], [0, 0]);
      const { code, arrivals } = await exchange(receiver, 5, recorded, ...addresses);
      assertEquals(code, 0);
      assertEquals(samplesOf(arrivals), record(0, 1, 5, 6, 20));
    } finally {
      await Deno.remove(recorded);
    }
  }));

Deno.test("send --rate sends so many samples a second, whatever the timestamps say", () =>
  withRecording(record(0, 1e9, 1, 2e9, 2), async (file, receiver, addresses) => {
    const { code, stdout, arrivals } = await exchange(receiver, 5, file, "--rate", "100", "--stats", ...addresses);
    assertEquals(code, 0);
    assertEquals(samplesOf(arrivals).map(({ sequence }) => sequence), [0n, 1n, 2n, 3n, 4n]);
    const { seconds } = JSON.parse(stdout);
    assert(seconds >= 0.04 && seconds < 60, `it took ${seconds} s`);
  }));

Deno.test("send --timing fast sends all at once, and vectorizes", () =>
  withRecording(record(0, 1e6, 2e6, 3e6, 4e6), async (file, receiver, addresses) => {
    const args = [file, "--timing", "fast", "--vectorize", "2", "--stats", ...addresses];
    const { code, stdout, arrivals } = await exchange(receiver, 3, ...args);
    assertEquals(code, 0);
    assertEquals(arrivals.map(({ samples }) => samples.map(({ sequence }) => sequence)), [[0n, 1n], [2n, 3n], [4n]]);
    const { seconds, local, sent: { bytes, ...sent }, ...rest } = JSON.parse(stdout);
    assert(seconds > 0 && bytes > 100);
    assertMatch(local, /^udp:\/\/127.0.0.1:\d+$/);
    assertEquals(sent, { datagrams: 3, samples: 5, undelivered: 0, refused: 0 });
    assertEquals(rest, {
      command: "send",
      remote: receiver.local,
      format: "protobuf",
      unreadable: 0,
      samples: 5,
      refused: 0,
      lateCount: 0,
      maximumLateness: 0,
    });
  }));

Deno.test("send numbers the samples from 0, unless told to keep or leave out the numbers", () =>
  withRecording(
    '{"sequence": 7, "data": [1.5]}\n{"sequence": 9, "data": [2.5]}\n',
    async (file, receiver, addresses) => {
      for (
        const [how, ...numbers] of [["renumber", 0n, 1n], ["keep", 7n, 9n], ["none", undefined, undefined]] as const
      ) {
        const { code, arrivals } = await exchange(
          receiver,
          2,
          file,
          "--sequence",
          how,
          "--timing",
          "fast",
          ...addresses,
        );
        assertEquals(code, 0);
        assertEquals(samplesOf(arrivals).map(({ sequence }) => sequence), [...numbers]);
      }
    },
  ));

Deno.test("send --loop=3 goes on with numbers and timestamps", () =>
  withRecording(record(0, 2, 4), async (file, receiver, addresses) => {
    const { code, arrivals } = await exchange(receiver, 9, file, "--loop=3", ...addresses);
    assertEquals(code, 0);
    const expected = record(...Array.from({ length: 9 }, (_, i) => 2 * i));
    assertEquals(
      samplesOf(arrivals).map(({ sequence, tsOrigin }) => ({ sequence, tsOrigin })),
      expected.map(({ sequence, tsOrigin }) => ({ sequence, tsOrigin })),
    );
  }));

Deno.test("send --loop goes on until it is interrupted, which is no failure", () =>
  withRecording(record(0, 1), async (file, receiver, addresses) => {
    await using process = start("send", file, "--loop", "--restamp", ...addresses);
    const arrivals = await receive(receiver, 50);
    process.kill("SIGINT");
    const { code, stderr } = await process.finish();
    assertEquals(code, 0);
    assertMatch(stderr, /Sent \d+ datagrams/);
    const now = Date.now() / 1000;
    for (const { tsOrigin } of samplesOf(arrivals)) assert(Math.abs((tsOrigin?.sec ?? 0) - now) < 60);
  }));

Deno.test("send --count ends after some samples, --duration after some time", () =>
  withRecording(record(0, 1, 2, 3_600_000), async (file, receiver, addresses) => {
    const counted = await exchange(receiver, 2, file, "--count", "2", ...addresses);
    assertEquals(counted.code, 0);
    assertStringIncludes(counted.stderr, "Sent 2 datagrams, 2 samples");
    const timed = await exchange(receiver, 3, file, "--duration", "1s", ...addresses);
    assertEquals(timed.code, 0);
    assertStringIncludes(timed.stderr, "warning: The recording pauses for a minute or more, and so does sending");
    assertStringIncludes(timed.stderr, "Sent 3 datagrams, 3 samples");
  }));

for (const type of ["villas.binary", "json", "csv", "villas.human"]) {
  Deno.test(`send --format ${type} sends datagrams of this format`, () =>
    withRecording(record(0, 1), async (file, receiver, addresses) => {
      await using process = start("send", file, "--format", type, "-t", "2f", ...addresses);
      const arrivals = await receive(receiver, 2, await createFormat(type));
      assertEquals((await process.finish()).code, 0);
      assertEquals(samplesOf(arrivals), record(0, 1));
    }));
}

Deno.test("send sends what comes through a pipe when it comes", () =>
  withRecording([], async (_, receiver, addresses) => {
    await using process = startFed("send", "-", "-i", "json", ...addresses);
    for (const value of [1.5, 2.5]) {
      await process.write(`{"data": [${value}]}\n{"da`);
      assertEquals(samplesOf(await receive(receiver, 1)).map(({ values }) => values), [[value]]);
      await process.write('ta": [0.5]}\n');
      assertEquals(samplesOf(await receive(receiver, 1)).map(({ values }) => values), [[0.5]]);
    }
    await process.endInput();
    const { code, stderr } = await process.finish();
    assertEquals(code, 0);
    assertStringIncludes(stderr, "Sent 4 datagrams, 4 samples");
  }));

Deno.test("send reads villas.human from standard input where nothing says another format", () =>
  withRecording([], async (_, receiver, addresses) => {
    await using process = startFed("send", "-q", ...addresses);
    await process.write("5.000000001(7)\t1.5\t2\n");
    const [arrival] = await receive(receiver, 1);
    assertEquals(arrival?.samples, [{ sequence: 0n, tsOrigin: { sec: 5, nsec: 1 }, values: [1.5, 2] }]);
    await process.endInput();
    assertEquals(await process.finish(), { code: 0, stdout: "", stderr: "" });
  }));

Deno.test("send --signals says what the texts in a file are", () =>
  withRecording([], async (_, receiver, addresses) => {
    await using process = startFed("send", "-t", "fib", ...addresses);
    await process.write("0.0 1 2 1\n");
    await process.endInput();
    const [arrival] = await receive(receiver, 1);
    assertEquals(arrival?.samples, [{ sequence: 0n, values: [1, 2n, true] }]);
    assertEquals((await process.finish()).code, 0);
  }));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`send ends with status 0 on ${signal} while nothing comes through the pipe`, () =>
    withRecording([], async (_, _receiver, addresses) => {
      await using process = startFed("send", ...addresses);
      await process.expectError(/Sending standard input \(villas.human\) to/);
      process.kill(signal);
      const { code, stderr } = await process.finish();
      assertEquals(code, 0);
      assertStringIncludes(stderr, "Sent 0 datagrams");
    }));
}

Deno.test("send leaves out what it cannot read, sends the rest, and ends with status 1", () =>
  withRecording('{"data": [1.5]}\n{"data": [}\n{"data": [2.5]}\n', async (file, receiver, addresses) => {
    const { code, stderr, arrivals } = await exchange(receiver, 4, file, "--timing", "fast", "--loop=2", ...addresses);
    assertEquals(samplesOf(arrivals).map(({ values }) => values), [[1.5], [2.5], [1.5], [2.5]]);
    assertEquals(code, 1);
    const where = "at line 2, column 11";
    assertEquals(
      stderr.split(`warning: ${file}: Cannot decode text as json ${where}: expected a value\n`).length,
      2,
      stderr,
    );
    assertStringIncludes(stderr, "error: Skipped 1 record that could not be read\n");
  }));

Deno.test("send leaves out what the receiver would not survive, leaves no gap, and ends with status 1", () =>
  withRecording(
    '{"data": [1.5]}\n{"data": [2, 3]}\n{"data": [true]}\n{"data": [4.5]}\n',
    async (file, receiver, addresses) => {
      const { code, stderr, arrivals } = await exchange(receiver, 2, file, "-t", "f", "--timing", "fast", ...addresses);
      assertEquals(samplesOf(arrivals), [{ sequence: 0n, values: [1.5] }, { sequence: 1n, values: [4.5] }]);
      assertEquals(code, 1);
      assertStringIncludes(stderr, "warning: Cannot encode sample 1 as protobuf: it has 2 values for 1 signal\n");
      assertStringIncludes(stderr, "error: Skipped 2 samples that could not be sent\n");
    },
  ));

Deno.test("send says once that timestamps are missing, and sends these samples at once", () =>
  withRecording('{"data": [1.5]}\n{"data": [2.5]}\n', async (file, receiver, addresses) => {
    const { code, stderr } = await exchange(receiver, 2, file, ...addresses);
    assertEquals(code, 0);
    assertEquals(stderr.split("warning: A sample has no timestamp").length, 2, stderr);
  }));

Deno.test({
  name: "send waits for a unix remote that is not there, and says that one is gone",
  ignore: isWindows,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const remote = `unix:${folder}/node.sock`;
      await using process = startFed("send", "--local", `unix:${folder}/client.sock`, "--remote", remote, "-i", "json");
      await process.expectError(/Waiting for unix:\S+ to appear/);
      const receiver = await openUnix({ local: remote });
      await process.write('{"data": [1.5]}\n');
      assertEquals(samplesOf(await receive(receiver, 1)), [{ sequence: 0n, values: [1.5] }]);
      receiver.close();
      await process.write('{"data": [2.5]}\n');
      await process.endInput();
      const { code, stderr } = await process.finish();
      assertEquals(code, 1);
      assertStringIncludes(stderr, "error: Skipped 1 datagram while the remote was unreachable\n");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("send refuses several samples a datagram where the format carries one", () =>
  withRecording(record(0, 1), async (file, _, addresses) => {
    const { code, stderr } = await run("send", file, "-f", "raw", "-t", "2f", "--vectorize", "2", ...addresses);
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      "error: Cannot encode sample 1 as raw: a datagram of this format holds only one sample",
    );
  }));

testWrongUsages([
  [["send", "--loop"], "Cannot loop standard input: it can be read only once"],
  [["send", "a.csv", "--rate", "5", "--timing", "fast"], "Cannot use --rate with --timing fast"],
  [["send", "a.csv", "--timing", "rate"], "Cannot use --timing rate without --rate HZ"],
  [["send", "a.csv", "--rate", "5", "--speed", "2"], "Cannot use --speed with --rate"],
  [["send", "a.csv", "--timing", "slow"], 'Cannot set --timing to "slow": expected original, rate, fast'],
  [["send", "a.csv", "--rate", "0"], 'Cannot set --rate to "0": expected a number greater than 0'],
  [["send", "a.csv", "--loop=0"], 'Cannot set --loop to "0": expected a whole number, 1 or greater'],
  [["send", "a.csv", "--format", "prtobuf"], 'Cannot set --format to "prtobuf": did you mean protobuf?'],
  [["send", "a.cvs"], "Cannot tell the format of a.cvs from its name: give --input-format"],
  [["send", "a.csv", "more"], 'Unknown operand "more"'],
  [["send", "a.csv", "--timeout", "1"], "Unknown option --timeout..."],
], ["--local", "udp://127.0.0.1:0"]);

Deno.test("send fails with status 1 if it cannot read the file", () =>
  withRecording([], async (file, _, addresses) => {
    const folder = file.replace(/[/\\][^/\\]*$/, "");
    for (
      const [path, reason] of [["/none.csv", "Cannot open /none.csv: "], [folder, `Cannot read ${folder}: `]] as const
    ) {
      const { code, stdout, stderr } = await run("send", path, ...addresses);
      assertEquals([code, stdout], [1, ""], stderr);
      assertStringIncludes(stderr, `villas-client: error: ${reason}`);
    }
  }));
