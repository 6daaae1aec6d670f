/**
 * The format `auto`: the first datagrams are held back until they tell which format they have.
 *
 * @module
 */

import { checkOptions } from "../formats/options.ts";
import { parseSpecification } from "../formats/specification.ts";
import type { Detection } from "../formats/detect.ts";
import { DecodeError, EncodeError } from "../formats/errors.ts";
import type { Format, FormatOptions } from "../formats/format.ts";
import type { FormatSpecification } from "../formats/table.ts";
import type { Transport } from "../transports/transport.ts";

/** Number of datagrams that tell their format, if they ever do. */
const sufficientDatagrams = 8;

/** Time to wait for them, from the first one on, in milliseconds. */
const timeoutMs = 1000;

/**
 * The format of the first datagrams cannot be told: none fits, or several do.
 *
 * @example Bare numbers look the same in every width and byte order
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { connect, DetectionError } from "@villas/client";
 *
 * await using node = await connect({ local: "memory:raw", remote: "memory:auto", format: "raw" });
 * await using client = await connect({ local: "memory:auto", remote: "memory:raw", format: "auto" });
 * for (let i = 0; i < 8; i++) await node.send({ values: [1.5, 2.5] });
 * const { detection } = await assertRejects(() => client.receive(), DetectionError);
 * assertEquals(detection.candidates[0], {
 *   specification: { type: "raw", bits: 32, endianess: "little" },
 *   preview: "2 values: 1.5, 2.5",
 * });
 * ```
 */
export class DetectionError extends Error {
  /** `"DetectionError"` */
  override name = "DetectionError";
  /** The reason, and the formats that are possible. */
  readonly detection: Detection;

  /**
   * Creates the error.
   *
   * @param detection The reason, and the formats that are possible
   */
  constructor(detection: Detection) {
    super(`Cannot tell the format of what has come: ${detection.reason}`);
    this.detection = detection;
  }
}

/**
 * Returns the options of the format `auto`, which are those that every format has: the format that is found gets them.
 *
 * @returns The options; undefined where this is another format
 * @throws {TypeError} If there is no such option
 */
export function autoOptions(specification: FormatSpecification | Format): FormatOptions | undefined {
  if (typeof specification === "object" && "decode" in specification) return undefined;
  const { type, ...options } = parseSpecification(specification);
  if (type !== "auto") return undefined;
  checkOptions("auto", options);
  return options;
}

/** Result of a detection. */
export interface Detected {
  /** The datagrams that were held back, in the order of arrival; without the empty ones, which tell nothing. */
  datagrams: Uint8Array[];
  /** Their format, if they told it. */
  detection: Detection;
  /** True if the transport was closed before there was enough to tell. */
  isClosed: boolean;
}

/**
 * Waits for datagrams until they tell their format. One that does tell it is enough; otherwise it takes the first 8, or
 * those that come within a second.
 */
export class FormatDetector {
  readonly #transport: Transport;
  readonly #onDatagram: (datagram: Uint8Array) => void;
  /** The call of the transport that was waiting when the time was over: the next detection gets its datagrams. */
  #pending: Promise<readonly Uint8Array[]> | undefined;

  /**
   * Creates a detector.
   *
   * @param transport Source of the datagrams, which nobody else receives from until the format is known
   * @param onDatagram Called with each datagram as it comes
   */
  constructor(transport: Transport, onDatagram: (datagram: Uint8Array) => void) {
    this.#transport = transport;
    this.#onDatagram = onDatagram;
  }

  /** Waits for datagrams and judges them. */
  async detect(): Promise<Detected> {
    // It knows most formats, so only who needs it loads it.
    const { detectFormat } = await import("../formats/detect.ts");
    const datagrams: Uint8Array[] = [];
    const overdue = Promise.withResolvers<undefined>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let detection = detectFormat(datagrams);
    try {
      for (;;) {
        this.#pending ??= this.#transport.receive();
        const received = await Promise.race([this.#pending, overdue.promise]);
        if (received === undefined) return { datagrams, detection, isClosed: false };
        this.#pending = undefined;
        if (received.length === 0) return { datagrams, detection, isClosed: true };
        for (const datagram of received) {
          this.#onDatagram(datagram);
          if (datagram.length > 0) datagrams.push(datagram.slice());
        }
        if (datagrams.length === 0) continue;
        detection = detectFormat(datagrams);
        if (detection.format !== undefined || datagrams.length >= sufficientDatagrams) {
          return { datagrams, detection, isClosed: false };
        }
        timer ??= setTimeout(() => overdue.resolve(undefined), timeoutMs);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Placeholder for a format that is not known yet: nothing can be read or written with it. */
export const undecidedFormat: Format = {
  name: "auto",
  isText: false,
  carriesTypes: false,
  decode() {
    throw new DecodeError("auto", "its format is not known");
  },
  encode: refuse,
  encodeInto: refuse,
  createDecoder() {
    throw new TypeError("Cannot read a file as auto: only datagrams tell their format");
  },
  createEncoder: () => refuse,
};

function refuse(): never {
  throw new EncodeError("auto", "nothing has come yet that tells which format it is", 0);
}
