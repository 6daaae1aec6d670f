/**
 * How well `villas-client send` keeps the times of a recording: the executable sends one, this process receives it over
 * UDP and compares. Run with `deno run -A tests/bench/replay.ts [SAMPLES [HZ]]`.
 *
 * The receiver's own delays are part of the figures. The step is the time from one sample to the next, compared with that
 * of the recording; the lag is the time from the first sample, compared likewise, so that it shows drift.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Sample } from "@villas/client";
import { json, protobuf } from "@villas/client/formats";
import { createHistogram, type Histogram } from "@villas/client/timing";
import { openUdp } from "@villas/client/transports";

const [count = 2000, rate = 1000] = Deno.args.map(Number);

/** A recording with a jitter of its own, as real ones have: steps of half to one and a half of the mean. */
const recording: Sample[] = [];
let nanoseconds = 0;
for (let i = 0; i < count; i++) {
  recording.push({
    sequence: BigInt(i),
    tsOrigin: { sec: 1_700_000_000 + Math.floor(nanoseconds / 1e9), nsec: nanoseconds % 1e9 },
    values: Array.from({ length: 8 }, (_, phase) => Math.sin(i / 10 + phase)),
  });
  nanoseconds += Math.round((0.5 + (i * 7919 % 1000) / 1000) * 1e9 / rate);
}

/** Sends the recording at some speed; when the samples arrived, in milliseconds. */
async function receiveReplay(file: string, speed: number): Promise<number[]> {
  using receiver = await openUdp({ local: "udp://127.0.0.1:0" });
  const cli = new URL("../../cli.ts", import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const local = "udp://127.0.0.1:0";
  const sender = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", `--config=${config}`, cli, "send", file, "--speed", String(speed), "--local", local]
      .concat(
        "--remote",
        receiver.local,
      ),
  }).spawn();
  // What was sent is there at the latest when the sender has ended: an empty datagram behind it says so.
  using closing = await openUdp({ local, remote: receiver.local });
  const ended = sender.status.then(() => closing.send([new Uint8Array()]));
  const times: number[] = [];
  const received: Uint8Array[] = [];
  while (times.length < count) {
    const datagrams = await receiver.receive();
    const time = performance.now();
    if (datagrams.some(({ length }) => length === 0)) throw new Error(`Only ${times.length} of ${count} have arrived`);
    for (const datagram of datagrams) {
      received.push(datagram.slice());
      times.push(time);
    }
  }
  const format = protobuf();
  assertEquals(received.flatMap((datagram) => format.decode(datagram)), recording);
  await ended;
  return times;
}

function show(name: string, { count, percentile, max }: Histogram): void {
  const figures = [50, 90, 99].map((percent) => `p${percent} ${(percentile(percent) * 1000).toFixed(3)}`);
  console.log(`  ${name}: ${figures.join(", ")}, max ${(max * 1000).toFixed(3)} ms (${count})`);
}

const file = await Deno.makeTempFile({ suffix: ".json" });
try {
  await Deno.writeTextFile(file, json().createEncoder()(recording) as string);
  for (const speed of [1, 2]) {
    const times = await receiveReplay(file, speed);
    const steps = createHistogram();
    const lags = createHistogram();
    const due = recording.map(({ tsOrigin = { sec: 0, nsec: 0 } }) =>
      ((tsOrigin.sec - 1_700_000_000) * 1e3 + tsOrigin.nsec / 1e6) / speed
    );
    for (let i = 1; i < count; i++) {
      const at = (list: number[], index: number) => list[index] ?? NaN;
      steps.record(Math.abs(at(times, i) - at(times, i - 1) - (at(due, i) - at(due, i - 1))) / 1000);
      lags.record(Math.abs(at(times, i) - at(times, 0) - at(due, i)) / 1000);
    }
    console.log(`${count} samples at ${rate * speed} a second (speed ${speed}), all as recorded`);
    show("error of the steps", steps);
    show("error of the times", lags);
  }
} finally {
  await Deno.remove(file);
}
