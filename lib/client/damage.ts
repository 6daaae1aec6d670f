/**
 * Messages that VILLASnode damages: it writes each into a buffer of a fixed size, and leaves out of JSON what JSON has no
 * number for.
 *
 * @module
 */

import { DecodeError } from "../formats/errors.ts";
import type { Format } from "../formats/format.ts";
import type { Sample } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import { plural } from "../system/text.ts";

/** Kind of the damage: foreign memory at the end, values left out, or nothing in it at all. */
export type Damage = "foreign-tail" | "values-left-out" | "empty";

/** A message that VILLASnode has damaged. */
export class DamagedMessageError extends DecodeError {
  /** `"DamagedMessageError"` */
  override name = "DamagedMessageError";
  /** Kind of the damage. */
  readonly damage: Damage;

  /**
   * Creates the error.
   *
   * @param format Name of the expected format
   * @param damage Kind of the damage
   * @param reason The reason, as a clause
   * @param options The error that caused this one, if any
   */
  constructor(format: string, damage: Damage, reason: string, options?: ErrorOptions) {
    super(format, reason, {}, options);
    this.damage = damage;
  }
}

/**
 * Sizes of the buffers that VILLASnode 1.2 writes a message into, in bytes, by the scheme of the address
 * (`lib/nodes/websocket.cpp`, `lib/nodes/mqtt.cpp`, `lib/nodes/amqp.cpp`).
 */
const bufferSizes: Readonly<Record<string, number>> = {
  ...{ ws: 4080, wss: 4080 },
  ...{ mqtt: 1500, mqtts: 1500, amqp: 1500, amqps: 1500 },
};

/** Decodes the messages of a link, and explains which of them VILLASnode has damaged. */
export class DamageDetector {
  readonly #bufferSize: number;
  readonly #signals: readonly Signal[] | undefined;

  private constructor(bufferSize: number, signals: readonly Signal[] | undefined) {
    this.#bufferSize = bufferSize;
    this.#signals = signals;
  }

  /**
   * Creates a detector.
   *
   * @param address An address of the transport
   * @param signals The signals of received samples, if they are known
   * @returns The detector; undefined where messages do not come from such a buffer
   */
  static create(address: string, signals: readonly Signal[] | undefined): DamageDetector | undefined {
    const [scheme = ""] = address.split("://");
    const size = Object.hasOwn(bufferSizes, scheme) ? bufferSizes[scheme] : undefined;
    return size === undefined ? undefined : new DamageDetector(size, signals);
  }

  /**
   * Decodes a message.
   *
   * @throws {DamagedMessageError} If VILLASnode has damaged it
   * @throws {DecodeError} If it cannot be decoded for another reason
   */
  decode(format: Format, message: Uint8Array): Sample[] {
    if (message.length === 0) throw this.#empty(format.name);
    let samples: Sample[];
    try {
      samples = format.decode(message);
    } catch (error) {
      if (!(error instanceof DecodeError) || !this.#hasForeignTail(format.name, message)) throw error;
      throw this.#foreignTail(error, message);
    }
    // With names, a value that is missing is known to be.
    if (format.name === "json" && this.#signals !== undefined) checkComplete(samples, this.#signals);
    return samples;
  }

  #empty(format: string): DamagedMessageError {
    return new DamagedMessageError(
      format,
      "empty",
      `it is empty, which a VILLASnode sends where a sample does not fit into its ${this.#bufferSize} bytes`,
    );
  }

  #hasForeignTail(format: string, { length }: Uint8Array): boolean {
    return format.startsWith("json") && length > this.#bufferSize;
  }

  #foreignTail(error: DecodeError, message: Uint8Array): DamagedMessageError {
    const size = this.#bufferSize;
    return new DamagedMessageError(
      error.format,
      "foreign-tail",
      `it has ${message.length} bytes, and JSON of a VILLASnode ends in foreign memory after ${size}, here after ` +
        `${countIntact(message.subarray(0, size))}: let it send less at once, or in another format`,
      { cause: error },
    );
  }
}

/** Counts what is intact at the beginning of a message: samples where it has several, values where it has one. */
function countIntact(start: Uint8Array): string {
  // Whatever is not a character of ASCII is foreign.
  const text = Array.from(start, (byte) => String.fromCharCode(byte)).join("");
  const lists = text.split(/"data"\s*:\s*\[/).slice(1);
  const complete = lists.filter((list) => list.includes("]")).length;
  if (complete > 0) return plural(complete, "sample");
  return plural((lists[0]?.split(",").length ?? 1) - 1, "value");
}

/** Refuses samples with fewer values than there are signals: those behind a value that is left out have moved. */
function checkComplete(samples: readonly Sample[], { length }: readonly Signal[]): void {
  const index = samples.findIndex(({ values }) => values.length < length);
  const count = samples[index]?.values.length;
  if (count === undefined) return;
  throw new DamagedMessageError(
    "json",
    "values-left-out",
    `sample ${index} has ${plural(count, "value")} for ${
      plural(length, "signal")
    }, and which are missing is not known: ` +
      "VILLASnode leaves NaN and infinities out of JSON, and cuts samples to its in.signals",
  );
}
