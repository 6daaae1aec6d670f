/**
 * Promises of the transport `udp`, tested the same way with one datagram per system call and with many.
 *
 * @module
 */

import { assertEquals, assertLess, assertMatch, assertRejects } from "@std/assert";
import type { DatagramTransport, UdpOptions } from "@villas/client/transports";
import { timeLimit } from "../_time_limits.ts";
import { canRun, moduleUrl, run, runScript } from "./_run.ts";
import { openPair, pattern, receiveAll, testTransport } from "./contract.ts";

const isLinux = Deno.build.os === "linux";
const hasIPv6 = canBind("::1");
const network = Deno.networkInterfaces().find(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
);
const link = Deno.networkInterfaces().find(({ family, address }) => family === "IPv6" && address.startsWith("fe80:"));

function canBind(hostname: string): boolean {
  try {
    Deno.listenDatagram({ transport: "udp", hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

function portOf(transport: DatagramTransport): number {
  return Number(/:(\d+)$/.exec(transport.local)?.[1]);
}

const hasScript = await canRun("script", ["-qec", "true", "/dev/null"]);
const hasUnshare = await canRun("unshare", ["-rn", "true"]);

/** Parameters of the suite. */
export interface UdpKit {
  /** The call that opens it, as test names have it. */
  name: string;
  open: (options?: UdpOptions) => Promise<DatagramTransport>;
  /** The options of that call. */
  options: UdpOptions;
  /** Flags of Deno that it needs besides those of the network. */
  flags: string[];
  /** A number of datagrams of 100 bytes that is more than the kernel keeps. */
  flood: number;
  /** True if the kernel's drops are known where several sockets share an address. */
  countsAlone: boolean;
  /** True if the machine lacks what it takes to run. */
  ignore?: boolean;
}

/** Defines the tests of a UDP transport. */
export function testUdp({ name, open, options, flags, flood, countsAlone, ignore: isIgnored = false }: UdpKit): void {
  const importing = `const { openUdp } = await import(${JSON.stringify(moduleUrl("transports/udp.ts"))});
    const open = (options) => openUdp({ ...options, ...${JSON.stringify(options)} });`;
  const test = (words: string, fn: () => Promise<void>, ignore = false) =>
    Deno.test({ name: `${name} ${words}`, ignore: ignore || isIgnored, timeout: timeLimit, fn });
  const ipv4 = {
    name: `${name} over IPv4`,
    open,
    newAddress: () => "udp://127.0.0.1:0",
    noticesAbsence: false,
    ignore: isIgnored,
  };
  const ipv6 = {
    name: `${name} over IPv6${hasIPv6 ? "" : " (NOT TESTED: this machine has no ::1)"}`,
    open,
    newAddress: () => "udp://[::1]:0",
    noticesAbsence: false,
    ignore: isIgnored || !hasIPv6,
  };

  testTransport(ipv4);
  testTransport(ipv6);

  const expected = `expected "udp://HOST:PORT" or "udp://[IPV6]:PORT", with a port from 0 to 65535`;

  for (
    const address of [
      "",
      "udp://",
      "udp://127.0.0.1",
      "udp://127.0.0.1:",
      "127.0.0.1:x",
      "127.0.0.1:-1",
      "127.0.0.1:65536",
      "127.0.0.1:123456",
      "127.0.0.1:12001/",
      "udp://::1:12001",
      "udp://[::1]",
      "udp://[127.0.0.1]:12001",
      "udp://[::g]:12001",
      "udp://[::1%]:12001",
      "udp://[]:12001",
      "udp://user@[::1]:12001",
      "udp://a b:12001",
      "tcp://127.0.0.1:12001",
      "unix:/run/a.sock",
      "udp://127.0.0.1:12001\n",
    ]
  ) {
    test(`refuses the address ${JSON.stringify(address)}`, async () => {
      const message = `Cannot parse "${address}" as a UDP address: ${expected}`;
      const asLocal = await assertRejects(() => open({ local: address }), SyntaxError);
      assertEquals(asLocal.message, message);
      const asRemote = await assertRejects(() => open({ local: "127.0.0.1:0", remote: address }), SyntaxError);
      assertEquals(asRemote.message, message);
    });
  }

  for (
    const [local, remote, message] of [
      ["127.0.0.1:0", "127.0.0.1:0", "Cannot send to udp://127.0.0.1:0: the port must not be 0"],
      ["127.0.0.1:0", "*:12000", "Cannot send to udp://0.0.0.0:12000: it stands for any address"],
      ["[::1]:0", "[::]:12000", "Cannot send to udp://[::]:12000: it stands for any address"],
      [
        "127.0.0.1:0",
        "[::1]:12000",
        "Cannot send from udp://127.0.0.1:0 to udp://[::1]:12000: one is an IPv4 address, the other an IPv6 address",
      ],
      [
        "[::1]:0",
        "127.0.0.1:12000",
        "Cannot send from udp://[::1]:0 to udp://127.0.0.1:12000: one is an IPv4 address, the other an IPv6 address",
      ],
    ] as const
  ) {
    test(`refuses to send from ${local} to ${remote}`, async () => {
      const error = await assertRejects(() => open({ local, remote }), TypeError);
      assertEquals(error.message, message);
    });
  }

  test("setRemote() refuses an address of the other family, and keeps the one before", async () => {
    using transport = await open({ local: "127.0.0.1:0", remote: "127.0.0.1:9" });
    await assertRejects(
      () => transport.setRemote("[::1]:9"),
      TypeError,
      `Cannot send from ${transport.local} to udp://[::1]:9: one is an IPv4 address, the other an IPv6 address`,
    );
    assertEquals(transport.remote, "udp://127.0.0.1:9");
  });

  for (
    const [remote, written] of [
      ["127.0.0.1:9", "udp://127.0.0.1:9"],
      ["udp://127.0.0.1:00009", "udp://127.0.0.1:9"],
      ["udp://[::ffff:127.0.0.1]:9", "udp://127.0.0.1:9"],
      ["udp://[::FFFF:7f00:0001]:9", "udp://127.0.0.1:9"],
      ["255.255.255.255:65535", "udp://255.255.255.255:65535"],
    ] as const
  ) {
    test(`reads the address ${remote}`, async () => {
      using transport = await open({ local: "127.0.0.1:0", remote });
      assertEquals(transport.remote, written);
    });
  }

  for (
    const [remote, written] of [
      ["[0:0:0:0:0:0:0:1]:9", "udp://[::1]:9"],
      ["udp://[2001:DB8:0::1]:9", "udp://[2001:db8::1]:9"],
      ["udp://[fe80::1%lo]:9", "udp://[fe80::1%lo]:9"],
    ] as const
  ) {
    test(`reads the address ${remote}`, async () => {
      using transport = await open({ local: "[::1]:0", remote });
      assertEquals(transport.remote, written);
    }, !hasIPv6);
  }

  test(`receives on all addresses for an empty host and for *`, async () => {
    for (const local of [":0", "*:0", "udp://*:0"]) {
      using transport = await open({ local });
      assertMatch(transport.local, /^udp:\/\/0\.0\.0\.0:\d+$/);
      using sender = await open({ local: "127.0.0.1:0", remote: `127.0.0.1:${portOf(transport)}` });
      await sender.send([pattern(2)]);
      assertEquals(await receiveAll(transport, 1), [pattern(2)]);
    }
  });

  test(`looks a host name up once and takes an address that fits the other end`, async () => {
    using a = await open({ local: "localhost:0" });
    assertMatch(a.local, /^udp:\/\/127\.0\.0\.1:\d+$/);
    using b = await open({ local: "127.0.0.1:0", remote: `localhost:${portOf(a)}` });
    assertEquals(b.remote, a.local);
    await a.setRemote(`localhost:${portOf(b)}`);
    await b.send([pattern(2)]);
    assertEquals(await receiveAll(a, 1), [pattern(2)]);
  });

  test(`says that a host name is unknown`, async () => {
    for (const options of [{ remote: "no-such-host.invalid:9" }, { local: "no-such-host.invalid:9" }]) {
      const error = await assertRejects(() => open({ local: "127.0.0.1:0", ...options }), Deno.errors.NotFound);
      assertMatch(error.message, /^Cannot find host no-such-host\.invalid: ./);
    }
  });

  test(`says that the machine does not have an address`, async () => {
    await assertRejects(
      () => open({ local: "198.51.100.1:0" }), // of no machine (RFC 5737)
      Deno.errors.AddrNotAvailable,
      "Cannot open udp://198.51.100.1:0: this machine does not have this address",
    );
  });

  test(`on [::] knows an IPv4 remote by its mapped address`, async () => {
    const ignored: string[] = [];
    using b = await open({ local: "127.0.0.1:0" });
    using other = await open({ local: "127.0.0.1:0" });
    using a = await open({ local: "[::]:0", remote: b.local, onIgnored: (from) => ignored.push(from) });
    for (const sender of [other, b]) await sender.setRemote(`127.0.0.1:${portOf(a)}`);
    await other.send([pattern(1)]);
    await b.send([pattern(2)]);
    assertEquals(await receiveAll(a, 1), [pattern(2)]);
    assertEquals(ignored, [other.local]);
    await a.send([pattern(3)]);
    assertEquals(await receiveAll(b, 1), [pattern(3)]);
  }, !hasIPv6);

  test(`knows a remote on the link whose address has a zone`, async () => {
    const host = `[${link?.address}%${link?.name}]`;
    using a = await open({ local: `${host}:0` });
    using b = await open({ local: `${host}:0`, remote: `${host}:${portOf(a)}` });
    await a.setRemote(`${host}:${portOf(b)}`);
    await b.send([pattern(1)]);
    assertEquals(await receiveAll(a, 1), [pattern(1)]);
  }, link === undefined);

  test("a datagram from the remote's port of another machine is ignored", async () => {
    using a = await open({ local: "0.0.0.0:0" });
    using b = await open({ local: "127.0.0.1:0", remote: `127.0.0.1:${portOf(a)}` });
    using other = await open({ local: `127.0.0.2:${portOf(b)}`, remote: `127.0.0.1:${portOf(a)}` });
    await a.setRemote(b.local);
    await other.send([pattern(1)]);
    await b.send([pattern(2)]);
    assertEquals(await receiveAll(a, 1), [pattern(2)]);
    assertEquals(a.stats().ignored, 1);
  });

  test("send() to a broadcast address reaches a receiver, whose answer from its own address is received", async () => {
    using receiver = await open({ local: "0.0.0.0:0" });
    using sender = await open({ local: "127.0.0.1:0", remote: `127.255.255.255:${portOf(receiver)}` });
    await sender.send([pattern(3)]);
    assertEquals(await receiveAll(receiver, 1), [pattern(3)]);
    await receiver.setRemote(sender.local);
    await receiver.send([pattern(4)]);
    assertEquals(await receiveAll(sender, 1), [pattern(4)]);
  });

  /** A datagram to a group reaches two receivers that share its port. */
  async function tryGroup(
    host: string,
    group: string,
    sender: string,
    multicast: { interface?: string; loop?: boolean },
  ) {
    using first = await open({ local: `${host}:0`, multicast: { group, ...multicast } });
    const port = portOf(first);
    using second = await open({ local: `${host}:${port}`, multicast: { group, ...multicast } });
    const address = group.includes(":") ? `[${group}]:${port}` : `${group}:${port}`;
    using from = await open({ local: sender, remote: address });
    await from.send([pattern(3)]);
    assertEquals(await receiveAll(first, 1), [pattern(3)]);
    assertEquals(await receiveAll(second, 1), [pattern(3)]);
    // Who has no hold of the socket itself cannot say which of two of one address a count is of.
    assertEquals(first.stats().kernelDrops, countsAlone ? 0 : undefined);
  }

  test("a multicast group has two receivers on one port, on the interface that is named", async () => {
    await tryGroup("0.0.0.0", "224.1.2.3", "127.0.0.1:0", { interface: "127.0.0.1" });
  });

  test(
    "who is in no group reaches the members of one on its own machine",
    () => tryGroup("0.0.0.0", "224.1.2.3", `${network?.address}:0`, { interface: network?.address ?? "" }),
    network === undefined,
  );

  test(
    "an IPv6 multicast group has two receivers on one port",
    () => tryGroup("[::]", "ff02::1234", `[${link?.address}%${link?.name}]:0`, { interface: String(link?.scopeid) }),
    link === undefined,
  );

  for (const loop of [true, false]) {
    test(
      `a member of a multicast group ${loop ? "hears" : "does not hear"} what this machine sends with loop ${loop}`,
      async () => {
        const multicast = { group: "224.1.2.3", interface: network?.address ?? "", ttl: 0 };
        using receiver = await open({ local: "0.0.0.0:0", multicast });
        const port = portOf(receiver);
        using sender = await open({
          local: `${network?.address}:0`,
          remote: `224.1.2.3:${port}`,
          multicast: { ...multicast, loop },
        });
        using direct = await open({ local: "127.0.0.1:0", remote: `127.0.0.1:${port}` });
        await sender.send([pattern(1)]);
        await direct.send([pattern(2)]); // what comes first tells whether the other one came
        const [first] = await receiveAll(receiver, 1);
        assertEquals(first, loop ? pattern(1) : pattern(2));
      },
      network === undefined,
    );
  }

  for (
    const [multicast, message] of [
      [{ group: "" }, 'Cannot join multicast group "": expected an address such as 224.1.2.3 or ff02::1234'],
      [
        { group: "127.0.0.1" },
        'Cannot join multicast group "127.0.0.1": expected an address such as 224.1.2.3 or ff02::1234',
      ],
      [
        { group: "224.1.2.300" },
        'Cannot join multicast group "224.1.2.300": expected an address such as 224.1.2.3 or ff02::1234',
      ],
      [
        { group: "10.0.0.255" },
        'Cannot join multicast group "10.0.0.255": expected an address such as 224.1.2.3 or ff02::1234',
      ],
      [
        { group: "fe80::1" },
        'Cannot join multicast group "fe80::1": expected an address such as 224.1.2.3 or ff02::1234',
      ],
      [
        { group: "224.1.2.3", interface: "eth0" },
        'Cannot join multicast group 224.1.2.3 on interface "eth0": expected the IPv4 address of an interface',
      ],
      [
        { group: "ff02::1234", interface: "eth0" },
        'Cannot join multicast group ff02::1234 on interface "eth0": expected the index of an interface, such as 2',
      ],
      [
        { group: "224.1.2.3", ttl: 256 },
        "Cannot set the time to live of multicast group 224.1.2.3 to 256: expected a whole number from 0 to 255",
      ],
      [
        { group: "224.1.2.3", ttl: 0.5 },
        "Cannot set the time to live of multicast group 224.1.2.3 to 0.5: expected a whole number from 0 to 255",
      ],
      [
        { group: "ff02::1234", ttl: 1 },
        "Cannot set the time to live of multicast group ff02::1234: only IPv4 groups have one",
      ],
      [
        { group: "224.1.2.3", interface: "198.51.100.1" },
        "Cannot join multicast group 224.1.2.3 on interface 198.51.100.1: No such device",
      ],
    ] as const
  ) {
    test(`refuses the multicast options ${JSON.stringify(multicast)}`, async () => {
      const error = await assertRejects(() => open({ local: "0.0.0.0:0", multicast }), Error);
      assertEquals(error.message, message);
    }, message.includes("No such device") && !isLinux);
  }

  for (const kit of [ipv4, ipv6]) {
    test(
      `${kit.name.slice(name.length + 1)}: stats().kernelDrops is what was sent less what can be received`,
      async () => {
        await using pair = await openPair(kit);
        assertEquals(pair.a.stats().kernelDrops, 0);
        const sent = flood;
        const patterns = Array.from({ length: 256 }, (_, number) => pattern(100, number));
        const numbered = Array.from({ length: sent }, (_, number) => patterns[number & 255] ?? pattern(0));
        await pair.b.send(numbered);
        const drops = pair.a.stats().kernelDrops ?? 0;
        assertLess(0, drops);
        assertLess(drops, sent);
        const received = await receiveAll(pair.a, sent - drops);
        assertEquals(received.length, sent - drops);
        const wrong = received.findIndex((datagram, index) => String(datagram) !== String(numbered[index]));
        assertEquals(wrong, -1);
        await pair.b.send([pattern(1)]);
        assertEquals(await receiveAll(pair.a, 1), [pattern(1)]); // there was nothing else
        assertEquals(pair.a.stats().kernelDrops, drops);
        assertEquals(pair.b.stats().kernelDrops, 0);
      },
      !isLinux || kit.ignore,
    );
  }

  test("stats().kernelDrops tells sockets of one port and several addresses apart", async () => {
    using one = await open({ local: "127.0.0.1:0" });
    using two = await open({ local: `127.0.0.2:${portOf(one)}` });
    using three = await open({ local: `[::1]:${portOf(one)}` });
    using sender = await open({ local: "127.0.0.1:0", remote: two.local });
    await sender.send(Array<Uint8Array>(flood).fill(pattern(100)));
    assertEquals(one.stats().kernelDrops, 0);
    assertEquals(three.stats().kernelDrops, 0);
    assertLess(0, two.stats().kernelDrops ?? 0);
  }, !isLinux || !hasIPv6);

  const countDrops = `
  ${importing}
  using transport = await open({ local: "127.0.0.1:0" });
  console.log(await transport.stats().kernelDrops);`;

  for (
    const [words, rights] of [["no right to read", []], ["the right to read files only", ["--allow-read"]]] as const
  ) {
    test(`stats().kernelDrops is undefined with ${words}`, async () => {
      const { stdout, stderr } = await runScript(
        ["--unstable-net", "--allow-net", "--allow-import", ...rights],
        countDrops,
      );
      assertEquals({ stdout, stderr }, { stdout: "undefined\n", stderr: "" });
    });
  }

  test("stats().kernelDrops asks a user at a terminal for nothing", async () => {
    const program = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(program, countDrops);
    const command =
      `'${Deno.execPath()}' run --quiet --no-config --unstable-net --allow-net --allow-import '${program}'`;
    const { stdout } = await run("script", ["-qec", command, "/dev/null"]);
    await Deno.remove(program);
    assertEquals(stdout.trim(), "undefined");
  }, !isLinux || !hasScript);

  test(`names the flag that Deno runs without`, async () => {
    const { stdout } = await runScript(
      ["--allow-net", "--allow-import", ...flags],
      `${importing}
     await open({ local: "127.0.0.1:0" }).catch((error) => console.log(error.name, error.message));`,
    );
    assertEquals(
      stdout,
      "NotSupported Cannot open udp://127.0.0.1:0: datagram sockets need Deno's flag --unstable-net, " +
        `as in "deno run --unstable-net --allow-net ...", or "unstable": ["net"] in deno.json\n`,
    );
  });

  test(`names the permission that looking up a host name needs`, async () => {
    const { stdout } = await runScript(
      ["--unstable-net", "--allow-net=localhost:9,127.0.0.1", "--allow-import", ...flags],
      `${importing}
     await open({ local: "127.0.0.1:0", remote: "localhost:9" })
       .catch((error) => console.log(error.name, error.message));`,
    );
    assertEquals(
      stdout,
      "NotCapable Cannot look up host localhost: it needs the permission --allow-net=localhost, without a port\n",
    );
  });

  test("send() takes nothing while no network leads to the remote", async () => {
    const script = `
      ${importing}
      using transport = await open({ local: "0.0.0.0:0", remote: "198.51.100.1:9" });
      console.log(await transport.send([new Uint8Array(1), new Uint8Array(2)]));`;
    const url = `data:application/typescript;base64,${btoa(script)}`;
    const rights = ["--unstable-net", "--allow-net", "--allow-import", ...flags];
    const deno = [Deno.execPath(), "run", "--quiet", "--no-config", ...rights, url];
    const { stdout, stderr } = await run("unshare", ["-rn", ...deno]);
    assertEquals({ stdout, stderr }, { stdout: "0\n", stderr: "" });
  }, !isLinux || !hasUnshare);

  test("send() says where the system refuses to send to, and why", async () => {
    // A socket of the loopback interface cannot send to another machine.
    using transport = await open({ local: "127.0.0.1:0", remote: "198.51.100.1:9" });
    const error = await assertRejects(() => transport.send([pattern(1)]), Error);
    assertEquals(error.message, "Cannot send to udp://198.51.100.1:9: Invalid argument");
  }, !isLinux);
}
