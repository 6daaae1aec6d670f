import { assert, assertEquals, assertLess } from "@std/assert";
import { openUdp, type UdpOptions } from "@villas/client/transports";
import { loadLibc, loadMessageCalls, type MessageCalls } from "../../lib/transports/udp/libc.ts";
import { findNewSocket } from "../../lib/transports/udp/socket_handle.ts";
import { NativeBatches } from "../../lib/transports/udp/native_batches.ts";
import { listenUdp, UdpTransport } from "../../lib/transports/udp/transport.ts";
import { canRun, moduleUrl, run, runScript } from "./_run.ts";
import { openPair, pattern, receiveAll } from "./contract.ts";
import { testUdp } from "./_udp_suite.ts";

/** Opens one that does batches, or fails. */
const open = (options?: UdpOptions) =>
  openUdp({
    batch: true,
    onFallback: (why) => {
      throw new Error(why);
    },
    ...options,
  });
const ignore = Deno.build.os !== "linux";

testUdp({
  name: "openUdp({ batch: true })",
  options: { batch: true },
  open,
  flags: ["--allow-ffi"],
  flood: 100_000,
  countsAlone: true,
  ignore,
});

const test = (words: string, fn: () => Promise<void>) =>
  Deno.test({ name: `openUdp({ batch: true }) ${words}`, ignore, fn });
const kit = { name: "", open, newAddress: () => "udp://127.0.0.1:0", noticesAbsence: false };
const importing = `const { openUdp } = await import(${JSON.stringify(moduleUrl("transports/udp.ts"))});`;
const hasIPv6 = Deno.networkInterfaces().some(({ address }) => address === "::1");
const rights = ["--unstable-net", "--allow-net", "--allow-import"];

test("gives all datagrams that are there at once, up to 64", async () => {
  await using pair = await openPair(kit);
  const sent = Array.from({ length: 100 }, (_, number) => pattern(100 + number, number));
  assertEquals(await pair.b.send(sent), 100);
  assertEquals(await pair.a.receive(), sent.slice(0, 64));
  assertEquals(await pair.a.receive(), sent.slice(64));
});

test("gives the datagrams behind the one that it has waited for", async () => {
  await using pair = await openPair(kit);
  const receiving = pair.a.receive();
  const sent = [pattern(3), pattern(2, 7), pattern(1, 9)];
  await pair.b.send(sent);
  assertEquals(await receiving, sent);
});

test("sends more and longer datagrams than one call takes", async () => {
  await using pair = await openPair(kit);
  const sent = Array.from({ length: 200 }, (_, number) => pattern(4000 + number, number));
  assertEquals(await pair.b.send(sent), 200);
  assertEquals(await receiveAll(pair.a, 200), sent);
});

Deno.test({
  name: "openUdp() receives and sends in batches without being asked to",
  ignore,
  fn: async () => {
    using byDefault = await openUdp({ local: "127.0.0.1:0" });
    using asked = await open({ local: "127.0.0.1:0" });
    assertEquals(byDefault.stats().receiveBuffer, asked.stats().receiveBuffer);
  },
});

Deno.test("openUdp({ batch: false }) is no reason to report that there are no batches", async () => {
  const reasons: string[] = [];
  using transport = await openUdp({ batch: false, local: "127.0.0.1:0", onFallback: (why) => reasons.push(why) });
  assertEquals([transport.stats().receiveBuffer, reasons], [undefined, []]);
});

Deno.test("openUdp() goes on one by one without --allow-ffi, and asks a user at a terminal for nothing", {
  ignore: ignore || !(await canRun("script", ["-qec", "true", "/dev/null"])),
}, async () => {
  const program = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    program,
    `${importing}
     using a = await openUdp({ local: "127.0.0.1:0", onFallback: (why) => console.log(why) });
     using b = await openUdp({ local: "127.0.0.1:0", remote: a.local });
     await b.send([new Uint8Array([1, 2])]);
     console.log((await a.receive()).join());`,
  );
  const command = `'${Deno.execPath()}' run --quiet --no-config ${rights.join(" ")} '${program}'`;
  const { stdout } = await run("script", ["-qec", command, "/dev/null"]);
  await Deno.remove(program);
  assertEquals(stdout.trim().split(/\r?\n/), ["it needs the permission --allow-ffi", "1,2"]);
});

test("says how much the kernel keeps, more than by default", async () => {
  using batch = await open({ local: "127.0.0.1:0" });
  using plain = await openUdp({ batch: false, local: "127.0.0.1:0" });
  const byDefault = Number(await Deno.readTextFile("/proc/sys/net/core/rmem_default"));
  assertLess(byDefault, batch.stats().receiveBuffer ?? 0);
  assertEquals(plain.stats().receiveBuffer, undefined);
});

for (
  const [words, local] of [["IPv4", "127.0.0.1:0"], ["IPv6", "[::1]:0"]] as const
) {
  test(`sends datagrams of one length, shorter, longer and empty ones as what they are over ${words}`, async () => {
    if (words === "IPv6" && !hasIPv6) return;
    await using pair = await openPair({ ...kit, newAddress: () => local });
    const lengths = [
      ...Array(70).fill(100),
      99,
      100,
      100,
      0,
      100,
      0,
      0,
      101,
      1,
      1,
      1232,
      1232,
      1233,
      1233,
      65_507,
      5,
      5,
    ];
    const sent = lengths.map((length, number) => pattern(length, number));
    assertEquals(await pair.b.send(sent), sent.length);
    assertEquals(await receiveAll(pair.a, sent.length), sent);
  });
}

test("sends datagrams of one length to a multicast group, each by itself", async () => {
  const multicast = { group: "224.1.2.3", interface: "127.0.0.1" };
  using receiver = await open({ local: "0.0.0.0:0", multicast });
  using sender = await open({ local: "127.0.0.1:0", remote: receiver.local.replace("0.0.0.0", "224.1.2.3") });
  const sent = Array.from({ length: 20 }, (_, number) => pattern(50, number));
  assertEquals(await sender.send(sent), 20);
  assertEquals(await receiveAll(receiver, 20), sent);
});

Deno.test({
  name: "openUdp({ batch: true }) sends datagrams of one length over a network whose packets are shorter",
  ignore: ignore || !(await canRun("unshare", ["-rn", "ip", "link", "set", "lo", "mtu", "600", "up"])),
  fn: async () => {
    const script = `
      ${importing}
      using a = await openUdp({ batch: true, local: "127.0.0.1:0" });
      using b = await openUdp({ batch: true, local: "127.0.0.1:0", remote: a.local });
      for (const sent of [500, 1000, 20_000]) {
        const lengths = [];
        console.log(await b.send(Array.from({ length: 50 }, () => new Uint8Array(sent))));
        while (lengths.length < 50) lengths.push(...(await a.receive()).map(({ length }) => length));
        console.log(lengths.every((length) => length === sent));
      }`;
    const url = `data:application/typescript;base64,${btoa(script)}`;
    const deno = `'${Deno.execPath()}' run --quiet --no-config --allow-ffi ${rights.join(" ")} '${url}'`;
    const { stdout, stderr } = await run("unshare", ["-rn", "sh", "-c", `ip link set lo mtu 600 up && ${deno}`]);
    assertEquals({ stdout, stderr }, { stdout: "50\ntrue\n".repeat(3), stderr: "" });
  },
});

/** The system's calls, but they sometimes fail and otherwise take little, as they may where the network is slow. */
function reluctantCalls(): MessageCalls {
  const { sendmmsg, recvmmsg, sendto, recvfrom } = loadMessageCalls();
  let calls = 0;
  return {
    sendmmsg: (socket, headers, count, flags) =>
      ++calls % 5 === 0 ? -1 : sendmmsg(socket, headers, Math.min(count, 1 + calls % 7), flags),
    recvmmsg: (socket, headers, count, flags, timeout) =>
      ++calls % 5 === 0 ? -1 : recvmmsg(socket, headers, Math.min(count, 1 + calls % 9), flags, timeout),
    sendto: (...given) => ++calls % 5 === 0 ? -1 : sendto(...given),
    recvfrom: (...given) => ++calls % 5 === 0 ? -1 : recvfrom(...given),
  };
}

test("loses nothing and keeps the order where the system takes and gives less than it is asked for", async () => {
  const libc = loadLibc();
  const calls = reluctantCalls();
  const openReluctant = (remote?: Deno.NetAddr) => {
    const conn = listenUdp({ hostname: "127.0.0.1", port: 0 }, undefined);
    const address = conn.addr as Deno.NetAddr;
    const socket = findNewSocket(libc, address, new Map());
    assert(socket !== undefined);
    return new UdpTransport(conn, remote, {}, { batches: new NativeBatches(libc, socket, address, calls) });
  };
  using a = openReluctant();
  using b = openReluctant({ transport: "udp", hostname: "127.0.0.1", port: Number(a.local.split(":").at(-1)) });
  for (const length of [(number: number) => 20 + number % 50, (number: number) => 90 - number % 3]) {
    const sent = Array.from({ length: 300 }, (_, number) => pattern(length(number), number));
    assertEquals(await b.send(sent), 300);
    assertEquals(await receiveAll(a, 300), sent);
  }
});

test("goes on sending several datagrams as one message behind a time when the system took none", async () => {
  const conn = listenUdp({ hostname: "127.0.0.1", port: 0 }, undefined);
  const address = conn.addr as Deno.NetAddr;
  const libc = loadLibc();
  const socket = findNewSocket(libc, address, new Map());
  assert(socket !== undefined);
  let isFull = true;
  const messages: number[] = [];
  const sendmmsg: MessageCalls["sendmmsg"] = (_socket, _headers, count) => {
    messages.push(count);
    return isFull ? -1 : count;
  };
  const batches = new NativeBatches(libc, socket, address, { ...loadMessageCalls(), sendmmsg });
  using transport = new UdpTransport(conn, address, {}, { batches });
  const datagrams = Array.from({ length: 10 }, () => new Uint8Array(2000));
  assertEquals(await transport.send(datagrams), 10); // one by one, by Deno
  isFull = false;
  messages.length = 0;
  assertEquals(await transport.send(datagrams), 10);
  assertEquals(messages, [1]);
});

/** A program that lets two transports play back and forth, windows of 32, and compares each byte. */
const exchange = (rounds: number, between: string) => `
  ${importing}
  using a = await openUdp({ batch: true, local: "127.0.0.1:0" });
  using b = await openUdp({ batch: true, local: "127.0.0.1:0", remote: a.local });
  await a.setRemote(b.local);
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  let seed = 1;
  const random = (limit) => (seed = seed * 48_271 % 2_147_483_647) % limit;
  let wrong = 0, count = 0;
  const pass = async (from, to, sent) => {
    if (await from.send(sent) !== sent.length) throw new Error("not all were sent");
    for (let next = 0; next < sent.length;) {
      for (const datagram of await to.receive()) {
        const expected = sent[next++];
        count++;
        if (expected === undefined || datagram.length !== expected.length) wrong++;
        else if (datagram.some((byte, index) => byte !== expected[index])) wrong++;
      }
    }
  };
  for (let round = 0; round < ${rounds}; round++) {
    const window = Array.from({ length: 32 }, () => {
      const start = random(65_000);
      return bytes.subarray(start, start + random(round % 100 === 0 ? 20_000 : 300));
    });
    await pass(b, a, window);
    ${between}
    await pass(a, b, window);
  }
  console.log(count, wrong);`;

test("carries 100,000 datagrams byte for byte", async () => {
  const { stdout, stderr } = await runScript([...rights, "--allow-ffi"], exchange(1563, ""));
  assertEquals({ stdout, stderr }, { stdout: "100032 0\n", stderr: "" });
});

test("carries datagrams byte for byte while the collector runs between any two batches", async () => {
  const script = exchange(60, "for (let i = 0; i < 50; i++) new Uint8Array(random(10_000)).fill(255); gc();");
  const { stdout, stderr } = await runScript([...rights, "--allow-ffi", "--v8-flags=--expose-gc"], script);
  assertEquals({ stdout, stderr }, { stdout: "3840 0\n", stderr: "" });
});

test("leaves no descriptor behind, and lets the process end when it is closed while it waits", async () => {
  const script = `
    ${importing}
    const count = () => [...Deno.readDirSync("/proc/self/fd")].length;
    const cycle = async (number) => {
      const transport = await openUdp({ batch: true, local: "127.0.0.1:0" });
      const receiving = transport.receive();
      if (number % 2) await new Promise((resolve) => setTimeout(resolve)); // it waits now
      transport.close();
      if ((await receiving).length > 0) throw new Error("something came");
    };
    for (let number = 0; number < 10; number++) await cycle(number);
    const before = count();
    for (let number = 0; number < 300; number++) await cycle(number);
    console.log(count() - before < 10); // Deno has opened a few for itself meanwhile, and closes the last ones later`;
  const { stdout, stderr, code } = await runScript(["-A", "--unstable-net"], script);
  assertEquals({ stdout, stderr, code }, { stdout: "true\n", stderr: "", code: 0 });
});

test("lets timers have their turn while datagrams never end", async () => {
  const script = `
    ${importing}
    using a = await openUdp({ batch: true, local: "127.0.0.1:0" });
    using b = await openUdp({ batch: true, local: "127.0.0.1:0", remote: a.local });
    setTimeout(() => a.close(), 20);
    await b.send([new Uint8Array(1)]);
    while ((await a.receive()).length > 0) await b.send([new Uint8Array(1)]);
    console.log("ended");`;
  const { stdout } = await runScript([...rights, "--allow-ffi"], script);
  assertEquals(stdout, "ended\n");
});

test("counts the kernel's drops without any right to read", async () => {
  const script = `
    ${importing}
    using transport = await openUdp({ batch: true, local: "127.0.0.1:0" });
    console.log(transport.stats().kernelDrops);
    transport.close();
    console.log(transport.stats().kernelDrops);`;
  const { stdout, stderr } = await runScript([...rights, "--allow-ffi"], script);
  assertEquals({ stdout, stderr }, { stdout: "0\n0\n", stderr: "" });
});

test("sends nowhere where Deno may not send", async () => {
  const script = `
    ${importing}
    using transport = await openUdp({ batch: true, local: "127.0.0.1:0", remote: "127.0.0.2:9" });
    await transport.send([new Uint8Array(1)]).catch((error) => console.log(error.name));
    await transport.setRemote("127.0.0.1:9");
    console.log(await transport.send([new Uint8Array(1)]));`;
  const flags = ["--unstable-net", "--allow-net=127.0.0.1", "--allow-ffi", "--allow-import"];
  const { stdout, stderr } = await runScript(flags, script);
  assertEquals({ stdout, stderr }, { stdout: "NotCapable\n1\n", stderr: "" });
});

for (
  const [words, flags, change, why] of [
    ["the permission --allow-ffi", [], "", "it needs the permission --allow-ffi"],
    [
      "Linux",
      ["--allow-ffi"],
      `Object.defineProperty(Deno, "build", { value: { ...Deno.build, os: "darwin" } });`,
      "it runs on Linux only",
    ],
    [
      "a processor that it knows",
      ["--allow-ffi"],
      `Object.defineProperty(Deno, "build", { value: { ...Deno.build, arch: "riscv64" } });`,
      "it runs on x86-64 and ARM64 only",
    ],
    [
      "the GNU C library",
      ["--allow-ffi"],
      `Deno.dlopen = () => { throw new Error("Could not open library: no such file"); };`,
      "it needs the GNU C library (Could not open library: no such file)",
    ],
    [
      "a way to find Deno's socket",
      ["--allow-ffi"],
      `const { dlopen } = Deno;
       Deno.dlopen = (...args) => ({ symbols: { ...dlopen(...args).symbols, getsockname: () => -1 } });`,
      "Deno's socket cannot be found",
    ],
  ] as const
) {
  test(`goes on one by one without ${words}, and says so once`, async () => {
    const script = `
      ${change}
      ${importing}
      using a = await openUdp({ batch: true, local: "127.0.0.1:0", onFallback: (why) => console.log(why) });
      using b = await openUdp({ local: "127.0.0.1:0", remote: a.local });
      await b.send([new Uint8Array([1, 2])]);
      const [datagram] = await a.receive();
      console.log(datagram.join(), a.stats().receiveBuffer);`;
    const { stdout, stderr } = await runScript([...rights, ...flags], script);
    assertEquals({ stdout, stderr }, { stdout: `${why}\n1,2 undefined\n`, stderr: "" });
  });
}
