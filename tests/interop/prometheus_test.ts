/**
 * The metrics as Prometheus' own tools see them: `promtool check metrics`, and a scrape by `prometheus` itself.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "@villas/client";
import { findFreePort } from "../_ports.ts";
import { type Running, start, startProgram } from "../commands/_cli.ts";
import { hasProgram } from "./_tools.ts";

const ignore = !await hasProgram("promtool", "prometheus") || !await hasProgram("prometheus", "prometheus");

/** Fetches the metrics that a command serves, in one of the formats. */
async function scrape(url: string, accept: string) {
  const response = await fetch(url, { headers: { accept } });
  return { type: response.headers.get("content-type"), text: await response.text() };
}

/** Returns the address of the metrics of a command. */
async function metricsOf(command: Running): Promise<string> {
  const [, url = ""] = await command.expectError(/Metrics at (\S+)\n/);
  return url;
}

/** Starts an echo and a bridge to it, and sends some samples through both. */
async function startCommands() {
  await using stack = new AsyncDisposableStack();
  const metrics = ["--metrics", "127.0.0.1:0"];
  const echo = stack.use(
    start(
      "echo",
      "--print",
      "none",
      "--local",
      "udp://127.0.0.1:0",
      "--remote",
      "127.0.0.1:9",
      "--any-source",
      ...metrics,
    ),
  );
  const [, far = ""] = await echo.expectError(/Receiving on (\S+),/);
  const bridge = stack.use(start("bridge", "udp://127.0.0.1:0", far, ...metrics));
  const [, near = ""] = await bridge.expectError(/Receiving on (\S+),/);
  const urls = [await metricsOf(echo), await metricsOf(bridge)];
  await using sender = await connect({ local: "udp://127.0.0.1:0", remote: near });
  for (let sequence = 0n; sequence < 5n; sequence++) {
    await sender.send({ sequence, tsOrigin: { sec: Math.floor(Date.now() / 1000) - 1, nsec: 0 }, values: [1.5] });
  }
  const hasAll = async (url: string) => /villas_received_samples_total\{.*\} 5\n/.test((await scrape(url, "")).text);
  for (const url of urls) while (!await hasAll(url)) await new Promise((resolve) => setTimeout(resolve, 5));
  const owned = stack.move();
  return { urls, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

Deno.test({
  name: "promtool finds nothing wrong with the metrics of echo and bridge",
  ignore,
  async fn() {
    await using commands = await startCommands();
    for (const url of commands.urls) {
      const { type, text } = await scrape(url, "text/plain");
      assertEquals(type, "text/plain; version=0.0.4; charset=utf-8");
      const child = new Deno.Command("promtool", {
        args: ["check", "metrics"],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const input = child.stdin.getWriter();
      await input.write(new TextEncoder().encode(text));
      await input.close();
      const { code, stdout, stderr } = await child.output();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assertEquals([code, said], [0, ""], text);
    }
  },
});

Deno.test({
  name: "prometheus scrapes echo and bridge, as OpenMetrics and as text, and has their counters and delays",
  ignore,
  async fn() {
    await using commands = await startCommands();
    const folder = await Deno.makeTempDir({ prefix: "villas-prometheus-" });
    try {
      const targets = commands.urls.map((url) => `"${new URL(url).host}"`).join(", ");
      await Deno.writeTextFile(
        `${folder}/prometheus.yml`,
        `scrape_configs:\n- job_name: villas\n  scrape_interval: 1s\n  static_configs:\n  - targets: [${targets}]\n`,
      );
      const port = findFreePort();
      const address = `127.0.0.1:${port}`;
      const path = Deno.env.get("PATH") ?? "";
      await using prometheus = startProgram(
        "prometheus",
        [
          `--config.file=${folder}/prometheus.yml`,
          `--storage.tsdb.path=${folder}/data`,
          `--web.listen-address=${address}`,
        ],
        folder,
        { PATH: path },
      );
      await prometheus.expectError(/Server is ready to receive web requests/);
      const ask = async (query: string): Promise<number[]> => {
        const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(query)}`);
        const { data: { result } } = await response.json();
        return result.map(({ value }: { value: [number, string] }) => Number(value[1]));
      };
      const deadline = performance.now() + 20_000;
      while ((await ask("villas_received_samples_total")).length < 2) {
        assert(performance.now() < deadline, "nothing was scraped");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assertEquals(await ask("up"), [1, 1]);
      assertEquals(await ask("villas_received_samples_total"), [5, 5]);
      assertEquals(await ask('villas_delay_seconds_count{command="bridge"}'), [5]);
      const [p50 = 0] = await ask('histogram_quantile(0.5, villas_delay_seconds_bucket{command="bridge"})');
      assert(p50 >= 0.5 && p50 <= 5, `the median of the delays is ${p50} s`);
      const { text } = await scrape(commands.urls[0] ?? "", "application/openmetrics-text; version=1.0.0");
      assertMatch(text, /\n# EOF\n$/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
