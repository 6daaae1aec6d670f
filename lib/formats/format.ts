/**
 * What a format is: samples to bytes and back. Every other file of this folder is one of them, or a part that several
 * of them share (`_*.ts`).
 *
 * VILLASnode frames the same format differently in a datagram and in a file: a datagram of `json` is an array, a file one
 * object a line; only files have headers and comments. So a format has both framings: {@linkcode Format.decode} and
 * {@linkcode Format.encode} for a datagram, {@linkcode Format.createDecoder} and {@linkcode Format.createEncoder} for a file.
 *
 * @module
 */

import type { Sample } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import type { DecodeError } from "./errors.ts";

/**
 * Options that every format takes, under VILLASnode's names (`lib/format.cpp`), besides the signals.
 *
 * As in VILLASnode they switch off what a format writes by default, and a format leaves out what it has no place for,
 * whatever the options say.
 */
export interface FormatOptions {
  /**
   * What the values are. Encoding refuses a sample that a VILLASnode with these signals would not survive; formats that
   * carry no types or names take them from here. Without it, the samples say themselves what their values are.
   */
  signals?: readonly Signal[];
  /** Whether to write the running number; default true. */
  sequence?: boolean;
  /** Whether to write the origin timestamp; default true. */
  ts_origin?: boolean;
  /** Whether to write the timestamp of reception where there is a place for it; default false, as in VILLASnode. */
  ts_received?: boolean;
  /** Whether text formats write the time from origin to reception, in files; default true. */
  offset?: boolean;
  /** Whether text formats write the values; default true. */
  data?: boolean;
  /** Digits of a float in text formats, 0 to 31; default 17, which loses nothing. */
  real_precision?: number;
}

/**
 * Samples to bytes and back, as one of VILLASnode's formats has them.
 *
 * Decoding is tolerant: it takes what VILLASnode, its Python package and later versions of the format may send.
 * Encoding is strict: what it returns is what VILLASnode accepts, always in the same, canonical form.
 */
export interface Format {
  /** VILLASnode's name of the format. */
  readonly name: string;

  /** Whether datagrams and files are text (UTF-8) that a person can read. */
  readonly isText: boolean;

  /**
   * Names that came in samples beside those of the signals, and whose values were ignored: the first 64 of them, cut to 80
   * characters, in the order of arrival. Only the formats that have a name beside each value (`json.kafka`, `json.edgeflex`,
   * `json.reserve`) have it. A sample of which no name fits is a {@linkcode DecodeError} instead.
   */
  readonly unmatchedNames?: ReadonlySet<string>;

  /**
   * Whether each sample in a datagram has a sequence number, 0 where it was given none. VILLASnode drops all but the first
   * of several samples with the number 0, so a client numbers them.
   */
  readonly isNumbered?: boolean;

  /**
   * Reads one datagram.
   *
   * @param datagram The whole datagram; it may be used again as soon as this returns
   * @returns The samples it holds, possibly none
   * @throws {DecodeError} If it is not what the format says; nothing else, whatever the bytes are
   */
  decode(datagram: Uint8Array): Sample[];

  /**
   * Writes one datagram into memory of its own.
   *
   * @param samples What it shall hold
   * @returns The datagram
   * @throws {EncodeError} If the format cannot carry a sample or the receiver would not survive it
   */
  encode(samples: readonly Sample[]): Uint8Array<ArrayBuffer>;

  /**
   * Writes one datagram into memory that the caller has, which costs no allocation.
   *
   * @param samples What it shall hold
   * @param buffer Where to write, from its start
   * @returns The length of the datagram in bytes
   * @throws {EncodeError} As {@linkcode Format.encode}
   * @throws {RangeError} If the buffer is too small
   */
  encodeInto(samples: readonly Sample[], buffer: Uint8Array): number;

  /**
   * Starts to read a file.
   *
   * @param onDecodeError Called with what cannot be read; reading goes on behind it where the format can tell where that is.
   * It may throw to end the reading.
   * @returns What the pieces of the file are to be given to
   */
  createDecoder(onDecodeError: (error: DecodeError) => void): StreamDecoder;

  /**
   * Starts to write a file.
   *
   * @returns A function that is given all samples, some at a time, and returns what to append to the file for them: text
   * for a text format, else bytes. What a file begins with, such as a header, comes with the first samples.
   * It throws {@linkcode EncodeError} as {@linkcode Format.encode} does.
   */
  createEncoder(): StreamEncoder;

  /**
   * Starts to write a file as {@linkcode Format.createEncoder} does, where a text format writes bytes (UTF-8) at less cost than
   * text.
   *
   * @returns The function, whose bytes are valid until its next call; there is none where it would cost no less
   */
  createByteEncoder?: (() => (samples: readonly Sample[]) => Uint8Array) | undefined;
}

/** Reads a file in pieces; memory is bounded by the largest sample, not by the file. */
export interface StreamDecoder {
  /**
   * Takes the next piece of the file.
   *
   * @param piece Bytes, cut anywhere; they may be used again as soon as this returns
   * @returns The samples that are complete now, in order
   */
  push(piece: Uint8Array): Sample[];

  /**
   * Takes the end of the file.
   *
   * @returns The samples that the end completes; what stays incomplete is reported
   */
  end(): Sample[];
}

/** Writes a file: see {@linkcode Format.createEncoder}. */
export type StreamEncoder = (samples: readonly Sample[]) => string | Uint8Array;
