import { assert, assertEquals, assertRejects } from "@std/assert";
import { pace, type Step } from "@villas/client/timing";
import { openUdp } from "@villas/client/transports";

/** Keeps the processor for some milliseconds. */
function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

const count = (length: number) => Array.from({ length }, (_, i) => i);

for (const busyWait of [false, true]) {
  for (const rate of [200, 1000, 20_000]) {
    Deno.test(`pace() gives every index once, none before it is due, at ${rate} Hz${busyWait ? " with a busy wait" : ""}`, async () => {
      const start = performance.now();
      const indices: number[] = [];
      for await (const { index, lateness } of pace(rate, undefined, { busyWait })) {
        const due = index * 1000 / rate;
        indices.push(index);
        assert(lateness >= 0);
        assert(performance.now() - start >= due, `step ${index} came early`);
        if (index === rate / 10) break;
      }
      assertEquals(indices, count(rate / 10 + 1));
    });
  }
}

Deno.test("pace() catches up after a delay, and says how late each step is and which deadlines are missed", async () => {
  const steps: Step[] = [];
  for await (const step of pace(100)) {
    steps.push(step);
    if (step.index === 0) block(45);
    if (step.index === 6) break;
  }
  assertEquals(steps.map(({ index }) => index), count(7));
  const [, second, third, fourth] = steps;
  assert(second !== undefined && second.lateness >= 0.035 && second.missed);
  assert(third !== undefined && third.lateness >= 0.025 && third.missed);
  assert(fourth !== undefined && fourth.lateness >= 0.015 && fourth.missed);
  for (const { lateness, missed } of steps) assertEquals(missed, lateness >= 0.01);
});

Deno.test("pace() says of a step whether the next one follows at once", async () => {
  let isTold = false;
  let followers = 0;
  let time = 0;
  for await (const { index, more } of pace(1000)) {
    if (isTold) {
      followers++;
      // Nothing was waited for: not even a timer that was due had its turn.
      assertEquals(time, index);
    }
    isTold = more;
    time = index + 1;
    setTimeout(() => time = -1);
    if (index === 10) block(30);
    if (index === 60) break;
  }
  assert(followers > 0);
});

Deno.test("pace() gives the rest of the program its turns, however far behind it is", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  let steps = 0;
  for await (const { index } of pace(1e9, controller.signal)) assertEquals(index, steps++);
  assert(steps > 100);
});

Deno.test("pace() gives steps as fast as they are taken at an infinite rate, none of them late", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  let steps = 0;
  for await (const { index, lateness, missed } of pace(Infinity, controller.signal)) {
    assertEquals([index, lateness, missed], [steps++, 0, false]);
  }
  assert(steps > 100);
});

for (const busyWait of [false, true]) {
  for (const rate of [100, 1000, 10_000]) {
    Deno.test(`pace() lets datagrams be received meanwhile, at ${rate} Hz${busyWait ? " with a busy wait" : ""}`, async () => {
      using receiver = await openUdp({ local: "udp://127.0.0.1:0" });
      using sender = await openUdp({ local: "udp://127.0.0.1:0", remote: receiver.local });
      const controller = new AbortController();
      const exchange = (async () => {
        for (let i = 0; i < 100; i++) {
          await sender.send([new Uint8Array([i])]);
          assertEquals((await receiver.receive())[0], new Uint8Array([i]));
        }
        controller.abort();
      })();
      for await (const _ of pace(rate, controller.signal, { busyWait }));
      await exchange;
    });
  }
}

for (const rate of [0.001, 100, 400, 1000, 10_000]) {
  Deno.test(`pace() ends at once when the signal is aborted, at ${rate} Hz`, async () => {
    const controller = new AbortController();
    let aborted = Infinity;
    setTimeout(() => {
      aborted = performance.now();
      controller.abort();
    }, 5);
    for await (const _ of pace(rate, controller.signal)) assert(performance.now() < aborted);
    assert(aborted < Infinity);
  });
}

Deno.test("pace() gives no further step of those that are due when the signal is aborted", async () => {
  const controller = new AbortController();
  let steps = 0;
  for await (const { index } of pace(1000, controller.signal)) {
    steps++;
    if (index === 0) block(20);
    if (index === 1) controller.abort();
  }
  assertEquals(steps, 2);
});

Deno.test("pace() gives nothing where the signal is aborted already", async () => {
  for await (const _ of pace(1, AbortSignal.abort())) assert(false);
});

Deno.test("pace() refuses a rate that is not above 0", async () => {
  await assertRejects(() => pace(0).next(), RangeError, "Cannot keep a rate of 0 per second: it must be above 0");
  await assertRejects(() => pace(NaN).next(), RangeError);
});

Deno.test("pace() leaves the processor to others at low rates", async () => {
  // In a process of its own, because it is the processor time of the process that tells.
  const script = `
    import { pace } from ${JSON.stringify(import.meta.resolve("../../lib/timing/pacing.ts"))};
    import process from "node:process";
    for await (const { index } of pace(100)) if (index === 20) break;
    const before = process.cpuUsage();
    const start = performance.now();
    for await (const { index } of pace(100)) if (index === 100) break;
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000 / (performance.now() - start));
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--ext=ts", script],
    env: { NO_COLOR: "1" },
  }).output();
  const share = Number(new TextDecoder().decode(stdout));
  assert(share > 0 && share < 0.4, `it took ${share} of a processor`);
});
