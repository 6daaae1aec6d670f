/**
 * The link of a command that is a stream of synchrophasors.
 *
 * @module
 */

import { synchrophasorOptions } from "../../client/synchrophasors.ts";
import { InputError } from "../../system/input_error.ts";
import { isUdpStream } from "../../transports/c37_118/options.ts";
import type { Address } from "../../transports/address.ts";
import type { NamedFormat } from "./options.ts";

/** The addresses of a stream. */
interface StreamEnds {
  readonly local?: Address | undefined;
  readonly remote?: Address | undefined;
}

/**
 * Checks the role of a command on a stream, and returns what the transport has to know of the format.
 *
 * @param ends The addresses of the stream
 * @param format The format of its frames
 * @param isReceiveOnly True for a command that sends nothing
 * @returns Options of the transport
 * @throws {InputError} If the command cannot have this role
 */
export function streamOptions(ends: StreamEnds, format: NamedFormat, isReceiveOnly: boolean) {
  checkRole(ends, isReceiveOnly);
  const role = isReceiveOnly ? "pdc" : "pmu";
  return synchrophasorOptions(format, ends.remote ?? ends.local, { role });
}

/** Rejects a role that a command cannot have: samples go from a PMU to a PDC only. */
function checkRole({ local, remote }: StreamEnds, isReceiveOnly: boolean): void {
  if (isReceiveOnly && remote === undefined && !isUdpStream(local)) {
    throw new InputError(`Cannot receive on ${local?.text}, which is a PMU: give its address with --remote`);
  }
  if (!isReceiveOnly && remote !== undefined && !isUdpStream(remote)) {
    throw new InputError(
      `Cannot send to ${remote.text}: a PMU receives no samples; to be one, give --local c37.118://HOST:PORT`,
    );
  }
}
