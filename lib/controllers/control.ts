/**
 * Runs a controller: samples in, steps, outputs out, and safe values wherever something goes wrong.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { Controller, Step } from "./controller.ts";
import type { ControlOptions } from "./control_options.ts";
import type { ControlFigures } from "./figures.ts";

/**
 * Closes the loop: calls a controller for each sample that comes, or at a fixed rate with the newest one, and sends what it
 * returns, until a signal or one of the options ends it. The clients are closed then.
 *
 * An output answers a sample with its sequence number and its origin timestamp; at a fixed rate, outputs are numbered from
 * 0 and have the time at which they were sent. An exception, a value that is not finite, a wrong length or type, and a step
 * that takes too long are faults: they are counted, the first of each cause is reported, and the controller's safe values
 * go out instead, if it has any. They are also the last that is sent, whatever the end.
 *
 * @param link The client; or with several links, the client of each by the names that the controller gives them
 * @param controller The controller, or its step alone
 * @param options What ends it, and what is reported
 * @returns The figures
 * @throws {TypeError} If the safe values or limits of the controller do not fit its signals, or its ranges its parameters
 * @throws {ControlError} With `strict`, for the first fault
 * @throws {DetectionError} If the format of a client is `"auto"` and what comes does not tell it
 *
 * @example A proportional controller, for one sample
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect, control } from "@villas/client";
 *
 * await using plant = await connect({ local: "memory:plant", remote: "memory:controller" });
 * await using client = await connect({ local: "memory:controller", remote: "memory:plant" });
 * await plant.send({ sequence: 7n, values: [230, 225] });
 * await control(client, ([setpoint = 0, measured = 0]) => [2 * (setpoint - measured)], { count: 1 });
 * const [[answer] = []] = await plant.receive();
 * assertEquals([answer?.sequence, answer?.values], [7n, [10]]);
 * ```
 */
export async function control<Input = readonly number[], State = Record<string, unknown>>(
  link: Client | Readonly<Record<string, Client>>,
  controller: Controller<Input, State> | Step<Input, State>,
  options: ControlOptions = {},
): Promise<ControlFigures> {
  // A program that only exchanges samples has this function by its import, and need not load what it takes.
  const { ControlLoop } = await import("./control_loop.ts");
  const loop = new ControlLoop(link, controller, options);
  await loop.run();
  return loop.figures;
}
