import { assertEquals, assertMatch } from "@std/assert";
import { drawPicture } from "../../lib/scope/svg.ts";

const trace = { name: "va", unit: "V", color: "#0072b2", dash: [], shape: "line" as const };

Deno.test("drawPicture puts points where they belong, and breaks lines at gaps", () => {
  const values = [0, 10, null, 5, Infinity, 2, 2];
  const svg = drawPicture([[{ ...trace, times: [0, 1, 2, 3, 4, 5, 6], values }]], { from: 0, to: 6, width: 700 });
  const lines = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, points = ""]) => points.split(" "));
  assertEquals(lines.map(({ length }) => length), [2, 2, 2]);
  // 600 pixels for 6 s behind an axis of 68; 196 pixels of height, with a margin of 6 % of the range at both ends.
  const [[first = "", second = ""] = []] = lines;
  assertEquals([first.split(",")[0], second.split(",")[0]], ["68", "168"]);
  assertEquals(Number(first.split(",")[1]) > Number(second.split(",")[1]), true);
});

Deno.test("drawPicture draws booleans in lanes, integers in steps, and names as text", () => {
  const times = [0, 1, 2];
  const svg = drawPicture([
    [
      { ...trace, name: "<b>&", shape: "logic", times, values: [0, 1, 1] },
      { ...trace, name: "off", shape: "logic", times, values: [0, 0, 0] },
    ],
    [{ ...trace, shape: "steps", dash: [8, 4], times, values: [1, 3, 2] }],
  ], { from: 0, to: 2 });
  assertMatch(svg, />&lt;b&gt;&amp;</);
  assertEquals(svg.includes("<b>"), false);
  const points = [...svg.matchAll(/<polyline points="([^"]+)"/g)].map(([, list = ""]) => list.split(" ").length);
  assertEquals(points, [5, 5, 5]);
  assertMatch(svg, /stroke-dasharray="8 4"/);
});
