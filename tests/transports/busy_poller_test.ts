import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { openTransport, openUdp, type UdpOptions } from "@villas/client/transports";
import { BusyPoller, checkPolling } from "../../lib/transports/udp/busy_poller.ts";
import { waitUntil } from "../../lib/system/wait.ts";
import { countProcessors } from "../../lib/transports/udp/libc.ts";
import { moduleUrl, runScript } from "./_run.ts";
import { testTransport } from "./contract.ts";

const isLinux = Deno.build.os === "linux";
const ignore = !isLinux || countProcessors() < 2;
if (ignore) console.warn("SKIPPED: polling needs Linux and two processor cores");

const test = (words: string, fn: () => Promise<void>) =>
  Deno.test({ name: `openUdp({ busyPoll: true }) ${words}`, ignore, fn });

testTransport({
  name: "openUdp({ busyPoll: true })",
  open: (options?: UdpOptions) => openUdp({ busyPoll: true, ...options }),
  newAddress: () => "udp://127.0.0.1:0",
  noticesAbsence: false,
  ignore,
});

testTransport({
  name: "openUdp({ busyPoll: { idleAfter: 0.0001 } }), which mostly waits,",
  open: (options?: UdpOptions) => openUdp({ busyPoll: { idleAfter: 0.0001 }, ...options }),
  newAddress: () => "udp://127.0.0.1:0",
  noticesAbsence: false,
  ignore,
});

/** A source that has something at some of its polls, and a clock of its own: other programs do not disturb these tests. */
class FakeSource {
  polls = 0;
  closed = false;
  time = 0;
  /** Time that a poll takes, in milliseconds. */
  step = 1 / 1024;

  /** @param has Returns whether there is something at a poll, by its number from 1 */
  constructor(readonly has: (poll: number) => boolean) {}

  take(): boolean {
    this.time += this.step;
    return this.has(++this.polls);
  }

  isClosed(): boolean {
    return this.closed;
  }

  readonly clock = () => this.time;
}

Deno.test("BusyPoller gives the rest of the program its turn every fifth of a millisecond", async () => {
  const source = new FakeSource((poll) => poll === 1000);
  const turns: number[] = [];
  let isOver = false;
  const count = () => {
    turns.push(source.time);
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  assertEquals(await new BusyPoller(source, {}, source.clock).poll(), true);
  isOver = true;
  assertEquals(source.polls, 1000);
  // It looks at the clock every 50 polls.
  for (let polls = 250; polls < 1000; polls += 250) assert(turns.includes(polls * source.step), `${polls} of ${turns}`);
  await new Promise((resolve) => setImmediate(resolve)); // the last turn of the count
});

Deno.test("BusyPoller gives the rest of the program its turn when a point in time has come that it waits for", async () => {
  const source = new FakeSource((poll) => poll === 1000);
  source.time = performance.now();
  const waiting = waitUntil(source.time + 0.1, undefined, true);
  const polling = new BusyPoller(source, {}, source.clock).poll();
  assertEquals(source.polls, 150); // the first look at the clock behind that time
  assertEquals(await polling, true);
  await waiting;
});

Deno.test("BusyPoller goes on in the same turn as long as what it takes is dealt with", async () => {
  const source = new FakeSource((poll) => [3, 4, 70].includes(poll));
  const dealtWith: number[] = [];
  const polling = new BusyPoller(source, {}, source.clock).poll(() => {
    dealtWith.push(source.polls);
    return source.polls < 70;
  });
  assertEquals(dealtWith, [3, 4, 70]);
  assertEquals(await polling, true);
});

Deno.test("BusyPoller gives the rest of the program its turn while what it takes is dealt with, and rests not for it", async () => {
  const source = new FakeSource(() => true);
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const isTaken = await new BusyPoller(source, {}, source.clock).poll(() => {
    source.time += 5; // far longer than a turn should be
    return source.polls < 40;
  });
  isOver = true;
  assertEquals([isTaken, source.polls], [true, 40]);
  assert(turns >= 39, `${turns} turns`);
  await new Promise((resolve) => setImmediate(resolve)); // the last turn of the count
});

Deno.test("BusyPoller lets timers have their turn while there is something at every poll", async () => {
  const poller = new BusyPoller(new FakeSource(() => true));
  let isDue = false;
  setTimeout(() => isDue = true, 5);
  const begin = performance.now();
  while (!isDue) {
    await poller.poll();
    assertLess(performance.now() - begin, 10_000);
  }
});

Deno.test("BusyPoller ends after the time without anything, and polls again after resume()", async () => {
  let has = false;
  const source = new FakeSource(() => has);
  const poller = new BusyPoller(source, { idleAfter: 0.02 }, source.clock);
  assertEquals(await poller.poll(), false);
  assertEquals(source.polls, 20_500); // 20 ms of them, and the rest of the turn
  poller.resume();
  has = true;
  assertEquals(await poller.poll(), true);
});

for (
  const [words, has, handle] of [
    ["finds nothing", () => false, undefined],
    // The datagrams that came meanwhile must not hide that it was interrupted.
    ["finds datagrams after each interruption", (poll: number) => poll % 25 === 0, () => true],
  ] as const
) {
  Deno.test(`BusyPoller waits longer and longer where another program takes its core and it ${words}`, async () => {
    const source = new FakeSource(has);
    const poller = new BusyPoller(source, { idleAfter: 60 }, source.clock);
    /** Returns how long it does not poll after two interruptions. */
    const interrupt = async () => {
      source.step = 1 / 16; // 25 polls take more than a millisecond
      assertEquals(await poller.poll(handle), false);
      source.step = 0;
      const begin = source.time;
      for (; source.time < begin + 5000; source.time += 1) {
        source.polls = 0;
        source.closed = true; // polls once, or not at all
        await poller.poll(handle);
        source.closed = false;
        if (source.polls === 0) break;
      }
      return source.time - begin;
    };
    assertEquals([await interrupt(), await interrupt(), await interrupt()], [10, 20, 40]);
    for (let times = 0; times < 6; times++) await interrupt();
    assertEquals(await interrupt(), 1000);
    source.time += 1001; // undisturbed for longer than that
    assertEquals(await interrupt(), 10);
  });
}

Deno.test("BusyPoller goes on after a single interruption", async () => {
  const source = new FakeSource((poll) => poll === 2000);
  let interruptions = 0;
  const take = () => {
    if (source.polls % 500 !== 499) return source.take();
    interruptions++;
    source.time += 30; // a moment without a core, long after the last one
    return source.take();
  };
  const isClosed = () => source.isClosed();
  assertEquals(await new BusyPoller({ take, isClosed }, {}, source.clock).poll(), true);
  assertEquals([source.polls, interruptions], [2000, 4]);
});

Deno.test("BusyPoller ends when its source is closed", async () => {
  const source = new FakeSource((poll) => {
    if (poll === 500) source.closed = true;
    return false;
  });
  assertEquals(await new BusyPoller(source, {}, source.clock).poll(), false);
  assertEquals(source.polls, 500);
});

for (const idleAfter of [0, -1, NaN]) {
  Deno.test(`checkPolling() refuses ${idleAfter} s as the time after which polling ends`, () => {
    assertThrows(
      () => checkPolling({ idleAfter }),
      RangeError,
      `Cannot use ${idleAfter} as idleAfter: expected a number of seconds above 0`,
    );
  });
}

Deno.test("openUdp({ busyPoll: true, batch: false }) is a contradiction", async () => {
  await assertRejects(
    () => openUdp({ local: "127.0.0.1:0", busyPoll: true, batch: false }),
    TypeError,
    "Cannot poll for datagrams instead of waiting: it needs batches",
  );
});

for (const [name, local] of [["memory", "memory:polled"], ["unix", "unix:polled.sock"]] as const) {
  Deno.test(`openTransport({ busyPoll: true }) refuses ${local}`, async () => {
    await assertRejects(
      () => openTransport({ local, busyPoll: true }),
      TypeError,
      `Cannot poll for datagrams over ${name} instead of waiting: only udp can`,
    );
  });
}

const importing = `const { openUdp } = await import(${JSON.stringify(moduleUrl("transports/udp.ts"))});`;
const rights = ["--unstable-net", "--allow-net", "--allow-import"];

for (
  const [words, flags, change, why] of [
    ["the permission --allow-ffi", [], "", "it needs the permission --allow-ffi"],
    [
      "a second core",
      ["--allow-ffi"],
      `const { dlopen } = Deno;
       Deno.dlopen = (name, symbols) =>
         "get_nprocs" in symbols ? { symbols: { get_nprocs: () => 1 }, close() {} } : dlopen(name, symbols);`,
      "this machine has one core, which the sender and the system need, too",
    ],
    [
      "a way to find Deno's socket",
      ["--allow-ffi"],
      `const { dlopen } = Deno;
       Deno.dlopen = (...args) => {
         const library = dlopen(...args);
         return { symbols: { ...library.symbols, getsockname: () => -1 }, close: () => library.close() };
       };`,
      "Deno's socket cannot be found",
    ],
  ] as const
) {
  test(`is refused without ${words}, and leaves nothing open`, async () => {
    const script = `
      ${change}
      ${importing}
      await openUdp({ busyPoll: true, local: "127.0.0.1:0" })
        .catch((error) => console.log(error.name + ": " + error.message));`;
    const { stdout, stderr, code } = await runScript([...rights, ...flags], script);
    assertEquals({ stdout, stderr, code }, {
      stdout: `NotSupported: Cannot poll for datagrams instead of waiting: ${why}\n`,
      stderr: "",
      code: 0,
    });
  });
}

test("takes no core while nothing comes, and answers what comes then", async () => {
  const script = `
    import process from "node:process";
    ${importing}
    using a = await openUdp({ busyPoll: { idleAfter: 0.01 }, local: "127.0.0.1:0" });
    using b = await openUdp({ local: "127.0.0.1:0", remote: a.local });
    let received = a.receive();
    // The share of a core within a tenth of a second: it falls when the polling has given up, and never while it goes on.
    const share = async () => {
      const before = process.cpuUsage();
      const begin = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000 / (performance.now() - begin);
    };
    const deadline = performance.now() + 10_000;
    while (await share() > 0.3 && performance.now() < deadline);
    console.log(await share() < 0.3);
    await b.send([new Uint8Array([7])]);
    console.log((await received)[0].join());`;
  const { stdout, stderr } = await runScript([...rights, "--allow-ffi"], script);
  assertEquals({ stdout, stderr }, { stdout: "true\n7\n", stderr: "" });
});

test("lets timers and other sockets have their turn while it polls", async () => {
  using polling = await openUdp({ busyPoll: { idleAfter: 60 }, local: "127.0.0.1:0" });
  using other = await openUdp({ batch: false, local: "127.0.0.1:0" });
  await other.setRemote(other.local);
  const receiving = polling.receive();
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await other.send([new Uint8Array([turn])]);
    assertEquals((await other.receive())[0], new Uint8Array([turn]));
  }
  polling.close();
  assertEquals(await receiving, []);
});
