/**
 * A client for the VILLASnode co-simulation gateway: samples of simulation data over datagram sockets, in VILLASnode's
 * own formats.
 *
 * This module has what a program needs to exchange samples. The rest is imported by room: `@villas/client/formats`,
 * `/c37_118`, `/transports`, `/client`, `/samples`, `/recordings`, `/timing`, `/roundtrips`, `/generators`, `/villasnode`,
 * `/api`, `/diagnosis`, `/controllers`, `/scope`.
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

export type { Client } from "./lib/client/client.ts";
export { connect, type ConnectOptions } from "./lib/client/connect.ts";
export type { Counters } from "./lib/client/counters.ts";
export { DetectionError } from "./lib/client/auto_format.ts";
export { UnfitSampleError } from "./lib/client/guard.ts";
export { echo, type EchoOptions } from "./lib/client/echo.ts";
export { ClosedError, TimeoutError } from "./lib/client/errors.ts";
export type { ReceiveOptions, WaitOptions } from "./lib/client/receive_queue.ts";
export type { SendResult } from "./lib/client/send_queue.ts";
export { control } from "./lib/controllers/control.ts";
export type { Controller } from "./lib/controllers/controller.ts";
export { receiveSamples, type ReceiveSamplesOptions } from "./lib/client/receive.ts";
export { DecodeError, EncodeError } from "./lib/formats/errors.ts";
export type { Format } from "./lib/formats/format.ts";
export { createFormat, formatNames, type FormatSpecification } from "./lib/formats/table.ts";
export type { SignalDirections } from "./lib/samples/directions.ts";
export {
  type Complex,
  isComplex,
  type OutgoingSample,
  type Sample,
  type Timestamp,
  type Value,
} from "./lib/samples/sample.ts";
export {
  formatSignals,
  parseSignals,
  type Signal,
  type SignalNotation,
  type SignalType,
} from "./lib/samples/signals.ts";
export { now, secondsBetween } from "./lib/samples/timestamp.ts";
export { version } from "./lib/version.ts";
