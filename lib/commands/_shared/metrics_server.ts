/**
 * The server of `--metrics`, loaded when that option is given.
 *
 * @module
 */

import type { Listening } from "./listening.ts";
import { type MetricFamily, type MetricsFormat, metricsFormats, writeMetrics } from "./metrics_text.ts";
import { explainSystemError } from "../../system/errors.ts";
import type { Log } from "../../terminal/log.ts";

/** Names of the media types, of those that a scraper may ask for. */
const mediaTypes: Readonly<Record<MetricsFormat, string>> = {
  openMetrics: "application/openmetrics-text",
  prometheus: "text/plain",
};

/**
 * Serves metrics at `/metrics`.
 *
 * @param address Where to serve them
 * @param collect Returns the metrics at the time of a scrape
 * @param log The log that says where they are
 * @returns The server, which ends when it is disposed of
 * @throws {Error} If the address cannot be taken
 */
export function startMetricsServer(
  { hostname, port }: Listening,
  collect: () => readonly MetricFamily[],
  log: Log,
): AsyncDisposable {
  const ended = new AbortController();
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname,
      port,
      signal: ended.signal,
      onListen: (bound) => log.info(`Metrics at http://${host}:${bound.port}/metrics`),
      onError(error) {
        log.warning(`Cannot answer a scrape: ${(error as Error).message}`);
        return new Response("The metrics cannot be collected\n", { status: 500 });
      },
    }, (request) => answer(request, collect));
  } catch (error) {
    throw explainSystemError(error, `Cannot serve metrics at ${host}:${port}`);
  }
  return {
    async [Symbol.asyncDispose]() {
      // A scraper that keeps its connection open must not hold up the end.
      ended.abort();
      await server.finished;
    },
  };
}

function answer(request: Request, collect: () => readonly MetricFamily[]): Response {
  const { pathname } = new URL(request.url);
  if (pathname !== "/metrics") {
    return new Response("The metrics are at /metrics\n", { status: pathname === "/" ? 200 : 404 });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Only GET and HEAD are possible\n", { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const format = chooseFormat(request.headers.get("accept") ?? "");
  return new Response(request.method === "HEAD" ? null : writeMetrics(collect(), format), {
    headers: { "content-type": metricsFormats[format], "cache-control": "no-store", vary: "accept" },
  });
}

/** Chooses the format that a scraper prefers (RFC 9110, section 12.5.1); Prometheus' own where it does not say. */
export function chooseFormat(accept: string): MetricsFormat {
  const weights = new Map<string, number>();
  for (const entry of accept.toLowerCase().split(",")) {
    const [type = "", ...parameters] = entry.split(";").map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    const number = weight === undefined ? 1 : Number(weight);
    weights.set(type, Math.max(weights.get(type) ?? 0, Number.isNaN(number) ? 0 : number));
  }
  const open = weights.get(mediaTypes.openMetrics) ?? 0;
  const plain = weights.get(mediaTypes.prometheus) ?? weights.get("text/*") ?? 0;
  return open > 0 && open >= plain ? "openMetrics" : "prometheus";
}
