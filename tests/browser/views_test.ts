/// <reference lib="dom" />
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { SampleHistory, serveScope } from "@villas/client/scope";
import { openUdp } from "@villas/client/transports";
import { start } from "../commands/_cli.ts";
import { historyOf, sampleAt } from "../scope/_history.ts";
import { serve, settle, testInBrowser, visit } from "./_browser.ts";

const view = (settings: object) => `#${encodeURIComponent(JSON.stringify({ theme: "light", ...settings }))}`;

testInBrowser("a spectrum shows the frequency, the amplitude and the distortion", async () => {
  const history = historyOf(2000, 2000, (index) => {
    const angle = 2 * Math.PI * 50 * index / 2000;
    return [100 * Math.sin(angle) + 3 * Math.sin(3 * angle) + 4 * Math.sin(7 * angle)];
  });
  await using server = await serve(false, history);
  await using visitor = await visit(`${server.url}${view({ panes: [{ kind: "spectrum", signals: ["0/signal0"] }] })}`);
  const { page } = visitor;
  await page.getByText("THD").waitFor();
  assertMatch(
    await page.locator(".readout").innerText(),
    /signal0: 50\.000 Hz, 100\.0\d* .*THD 5\.00 % · H7 4\.00 % · H3 3\.00 %/,
  );
  // The peaks stand where their frequencies are, on an axis to 1000 Hz.
  const peaks = await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>(".pane canvas");
    const context = canvas?.getContext("2d");
    if (!canvas || !context) throw new Error("There is no pane");
    const [left, width] = [62, canvas.width - 62 - 14];
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const highest = (hertz: number) => {
      const x = Math.round(left + hertz / 1000 * width);
      for (let y = 0; y < canvas.height; y++) {
        for (const column of [x - 1, x, x + 1]) {
          const at = (y * canvas.width + column) * 4;
          const [red = 0, green = 0, blue = 0, alpha = 0] = data.slice(at, at + 4);
          if (alpha > 150 && blue > 140 && red < 70 && green < 150) return y / canvas.height;
        }
      }
      return 1;
    };
    return [50, 150, 350, 600].map(highest);
  });
  const [first = 1, third = 1, seventh = 1, nothing = 0] = peaks;
  assert(first < 0.12 && third > first + 0.1 && seventh < third && nothing > third + 0.2, `${peaks}`);
});

testInBrowser("phasors are arrows of complex signals, and XY draws one signal over another", async () => {
  const history = historyOf(500, 100, (index) => {
    const angle = 2 * Math.PI * index / 100;
    return [{ real: 0, imag: 230 }, Math.cos(angle), Math.sin(angle)];
  });
  const panes = [
    { kind: "phasor", signals: ["0/signal0.magnitude", "0/signal0.phase"] },
    { kind: "xy", signals: ["0/signal1", "0/signal2"] },
  ];
  await using server = await serve(false, history);
  await using visitor = await visit(`${server.url}${view({ panes })}`);
  const { page } = visitor;
  await page.getByText("signal0: 230 V").or(page.getByText(/signal0: 230\s+∠ 90/)).waitFor();
  const covered = await page.evaluate(() => {
    const look = (pane: number, points: [number, number][], isColor: (parts: number[]) => boolean) => {
      const canvas = document.querySelectorAll<HTMLCanvasElement>(".pane canvas")[pane];
      const context = canvas?.getContext("2d");
      if (!canvas || !context) throw new Error("There is no pane");
      return points.map(([x, y]) => {
        const { data } = context.getImageData(x * canvas.width - 4, y * canvas.height - 4, 8, 8);
        return Array.from({ length: 64 }, (_, at) => [...data.slice(at * 4, at * 4 + 4)]).some(isColor);
      });
    };
    const isStrong = ([red = 0, green = 0, blue = 0, alpha = 0]: number[]) =>
      alpha > 200 && Math.max(red, green, blue) - Math.min(red, green, blue) > 90;
    // Straight up from the middle, and not down or to the right; a circle around the middle, which is free.
    return [
      look(0, [[0.5, 0.3], [0.5, 0.7], [0.7, 0.5]], isStrong),
      look(1, [[0.5, 0.5], [0.25, 0.5]], isStrong),
    ];
  });
  assertEquals(covered[0], [true, false, false]);
  assertEquals(covered[1]?.[0], false);
});

testInBrowser("a pane is saved as SVG and PNG", async () => {
  await using server = await serve(false, historyOf(100, 10, (index) => [Math.sin(index / 5)]));
  await using visitor = await visit(`${server.url}${view({})}`);
  const { page } = visitor;
  await settle(page);
  const download = async (name: string) => {
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name, exact: true }).click();
    return await Deno.readFile(await (await downloading).path());
  };
  const svg = new TextDecoder().decode(await download("SVG"));
  assertMatch(svg, /^<svg xmlns[\s\S]*<polyline points="([\d.]+,[\d.]+ ?){90,}"[\s\S]*signal0[\s\S]*<\/svg>\n$/);
  assertEquals([...(await download("PNG")).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
});

testInBrowser("the link shows its figures, and the last datagram that was refused", async () => {
  await using scope = start("scope", "--local", "udp://127.0.0.1:0");
  const [, remote = ""] = await scope.expectError(/Receiving on (\S+) from/);
  using peer = await openUdp({ local: "udp://127.0.0.1:0", remote });
  const [url = ""] = await scope.expectOutput(/http:\S+/);
  await using visitor = await visit(url);
  await visitor.page.getByText("Waiting for samples").waitFor();
  await peer.send([new Uint8Array([0xff, 0xee, 1])]);
  const refusal = visitor.page.locator(".refusal");
  await refusal.waitFor();
  assertStringIncludes(await refusal.innerText(), "Last refused datagram");
  await refusal.click();
  assertStringIncludes(await refusal.innerText(), "3 bytes: ff ee 01");
  const strip = await visitor.page.locator(".link").innerText();
  assertMatch(strip, /Rate[\s\S]*Delay[\s\S]*Jitter[\s\S]*Missing[\s\S]*Refused\s*1/);
});

testInBrowser("widgets are placed on the panel, moved by dragging, and kept in the link", async () => {
  const history = new SampleHistory();
  history.push([sampleAt(0, [42.5, true]), sampleAt(1, [43.5, true])]);
  await using server = await serve(true, history);
  await using visitor = await visit(server.url);
  const { page } = visitor;
  await page.waitForSelector(".pane");
  for (const [kind, signal] of [["number", "0/signal0"], ["lamp", "0/signal1"]]) {
    await page.getByLabel("Add", { exact: true }).selectOption("widget");
    await page.getByLabel("Kind").selectOption(kind ?? "");
    await page.locator("dialog select").nth(1).selectOption(signal ?? "");
    await page.getByRole("button", { name: "Add", exact: true }).click();
  }
  await page.locator('.widget[data-kind="number"]').getByText("43.5000").waitFor();
  await page.locator(".lamp.on").waitFor();
  const widget = page.locator('.widget[data-kind="number"]');
  const before = await widget.boundingBox() ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(before.x + 20, before.y + 10);
  await page.mouse.down();
  await page.mouse.move(before.x + 320, before.y + 10 + 68, { steps: 5 });
  await page.mouse.up();
  const after = await widget.boundingBox() ?? { x: 0, y: 0, width: 0, height: 0 };
  assert(after.x > before.x + 200 && Math.abs(after.y - before.y - 68) < 2, `${after.x}, ${after.y}`);
  const other = await visitor.open(page.url());
  await other.bringToFront();
  await other.locator('.widget[data-kind="number"]').getByText("43.5000").waitFor();
  assertEquals(await other.locator('.widget[data-kind="number"]').boundingBox(), after);
});

testInBrowser("a signal is dragged from the list onto a pane, and a click hides it", async () => {
  const signals = [{ name: "va", unit: "V", type: "float" as const }, { name: "i", unit: "A", type: "float" as const }];
  const history = new SampleHistory({ signals });
  history.push([sampleAt(0, [1, 2]), sampleAt(1, [3, 4])]);
  await using server = await serve(false, history);
  await using visitor = await visit(server.url);
  const { page } = visitor;
  await settle(page);
  assertEquals(await page.locator(".pane").count(), 2);
  await page.locator('.signal[data-signal="0/i"]').dragTo(page.locator(".pane").first());
  assertEquals(await page.locator(".pane").first().locator(".chip").count(), 2);
  assertMatch(decodeURIComponent(page.url()), /"signals":\["0\/va","0\/i"\]/);
  await page.locator('.signal[data-signal="0/i"]').click();
  assertEquals(await page.locator(".chip").count(), 1);
  // The axes of the second unit have gone, too, and nothing has failed.
  await settle(page);
});

testInBrowser("the page fits 1024 pixels and a wall screen, without a bar to scroll sideways", async () => {
  const history = historyOf(100, 10, (index) => Array.from({ length: 24 }, (_, signal) => signal + index));
  await using server = await serve(false, history);
  await using visitor = await visit(server.url, { width: 1024, height: 700 });
  const overflow = () => document.documentElement.scrollWidth - innerWidth;
  await settle(visitor.page);
  assertEquals(await visitor.page.evaluate(overflow), 0);
  const wall = await visitor.open(server.url, { width: 3840, height: 2160 });
  await wall.bringToFront();
  await settle(wall);
  assertEquals(await wall.evaluate(overflow), 0);
  assertEquals(await wall.locator(".pane").count(), 3);
});

testInBrowser("a page begins with the view of the server's file, but a link's own view comes first", async () => {
  const history = historyOf(100, 10, (index) => [index, -index]);
  const panes = [{ kind: "time", signals: ["0/signal1"] }];
  const saved = { theme: "dark", notation: "seconds", panes, panel: [{ kind: "label", text: "Bay 7" }] };
  await using server = await serveScope({ sources: [{ name: "lab", isLive: false, history }], view: saved });
  await using visitor = await visit(server.url);
  await settle(visitor.page);
  assertEquals(await visitor.page.locator(".chip").allInnerTexts().then((texts) => texts.length), 1);
  assertEquals(await visitor.page.locator("html").getAttribute("data-theme"), "dark");
  await visitor.page.locator('.widget[data-kind="label"]').getByText("Bay 7").waitFor();
  const own = await visitor.open(`${server.url}${view({ panes: [{ kind: "time", signals: ["0/signal0"] }] })}`);
  await own.bringToFront();
  await settle(own);
  assertEquals(await own.locator("html").getAttribute("data-theme"), "light");
  assertEquals(await own.locator(".widget").count(), 0);
});

testInBrowser("a dark page is printed light, and dark again behind that", async () => {
  await using server = await serve(false, historyOf(100, 10, (index) => [index]));
  await using visitor = await visit(`${server.url}${view({ theme: "dark" })}`);
  const { page } = visitor;
  await settle(page);
  const theme = page.locator("html");
  assertEquals(await theme.getAttribute("data-theme"), "dark");
  await page.evaluate(() =>
    addEventListener("beforeprint", () => document.title = `printed ${document.documentElement.dataset.theme}`)
  );
  await page.pdf();
  assertEquals(await page.title(), "printed light");
  assertEquals(await theme.getAttribute("data-theme"), "dark");
});

testInBrowser(
  "the list of signals shows names, values and figures whole, also of integers with 19 digits",
  async () => {
    const history = new SampleHistory({
      signals: [
        { name: "counter", type: "integer" },
        { name: "current", unit: "kiloampere-per-second-squared", type: "float" },
      ],
    });
    history.push([sampleAt(0, [-(2n ** 63n), -1.234567e9]), sampleAt(1, [-(2n ** 63n) + 1n, -1.234567e-9])]);
    await using server = await serve(false, history);
    await using visitor = await visit(server.url, { width: 1024, height: 700 });
    const { page } = visitor;
    await settle(page);
    await page.getByText("-9223372036854775807").waitFor();
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>(".signal .name, .signal .value b, .signal .figures > span")]
        .filter((element) => element.clientWidth < element.scrollWidth || element.clientWidth === 0)
        .map((element) => element.innerText)
    );
    assertEquals(cut, []);
    // The smaller one is nothing beside the other.
    const texts = (await page.locator(".signal .figures").last().innerText()).split(/\s+/);
    assertEquals(texts.slice(0, 2), ["min-1.2346G", "max0"]);
  },
);
