import { assert, assertEquals } from "@std/assert";
import { parseSignals } from "@villas/client";
import { SampleHistory } from "@villas/client/scope";
import { fc } from "../../_properties.ts";
import { decodeView, defaultView, encodeView, layOutPanes, readView } from "../../../lib/scope/page/view.ts";

Deno.test("decodeView reads what encodeView writes, and an untouched view takes no room", () => {
  const view = {
    ...{ ...defaultView, span: 0.5, theme: "dark" as const, notation: "utc" as const },
    panes: [{ kind: "xy" as const, signals: ['0/ä "&<b>', "0/v.magnitude"] }],
  };
  assertEquals(decodeView(encodeView(view)), view);
  assertEquals(encodeView(defaultView), "");
  assertEquals(decodeView(""), undefined);
});

Deno.test("readView takes anything, and what is wrong is as in the beginning", () => {
  fc.assert(fc.property(fc.anything(), (value) => {
    const view = readView(value);
    assert(view.span > 0 && Array.isArray(view.panes));
    readView({ ...defaultView, panes: value, trigger: value, panel: [value], span: value });
  }));
  assertEquals(readView({ span: "long", panes: [{ kind: "??", signals: [1, "0/a"] }] }).panes, [
    { kind: "time", signals: ["0/a"] },
  ]);
  assertEquals(decodeView("%%%"), undefined);
});

Deno.test("layOutPanes puts signals of a unit together, and booleans last", () => {
  const signals = parseSignals(JSON.stringify([
    ...[{ name: "on", type: "boolean" }, { name: "va", unit: "V" }, { name: "i", unit: "A" }, {
      name: "vb",
      unit: "V",
    }],
    { name: "z", unit: "V", type: "complex" },
  ]));
  const { channels, run, epochs, capacity, memory } = new SampleHistory({ signals });
  const panes = layOutPanes([{ name: "lab", isLive: true, channels, run, epochs, capacity, memory }]);
  assertEquals(panes.map(({ signals }) => signals.join(" ")), [
    ...["0/va 0/vb", "0/i", "0/z.magnitude", "0/z.phase", "0/on"],
  ]);
});
