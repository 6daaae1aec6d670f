import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { openUnix, type Transport } from "@villas/client/transports";
import { canRun, moduleUrl, run, runScript } from "./_run.ts";
import { openPair, pattern, receiveAll, testTransport, type TransportKit } from "./contract.ts";

// The path of a socket has at most 107 bytes, which the folder for temporary files may need for itself.
const folder = await Deno.makeTempDir({ prefix: "v-" });
Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

let addresses = 0;

function newPath(): string {
  return `${folder}/${++addresses}.sock`;
}

const kit: TransportKit = {
  name: "openUnix()",
  open: openUnix,
  newAddress: () => `unix:${newPath()}`,
  noticesAbsence: true,
  ignore: Deno.build.os === "windows",
};

function test(name: string, fn: () => Promise<void>, ignore = false): void {
  Deno.test({ name, ignore: kit.ignore === true || ignore, fn });
}

function pathOf(transport: Transport): string {
  return transport.local.slice("unix:".length);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}

testTransport(kit);

test("openUnix() sends 65536 bytes, and no more", async () => {
  await using pair = await openPair(kit);
  assertEquals(pair.a.maximumLength, 65_536);
  await pair.b.send([pattern(65_536)]);
  assertEquals(await receiveAll(pair.a, 1), [pattern(65_536)]);
});

test("openUnix() receives datagrams longer than it sends", async () => {
  using a = await openUnix({ local: kit.newAddress() });
  const sender = Deno.listenDatagram({ transport: "unixpacket", path: newPath() });
  await sender.send(pattern(200_000), { transport: "unixpacket", path: pathOf(a) });
  const [received] = await receiveAll(a, 1);
  assertEquals(received?.length, 200_000);
  sender.close();
});

test("openUnix() reads addresses with and without a scheme", async () => {
  for (const write of [(path: string) => path, (path: string) => `unix:${path}`, (path: string) => `unix://${path}`]) {
    const path = newPath();
    using transport = await openUnix({ local: write(path), remote: write(`${path}.peer`) });
    assertEquals(transport.local, `unix:${path}`);
    assertEquals(transport.remote, `unix:${path}.peer`);
  }
});

for (const address of ["", "unix:", "unix:/run/a\0b"]) {
  test(`openUnix() refuses the address ${JSON.stringify(address)}`, async () => {
    const message = `Cannot parse "${address}" as a unix socket address: expected "unix:PATH"`;
    for (const options of [{ local: address }, { local: kit.newAddress(), remote: address }]) {
      assertEquals((await assertRejects(() => openUnix(options), SyntaxError)).message, message);
    }
  });
}

test("openUnix() refuses a path that is too long, counted in bytes", async () => {
  const address = `unix:${folder}/${"ä".repeat(60)}`;
  const length = address.length - "unix:".length + 60;
  const error = await assertRejects(() => openUnix({ local: address }), SyntaxError);
  assertEquals(
    error.message,
    `Cannot use "${address}" as a unix socket address: its path has ${length} bytes, more than 107`,
  );
});

test("openUnix() takes a path of 107 bytes", async () => {
  const path = `${folder}/`.padEnd(107, "x");
  using transport = await openUnix({ local: path });
  assertEquals(pathOf(transport), path);
});

test("openUnix() says that there is no folder for its file", async () => {
  const local = `unix:${folder}/missing/a.sock`;
  const error = await assertRejects(() => openUnix({ local }), Deno.errors.NotFound);
  assertEquals(error.message, `Cannot open ${local}: there is no such folder`);
});

test("openUnix() says that its folder is a file", async () => {
  const path = newPath();
  await Deno.writeTextFile(path, "");
  const error = await assertRejects(() => openUnix({ local: `unix:${path}/a.sock` }), Deno.errors.NotADirectory);
  assertEquals(error.message, `Cannot open unix:${path}/a.sock: a part of the path is not a folder`);
});

test("openUnix() replaces a stale socket file", async () => {
  const path = newPath();
  Deno.listenDatagram({ transport: "unixpacket", path }).close(); // Deno leaves the file
  assert(await isThere(path));
  using transport = await openUnix({ local: `unix:${path}` });
  using sender = await openUnix({ local: kit.newAddress(), remote: transport.local });
  assertEquals(await sender.send([pattern(1)]), 1);
  assertEquals(await receiveAll(transport, 1), [pattern(1)]);
});

test("openUnix() leaves alone a socket that somebody listens on, and disturbs it with nothing", async () => {
  using first = await openUnix({ local: kit.newAddress() });
  const error = await assertRejects(() => openUnix({ local: first.local }), Deno.errors.AddrInUse);
  assertEquals(error.message, `Cannot open ${first.local}: another process listens on it`);
  using sender = await openUnix({ local: kit.newAddress(), remote: first.local });
  await sender.send([pattern(1)]);
  assertEquals(await receiveAll(first, 1), [pattern(1)]);
});

test("openUnix() leaves alone a stream socket that somebody listens on", async () => {
  const path = newPath();
  using _listener = Deno.listen({ transport: "unix", path });
  await assertRejects(() => openUnix({ local: path }), Deno.errors.AddrInUse, "another process listens on it");
});

test("openUnix() does not remove a file that is not a socket", async () => {
  const path = newPath();
  await Deno.writeTextFile(path, "precious");
  for (const local of [path, folder]) {
    const error = await assertRejects(() => openUnix({ local }), Deno.errors.AddrInUse);
    assertEquals(error.message, `Cannot open unix:${local}: its file is not a socket`);
  }
  assertEquals(await Deno.readTextFile(path), "precious");
});

test("close() removes the socket's file", async () => {
  const transport = await openUnix({ local: kit.newAddress() });
  assert((await Deno.lstat(pathOf(transport))).isSocket);
  transport.close();
  assert(!await isThere(pathOf(transport)));
});

test("close() does not mind that the file has gone, nor its folder", async () => {
  const path = `${folder}/gone`;
  await Deno.mkdir(path);
  const one = await openUnix({ local: `${path}/1.sock` });
  const two = await openUnix({ local: `${path}/2.sock` });
  await Deno.remove(`${path}/1.sock`);
  one.close();
  await Deno.remove(path, { recursive: true });
  two.close();
});

test("close() leaves alone a file that another process has put in the place of its own", async () => {
  for (let round = 0; round < 20; round++) { // file systems give the number of a removed file to a new one
    const transport = await openUnix({ local: kit.newAddress() });
    const path = pathOf(transport);
    await Deno.remove(path);
    const other = Deno.listenDatagram({ transport: "unixpacket", path });
    transport.close();
    assert(await isThere(path));
    other.close();
  }
});

test("openUnix() leaves rights to the umask", async () => {
  for (const [umask, mode] of [["0o022", "755"], ["0o077", "700"], ["0o000", "777"]]) {
    const path = newPath();
    const { stdout, stderr } = await runScript(
      ["--unstable-net", "-A"],
      `const { openUnix } = await import(${JSON.stringify(moduleUrl("transports/unix.ts"))});
       Deno.umask(${umask});
       using transport = await openUnix({ local: ${JSON.stringify(path)} });
       console.log(((await Deno.lstat(${JSON.stringify(path)})).mode & 0o777).toString(8));`,
    );
    assertEquals({ stdout, stderr }, { stdout: `${mode}\n`, stderr: "" });
    assert(!await isThere(path));
  }
});

test("openUnix() needs no more permissions than for the two files", async () => {
  using peer = await openUnix({ local: kit.newAddress() });
  const path = newPath();
  const paths = `${path},${pathOf(peer)}`;
  const { stdout, stderr } = await runScript(
    [
      "--unstable-net",
      "--allow-import",
      `--allow-read=${paths}`,
      `--allow-write=${paths}`,
      `--allow-net=unix:${path},unix:${pathOf(peer)}`,
    ],
    `const { openUnix } = await import(${JSON.stringify(moduleUrl("transports/unix.ts"))});
     using transport = await openUnix({ local: ${JSON.stringify(path)}, remote: ${JSON.stringify(peer.local)} });
     await transport.ready();
     console.log(await transport.send([new Uint8Array([1, 2, 3])]));`,
  );
  assertEquals({ stdout, stderr }, { stdout: "1\n", stderr: "" });
  assertEquals(await receiveAll(peer, 1), [new Uint8Array([1, 2, 3])]);
});

test("a source is the remote where its path leads to the same file", async () => {
  const real = `${folder}/real`;
  await Deno.mkdir(real);
  await Deno.symlink(real, `${folder}/link`);
  using a = await openUnix({ local: kit.newAddress(), remote: `unix:${folder}/link/b.sock` });
  using b = await openUnix({ local: `unix:${real}/b.sock`, remote: a.local });
  for (let round = 0; round < 2; round++) {
    await b.send([pattern(1, round)]);
    assertEquals(await receiveAll(a, 1), [pattern(1, round)]);
  }
  assertEquals(a.stats().ignored, 0);
});

test("ready() waits for the remote, says so once, and sees it come back", async () => {
  const remote = newPath();
  using transport = await openUnix({ local: kit.newAddress(), remote });
  for (const prepare of [() => Promise.resolve(), () => Deno.writeTextFile(remote, "not a socket")]) {
    await prepare();
    let waits = 0;
    let wake = () => {};
    const waiting = new Promise<void>((resolve) => wake = resolve);
    const ready = transport.ready({
      onWait: () => {
        waits++;
        wake();
      },
    });
    await waiting;
    await Deno.remove(remote).catch(() => {});
    const peer = await openUnix({ local: remote });
    await ready;
    assertEquals(waits, 1);
    assertEquals(await transport.send([pattern(1)]), 1);
    assertEquals(await receiveAll(peer, 1), [pattern(1)]);
    peer.close();
  }
});

test("ready() is not deceived by a stale socket file", async () => {
  const remote = newPath();
  Deno.listenDatagram({ transport: "unixpacket", path: remote }).close();
  using transport = await openUnix({ local: kit.newAddress(), remote });
  const controller = new AbortController();
  await assertRejects(
    () => transport.ready({ signal: controller.signal, onWait: () => controller.abort() }),
    DOMException,
    "aborted",
  );
});

test("ready() ends at once when its signal comes during the wait", async () => {
  using transport = await openUnix({ local: kit.newAddress(), remote: newPath() });
  const controller = new AbortController();
  const ready = transport.ready({
    signal: controller.signal,
    onWait: () => queueMicrotask(() => controller.abort(new Error("enough"))),
  });
  assertEquals((await assertRejects(() => ready, Error)).message, "enough");
});

test("ready() sees a signal that comes while it looks at the file", async () => {
  using transport = await openUnix({ local: kit.newAddress(), remote: newPath() });
  const controller = new AbortController();
  const ready = transport.ready({ signal: controller.signal });
  controller.abort(new Error("enough"));
  assertEquals((await assertRejects(() => ready, Error)).message, "enough");
});

test("ready() ends when the transport is closed", async () => {
  const transport = await openUnix({ local: kit.newAddress(), remote: newPath() });
  await transport.ready({ onWait: () => transport.close() });
});

/** Number of datagrams that Linux keeps for a receiver before a sender must wait. */
const queueLength = Deno.build.os === "linux"
  ? Number(await Deno.readTextFile("/proc/sys/net/unix/max_dgram_qlen")) + 1
  : undefined;

/** Fills the queue of the receiver; returns a send that waits. */
async function fill(sender: Transport): Promise<{ taken: number; waiting: Promise<number> }> {
  const taken = queueLength ?? 0;
  for (let number = 0; number < taken; number++) assertEquals(await sender.send([pattern(1, number)]), 1);
  return { taken, waiting: sender.send([pattern(1, taken)]) };
}

test("send() waits while the remote's queue is full, and loses nothing", async () => {
  await using pair = await openPair(kit);
  const { taken, waiting } = await fill(pair.b);
  const received = await receiveAll(pair.a, taken + 1);
  assertEquals(await waiting, 1);
  assertEquals(received, Array.from({ length: taken + 1 }, (_, number) => pattern(1, number)));
}, queueLength === undefined);

test("close() ends a send that waits, which has taken nothing", async () => {
  await using pair = await openPair(kit);
  const { waiting } = await fill(pair.b);
  pair.b.close();
  assertEquals(await waiting, 0);
  assert(!await isThere(pathOf(pair.b)));
  pair.a.close(); // ends what Deno goes on trying
  await Deno.lstat(folder);
}, queueLength === undefined);

test("a remote that ends also ends a send that waits, which has taken nothing", async () => {
  await using pair = await openPair(kit);
  const { waiting } = await fill(pair.b);
  pair.a.close();
  assertEquals(await waiting, 0);
}, queueLength === undefined);

test("send() says that the remote is not a datagram socket", async () => {
  const path = newPath();
  using _listener = Deno.listen({ transport: "unix", path });
  using transport = await openUnix({ local: kit.newAddress(), remote: path });
  const error = await assertRejects(() => transport.send([pattern(1)]), Error);
  assertMatch(error.message, new RegExp(`^Cannot send to unix:${path}: Protocol wrong type for socket`));
});

const hasPython = await canRun("python3", ["-c", ""]);

/** Sends a datagram from a socket that Deno cannot open, bound to what the Python expression says. */
async function sendFrom(bound: string, path: string): Promise<void> {
  const bind = bound === "" ? "" : `s.bind(${bound})`;
  const { code, stderr } = await run("python3", [
    "-c",
    `import socket\ns = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n${bind}\ns.sendto(b"x", ${
      JSON.stringify(path)
    })`,
  ]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
}

for (
  const [words, bound, from] of [
    ["without address", "", "a socket without address"],
    ["with an abstract address", `"\\0villas-client-test-${Deno.pid}"`, `unix:@villas-client-test-${Deno.pid}`],
    ["whose path is not UTF-8", `${JSON.stringify(folder)}.encode() + b"/\\xff"`, "a socket whose path is not UTF-8"],
  ] as const
) {
  test(
    `a datagram from a socket ${words} is ignored, and receiving goes on`,
    async () => {
      const ignored: string[] = [];
      await using pair = await openPair(kit, { onIgnored: (source) => ignored.push(source) });
      await sendFrom(bound, pathOf(pair.a));
      await pair.b.send([pattern(2)]);
      assertEquals(await receiveAll(pair.a, 1), [pattern(2)]);
      assertEquals(ignored, [from]);
      assertEquals(pair.a.stats().ignored, 1);
    },
    !hasPython || (bound.includes("\\0") && Deno.build.os !== "linux"),
  );
}

Deno.test("openUnix() sends while it waits for datagrams, from the address that it receives on", async () => {
  const [near, far] = [`unix:${newPath()}`, `unix:${newPath()}`];
  using a = await openUnix({ local: near, remote: far });
  using b = await openUnix({ local: far, remote: near });
  const waiting = a.receive();
  assertEquals(await a.send([new Uint8Array([1])]), 1);
  assertEquals(await b.receive(), [new Uint8Array([1])]);
  assertEquals(b.stats().ignored, 0);
  await b.send([new Uint8Array([2])]);
  assertEquals(await waiting, [new Uint8Array([2])]);
});
