/**
 * `--metrics` of the commands that have it: what a scraper gets, and what becomes of the server.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect } from "@villas/client";
import { run, type Running, start } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

const anyAddress = "udp://127.0.0.1:0";
const metrics = ["--metrics", "127.0.0.1:0"];

/** Returns the address of the metrics of a command. */
async function metricsOf(command: Running): Promise<string> {
  const [, url = ""] = await command.expectError(/Metrics at (http:\/\/127\.0\.0\.1:\d+\/metrics)\n/);
  return url;
}

/** Fetches metrics until they match. */
async function expectMetrics(url: string, pattern: RegExp, accept = "text/plain"): Promise<string> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const text = await (await fetch(url, { headers: { accept } })).text();
    if (pattern.test(text)) return text;
    assert(performance.now() < deadline, `${pattern} does not come:\n${text}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("recv --metrics serves counters and delays, and ends at once although a scraper keeps its connection", async () => {
  await using recv = start("recv", "--local", anyAddress, "--print", "none", ...metrics);
  const [, address = ""] = await recv.expectError(/Receiving on (\S+) from/);
  const url = await metricsOf(recv);
  await using sender = await connect({ local: anyAddress, remote: address });
  for (const sequence of [0n, 1n, 4n]) await sender.send({ sequence, tsOrigin: { sec: 1, nsec: 0 }, values: [1] });
  await sender.send({ sequence: 5n, tsOrigin: { sec: 4_000_000_000, nsec: 0 }, values: [1] });
  const text = await expectMetrics(url, /villas_received_samples_total\{command="recv",local="udp:[^"]*"\} 4\n/);
  assertMatch(text, /\nvillas_missing_samples\{[^}]*\} 2\n/);
  assertMatch(text, /\nvillas_delay_seconds_bucket\{[^}]*,le="10\.0"\} 1\n/);
  assertMatch(text, /\nvillas_delay_seconds_count\{[^}]*\} 4\n/);
  assertMatch(text, /\nvillas_negative_delay_samples_total\{[^}]*\} 1\n/);
  // No line has a timestamp behind its value.
  for (const line of text.trimEnd().split("\n")) {
    if (!line.startsWith("#")) assertMatch(line, /^[a-z_]+(?:\{.*\})? [^ ]+$/);
  }
  const client = Deno.createHttpClient({ poolIdleTimeout: 60_000 });
  try {
    const response = await fetch(url, { client, headers: { accept: "application/openmetrics-text" } });
    assertEquals(response.headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertMatch(await response.text(), /\n# EOF\n$/);
    recv.kill("SIGINT");
    const { code, stderr } = await recv.finish();
    assertEquals(code, 0, stderr);
  } finally {
    client.close();
  }
});

Deno.test("echo --metrics answers other requests as a server of metrics does", async () => {
  await using echo = start("echo", "--local", anyAddress, "--remote", "127.0.0.1:9", "--print", "none", ...metrics);
  const url = await metricsOf(echo);
  const status = async (path: string, init?: RequestInit) => {
    const response = await fetch(new URL(path, url), init);
    return [response.status, await response.text()];
  };
  assertEquals(await status("/"), [200, "The metrics are at /metrics\n"]);
  assertEquals(await status("/other"), [404, "The metrics are at /metrics\n"]);
  assertEquals(await status("/metrics", { method: "POST" }), [405, "Only GET and HEAD are possible\n"]);
  assertEquals(await status("/metrics", { method: "HEAD" }), [200, ""]);
  const text = await expectMetrics(url, /villas_sent_datagrams_total/);
  assertMatch(text, /^# TYPE villas_client_info gauge\n/);
  assertMatch(text, /\nprocess_start_time_seconds 1\.?\d+(?:e\+9)?\n|\nprocess_start_time_seconds \d{10}/);
});

Deno.test("rtt --metrics serves round trips by their cases", async () => {
  await using far = start("echo", "--local", anyAddress, "--remote", "127.0.0.1:9", "--any-source", "--print", "none");
  const [, echo = ""] = await far.expectError(/Receiving on (\S+),/);
  await using rtt = start(
    ...["rtt", "--local", anyAddress, "--remote", echo, "-r", "500", "--values", "2", "--duration", "30"],
    ...["--warmup", "0", "--calibration", "0", ...metrics],
  );
  const text = await expectMetrics(
    await metricsOf(rtt),
    /villas_rtt_sent_samples_total\{rate="500",values="2"\} [1-9]/,
  );
  assertMatch(text, /\nvillas_rtt_seconds_bucket\{rate="500",values="2",le="\+Inf"\} \d+\n/);
  rtt.kill("SIGINT");
  await rtt.finish();
});

Deno.test("bridge --metrics serves each route and each of its outputs", async () => {
  await using far = start("recv", "--local", anyAddress, "--print", "none");
  const [, output = ""] = await far.expectError(/Receiving on (\S+) from/);
  await using bridge = start("bridge", anyAddress, output, "unix:/nonexistent/villas.sock", "--every", "2", ...metrics);
  const [, input = ""] = await bridge.expectError(/Receiving on (\S+),/);
  const url = await metricsOf(bridge);
  await using sender = await connect({ local: anyAddress, remote: input });
  for (let sequence = 0n; sequence < 4n; sequence++) {
    await sender.send({ sequence, tsOrigin: { sec: 1, nsec: 0 }, values: [1] });
  }
  const route = `command="bridge",route="${anyAddress}"`;
  const text = await expectMetrics(
    url,
    /villas_undelivered_samples_total\{.*remote="unix:\/nonexistent\/villas\.sock"\} 2\n/,
  );
  for (
    const line of [
      `villas_received_samples_total{${route},local="${input}"} 4`,
      `villas_skipped_samples_total{${route}} 2`,
      `villas_sent_samples_total{${route},remote="${output}"} 2`,
      `villas_sent_samples_total{${route},remote="unix:/nonexistent/villas.sock"} 0`,
      `villas_waiting_samples{${route},remote="${output}"} 0`,
      `villas_delay_seconds_count{${route}} 4`,
    ]
  ) assertStringIncludes(text, `\n${line}\n`);
  bridge.kill("SIGINT");
  assertEquals((await bridge.finish()).code, 0);
});

Deno.test("--metrics at an address that is in use fails with one line", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const { code, stderr } = await run("recv", "--local", anyAddress, "--metrics", String(port), "--quiet");
  assertEquals([code, stderr], [
    1,
    `villas-client: error: Cannot serve metrics at 127.0.0.1:${port}: the address is in use\n`,
  ]);
});

testWrongUsages([
  [
    ["recv", "--metrics", "lab"],
    'Cannot set --metrics to "lab": expected HOST:PORT or a port from 0 to 65535, such as 127.0.0.1:9464',
  ],
]);
