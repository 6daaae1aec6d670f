/**
 * The codecs of a client: the format, the guard and the numbering of each direction.
 *
 * @module
 */

import { undecidedFormat } from "./auto_format.ts";
import type { Format, FormatOptions } from "../formats/format.ts";
import { createFormat, type FormatSpecification } from "../formats/table.ts";
import { createEchoGuard, createGuard, type Guard } from "./guard.ts";
import type { LinkSignals } from "../samples/directions.ts";
import type { OutgoingSample } from "../samples/sample.ts";
import type { Signal, SignalNotation } from "../samples/signals.ts";

/** Turns samples into datagrams. */
export interface Encoder {
  /** The format of the datagrams. */
  readonly format: Format;
  /** Refuses what the receiver would not survive; without it, everything is sent. */
  readonly guard?: Guard | undefined;
  /** Gives samples the sequence numbers that the format needs. */
  readonly number?: ((samples: readonly OutgoingSample[]) => readonly OutgoingSample[]) | undefined;
}

/** Ways of sending: what a program has made, or what has come and goes back. */
export type Sending = "sent" | "echoed";

/** The format of each direction: one list of signals is not the other's. */
export interface Codecs {
  /** For samples that are received. */
  readonly received: Format;
  /** For samples that are sent. */
  readonly sent: Encoder;
  /** For samples that go back as they came: where nothing says what the node takes, it takes what it sent. */
  readonly echoed: Encoder;
}

/** Codecs of a client that does not know its format yet. */
export const undecidedCodecs: Codecs = {
  received: undecidedFormat,
  sent: { format: undecidedFormat },
  echoed: { format: undecidedFormat },
};

/**
 * Creates the codecs of a format.
 *
 * @param specification The format
 * @param signals Signals of each direction, as far as they are known
 * @param defaults Options for a format that was found in what came
 * @throws {TypeError} If there is no such format or it has no such option
 */
export async function createCodecs(
  specification: FormatSpecification | Format,
  { in: received, out: sent }: LinkSignals,
  defaults: FormatOptions = {},
): Promise<Codecs> {
  const create = (signals: readonly Signal[] | undefined) =>
    createFormat(specification, signals === undefined ? defaults : { ...defaults, signals });
  const decoder = await create(received);
  const format = await create(sent === "any" ? undefined : sent);
  const encoder = { format, guard: createGuard(specification, sent), number: createNumbering(format) };
  if (sent !== undefined && sent !== "any") return { received: decoder, sent: encoder, echoed: encoder };
  const guard = sent === "any" ? undefined : createEchoGuard(specification);
  return { received: decoder, sent: encoder, echoed: { format: decoder, guard } };
}

/** Returns the signals among the options of a format, which are those of both directions. */
export function signalsOfFormat(specification: FormatSpecification | Format): SignalNotation | undefined {
  return typeof specification === "object" && "signals" in specification
    ? specification.signals as SignalNotation
    : undefined;
}

/**
 * Creates the numbering of samples without a sequence number, on from the last one, for a format that has a place for it
 * in any case: VILLASnode would drop all but the first of them.
 */
function createNumbering({ isNumbered }: Format): Encoder["number"] {
  if (isNumbered !== true) return undefined;
  let next = 0n;
  return (samples) =>
    samples.map((sample) => {
      const { sequence = next } = sample;
      next = BigInt.asUintN(64, sequence + 1n);
      return sample.sequence === undefined ? { ...sample, sequence } : sample;
    });
}
