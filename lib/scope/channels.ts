/**
 * Channels: the columns of numbers that signals become.
 *
 * @module
 */

import type { Signal, SignalType } from "../samples/signals.ts";

/** The part of a complex value that a channel has. */
export type ComplexPart = "magnitude" | "phase" | "real" | "imag";

/** One column of numbers: a signal, or a part of a complex one. */
export interface Channel {
  /** Name of the signal, with the part of a complex one, such as `"v.magnitude"`. */
  readonly name: string;
  /** Unit; the phase is in degrees. */
  readonly unit: string;
  /** Type of the signal. */
  readonly type: SignalType;
  /** Index of the signal, from 0. */
  readonly signal: number;
  /** The part of a complex signal that this is. */
  readonly part?: ComplexPart;
}

/** Channels beyond these are left out: nobody can look at more, and a datagram may claim thousands. */
export const maximumChannels = 512;

const parts: readonly ComplexPart[] = ["magnitude", "phase", "real", "imag"];

/**
 * Lays out the channels of signals: one for each, and four for a complex one, as long as there is room.
 *
 * @param signals The signals
 * @returns The channels, and the index of the first one of each signal
 */
export function layOutChannels(signals: readonly Signal[]): { channels: Channel[]; columnOfSignal: number[] } {
  const channels: Channel[] = [];
  const columnOfSignal: number[] = [];
  for (const [signal, { name = `signal${signal}`, unit = "", type }] of signals.entries()) {
    if (channels.length + (type === "complex" ? parts.length : 1) > maximumChannels) break;
    columnOfSignal.push(channels.length);
    if (type !== "complex") channels.push({ name, unit, type, signal });
    else {
      for (const part of parts) {
        channels.push({ name: `${name}.${part}`, unit: part === "phase" ? "°" : unit, type, signal, part });
      }
    }
  }
  return { channels, columnOfSignal };
}
