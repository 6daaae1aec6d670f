/**
 * Metrics as text, in both formats, and the choice of one.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { type MetricFamily, writeMetrics } from "../../lib/commands/_shared/metrics_text.ts";
import { chooseFormat } from "../../lib/commands/_shared/metrics_server.ts";
import { DelayHistogram } from "../../lib/commands/_shared/metrics.ts";
import { metricsOption } from "../../lib/commands/_shared/metrics_option.ts";

const families: readonly MetricFamily[] = [
  { name: "villas_client", type: "info", help: "Version", points: [{ labels: { version: "1.0" }, value: 1 }] },
  {
    name: "villas_received_bytes",
    type: "counter",
    unit: "bytes",
    help: 'A "quoted" \\ help\nof two lines',
    points: [{ labels: { local: 'udp://"a"\\b\nc' }, value: 44 }, { labels: {}, value: 0 }],
  },
  { name: "villas_nothing", type: "gauge", help: "Nothing", points: [] },
  {
    name: "villas_odd",
    type: "gauge",
    help: "Odd",
    points: [NaN, Infinity, -Infinity, 1e21].map((value) => ({ labels: { v: `${value}` }, value })),
  },
  {
    name: "villas_delay_seconds",
    type: "histogram",
    unit: "seconds",
    help: "Delays",
    points: [{ labels: { route: "a" }, bounds: [0.001, 1], counts: [2, 0, 3], sum: 6.5 }],
  },
];

Deno.test("writeMetrics() writes Prometheus' format: counters by their full names, buckets that add up, no units", () => {
  assertEquals(
    writeMetrics(families, "prometheus"),
    `# TYPE villas_client_info gauge
# HELP villas_client_info Version
villas_client_info{version="1.0"} 1
# TYPE villas_received_bytes_total counter
# HELP villas_received_bytes_total A "quoted" \\\\ help\\nof two lines
villas_received_bytes_total{local="udp://\\"a\\"\\\\b\\nc"} 44
villas_received_bytes_total 0
# TYPE villas_odd gauge
# HELP villas_odd Odd
villas_odd{v="NaN"} NaN
villas_odd{v="Infinity"} +Inf
villas_odd{v="-Infinity"} -Inf
villas_odd{v="1e+21"} 1e+21
# TYPE villas_delay_seconds histogram
# HELP villas_delay_seconds Delays
villas_delay_seconds_bucket{route="a",le="0.001"} 2
villas_delay_seconds_bucket{route="a",le="1.0"} 2
villas_delay_seconds_bucket{route="a",le="+Inf"} 5
villas_delay_seconds_sum{route="a"} 6.5
villas_delay_seconds_count{route="a"} 5
`,
  );
});

Deno.test("writeMetrics() writes OpenMetrics: families by their names, units, and the end", () => {
  const lines = writeMetrics(families, "openMetrics").split("\n");
  assertEquals(lines.filter((line) => line.startsWith("#")), [
    "# TYPE villas_client info",
    "# HELP villas_client Version",
    "# TYPE villas_received_bytes counter",
    "# UNIT villas_received_bytes bytes",
    '# HELP villas_received_bytes A \\"quoted\\" \\\\ help\\nof two lines',
    "# TYPE villas_odd gauge",
    "# HELP villas_odd Odd",
    "# TYPE villas_delay_seconds histogram",
    "# UNIT villas_delay_seconds seconds",
    "# HELP villas_delay_seconds Delays",
    "# EOF",
  ]);
  assertEquals(lines.at(-1), "");
  assertEquals(lines.filter((line) => line.startsWith("villas_client")), ['villas_client_info{version="1.0"} 1']);
});

const choices: readonly [accept: string, format: string][] = [
  ["", "prometheus"],
  ["*/*", "prometheus"],
  ["text/plain", "prometheus"],
  ["application/openmetrics-text", "openMetrics"],
  [
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "openMetrics",
  ],
  ["application/openmetrics-text;q=0.2, text/plain;q=0.9", "prometheus"],
  ["application/openmetrics-text;q=0", "prometheus"],
  ["application/openmetrics-text;q=x", "prometheus"],
  [";;,,=;q=", "prometheus"],
];
for (const [accept, format] of choices) {
  Deno.test(`chooseFormat() chooses ${format} for "${accept}"`, () => {
    assertEquals(chooseFormat(accept), format);
  });
}

Deno.test("DelayHistogram counts a delay on a bound below it, and one below 0 as 0", () => {
  const delays = new DelayHistogram();
  const at = (sec: number, nsec: number) => ({ tsOrigin: { sec, nsec }, values: [] });
  delays.record([at(5, 0), at(4, 999_000_000), at(5, 10), { values: [] }, at(4, 0)], { sec: 5, nsec: 0 });
  delays.record([at(4, 0)], { sec: 100, nsec: 0 });
  const { bounds, counts, sum } = delays.point({});
  const byBound = Object.fromEntries([...bounds, Infinity].map((bound, index) => [bound, counts[index]]));
  assertEquals([byBound[0.00005], byBound[0.001], byBound[1], byBound[Infinity]], [2, 1, 1, 1]);
  assertEquals(counts.length, bounds.length + 1);
  assertEquals([sum.toFixed(6), delays.negative], ["97.001000", 1]);
});

const addresses: readonly [string, string, number][] = [
  ["9464", "127.0.0.1", 9464],
  [":9464", "127.0.0.1", 9464],
  ["0.0.0.0:0", "0.0.0.0", 0],
  ["lab:65535", "lab", 65_535],
  ["[::1]:80", "::1", 80],
];
for (const [given, hostname, port] of addresses) {
  Deno.test(`--metrics ${given} is ${hostname} and ${port}`, () => {
    assertEquals(metricsOption.parse(given), { hostname, port });
  });
}

for (const given of ["", "lab", "lab:", "lab:65536", "http://lab:80", "::1:80", "-1", "a b:1"]) {
  Deno.test(`--metrics "${given}" is refused`, () => {
    assertThrows(() => metricsOption.parse(given), SyntaxError, "expected HOST:PORT or a port from 0 to 65535");
  });
}
