/**
 * The interface of a format: samples to bytes and back.
 *
 * VILLASnode frames the same format differently in datagrams and in files: a datagram of `json` is an array, a file has
 * one object per line; only files have headers and comments. So a format has both framings: {@linkcode Format.decode}
 * and {@linkcode Format.encode} for a datagram, {@linkcode Format.createDecoder} and {@linkcode Format.createEncoder}
 * for a file.
 *
 * @module
 */

import type { Sample } from "../samples/sample.ts";
import type { SequenceTracker } from "../samples/sequence.ts";
import type { Signal } from "../samples/signals.ts";
import type { ScanReceiver } from "./column_ranges.ts";
import type { DecodeError } from "./errors.ts";

/**
 * Options of every format, under VILLASnode's names (`lib/format.cpp`), and the signals.
 *
 * As in VILLASnode they switch off what a format writes by default; a format never writes what it has no place for.
 */
export interface FormatOptions {
  /**
   * The signals of the samples. Encoding refuses a sample that a VILLASnode with these signals would not survive, and
   * formats that carry no types or names take them from here. Without signals, the samples themselves say the types.
   */
  signals?: readonly Signal[];
  /** Writes the sequence number; default true. */
  sequence?: boolean;
  /** Writes the origin timestamp; default true. */
  ts_origin?: boolean;
  /** Writes the receive timestamp, if the format has a place for it; default false, as in VILLASnode. */
  ts_received?: boolean;
  /** True if text formats write the time from origin to reception, in files; default true. */
  offset?: boolean;
  /** True if text formats write the values; default true. */
  data?: boolean;
  /** Decimals of a float in text formats, 0 to 31 (significant digits in JSON); default 17. */
  real_precision?: number;
}

/**
 * One of VILLASnode's formats: samples to bytes and back.
 *
 * Decoding is tolerant: it accepts what VILLASnode, its Python package and later versions of the format may send.
 * Encoding is strict: it only writes what VILLASnode accepts, always in the same, canonical form.
 */
export interface Format {
  /** VILLASnode's name of the format. */
  readonly name: string;

  /** True if datagrams and files are human-readable text (UTF-8). */
  readonly isText: boolean;

  /**
   * True if the bytes themselves say the types of the values, so that a reader without `signals` gets the same numbers.
   * Where they do not, such a reader has to guess: it may take the bits of an integer for those of a float.
   *
   * | format | carries types | values as a reader without signals gets them |
   * |---|---|---|
   * | `protobuf` | yes | all types as they were |
   * | `c37.118` | yes | complex values, floats and booleans; it has no integers but STAT |
   * | `json`, `json.kafka`, `json.edgeflex` | yes | all types as they were: a float has a fraction or an exponent |
   * | `json.reserve` | yes | as `json`; a VILLASnode writes floats only, and other types wrongly |
   * | `villas.human`, `csv`, `tsv`, `value` | yes | floats, integers and complex values; a boolean as integer 0 or 1 |
   * | the same with `real_precision: 0` | no | floats look like integers |
   * | `iotagent_ul` | yes | floats of 6 decimals, integers; a boolean as integer 0 or 1 |
   * | `influx` | yes | all types as they were; from a VILLASnode, integers as floats |
   * | `opal.asyncip` | no | all as floats: an integer beyond 2^53 is rounded, a complex value is its real part |
   * | `villas.binary`, `villas.web` | no | all bits as those of float32 |
   * | `raw`, `gtnet` | no | all bits as those of floats (32 and 64 bits) or integers (8 and 16 bits) |
   */
  readonly carriesTypes: boolean;

  /**
   * Names that came in samples besides those of the signals, and whose values were ignored: the first 64 of them, cut
   * to 80 characters, in the order of arrival. Only formats with a name beside each value (`json.kafka`,
   * `json.edgeflex`, `json.reserve`, `influx`) have it. A sample none of whose names match is a {@linkcode DecodeError} instead.
   */
  readonly unmatchedNames?: ReadonlySet<string>;

  /**
   * How many values were left out of what was encoded because the format has no place for them, by the reason, such as
   * `"NaN"`. Missing in formats that refuse such a sample instead.
   */
  readonly omitted?: ReadonlyMap<string, number>;

  /**
   * True if every sample in a datagram has a sequence number, 0 if it was given none. VILLASnode drops all but the
   * first of several samples with the number 0, so a client numbers them. Default false.
   */
  readonly isNumbered?: boolean;

  /**
   * Signals of received samples as the other end describes them; undefined until it has, and for formats in which it does
   * not. They may change with each datagram.
   */
  readonly signals?: readonly Signal[] | undefined;

  /** The other end in a line for people, as far as it describes itself. */
  readonly sourceDescription?: string | undefined;

  /**
   * Creates a tracker of received samples that have no sequence numbers, but show in another way that some are missing.
   * Missing if they do not.
   *
   * @returns The tracker, to be given the samples that this format decodes
   */
  createTracker?(): SequenceTracker;

  /**
   * Encodes what a receiver has to know before the first sample, such as the configuration of a stream of synchrophasors.
   * Missing in formats that have nothing of the kind.
   *
   * @returns The datagrams; undefined while it is not known
   * @throws {TypeError} If the format has no place for its signals
   */
  preamble?(): Uint8Array[] | undefined;

  /**
   * Decodes one datagram.
   *
   * @param datagram The whole datagram; its memory may be reused as soon as this returns
   * @returns Its samples, possibly none
   * @throws {DecodeError} If it does not conform to the format; no other error, whatever the bytes are
   */
  decode(datagram: Uint8Array): Sample[];

  /**
   * Encodes one datagram into memory of its own.
   *
   * @param samples The samples
   * @returns The datagram
   * @throws {EncodeError} If the format cannot carry a sample or the receiver would not survive it
   */
  encode(samples: readonly Sample[]): Uint8Array<ArrayBuffer>;

  /**
   * Encodes one datagram into a buffer of the caller, which saves an allocation.
   *
   * @param samples The samples
   * @param buffer The buffer to write to, from its start
   * @returns The length of the datagram in bytes
   * @throws {EncodeError} As {@linkcode Format.encode}
   * @throws {RangeError} If the buffer is too small
   */
  encodeInto(samples: readonly Sample[], buffer: Uint8Array): number;

  /**
   * Creates a decoder for one file.
   *
   * @param onDecodeError Called with each error; decoding continues after it if the format can tell where the next
   * sample begins. It may throw to stop the decoding.
   * @param onWarning Called, once for each kind, with a sentence on what was read in a way that may not have been meant
   * @returns The decoder
   */
  createDecoder(onDecodeError: (error: DecodeError) => void, onWarning?: (message: string) => void): StreamDecoder;

  /**
   * Creates a scanner of one file: a decoder that returns no samples, but tells their heads and the ranges of their values,
   * at a fraction of the cost. Missing where it would cost no less, or the values are not floats alone.
   *
   * @param receiver Receives the heads and the ranges
   * @param onDecodeError Called with the errors that a decoder would report
   * @returns The scanner
   */
  createScanner?:
    | ((receiver: ScanReceiver, onDecodeError: (error: DecodeError) => void) => StreamDecoder)
    | undefined;

  /**
   * Creates an encoder for one file.
   *
   * @param names Names of the signals, for a format that writes names and was given no signals; others ignore them
   * @returns The encoder, which throws {@linkcode EncodeError} as {@linkcode Format.encode} does
   */
  createEncoder(names?: readonly string[]): StreamEncoder;

  /**
   * Creates an encoder for one file as {@linkcode Format.createEncoder} does, but one of a text format that returns
   * bytes (UTF-8) at less cost than text. Missing if it would cost no less.
   *
   * @param names As for {@linkcode Format.createEncoder}
   * @returns The encoder, whose bytes are valid until its next call
   */
  createByteEncoder?: ((names?: readonly string[]) => (samples: readonly Sample[]) => Uint8Array) | undefined;
}

/** Decodes a file in chunks; its memory is bounded by the largest sample, not by the file. */
export interface StreamDecoder {
  /**
   * Decodes the next chunk of the file.
   *
   * @param chunk Bytes, cut anywhere; their memory may be reused as soon as this returns
   * @returns The samples that are now complete, in order
   */
  push(chunk: Uint8Array): Sample[];

  /**
   * Ends the file.
   *
   * @returns The samples that the end completes; an incomplete one is reported as an error
   */
  end(): Sample[];

  /** Signals as the file describes them; undefined until it has, and for formats in which it does not. */
  readonly signals?: readonly Signal[] | undefined;
}

/**
 * Encodes the next samples of a file: returns the bytes to append to it, as text for a text format. The beginning of a
 * file, such as a header, is part of the first call's result.
 */
export type StreamEncoder = (samples: readonly Sample[]) => string | Uint8Array;
