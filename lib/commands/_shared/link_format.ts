/**
 * The format of a link whose address says something about it, where the command line does not.
 *
 * @module
 */

import { readInput } from "../../system/input_error.ts";
import type { Options } from "../../terminal/option.ts";
import { type Address, isConnecting } from "../../transports/address.ts";

/** Value of an address that comes from the environment, as a message names the option then. */
const isFromEnvironment = (name: string) => name.includes("(from ");

/**
 * Leaves out an address of the environment that does not go with the one that was given: a WebSocket needs one address,
 * and a broker two of its own.
 */
function withoutStrayAddress(values: Addresses, nameOf: (option: string) => string): Addresses {
  const { local, remote } = values;
  if (local === undefined || remote === undefined) return values;
  const [isLocalStray, isRemoteStray] = [isFromEnvironment(nameOf("local")), isFromEnvironment(nameOf("remote"))];
  const given = isLocalStray ? remote : local;
  const goTogether = local.transport === remote.transport && local.transport !== "ws";
  if (isLocalStray === isRemoteStray || goTogether || !isConnecting(given.transport)) return values;
  return { ...values, [isLocalStray ? "local" : "remote"]: undefined };
}

/** The addresses among the values of options. */
interface Addresses {
  readonly local?: Address | undefined;
  readonly remote?: Address | undefined;
}

/**
 * Makes the addresses and the format among the values of a command's options agree.
 *
 * @param values Values of the options, by name
 * @param options The options
 * @param nameOf Names an option as the user gave it
 * @returns The values
 * @throws {InputError} If the given format is another one than an address names
 */
export async function withLinkFormat(
  values: Record<string, unknown>,
  options: Options,
  nameOf: (option: string) => string,
): Promise<Record<string, unknown>> {
  const addresses = withoutStrayAddress(values as Addresses, nameOf);
  const { local, remote } = addresses;
  const transport = (remote ?? local)?.transport;
  if (transport === undefined || !isConnecting(transport) || options["format"]?.value !== "FORMAT") return values;
  // The default of the option is that of datagrams: no format was given then. A path says more than the environment.
  const isDefault = values["format"] === options["format"].default || isFromEnvironment(nameOf("format"));
  const given = isDefault ? undefined : values["format"] as { type: string };
  const check = values["no-check"] !== true;
  // Datagrams have no such addresses, and do not load this.
  const { agreeOnFormat } = await import("../../client/link_format.ts");
  const { parseSpecification } = await import("../../formats/specification.ts");
  const agreed = await readInput(() => agreeOnFormat({ format: given, local, remote, check }));
  const { format } = agreed;
  const specification = format === undefined || (typeof format === "object" && "decode" in format)
    ? values["format"]
    : parseSpecification(format);
  return { ...values, local: agreed.local, remote: agreed.remote, format: specification };
}
