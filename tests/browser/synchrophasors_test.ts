/// <reference lib="dom" />
import { assertEquals, assertMatch } from "@std/assert";
import { connect, parseSignals } from "@villas/client";
import { sleep } from "@villas/client/system";
import { start } from "../commands/_cli.ts";
import { testInBrowser, visit } from "./_browser.ts";

const signals = parseSignals(
  '[{"name": "va", "type": "complex"}, {"name": "vb", "type": "complex"}, {"name": "ia", "type": "complex"}, ' +
    '{"name": "frequency"}, {"name": "closed", "type": "boolean"}]',
);

/** A phasor of a magnitude and an angle in degrees. */
function phasor(magnitude: number, degrees: number) {
  const radians = degrees * Math.PI / 180;
  return { real: magnitude * Math.cos(radians), imag: magnitude * Math.sin(radians) };
}

testInBrowser("scope shows the phasors of a PMU as arrows, with the names and units of its configuration", async () => {
  await using pmu = await connect({ local: "c37.118://127.0.0.1:0/7", signals });
  await using scope = start("scope", "--remote", pmu.local);
  const [address = ""] = await scope.expectOutput(/http:\S+/);
  const url = `${address}#${encodeURIComponent(JSON.stringify({ theme: "light" }))}`;
  await pmu.ready({ signal: AbortSignal.timeout(30_000) });
  const ended = new AbortController();
  const sending = (async () => {
    for (let number = 0; !ended.signal.aborted; number++) {
      const time = Math.floor(Date.now() / 20) * 20;
      await pmu.send({
        tsOrigin: { sec: Math.floor(time / 1000), nsec: time % 1000 * 1e6 },
        values: [phasor(230, 90), phasor(115, -30), phasor(8, 180), 50 + Math.sin(number / 10) / 100, true],
      });
      await sleep(20, ended.signal);
    }
  })();
  try {
    await using visitor = await visit(url);
    const { page } = visitor;
    await page.locator('.signal[data-signal="0/pmu0_va.magnitude"]').getByText("230").first().waitFor();
    const names = await page.locator(".signal").evaluateAll((rows) =>
      rows.map((row) => row.getAttribute("data-signal"))
    );
    assertEquals(names.slice(0, 4), ["magnitude", "phase", "real", "imag"].map((part) => `0/pmu0_va.${part}`));
    assertEquals(names.slice(-3), ["0/pmu0_frequency", "0/pmu0_rocof", "0/pmu0_closed"]);
    // A phasor pane of all phasors, as a user makes it.
    await page.getByLabel("Add", { exact: true }).selectOption("phasor");
    const pane = page.locator('.pane[data-kind="phasor"]');
    await pane.getByText("pmu0_ia: 8 A ∠ 180°").waitFor();
    const text = await pane.locator(".readout").innerText();
    assertMatch(text, /^pmu0_va: 230 V ∠ 90°\npmu0_vb: 115\.?0* V ∠ -30\.?0*°\npmu0_ia: 8 A ∠ 180°$/);
    // Volts and amperes have scales of their own: va up to the rim, vb half as long, ia to the left, each in its colour.
    const colors = await pane.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("There is no picture");
      const [x, y, radius] = [canvas.width / 2, canvas.height / 2, Math.min(canvas.width, canvas.height) / 2 - 22];
      const colorAt = (part: number, degrees: number) => {
        const angle = degrees * Math.PI / 180;
        const [left, top] = [x + radius * part * Math.cos(angle), y - radius * part * Math.sin(angle)].map(Math.round);
        const { data } = context.getImageData((left ?? 0) - 1, (top ?? 0) - 1, 3, 3);
        const pixels = Array.from({ length: 9 }, (_, at) => [...data.slice(4 * at, 4 * at + 4)]);
        const strong = pixels.find(([red = 0, green = 0, blue = 0, alpha = 0]) =>
          alpha > 250 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60
        );
        return strong?.slice(0, 3).map((part) => part.toString(16).padStart(2, "0")).join("") ?? "";
      };
      return {
        arrows: [colorAt(0.35, 90), colorAt(0.3, -30), colorAt(0.35, 180)],
        others: [colorAt(0.7, -30), colorAt(0.35, -90), colorAt(0.35, 0)],
      };
    });
    assertEquals(colors, { arrows: ["0072b2", "d55e00", "008662"], others: ["", "", ""] });
  } finally {
    ended.abort();
    await sending;
  }
});
