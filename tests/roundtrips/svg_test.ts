import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import {
  createRoundTripTimeline,
  drawRoundTrips,
  measureLoopbackBaseline,
  measureRoundTrips,
  type RoundTripPanel,
} from "@villas/client/roundtrips";

/** Checks that a document is well-formed XML, as far as tags and characters go; its elements. */
function parseXml(document: string): { name: string; attributes: Record<string, string> }[] {
  const elements: { name: string; attributes: Record<string, string> }[] = [];
  const open: string[] = [];
  const token = /<\?xml [^<>]*\?>|<\/([\w]+)>|<([\w]+)((?: [\w:-]+="[^"<>]*")*)(\/?)>|([^<>]+)/gy;
  for (let end = 0; end < document.length; end = token.lastIndex) {
    token.lastIndex = end;
    const match = token.exec(document);
    assert(match !== null, `not XML: ${document.slice(end, end + 80)}`);
    const [, closing, name, attributes = "", isEmpty, text] = match;
    const content = attributes + (text ?? "");
    assert(!/&(?!(?:amp|lt|gt|quot);)/.test(content), content);
    if (closing !== undefined) assertEquals(open.pop(), closing);
    if (name === undefined) continue;
    elements.push({
      name,
      attributes: Object.fromEntries(
        [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
      ),
    });
    if (isEmpty === "") open.push(name);
  }
  assertEquals(open, []);
  return elements;
}

async function measure(values: number): Promise<RoundTripPanel> {
  const report = await measureLoopbackBaseline({ rate: 2000, values, count: 100 }, { format: protobuf() });
  const timeline = createRoundTripTimeline(report, 100);
  const times = report.roundTrips.buckets().flatMap(({ from, count }) => new Array<number>(count).fill(from));
  for (const [index, seconds] of times.entries()) timeline.record(index / 2000, seconds);
  return { report, timeline, clientOverhead: report.roundTrips };
}

Deno.test("drawRoundTrips() draws valid XML of its own, with axes, units and parameters", async () => {
  const panels = [await measure(1), await measure(8)];
  const picture = drawRoundTrips(panels, { title: 'A <"lab"> & \u0007 \ud800', subtitle: "over the loopback" });
  const elements = parseXml(picture);
  assertEquals(elements[0]?.name, "svg");
  assertEquals(elements[0]?.attributes.xmlns, "http://www.w3.org/2000/svg");
  assertEquals(
    new Set(elements.map(({ name }) => name)),
    new Set(["svg", "title", "rect", "text", "polyline", "g", "path"]),
  );
  for (
    const text of [
      "A &lt;&quot;lab&quot;&gt; &amp; \ufffd \ufffd",
      "over the loopback",
      "2000 samples/s, 1 value",
      "2000 samples/s, 8 values",
      "time since the first sample in s",
      "share of the samples in %",
      "sent 100, received 100, lost 0",
    ]
  ) {
    assertStringIncludes(picture, text);
  }
  // Which units, the machine's pace decides.
  assert(/>\d+ (µs|ms|s)</.test(picture));
  assert(!/href|url\(|<script|<style|<image|NaN|Infinity|undefined/.test(picture));
});

Deno.test("drawRoundTrips() draws inside of the picture, whatever comes", async () => {
  const panel = await measure(1);
  panel.timeline.record(1e9, 1e9);
  panel.timeline.record(0, 0);
  const elements = parseXml(drawRoundTrips([panel], { title: "", subtitle: "" }));
  const [width = 0, height = 0] = [elements[0]?.attributes.width, elements[0]?.attributes.height].map(Number);
  for (const { attributes: { x = "0", y = "0", points = "" } } of elements) {
    const all = [
      [Number(x), Number(y)],
      ...points.split(" ").filter(Boolean).map((point) => point.split(",").map(Number)),
    ];
    for (const [x = NaN, y = NaN] of all) assert(x >= 0 && x <= width && y >= 0 && y <= height, `${x},${y}`);
  }
});

Deno.test("drawRoundTrips() draws empty plots where nothing came back", async () => {
  const client = await connect({ local: "memory:alone", remote: "memory:nobody" });
  const [report] = await measureRoundTrips(client, { cases: [{ rate: 1000, values: 1, count: 5 }], cooldown: 0 });
  assert(report !== undefined);
  const timeline = createRoundTripTimeline(report, 5);
  const picture = drawRoundTrips([{ report, timeline }], { title: "", subtitle: "" });
  parseXml(picture);
  assertStringIncludes(picture, "sent 5, received 0, lost 5");
  assert(!/NaN|Infinity/.test(picture));
});
