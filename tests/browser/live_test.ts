/// <reference lib="dom" />
import { assert, assertEquals } from "@std/assert";
import { connect, createFormat, type Sample } from "@villas/client";
import { SampleHistory, type ScopeServer, serveScope } from "@villas/client/scope";
import { start } from "../commands/_cli.ts";
import { sampleAt } from "../scope/_history.ts";
import { blue, lookAt, serve, settle, testInBrowser, visit } from "./_browser.ts";

/** Adds samples to a history as time goes on: a sine of 5 Hz, 500 times per second. */
function feed(history: SampleHistory): Disposable {
  const begin = performance.now();
  let number = 0;
  const timer = setInterval(() => {
    const due = (performance.now() - begin) / 2;
    for (; number < due; number++) {
      history.push([sampleAt(number / 500, [Math.sin(2 * Math.PI * number / 100)], { sequence: BigInt(number) })]);
    }
  }, 5);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

const light = (view: object) => `#${encodeURIComponent(JSON.stringify({ theme: "light", ...view }))}`;

testInBrowser("a page asks for its first picture with the signals, and draws nothing before it has come", async () => {
  const history = new SampleHistory();
  history.push([sampleAt(0, [1]), sampleAt(1, [2])]);
  await using server = await serve(true, history);
  await using visitor = await visit("about:blank");
  const { page } = visitor;
  await page.addInitScript(() => {
    const events: string[] = [];
    Object.assign(globalThis, { events });
    const { WebSocket, requestAnimationFrame: request } = globalThis;
    globalThis.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener(
          "message",
          ({ data }) => events.push(typeof data === "string" ? JSON.parse(data).type : "rows"),
        );
      }
      override send(data: string) {
        events.push(JSON.parse(data).type);
        super.send(data);
      }
    };
    globalThis.requestAnimationFrame = (draw) =>
      request((time) => {
        events.push("frame");
        draw(time);
        if (document.querySelector(".pane canvas") !== null) events.push("canvas");
      });
  });
  await page.goto(server.url);
  await page.waitForFunction(() => (globalThis as unknown as { events: string[] }).events.includes("canvas"));
  const seen = await page.evaluate(() => (globalThis as unknown as { events: string[] }).events);
  const hello = seen.indexOf("hello");
  assertEquals(seen.slice(hello, hello + 2), ["hello", "picture"]);
  const [rows, canvas] = [seen.indexOf("rows"), seen.indexOf("canvas")];
  assert(rows >= 0 && (canvas < 0 || canvas > rows), seen.join(" "));
});

testInBrowser("a live picture moves, and a pause holds it while samples go on", async () => {
  const history = new SampleHistory();
  using _ = feed(history);
  await using server = await serve(true, history);
  await using visitor = await visit(`${server.url}${light({ span: 2 })}`);
  const { page } = visitor;
  await page.waitForSelector(".pane");
  await page.waitForFunction(() =>
    (globalThis as unknown as { scopePage: { pictures: number } }).scopePage.pictures > 10
  );
  const window = () =>
    page.evaluate(
      () => [...(globalThis as unknown as { scopePage: { model: { window: number[] } } }).scopePage.model.window],
    );
  const [before = 0] = await window();
  await page.waitForFunction(
    (from) =>
      (globalThis as unknown as { scopePage: { model: { window: number[] } } }).scopePage.model.window[0]! > from + 0.2,
    before,
  );
  await page.keyboard.press(" ");
  await page.getByText("Paused").waitFor();
  await settle(page);
  const held = await window();
  const { end } = history;
  while (history.end < end + 200) await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(await window(), held);
  const { columns, height } = await lookAt(page, 0, blue);
  assert(columns.some(({ top = height }) => top < height * 0.15), "the trace is there while it is held");
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText("Live").waitFor();
});

testInBrowser("a trigger puts the edge where it should be, whatever the samples are", async () => {
  const history = new SampleHistory();
  using _ = feed(history);
  await using server = await serve(true, history);
  const trigger = {
    isOn: true,
    event: "rising",
    mode: "normal",
    signal: "0/signal0",
    level: 0,
    hysteresis: 0.1,
    position: 0.25,
  };
  await using visitor = await visit(`${server.url}${light({ span: 0.2, trigger })}`);
  const { page } = visitor;
  await page.getByText("Triggered").waitFor();
  for (let look = 0; look < 3; look++) {
    const { columns, width, height } = await lookAt(page, 0, blue);
    const at = (part: number) => {
      const { top = NaN, bottom = NaN } = columns[Math.round(part * width)] ?? {};
      return 1 - (top + bottom) / 2 / height;
    };
    // A quarter of the window before the edge, one period of the sine in all.
    const seen = [0.25, 0.5, 0.75].map(at);
    const expected = [0.5, 1.06 / 1.12, 0.5];
    assert(seen.every((value, index) => Math.abs(value - (expected[index] ?? 0)) < 0.06), `${seen}`);
  }
});

testInBrowser("cursors show the time between them, its frequency, and the values at both", async () => {
  const history = new SampleHistory();
  history.push(Array.from({ length: 1001 }, (_, index) => sampleAt(index / 100, [index])));
  await using server = await serve(false, history);
  await using visitor = await visit(server.url);
  const { page } = visitor;
  await settle(page);
  await page.keyboard.press("c");
  const box = await page.locator(".u-over").first().boundingBox() ?? { x: 0, y: 0, width: 0, height: 0 };
  for (const [index, part] of [0.2, 0.7].entries()) {
    const cursor = await page.locator(`.cursor[data-cursor="${index}"]`).boundingBox() ??
      { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(cursor.x + 1, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + part * box.width, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
  }
  await page.waitForTimeout(100);
  const table = await page.locator(".cursors").innerText();
  const [, difference = ""] = /Δt\s+([\d.]+) s/.exec(table) ?? [];
  assert(Math.abs(Number(difference) - 5) < 0.05, table);
  const [, first = "", second = "", between = ""] = /signal0\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)/.exec(table) ?? [];
  assert(Math.abs(Number(first) - 200) < 5 && Math.abs(Number(second) - 700) < 5, table);
  assertEquals(Number(between), Number(second) - Number(first));
});

testInBrowser("the pointer shows the value below it, a drag zooms in, and a double click shows all again", async () => {
  const history = new SampleHistory();
  history.push(Array.from({ length: 1001 }, (_, index) => sampleAt(index / 100, [index])));
  await using server = await serve(false, history);
  await using visitor = await visit(server.url);
  const { page } = visitor;
  await settle(page);
  const box = await page.locator(".u-over").first().boundingBox() ?? { x: 0, y: 0, width: 0, height: 0 };
  const [left, middle] = [box.x + box.width * 0.25, box.y + box.height / 2];
  await page.mouse.move(left, middle);
  const tip = await page.locator(".tip").innerText();
  assert(Math.abs(Number(/signal0\s+([\d.]+)/.exec(tip)?.[1]) - 250) < 3, tip);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, middle, { steps: 4 });
  await page.mouse.up();
  await settle(page);
  const window = () =>
    page.evaluate(
      () => [...(globalThis as unknown as { scopePage: { model: { window: number[] } } }).scopePage.model.window],
    );
  const [from = 0, to = 0] = await window();
  assert(Math.abs(from - 2.5) < 0.05 && Math.abs(to - 5) < 0.05, `${from} to ${to}`);
  await page.mouse.dblclick(left, middle);
  assertEquals(await window(), [0, 10]);
});

testInBrowser("CSV of the page is the recording", async () => {
  const samples: Sample[] = Array.from(
    { length: 3000 },
    (_, index) => sampleAt(index / 1000, [Math.sqrt(index), BigInt(index)], { sequence: BigInt(index) }),
  );
  const history = new SampleHistory();
  history.push(samples);
  await using server = await serve(false, history);
  await using visitor = await visit(server.url);
  await settle(visitor.page);
  const downloading = visitor.page.waitForEvent("download");
  await visitor.page.getByLabel("Save", { exact: true }).selectOption("all csv");
  const path = await (await downloading).path();
  const decoder = (await createFormat("csv")).createDecoder((error) => {
    throw error;
  });
  const saved = [...decoder.push(await Deno.readFile(path)), ...decoder.end()];
  assertEquals(
    saved.map(({ values, tsOrigin, sequence }) => [sequence, tsOrigin, values]),
    samples.map(({ values, tsOrigin, sequence }) => [sequence, tsOrigin, values]),
  );
});

testInBrowser("the page comes back when the server was started anew, and two pages see the same", async () => {
  const history = new SampleHistory();
  using _ = feed(history);
  const listen = (port: number): Promise<ScopeServer> =>
    serveScope({ sources: [{ name: "lab", isLive: true, history }] }, { port });
  const server = await listen(0);
  const port = Number(new URL(server.url).port);
  await using visitor = await visit(server.url);
  const other = await visitor.open(server.url);
  await other.bringToFront();
  for (const page of [visitor.page, other]) await page.getByText("Live").waitFor();
  assertEquals(server.pages, 2);
  await server[Symbol.asyncDispose]();
  await other.getByText("Connection lost").waitFor();
  await using again = await listen(port);
  await other.getByText("Live").waitFor();
  assert(again.pages >= 1);
});

testInBrowser("values of the controls arrive at the other end, from the page that holds them alone", async () => {
  await using node = await connect({
    local: "udp://127.0.0.1:0",
    remote: "udp://127.0.0.1:1",
    anySource: true,
    signals: "any",
  });
  const address = ["--local", "udp://127.0.0.1:0", "--remote", node.local, "-t", "fbi"];
  await using scope = start("scope", ...address, "--controls", "setpoint:0..400=230,breaker:bool,n:int");
  const [url = ""] = await scope.expectOutput(/http:\S+/);
  await using visitor = await visit(url);
  const { page } = visitor;
  const slider = page.getByLabel("setpoint");
  assertEquals(await slider.isDisabled(), true);
  await page.getByRole("button", { name: "Take the controls" }).click();
  await page.getByText("This page holds them").waitFor();
  await slider.fill("100");
  await page.getByLabel("breaker").check();
  const received: Sample[] = [];
  for await (const sample of node.samples({ timeout: 20 })) {
    received.push(sample);
    if (sample.values[1] === true) break;
  }
  assertEquals(received.at(-1)?.values, [100, true, 0n]);
  assert(received.every(({ sequence }, index) => sequence === BigInt(index)));
  const other = await visitor.open(url);
  await other.getByText("Another page holds them").waitFor();
  assertEquals(await other.getByLabel("setpoint").isDisabled(), true);
  assertEquals(await other.getByLabel("setpoint").inputValue(), "100");
});

testInBrowser("a page of another site cannot speak to the server", async () => {
  const history = new SampleHistory();
  await using server = await serve(true, history);
  const html = { headers: { "content-type": "text/html" } };
  await using foreign = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<p>Hello", html),
  );
  await using visitor = await visit(`http://127.0.0.1:${foreign.addr.port}/`);
  const { host } = new URL(server.url);
  const tried = await visitor.page.evaluate(async (host) => {
    const socket = new WebSocket(`ws://${host}/stream`, "villas-scope.1");
    const ended = await new Promise<string>((resolve) => {
      socket.onopen = () => resolve("open");
      socket.onclose = () => resolve("closed");
    });
    const samples = await fetch(`http://${host}/samples`).then(() => "read", () => "refused");
    return [ended, samples];
  }, host);
  assertEquals(tried, ["closed", "refused"]);
});

testInBrowser("names of signals are text, whatever is in them", async () => {
  const name = '<img src=x onerror="document.title=1"> & <b>bold</b>';
  const history = new SampleHistory({ signals: [{ name, unit: "<i>V</i>", type: "float" }] });
  history.push([sampleAt(0, [1]), sampleAt(1, [2])]);
  await using server = await serve(false, history);
  await using visitor = await visit(server.url);
  await settle(visitor.page);
  assertEquals(await visitor.page.locator(".signal .name").innerText(), name);
  assertEquals(await visitor.page.locator("img, i.V, .signal b b").count(), 0);
  assertEquals(await visitor.page.title(), "villas-client scope");
});

testInBrowser("a step back in time begins a new picture", async () => {
  const history = new SampleHistory();
  history.push(Array.from({ length: 500 }, (_, index) => sampleAt(1000 + index / 100, [5])));
  await using server = await serve(true, history);
  await using visitor = await visit(`${server.url}${light({ span: 5 })}`);
  await visitor.page.waitForSelector(".pane");
  history.push(Array.from({ length: 500 }, (_, index) => sampleAt(index / 100, [Math.sin(index / 20)])));
  await visitor.page.waitForFunction(() => {
    const { scopePage } = globalThis as unknown as { scopePage: { model: { sources: { head?: { run: number } }[] } } };
    return scopePage.model.sources[0]?.head?.run === 1;
  });
  await visitor.page.keyboard.press(" ");
  await settle(visitor.page);
  const { columns, height } = await lookAt(visitor.page, 0, blue);
  const tops = columns.flatMap(({ top }) => top === undefined ? [] : [top]);
  assert(Math.max(...tops) - Math.min(...tops) > height * 0.6, "the sine is drawn");
});
