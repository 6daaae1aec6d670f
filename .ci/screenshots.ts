/// <reference lib="dom" />
/**
 * Makes the pictures of the scope's page that README.md shows: `deno task screenshots`.
 *
 * @module
 */

import { SampleHistory, serveScope } from "@villas/client/scope";
import { visit } from "../tests/browser/_browser.ts";

const rate = 2000;
const signals = [
  ...["va", "vb", "vc"].map((name) => ({ name, unit: "V", type: "float" as const })),
  { name: "current", unit: "A", type: "float" as const },
  { name: "breaker", type: "boolean" as const },
];

/** A three-phase voltage with a fifth harmonic, the current of a load that is switched, and the switch. */
function valuesAt(time: number) {
  const angle = 2 * Math.PI * 50 * time;
  const isOn = time % 0.4 < 0.25;
  const voltage = (shift: number) => 325 * Math.sin(angle + shift) + 14 * Math.sin(5 * (angle + shift));
  const current = (isOn ? 18 : 4) * Math.sin(angle - 0.5);
  return [voltage(0), voltage(-2 * Math.PI / 3), voltage(2 * Math.PI / 3), current, isOn];
}

const history = new SampleHistory({ signals });
history.push(Array.from({ length: 2 * rate }, (_, number) => {
  const nanoseconds = number * 1e9 / rate;
  const tsOrigin = { sec: 1_700_000_000 + Math.floor(nanoseconds / 1e9), nsec: nanoseconds % 1e9 };
  return { sequence: BigInt(number), tsOrigin, values: valuesAt(number / rate) };
}));

const panes = [
  { kind: "time", signals: ["0/va", "0/vb", "0/vc"] },
  { kind: "time", signals: ["0/current"] },
  { kind: "time", signals: ["0/breaker"] },
  { kind: "spectrum", signals: ["0/va", "0/current"] },
];
const trigger = {
  isOn: true,
  event: "rising",
  mode: "normal",
  signal: "0/va",
  level: 0,
  hysteresis: 10,
  position: 0.25,
};

await using server = await serveScope({ sources: [{ name: "lab", isLive: true, history }] });
const view = encodeURIComponent(JSON.stringify({ panes, trigger, span: 0.5, theme: "light" }));
await using visitor = await visit(`${server.url}#${view}`, { width: 1360, height: 860 });
await visitor.page.getByText("Triggered").waitFor();
await visitor.page.keyboard.press("c");
await visitor.page.waitForFunction(() => document.querySelector(".readout")?.textContent?.includes("THD") ?? false);
await visitor.page.waitForTimeout(500);
await Deno.writeFile(new URL("../tests/browser/scope.png", import.meta.url), await visitor.page.screenshot());
