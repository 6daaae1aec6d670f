/**
 * Streams of synchrophasors: what the format of a link says to its transport, and the address to the format.
 *
 * @module
 */

import type { Format } from "../formats/format.ts";
import { parseSpecification } from "../formats/specification.ts";
import type { FormatSpecification } from "../formats/table.ts";
import type { Address } from "../transports/address.ts";
import { isUdpStream, parseIdcode, type SynchrophasorOptions } from "../transports/c37_118/options.ts";

const name = "c37.118";

/** Names of formats that mean none in particular: the default of all links, and the detected one. */
const unspecific: readonly string[] = ["protobuf", "auto"];

/**
 * Agrees on the format of a stream of synchrophasors, which is always `c37.118`. A PMU has the identifier that its addresses
 * name.
 *
 * @param format The given format, if there is one
 * @param address The address of the stream
 * @param local The local address, if there is one
 * @throws {TypeError} If another format is given
 * @throws {SyntaxError} If the address names no identifier
 */
export function agreeOnStream(
  format: FormatSpecification | Format | undefined,
  address: Address,
  local: Address | undefined,
): FormatSpecification | Format {
  if (typeof format === "object" && "decode" in format) {
    if (format.name !== name) throw otherFormat(String(format.name), address);
    return format;
  }
  const given = format === undefined ? { type: name } : parseSpecification(format);
  if (given.type !== name && !unspecific.includes(given.type)) throw otherFormat(given.type, address);
  const specification = given.type === name ? given : { type: name };
  // Over UDP, either end may be that of a PMU; a PDC uses the same one in its commands.
  const isServed = address === local || isUdpStream(address) || isUdpStream(local);
  const idcode = isServed ? parseIdcode(address) ?? (local && parseIdcode(local)) : undefined;
  return idcode === undefined ? specification : { idcode, ...specification };
}

function otherFormat(format: string, { text }: Address): TypeError {
  return new TypeError(`Cannot use the format ${format} with ${text}: it carries frames of the format ${name}`);
}

/**
 * Returns what a transport has to know of the options of the format.
 *
 * @param specification The format of a link
 * @param address The address of the other end
 * @param given Options that are given besides, which take precedence
 * @returns The options of the transport; none for another transport
 */
export function synchrophasorOptions(
  specification: FormatSpecification | Format,
  address: Address | undefined,
  given: SynchrophasorOptions = {},
): { synchrophasors?: SynchrophasorOptions } {
  if (address?.transport !== name) return {};
  if (typeof specification === "object" && "decode" in specification) return { synchrophasors: given };
  // The format checks them.
  const { version, configuration, idcode } = parseSpecification(specification as FormatSpecification) as
    & SynchrophasorOptions
    & { type: string };
  return {
    synchrophasors: {
      ...version === undefined ? {} : { version },
      ...configuration === undefined ? {} : { configuration },
      ...idcode === undefined ? {} : { idcode },
      ...given,
    },
  };
}
