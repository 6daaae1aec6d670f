import { assertEquals, assertRejects } from "@std/assert";
import {
  defaultRemoteFor,
  type OpenOptions,
  openTransport,
  parseAddress,
  transportForAddress,
  type TransportName,
} from "@villas/client/transports";

for (
  const [name, local, remote] of [
    ["udp", undefined, "udp://127.0.0.1:12000"],
    ["udp", "udp://127.0.0.1:0", "udp://127.0.0.1:12000"],
    ["udp", "*:12001", "udp://127.0.0.1:12000"],
    ["udp", "udp://[::]:12001", "udp://127.0.0.1:12000"],
    ["udp", "udp://[::1]:12001", "udp://[::1]:12000"],
    ["udp", "[2001:db8::1]:12001", "udp://[::1]:12000"],
    ["unix", undefined, "unix:/var/run/villas-node.server.sock"],
    ["unix", "unix:/run/a.sock", "unix:/var/run/villas-node.server.sock"],
    ["memory", "memory:a", undefined],
  ] as [TransportName, string | undefined, string | undefined][]
) {
  Deno.test(`defaultRemoteFor() ${name} from ${local ?? "the default"} is ${remote ?? "none"}`, () => {
    assertEquals(defaultRemoteFor(name, local), remote);
  });
}

Deno.test("openTransport() opens the transport of the local address", async () => {
  const local = `unix:${await Deno.makeTempDir({ prefix: "v-" })}/a.sock`;
  using udp = await openTransport({ local: "127.0.0.1:0" });
  using memory = await openTransport({ local: "memory:table" });
  assertEquals([udp.local.slice(0, 16), memory.local], ["udp://127.0.0.1:", "memory:table"]);
  if (Deno.build.os !== "windows") {
    using unix = await openTransport({ local, remote: `${local}.peer` });
    assertEquals([unix.local, unix.remote], [local, `${local}.peer`]);
  }
  await Deno.remove(local.slice("unix:".length, -"/a.sock".length));
});

Deno.test("openTransport() opens the transport of the remote address", async () => {
  using memory = await openTransport({ remote: "memory:nobody" });
  assertEquals(memory.remote, "memory:nobody");
});

Deno.test("openTransport() refuses addresses of two transports", async () => {
  const error = await assertRejects(
    () => openTransport({ local: "127.0.0.1:0", remote: "unix:/run/a.sock" }),
    TypeError,
  );
  assertEquals(
    error.message,
    "Cannot connect udp://127.0.0.1:0 with unix:/run/a.sock: they are of different transports",
  );
});

for (const address of ["memory:one-by-one", "unix:one-by-one.sock"]) {
  Deno.test(`openTransport() takes batch: false for ${address}, which has no batches anyway`, async () => {
    const folder = await Deno.makeTempDir();
    const local = address.replace("unix:", `unix:${folder}/`);
    using transport = await openTransport({ local, batch: false });
    assertEquals(transport.local, local);
    transport.close();
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("openTransport() opens udp in batches, or says why it does not", async () => {
  let missing: string | undefined;
  using transport = await openTransport({ local: "127.0.0.1:0", batch: true, onFallback: (why) => missing = why });
  assertEquals(transport.stats().receiveBuffer === undefined, missing !== undefined);
  if (Deno.build.os === "linux") assertEquals(missing, undefined);
});

for (const address of ["memory:batch", "unix:batch.sock"]) {
  Deno.test(`openTransport() refuses batches over ${address}`, async () => {
    const error = await assertRejects(() => openTransport({ local: address, batch: true }), TypeError);
    assertEquals(
      error.message,
      `Cannot send and receive in batches over ${transportForAddress(address)}: only udp can`,
    );
  });
}

for (const address of ["memory:multicast", "unix:multicast.sock"]) {
  Deno.test(`openTransport() refuses a multicast group over ${address}`, async () => {
    const error = await assertRejects(
      () => openTransport({ local: address, multicast: { group: "224.1.2.3" } }),
      TypeError,
    );
    assertEquals(
      error.message,
      `Cannot join a multicast group over ${transportForAddress(address)}: only udp can`,
    );
  });
}

for (
  const [options, message] of [
    [{ whenDown: "fail" }, "Cannot choose what to do when the connection is down over memory: it has no connections"],
    [{ credentials: { user: "a" } }, "Cannot use a user, a password or a token over memory: it asks for none"],
    [{ tlsCa: "" }, "Cannot use certificates of authorities over memory: only wss, mqtts, amqps use them"],
    [{ check: false }, "Cannot leave out the check of the other end over memory: only ws has one"],
  ] as [OpenOptions, string][]
) {
  Deno.test(`openTransport() refuses ${Object.keys(options)} over memory`, async () => {
    const error = await assertRejects(() => openTransport({ local: "memory:refused", ...options }), TypeError);
    assertEquals(error.message, message);
  });
}

Deno.test("openTransport() refuses certificates of authorities over an address that is not encrypted", async () => {
  const error = await assertRejects(() => openTransport({ remote: "ws://127.0.0.1:9/x", tlsCa: "" }), TypeError);
  assertEquals(
    error.message,
    "Cannot use certificates of authorities over ws: only wss, mqtts, amqps use them",
  );
});

Deno.test("openTransport() takes addresses that are parsed already", async () => {
  using udp = await openTransport({ local: parseAddress("127.0.0.1:0"), remote: parseAddress("udp://127.0.0.1:9") });
  assertEquals([udp.local.slice(0, 16), udp.remote], ["udp://127.0.0.1:", "udp://127.0.0.1:9"]);
  using memory = await openTransport({ local: parseAddress("memory:parsed"), remote: "memory:text" });
  assertEquals([memory.local, memory.remote], ["memory:parsed", "memory:text"]);
});
