/**
 * The format `auto`: what comes is held back until it tells which format it is of.
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

/** Enough datagrams to tell their format, if they ever do. */
const sufficientDatagrams = 8;

/** How long to wait for them, from the first one on, in milliseconds. */
const patience = 1000;

/**
 * The format of what has come cannot be told: there is none that it must be, or there are several that it may be.
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
  /** Name of the class. */
  override name = "DetectionError";
  /** Why, and what it may be. */
  readonly detection: Detection;

  /**
   * Makes the error.
   *
   * @param detection Why, and what it may be
   */
  constructor(detection: Detection) {
    super(`Cannot tell the format of what has come: ${detection.reason}`);
    this.detection = detection;
  }
}

/**
 * The options of the format `auto`, which are those that every format has: what is found gets them.
 *
 * @returns The options, or undefined where this is another format
 * @throws {TypeError} If there is no such option
 */
export function autoOptions(specification: FormatSpecification | Format): FormatOptions | undefined {
  if (typeof specification === "object" && "decode" in specification) return undefined;
  const { type, ...options } = parseSpecification(specification);
  if (type !== "auto") return undefined;
  checkOptions("auto", options);
  return options;
}

/** What datagrams told of their format, if they did. */
export interface Detected {
  /** What was held back, in the order of arrival; without the empty ones, which tell nothing. */
  datagrams: Uint8Array[];
  /** What it is. */
  detection: Detection;
  /** Whether the transport was closed before there was enough to tell. */
  isClosed: boolean;
}

/**
 * Makes what waits for datagrams until they tell their format. One that does tell it is enough; otherwise it takes the
 * first 8, or what comes within a second.
 *
 * @param transport Where they come from; it is read here only until the format is known
 * @param onDatagram Called with each datagram as it comes
 */
export function createDetector(transport: Transport, onDatagram: (datagram: Uint8Array) => void) {
  /** What the transport was asked for when the patience ended: the next one who waits gets it. */
  let pending: Promise<readonly Uint8Array[]> | undefined;
  return async (): Promise<Detected> => {
    // It knows most formats, so only who needs it loads it.
    const { detectFormat } = await import("../formats/detect.ts");
    const datagrams: Uint8Array[] = [];
    const overdue = Promise.withResolvers<undefined>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let detection = detectFormat(datagrams);
    try {
      for (;;) {
        pending ??= transport.receive();
        const received = await Promise.race([pending, overdue.promise]);
        if (received === undefined) return { datagrams, detection, isClosed: false };
        pending = undefined;
        if (received.length === 0) return { datagrams, detection, isClosed: true };
        for (const datagram of received) {
          onDatagram(datagram);
          if (datagram.length > 0) datagrams.push(datagram.slice());
        }
        if (datagrams.length === 0) continue;
        detection = detectFormat(datagrams);
        if (detection.format !== undefined || datagrams.length >= sufficientDatagrams) {
          return { datagrams, detection, isClosed: false };
        }
        timer ??= setTimeout(() => overdue.resolve(undefined), patience);
      }
    } finally {
      clearTimeout(timer);
    }
  };
}

/** What stands for the format as long as it is not known: nothing can be read or written with it. */
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
