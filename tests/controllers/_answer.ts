/**
 * A controller that answers samples in memory, and what came of it.
 *
 * @module
 */

import { control, type Controller, type OutgoingSample } from "@villas/client";
import type { ControlFault, ControlOptions } from "@villas/client/controllers";
import { openPair } from "./_pair.ts";

/** Sends samples with these values, and waits until a controller has answered and ended. */
export async function answer(
  controller: Controller<never, never>,
  inputs: readonly OutgoingSample["values"][],
  options: ControlOptions = {},
) {
  await using pair = await openPair(controller.signals ?? "any");
  const faults: ControlFault[] = [];
  for (const [index, values] of inputs.entries()) await pair.node.send({ sequence: BigInt(index), values });
  const figures = await control(pair.client, controller as Controller, {
    count: inputs.length,
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  const sent = await pair.rest();
  return { figures, faults, sent, values: sent.map(({ values }) => values) };
}
