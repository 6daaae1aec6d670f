import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Client, connect, type ConnectOptions, echo, type Sample, TimeoutError } from "@villas/client";
import { openWebSocket, type Transport, type TransportStats, type Variants } from "@villas/client/transports";
import { timeLimit } from "../_time_limits.ts";

/** The longest time that a test waits for something, in seconds. */
const patience = 10;

/** Serves a WebSocket on a free port. */
function serve(path: string, options: ConnectOptions = {}): Promise<Client> {
  return connect({ local: `ws://127.0.0.1:0/${path}`, ...options });
}

/**
 * Connects with a path of a server, and waits until it has the client.
 *
 * @param path The path, which is not changed
 */
async function join(server: Client, path: string, options: ConnectOptions): Promise<Client> {
  const before = server.stats().link?.connects ?? 0;
  const remote = server.local.replace(/[^/]*$/, path);
  const transport = await openWebSocket({ remote, check: false, whenDown: "fail" });
  await transport.ready();
  await until(() => (server.stats().link?.connects ?? 0) > before, `a client of ${remote}`);
  return await connect({ transport, ...options });
}

/** Declares a test that fails where it waits for ever. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, timeout: timeLimit, fn });
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + patience * 1000;
  while (!condition()) {
    assert(performance.now() < end, `${what} was not there within ${patience} s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function receive(client: Client, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (samples.length < count) {
    const messages = await client.receive({ timeout: patience });
    if (messages.length === 0) throw await client.closed ?? new Error("the client is closed");
    samples.push(...messages.flat());
  }
  return samples;
}

function makeSamples(count: number, values: Sample["values"]): Sample[] {
  return Array.from({ length: count }, (_, number) => ({
    sequence: BigInt(number),
    tsOrigin: { sec: 1_700_000_000, nsec: number * 1000 },
    values,
  }));
}

/** Leaves out what some formats do not carry. */
function comparable(samples: readonly Sample[]) {
  return samples.map(({ sequence, tsOrigin, values }) => ({ sequence, tsOrigin, values }));
}

const formats: readonly (readonly [path: string, format: string])[] = [
  ["lab.json", "json"],
  ["lab", "villas.web"],
  ["lab.protobuf", "protobuf"],
  ["lab/villas.binary", "villas.binary"],
  ["lab.villas.human/?x=1", "villas.human"],
];

test("connect() serves each client the format that its path asks for, in both directions", async () => {
  await using server = await serve("lab.json", { signals: "2f" });
  await using stack = new AsyncDisposableStack();
  const samples = makeSamples(20, [1.5, -2]);
  const clients: Client[] = [];
  for (const [path, format] of formats) {
    const client = stack.use(await join(server, path, { format, signals: "2f" }));
    await client.send(samples);
    assertEquals(comparable(await receive(server, 20)), comparable(samples), path);
    clients.push(client);
  }
  for (const sample of samples) await server.send(sample);
  for (const [index, client] of clients.entries()) {
    assertEquals(comparable(await receive(client, 20)), comparable(samples), formats[index]?.[0]);
  }
  assertEquals([server.counters.received.refused, server.stats().link?.droppedByFormat], [0, 0]);
});

test("a client of a server finds out by its API that it serves another format than its address names", async () => {
  await using server = await serve("lab", { signals: "f" });
  await using client = await connect({ remote: server.local, format: "protobuf", signals: "f", whenDown: "fail" });
  await client.ready();
  await client.send({ sequence: 7n, values: [0.1] });
  assertEquals((await receive(server, 1)).map(({ values }) => values), [[0.1]]);
});

test("echo() of a server answers each client in its format", async () => {
  await using server = await serve("lab.protobuf");
  const echoing = echo(server);
  await using json = await join(server, "lab.json", { format: "json" });
  await using web = await join(server, "lab", { format: "villas.web" });
  const samples = makeSamples(3, [0.5]);
  await json.send(samples);
  for (const client of [json, web]) assertEquals(comparable(await receive(client, 3)), comparable(samples));
  server.close();
  await echoing;
});

test("a client does not get what its format cannot carry, which is counted; the others do", async () => {
  const errors: [format: string, message: string][] = [];
  await using server = await serve("lab.json", {
    signals: "fb",
    onPeerEncodeError: ({ message }, format) => errors.push([format, message]),
  });
  await using json = await join(server, "lab.json", { format: "json", signals: "fb" });
  await using human = await join(server, "lab.villas.human", { format: "villas.human", signals: "fb" });
  await using web = await join(server, "lab", { format: "villas.web" });
  const samples = makeSamples(4, [0.5, true]);
  assertEquals(await server.send(samples), { sent: 1, undelivered: 0 });
  assertEquals(await server.send(samples), { sent: 1, undelivered: 0 });
  for (const client of [json, human]) assertEquals(comparable(await receive(client, 8)).slice(4), comparable(samples));
  assertEquals(server.stats().link?.droppedByFormat, 2);
  assertEquals(errors.map(([format]) => format), ["villas.web", "villas.web"]);
  assertStringIncludes(errors[0]?.[1] ?? "", "Cannot encode sample 0 as villas.web");
  await assertRejects(() => web.receive({ timeout: 0.05 }), TimeoutError);
});

test("a server in the format auto takes what each client says that it sends", async () => {
  await using server = await serve("lab", { format: "auto" });
  assertEquals(server.format.name, "villas.web");
  await using raw = await join(server, "lab.raw", { format: "raw" });
  await raw.send({ values: [1.5, 2.5] });
  assertEquals(await receive(server, 1), [{ values: [1.5, 2.5] }]);
});

test("a client that comes before the server has its codecs waits for them", async () => {
  const served = await openWebSocket({ local: "ws://127.0.0.1:0/lab", formats: ["json"] });
  const transport = await openWebSocket({ remote: `${served.local}.json`, whenDown: "fail" });
  await using client = await connect({ transport, format: "json" });
  // The question about the node is answered at once, the connection waits.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await using server = await connect({ transport: served, format: "villas.web" });
  await client.ready();
  await client.send({ sequence: 1n, values: [2.5] });
  assertEquals((await receive(server, 1))[0]?.values, [2.5]);
});

test("a client of a format that nobody prepares is refused after 2 s", async () => {
  const served = await openWebSocket({ local: "ws://127.0.0.1:0/lab", formats: ["json"] });
  const started = performance.now();
  const client = await openWebSocket({ remote: `${served.local}.json`, check: false, whenDown: "fail" });
  assertStringIncludes((await client.closed)?.message ?? "", "status 503");
  assert(performance.now() - started >= 1990);
  served.close();
  await served.closed;
});

test("a server names the formats that it has to a client that asks for another one", async () => {
  await using server = await serve("lab.json");
  const url = server.local.replace("ws:", "http:").replace(/[^/]*$/, "lab.csvx");
  const response = await fetch(url);
  const text = await response.text();
  assertEquals(response.status, 404);
  assert(/^There is no format csvx here, but json, protobuf, .*villas\.web/.test(text), text);
});

/** A transport without a world, whose peers have chosen formats. */
class FakeTransport implements Transport {
  readonly local = "ws://127.0.0.1:9/lab.json";
  readonly remote = this.local;
  readonly maximumLength = 1000;
  readonly closed = new Promise<undefined>(() => {});
  readonly sent: (Variants | undefined)[] = [];
  readonly used = new Set<string>();
  prepare: (format: string) => Promise<void> = () => Promise.resolve();
  readonly peerFormats = {
    used: this.used,
    formatOf: () => undefined,
    prepareWith: (prepare: (format: string) => Promise<void>) => void (this.prepare = prepare),
  };

  receive(): Promise<readonly Uint8Array[]> {
    return Promise.resolve([]);
  }

  send(datagrams: readonly Uint8Array[], variants?: Variants): Promise<number> {
    this.sent.push(variants);
    return Promise.resolve(datagrams.length);
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  stats(): TransportStats {
    return { ignored: 0, kernelDrops: undefined, receiveBuffer: undefined };
  }

  close(): void {}

  [Symbol.dispose](): void {}
}

test("a message is encoded once for each format that clients have, and not for formats that nobody has", async () => {
  const transport = new FakeTransport();
  const client = await connect({ transport, format: "json" });
  await client.send({ values: [1.5] });
  assertEquals(transport.sent, [undefined]);
  for (const format of ["villas.web", "protobuf"]) await transport.prepare(format);
  client.enqueue([{ values: [1.5] }]);
  transport.used.add("protobuf");
  client.enqueue([{ values: [2.5] }]);
  transport.used.add("villas.web");
  client.enqueue([{ values: [3.5] }]);
  await client.flush();
  const [, variants] = transport.sent;
  const places = [...variants ?? []].map(([format, list]) => [format, Object.keys(list)]);
  assertEquals(places, [["protobuf", ["1", "2"]], ["villas.web", ["2"]]]);
  transport.used.clear();
  await client.send({ values: [4.5] });
  assertEquals(transport.sent[2], undefined);
});
