/**
 * The codecs of a client whose peers choose their formats: one for each format, made when the first peer asks for it.
 *
 * @module
 */

import { type Codecs, createCodecs } from "./codecs.ts";
import { formatNames } from "../formats/table.ts";
import type { LinkSignals } from "../samples/directions.ts";
import type { Address } from "../transports/address.ts";
import type { ConnectionOptions } from "../transports/link/options.ts";
import type { PeerFormats } from "../transports/transport.ts";

/** Formats that no peer can choose: they are those of streams. */
const otherFormats: readonly string[] = ["c37.118"];

/**
 * Returns the options with which a transport lets its peers choose their formats, where it can.
 *
 * @param local The address that is served
 * @param remote The address of the other end
 */
export function peerFormatOptions(
  local: Address | undefined,
  remote: Address | undefined,
): Pick<ConnectionOptions, "formats"> {
  if (local?.transport !== "ws" || remote !== undefined) return {};
  return { formats: formatNames.filter((name) => !otherFormats.includes(name)) };
}

/** Codecs by the name of the format. */
export class PeerCodecs {
  readonly #formats: PeerFormats;
  readonly #codecs = new Map<string, Codecs>();

  /**
   * Creates the codecs of a transport; each is there before the first peer of its format.
   *
   * @param formats The formats of its peers
   * @param signals Signals of each direction, as far as they are known
   */
  constructor(formats: PeerFormats, signals: LinkSignals) {
    this.#formats = formats;
    formats.prepareWith(async (name) => {
      this.#codecs.set(name, await createCodecs(name, signals));
    });
  }

  /** Returns the codecs of a received datagram; undefined where it has the format of the client itself. */
  codecsOf(datagram: Uint8Array): Codecs | undefined {
    const name = this.#formats.formatOf(datagram);
    return name === undefined ? undefined : this.#codecs.get(name);
  }

  /** Names and codecs of the formats that peers have at the moment, besides that of the client itself. */
  *used(): Generator<readonly [name: string, codecs: Codecs], void, undefined> {
    for (const name of this.#formats.used) {
      const codecs = this.#codecs.get(name);
      if (codecs !== undefined) yield [name, codecs];
    }
  }

  /** True if all peers have the format of the client itself. */
  get areNone(): boolean {
    return this.#formats.used.size === 0;
  }
}
