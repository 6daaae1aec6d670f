/**
 * The format of a link whose address says something about it, where the command line does not.
 *
 * @module
 */

import { agreeOnFormat } from "../../client/link_format.ts";
import { parseSpecification } from "../../formats/specification.ts";
import { readInput } from "../../system/input_error.ts";
import type { Options } from "../../terminal/option.ts";
import { type Address, isConnecting } from "../../transports/address.ts";

/**
 * Makes the addresses and the format among the values of a command's options agree.
 *
 * @param values Values of the options, by name
 * @param options The options
 * @returns The values
 * @throws {InputError} If the given format is another one than an address names
 */
export async function withLinkFormat(
  values: Record<string, unknown>,
  options: Options,
): Promise<Record<string, unknown>> {
  const { local, remote } = values as { local?: Address; remote?: Address };
  const transport = (remote ?? local)?.transport;
  if (transport === undefined || !isConnecting(transport) || options["format"]?.value !== "FORMAT") return values;
  // The default of the option is that of datagrams: no format was given then.
  const given = values["format"] === options["format"].default ? undefined : values["format"] as { type: string };
  const check = values["no-check"] !== true;
  const agreed = await readInput(() => agreeOnFormat({ format: given, local, remote, check }));
  const { format } = agreed;
  const specification = format === undefined || (typeof format === "object" && "decode" in format)
    ? values["format"]
    : parseSpecification(format);
  return { ...values, local: agreed.local, remote: agreed.remote, format: specification };
}
