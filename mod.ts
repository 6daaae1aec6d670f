/**
 * A client for the VILLASnode co-simulation gateway: samples of simulation data over datagram sockets, in VILLASnode's
 * own formats.
 *
 * @example Send one sample and receive it
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect } from "@villas/client";
 *
 * await using node = await connect({ local: "memory:node", remote: "memory:client" });
 * await using client = await connect({ local: "memory:client", remote: "memory:node", signals: "fib" });
 * await client.send({ sequence: 0n, values: [230.1, 50n, true] });
 * for await (const { values } of node) {
 *   assertEquals(values, [230.1, 50n, true]);
 *   break;
 * }
 * ```
 *
 * @module
 */

export * from "./lib/sample.ts";
export * from "./lib/timestamp.ts";
export * from "./lib/signals.ts";
export * from "./lib/values.ts";
export * from "./lib/formats/mod.ts";
export * from "./lib/transports/mod.ts";
export { DetectionError } from "./lib/auto_format.ts";
export * from "./lib/client.ts";
export { UnfitSampleError } from "./lib/guard.ts";
export * from "./lib/counters.ts";
export * from "./lib/files.ts";
export * from "./lib/differences.ts";
export * from "./lib/compare.ts";
export * from "./lib/convert.ts";
export * from "./lib/replay.ts";
export * from "./lib/send.ts";
export * from "./lib/echo.ts";
export * from "./lib/receive.ts";
export * from "./lib/sequence.ts";
export * from "./lib/pacing.ts";
export * from "./lib/pace_meter.ts";
export * from "./lib/generators/mod.ts";
export * from "./lib/histogram.ts";
export * from "./lib/jitter.ts";
export * from "./lib/machine.ts";
export * from "./lib/round_trip.ts";
export * from "./lib/rtt.ts";
export * from "./lib/rtt_calibration.ts";
export * from "./lib/rtt_log.ts";
export * from "./lib/rtt_summary.ts";
export * from "./lib/rtt_svg.ts";
export * from "./lib/rtt_table.ts";
export * from "./lib/histogram_text.ts";
export * from "./lib/timeline.ts";
export * from "./lib/diagnosis.ts";
export * from "./lib/observation.ts";
export * from "./lib/libconfig.ts";
export * from "./lib/node_config.ts";
export * from "./lib/node_config_writer.ts";
export * from "./lib/distribution.ts";
export * from "./lib/statistics.ts";
export * from "./lib/version.ts";
