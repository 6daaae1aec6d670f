/**
 * The loopback baseline: the part of a round trip that is this client's own overhead.
 *
 * @module
 */

import { connect } from "../client/connect.ts";
import type { Format } from "../formats/format.ts";
import type { RoundTripCase, RoundTripReport } from "./round_trip.ts";
import { measureRoundTrips } from "./measure.ts";
import type { Signal } from "../samples/signals.ts";
import type { Transport } from "../transports/transport.ts";
import { openUdp, type UdpOptions } from "../transports/udp.ts";

/** Options of measuring the loopback baseline. */
export interface BaselineOptions {
  /** The format of the datagrams. */
  format: Format;
  /** Signals of the values; default: floats. */
  signals?: readonly Signal[];
  /** How the client's socket receives, as that of the measurement does; default: as by default. */
  socket?: Pick<UdpOptions, "batch" | "busyPoll">;
  /** Time of sending samples that are not counted, before the others, in seconds; default 0. */
  warmup?: number;
  /** Ends it early. */
  signal?: AbortSignal;
}

/** Time to wait for the last samples, in seconds: over loopback all come back as soon as the machine lets them. */
const cooldown = 0.2;

/** The duration above which a round trip is late, in seconds: what a busy machine makes of one is part of the baseline. */
const lateThreshold = 2;

/**
 * Measures the loopback baseline, an estimate of the client's overhead: the same round trips to a bare UDP socket of this
 * process, which sends back what it receives without looking at it.
 *
 * It includes the way through this client, the runtime and the kernel, once forth and once back, and the work of the bare
 * socket, which takes turns with the client: the overhead itself is rather less. Do not subtract it from other round
 * trips, since waiting times do not add up.
 *
 * @param testCase The samples to send, as in the measurement
 * @param options The format, and a signal that ends it
 * @returns The report
 * @throws {DOMException} `AbortError` if the signal is aborted before the first sample
 * @throws As {@linkcode measureRoundTrips}
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { protobuf } from "@villas/client/formats";
 * import { measureLoopbackBaseline } from "@villas/client/roundtrips";
 *
 * const { sent, roundTrips } = await measureLoopbackBaseline({ rate: 500, values: 8, count: 20 }, { format: protobuf() });
 * assertEquals([sent, roundTrips.count], [20, 20]);
 * ```
 */
export async function measureLoopbackBaseline(
  testCase: RoundTripCase,
  { format, signals, socket, warmup = 0, signal }: BaselineOptions,
): Promise<RoundTripReport> {
  using far = await openUdp({ local: "udp://127.0.0.1:0" });
  const near = await connect({ ...socket, local: "udp://127.0.0.1:0", remote: far.local, format, signals: "any" });
  await far.setRemote(near.local);
  const echoing = sendBack(far);
  const options = { cases: [testCase], cooldown, lateThreshold, warmup };
  const [report] = await measureRoundTrips(near, {
    ...options,
    ...(signals === undefined ? {} : { signals }),
    ...(signal === undefined ? {} : { signal }),
  });
  far.close();
  await echoing;
  if (report === undefined) throw new DOMException("The measurement of the loopback baseline was ended", "AbortError");
  return report;
}

async function sendBack(transport: Transport): Promise<void> {
  for (let datagrams = await transport.receive(); datagrams.length > 0; datagrams = await transport.receive()) {
    await transport.send(datagrams);
  }
}
