/**
 * The option `--metrics`, and serving the figures of one client: what it takes is loaded by those alone who use it.
 *
 * @module
 */

import { type Listening, parseListening } from "./listening.ts";
import type { Client } from "../../client/client.ts";
import type { RoundTripReport } from "../../roundtrips/round_trip.ts";
import type { Sample, Timestamp } from "../../samples/sample.ts";
import type { Log } from "../../terminal/log.ts";
import type { Option } from "../../terminal/option.ts";

/** Address to serve metrics at. */
export const metricsOption: Option<Listening | undefined> = {
  value: "[HOST:]PORT",
  help: "serve the figures at http://HOST:PORT/metrics while the command runs, for Prometheus and OpenMetrics",
  defaultText: "HOST is 127.0.0.1",
  default: undefined,
  parse: parseListening,
};

/** The figures of a client that are served. */
export interface ServedClient extends AsyncDisposable {
  /** Adds samples that arrived at a time; bound to its object, so that it can be passed on. */
  readonly record: (samples: readonly Sample[], received: Timestamp) => void;
}

/**
 * Serves the figures of a client, with the delays of its samples.
 *
 * @param command Name of the command
 * @param address Where to serve; undefined for nowhere
 * @param client The client
 * @param log Where to say so
 */
export async function serveClientMetrics(
  command: string,
  address: Listening | undefined,
  client: Client,
  log: Log,
): Promise<ServedClient | undefined> {
  if (address === undefined) return undefined;
  const { clientMetrics, DelayHistogram, serveMetrics } = await import("./metrics.ts");
  const delays = new DelayHistogram();
  const server = serveMetrics(address, () => clientMetrics(command, client, delays), log);
  return { record: delays.record, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/**
 * Serves the figures of measured round trips.
 *
 * @param address Where to serve; undefined for nowhere
 * @param client The client
 * @param reports Returns the reports so far
 * @param log Where to say so
 */
export async function serveRoundTripMetrics(
  address: Listening | undefined,
  client: Client,
  reports: () => readonly RoundTripReport[],
  log: Log,
): Promise<AsyncDisposable | undefined> {
  if (address === undefined) return undefined;
  const { roundTripMetrics, serveMetrics } = await import("./metrics.ts");
  return serveMetrics(address, () => roundTripMetrics(client, reports()), log);
}
