import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createFormat, parseSignals } from "@villas/client";
import { ControlDesk, parseControls, SampleHistory, type ScopeServer, serveScope } from "@villas/client/scope";
import { historyOf, sampleAt } from "./_history.ts";
import { Visitor } from "./_visitor.ts";

/** Asks for the page by another name of this machine, as a page of another site could. */
async function askAs(host: string, { url }: ScopeServer): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  await connection.write(new TextEncoder().encode(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
  return await new Response(connection.readable).text();
}

const request = { type: "picture", source: 0, timebase: "origin", channels: [0], pixels: 100, statistics: [0] };

Deno.test("serveScope hands out the page, with a policy that forbids code of others", async () => {
  await using server = await serveScope({ sources: [{ name: "lab", isLive: true, history: new SampleHistory() }] });
  assertMatch(server.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const response = await fetch(server.url);
  const page = await response.text();
  assertEquals(response.status, 200);
  const policy = response.headers.get("content-security-policy") ?? "";
  assertStringIncludes(policy, "default-src 'none'; script-src 'self'");
  assertEquals(policy.includes("unsafe"), false);
  assertEquals(/<script(?![^>]*src=)|<style|style=|onload=/.test(page), false, "nothing inline");
  for (const [, path = ""] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const asset = await fetch(new URL(path, server.url));
    assert(asset.ok && (await asset.text()).length > 100, path);
  }
  const missing = await fetch(new URL("/etc/passwd", server.url));
  assertEquals([missing.status, await missing.text()], [404, "There is nothing here\n"]);
});

Deno.test("serveScope answers a request for a picture with rows and figures", async () => {
  const history = historyOf(1000, 100, (index) => [index % 10]);
  await using server = await serveScope({ sources: [{ name: "run1.csv", isLive: false, history }] });
  await using visitor = new Visitor(server);
  const { sources } = await visitor.takeOf("hello");
  assertEquals(sources.map(({ name, channels }) => [name, channels.length]), [["run1.csv", 1]]);
  visitor.send({ ...request, id: 1, window: { from: 0, to: 9.99 } });
  const { head, times, values } = await visitor.takeRows(1);
  assertEquals([head.mode, head.oldest, head.newest], ["extremes", 0, 9.99]);
  assertEquals([times.length, Math.min(...values[0] ?? []), Math.max(...values[0] ?? [])], [202, 0, 9]);
  const [figures] = head.statistics ?? [];
  assertEquals([figures?.last, figures?.min, figures?.max, figures?.mean], [9, 0, 9, 4.5]);
  visitor.send({ ...request, id: 2, window: { from: 1, to: 1.2 } });
  const few = await visitor.takeRows(2);
  assertEquals([few.head.mode, few.times.length], ["samples", 22]);
});

Deno.test("serveScope says integers beyond 2^53 with all their digits, in figures and in files", async () => {
  const large = 2n ** 53n;
  const history = historyOf(100, 100, (index) => [large + BigInt(index), BigInt(index)]);
  await using server = await serveScope({ sources: [{ name: "run1.csv", isLive: false, history }] });
  await using visitor = new Visitor(server);
  await visitor.takeOf("hello");
  visitor.send({ ...request, id: 1, window: { from: 0, to: 0.99 }, statistics: [0, 1] });
  const { head: { statistics = [] } } = await visitor.takeRows(1);
  assertEquals(statistics[0]?.integers, { last: `${large + 99n}`, min: `${large}`, max: `${large + 99n}` });
  assertEquals(statistics[1]?.integers, undefined);
  const format = await createFormat("csv", { signals: parseSignals("2i") });
  const decoder = format.createDecoder((error) => {
    throw error;
  });
  const file = await (await fetch(new URL("/samples?format=csv", server.url))).bytes();
  const saved = [...decoder.push(file), ...decoder.end()].map(({ values }) => values);
  assertEquals(saved, Array.from({ length: 100 }, (_, index) => [large + BigInt(index), BigInt(index)]));
});

Deno.test("serveScope sends the picture of an event once", async () => {
  const history = historyOf(1000, 100, (index) => [index % 100 < 50 ? 0 : 1]);
  await using server = await serveScope({ sources: [{ name: "lab", isLive: true, history }] });
  await using visitor = new Visitor(server);
  await visitor.takeOf("hello");
  const trigger = { event: "rising", mode: "normal", channel: 0, level: 0.5, hysteresis: 0, position: 0.5 };
  const asked = { ...request, window: { span: 0.4 }, trigger };
  visitor.send({ ...asked, id: 1 });
  const { head, times } = await visitor.takeRows(1);
  assertEquals([head.trigger?.state, head.from < 9.3, times.length > 40], ["triggered", true, true]);
  assertAlmostEquals(head.trigger?.time ?? NaN, 9.495);
  visitor.send({ ...asked, id: 2, mode: head.mode, cursor: head.cursor });
  const again = await visitor.takeRows(2);
  assertEquals([again.times.length, again.head.from, again.head.replacesFrom], [0, head.from, Number.MAX_VALUE]);
  // The next event, and a page that does not have the picture.
  history.push(Array.from({ length: 100 }, (_, index) => sampleAt(10 + index / 100, [index < 50 ? 0 : 1])));
  visitor.send({ ...asked, id: 3, mode: head.mode, cursor: head.cursor });
  assertAlmostEquals((await visitor.takeRows(3)).head.trigger?.time ?? NaN, 10.495);
  visitor.send({ ...asked, id: 4 });
  assert((await visitor.takeRows(4)).times.length > 40);
});

Deno.test("serveScope tells the page first when the signals are known, and when they have changed", async () => {
  const history = new SampleHistory();
  await using server = await serveScope({ sources: [{ name: "lab", isLive: true, history }] });
  await using visitor = new Visitor(server);
  assertEquals((await visitor.takeOf("hello")).sources[0]?.channels, []);
  history.push([sampleAt(0, [1, 2])]);
  visitor.send({ ...request, id: 1, window: { span: 1 } });
  assertEquals((await visitor.takeOf("hello")).sources[0]?.channels.length, 2);
  assertEquals((await visitor.takeRows(1)).head.run, 0);
});

Deno.test("serveScope turns away foreign pages, other protocols, and a socket without the token", async () => {
  const sources = [{ name: "lab", isLive: true, history: new SampleHistory() }];
  await using server = await serveScope({ sources });
  await using foreign = new Visitor(server, { origin: "http://evil.example" });
  await foreign.closed;
  assertMatch(await askAs("evil.example", server), /^HTTP\/1.1 421 /);
  await using other = new Visitor(server, {}, "chat");
  await other.closed;
  assertEquals(server.pages, 0);
  await using open = await serveScope({ sources }, { hostname: "0.0.0.0" });
  const { port, searchParams } = new URL(open.url);
  assertEquals(searchParams.get("token")?.length, 32);
  for (const path of ["/", "/samples", "/stream"]) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    await response.body?.cancel();
    assertEquals(response.status, 401, path);
  }
});

Deno.test("serveScope cuts off a page that sends nonsense, or too much", async () => {
  await using server = await serveScope({ sources: [{ name: "lab", isLive: true, history: new SampleHistory() }] });
  for (const nonsense of ["{", '{"type":"picture"}', "x".repeat(100_000)]) {
    await using visitor = new Visitor(server);
    await visitor.takeOf("hello");
    visitor.send(nonsense);
    assertEquals((await visitor.closed).code, 1008);
  }
  await using flood = new Visitor(server);
  await flood.takeOf("hello");
  for (let count = 0; count < 1000; count++) flood.send({ type: "arm" });
  // What it sent behind may reach a socket that is closed already, which loses the reason.
  assert([1008, 0].includes((await flood.closed).code));
});

Deno.test("serveScope lets one page at a time hold the controls", async () => {
  const sent: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  using desk = new ControlDesk(parseControls("a:0..10=1"), ({ values }) => {
    sent.push(values);
    resolve();
    return Promise.resolve();
  });
  await using server = await serveScope({
    sources: [{ name: "lab", isLive: true, history: new SampleHistory() }],
    desk,
  });
  await using first = new Visitor(server);
  await using second = new Visitor(server);
  assertEquals((await first.takeOf("controls")).holder, "nobody");
  assertEquals((await second.takeOf("controls")).holder, "nobody");
  first.send({ type: "hold", holds: true });
  assertEquals((await first.takeOf("controls")).holder, "you");
  assertEquals((await second.takeOf("controls")).holder, "other");
  second.send({ type: "set", values: [9] });
  first.send({ type: "set", values: [7] });
  await promise;
  assertEquals(sent, [[7]]);
});

Deno.test("serveScope saves the samples of a window, or all, in any format", async () => {
  const history = historyOf(5000, 100, (index) => [index / 8, BigInt(index)]);
  await using server = await serveScope({ sources: [{ name: "lab", isLive: true, history }] });
  for (const name of ["csv", "json", "protobuf", "villas.human"]) {
    const format = await createFormat(name);
    const response = await fetch(new URL(`/samples?format=${name}&from=10&to=10.5`, server.url));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const decoder = format.createDecoder((error) => {
      throw error;
    });
    const samples = [...decoder.push(bytes), ...decoder.end()];
    assertEquals(
      samples.map(({ values }) => values),
      Array.from({ length: 50 }, (_, index) => {
        const number = 1000 + index;
        return [number / 8, BigInt(number)];
      }),
      name,
    );
  }
  const all = await fetch(new URL("/samples", server.url));
  assertEquals((await all.text()).trimEnd().split("\n").length, 5001);
  const wrong = await fetch(new URL("/samples?format=nonsense", server.url));
  assertEquals(wrong.status, 400);
  assertStringIncludes(await wrong.text(), 'Cannot find format "nonsense"');
});

Deno.test("serveScope serves no more than 16 pages", async () => {
  await using server = await serveScope({ sources: [{ name: "lab", isLive: true, history: new SampleHistory() }] });
  await using stack = new AsyncDisposableStack();
  for (let count = 0; count < 16; count++) await stack.use(new Visitor(server)).takeOf("hello");
  const refused = stack.use(new Visitor(server));
  await refused.closed;
  assertEquals(server.pages, 16);
});
