/**
 * The format of a link whose address says something about it.
 *
 * @module
 */

import { agreeOnStream } from "./synchrophasors.ts";
import type { Format } from "../formats/format.ts";
import type { FormatSpecification } from "../formats/table.ts";
import type { Address } from "../transports/address.ts";
import { isUdpStream } from "../transports/c37_118/options.ts";

/** Format and addresses of a link. */
export interface LinkFormat {
  /** The format; undefined where none is given, and the addresses say nothing about it. */
  readonly format: FormatSpecification | Format | undefined;
  /** The address to receive on. */
  readonly local: Address | undefined;
  /** The address to send to. */
  readonly remote: Address | undefined;
}

/**
 * Agrees on the format of a link: the one that is given, or that of the protocol.
 *
 * @param link What is given
 * @returns The format, and the addresses with it
 * @throws {TypeError} If the given format is another one than the address takes
 */
export function agreeOnFormat(link: LinkFormat & { readonly check?: boolean | undefined }): LinkFormat {
  const { format, local, remote } = link;
  const address = remote ?? local;
  if (address?.transport !== "c37.118") return { format, local, remote };
  return { format: agreeOnStream(format, address, remote === undefined && !isUdpStream(address)), local, remote };
}
