/**
 * Frames of synchrophasors, IEEE C37.118, as a format: each data frame is a sample.
 *
 * @module
 */

import type { OutgoingSample, Sample, Value } from "../samples/sample.ts";
import type { Signal } from "../samples/signals.ts";
import { now } from "../samples/timestamp.ts";
import { typeOfValue } from "../samples/value_types.ts";
import { append } from "../system/lists.ts";
import { framesPerSecond } from "./c37_118/configuration.ts";
import { encodeConfiguration1, encodeConfiguration2, encodeConfiguration3 } from "./c37_118/configuration_writer.ts";
import { computeCrc } from "./c37_118/crc.ts";
import { DataLayout, UnencodableError } from "./c37_118/data_layout.ts";
import { describePmu, type ServedStream } from "./c37_118/description.ts";
import type { StreamDescription } from "./c37_118/stream_description.ts";
import {
  findFrameProblem,
  type FrameHeader,
  frameTypes,
  fromTimestamp,
  isSync,
  maximumFrameLength,
  minimumFrameLength,
  writeHeader,
} from "./c37_118/frame.ts";
import { FrameSplitter } from "./c37_118/frame_splitter.ts";
import { FrameDecoder } from "./c37_118/stream_decoder.ts";
import { TimeTracker } from "./c37_118/time_tracker.ts";
import { checkBuffer, checkSecond } from "./check.ts";
import { DecodeError, EncodeError } from "./errors.ts";
import type { Format, FormatOptions, StreamDecoder } from "./format.ts";
import { boolean, checkOptions, integer, oneOf, type OptionRule } from "./options.ts";

/** Options of the format `c37.118`. */
export interface C37118Options extends FormatOptions, StreamDescription {
  /**
   * Version of the frames that are written, and of a PDC's commands: 1 (2005) or 2 (2011); default 1, because a VILLASnode
   * ignores others.
   */
  version?: 1 | 2;
  /** Type of the configuration that a PDC asks for, 2 or 3; default 2. Either is understood in any case. */
  configuration?: 2 | 3;
  /**
   * Prefix of the names of received signals: `"index"` for `pmu0_` as in VILLASnode, or `"station"` for the name of the
   * station; default `"index"`.
   */
  names?: "index" | "station";
  /** Adds STAT of each PMU as an integer behind all other values; default false. */
  stat_signals?: boolean | undefined;
  /** STAT of PMUs that are served; default 0: good data, in sync, time quality not given. */
  stat?: number;
  /** Time quality of the frames that are written, the upper 8 bits of FRACSEC; default 0: locked to UTC. */
  time_quality?: number;
}

const name = "c37.118";

const rules: Record<string, OptionRule> = {
  idcode: integer(0, 0xffff),
  data_rate: { expected: "a number of frames per second", accepts: (value) => typeof value === "number" && value > 0 },
  time_base: integer(1, 0xff_ffff),
  pmus: { expected: "a list of PMUs", accepts: (value) => Array.isArray(value) && value.length > 0 },
  version: oneOf(1, 2),
  configuration: oneOf(2, 3),
  names: oneOf("index", "station"),
  stat_signals: boolean,
  stat: integer(0, 0xffff),
  time_quality: integer(0, 0xff),
};

/** Time after which a configuration frame goes before the data again, in milliseconds, for receivers that came later. */
const repetitionMs = 60_000;

/**
 * Creates the format `c37.118`: frames of synchrophasors.
 *
 * Each data frame is a sample: for each PMU its phasors (complex), frequency and ROCOF, analogue values (float) and the digital
 * bits that its masks name (boolean), as VILLASnode's client gives them. The format keeps what configuration frames say: they
 * make no samples themselves, nor do header and command frames. A data frame before the first configuration frame cannot be
 * decoded. Floats, 16-bit integers, polar and rectangular phasors are read, of version 1, 2 and later.
 *
 * Written is what VILLASnode reads: floats and rectangular phasors, unless `pmus` says otherwise. What is in a frame is said by
 * `pmus`, in the words of VILLASnode's node type `c37.118`; without it, by the signals, and without these by the types of the
 * first sample. A configuration 2 goes before the first data frame, and before one a minute later. Sequence numbers have no
 * place. Times are rounded to 1 / `time_base`; the default is a microsecond.
 *
 * In a file, frames stand back to back. Decoding finds its way again after bytes that are no frame.
 *
 * @param options The signals or the PMUs, and choices for reading and writing
 * @returns The format; it keeps the configuration from one datagram to the next, so each connection needs its own
 * @throws {TypeError} If an option does not exist or does not accept its value, or the signals do not fit into frames
 *
 * @see IEEE C37.118.2-2011; VILLASnode's `lib/nodes/c37_118.cpp`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSignals } from "@villas/client";
 * import { c37118 } from "@villas/client/formats";
 *
 * const signals = parseSignals('[{"name": "va", "type": "complex"}, {"name": "frequency"}]');
 * const frames = c37118({ signals }).encode([{ tsOrigin: { sec: 7, nsec: 0 }, values: [{ real: 230, imag: -1 }, 50] }]);
 * const receiver = c37118();
 * assertEquals(receiver.decode(frames), [
 *   { tsOrigin: { sec: 7, nsec: 0 }, values: [{ real: 230, imag: -1 }, 50, 0] },
 * ]);
 * assertEquals(receiver.signals?.map(({ name }) => name), ["pmu0_va", "pmu0_frequency", "pmu0_rocof"]);
 * ```
 */
export function c37118(options: C37118Options = {}): Format {
  checkOptions(name, options, rules);
  const { names = "index", stat_signals: hasStatus = false } = options;
  const decoder = new FrameDecoder({ prefix: names, hasStatus });
  const encoder = new FrameEncoder(options);
  return {
    name,
    isText: false,
    carriesTypes: true,
    get signals() {
      return decoder.signals;
    },
    get sourceDescription() {
      return decoder.description;
    },
    decode: (datagram) => decodeDatagram(decoder, datagram),
    encode: (samples) => encoder.encode(samples),
    encodeInto(samples, buffer) {
      const datagram = encoder.encode(samples, buffer);
      checkBuffer(datagram.length, buffer);
      return datagram.length;
    },
    preamble: () => encoder.preamble(),
    createTracker: () =>
      new TimeTracker(() =>
        decoder.streamCount === 1 ? framesPerSecond(decoder.stream?.configuration.dataRate ?? 0) : 0
      ),
    createDecoder: (onDecodeError) =>
      new FrameFileDecoder(new FrameDecoder({ prefix: names, hasStatus }), onDecodeError),
    createEncoder() {
      const file = new FrameEncoder(options, Infinity);
      return (samples) => file.encode(samples);
    },
  };
}

function decodeDatagram(decoder: FrameDecoder, datagram: Uint8Array): Sample[] {
  let samples: Sample[] | undefined;
  let start = 0;
  while (start < datagram.length) {
    const left = datagram.length - start;
    const size = left < 4 ? left : (datagram[start + 2] ?? 0) << 8 | (datagram[start + 3] ?? 0);
    // A size that leaves too few bytes for another frame is judged with all that is there.
    const isWhole = isSync(datagram[start], datagram[start + 1]) && size >= minimumFrameLength && size <= left;
    const frame = datagram.subarray(start, isWhole ? start + size : datagram.length);
    const offset = start;
    const fail = (reason: string): never => {
      throw new DecodeError(name, reason, { offset });
    };
    const problem = findFrameProblem(frame);
    if (problem !== undefined) fail(problem);
    const sample = decoder.decode(frame, fail);
    if (sample !== undefined) samples = append(samples, sample);
    start += frame.length;
  }
  return samples ?? [];
}

/** Decodes a file of frames. */
class FrameFileDecoder implements StreamDecoder {
  readonly #decoder: FrameDecoder;
  readonly #splitter: FrameSplitter;
  readonly #onDecodeError: (error: DecodeError) => void;

  constructor(decoder: FrameDecoder, onDecodeError: (error: DecodeError) => void) {
    this.#decoder = decoder;
    this.#onDecodeError = onDecodeError;
    this.#splitter = new FrameSplitter((reason, offset) => this.#report(reason, offset));
  }

  get signals(): readonly Signal[] | undefined {
    return this.#decoder.signals;
  }

  push(chunk: Uint8Array): Sample[] {
    const samples: Sample[] = [];
    const frames = this.#splitter.push(chunk);
    for (const frame of frames) {
      let sample: Sample | undefined;
      try {
        sample = this.#decoder.decode(frame, (reason) => {
          throw new DecodeError(name, reason, { offset: this.#splitter.offsetOf(frame) }, { source: "file" });
        });
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.#onDecodeError(error);
      }
      if (sample !== undefined) samples.push(sample);
    }
    return samples;
  }

  end(): Sample[] {
    if (this.#splitter.pendingBytes > 0) {
      this.#report("the file ends inside the frame that begins here", this.#splitter.offset);
    }
    return [];
  }

  #report(reason: string, offset: number): void {
    this.#onDecodeError(new DecodeError(name, reason, { offset }, { source: "file" }));
  }
}

/** Turns samples into data frames. */
class FrameEncoder {
  readonly #options: C37118Options;
  readonly #header: Pick<FrameHeader, "version" | "timeQuality">;
  readonly #repetitionMs: number;
  #stream: { readonly served: ServedStream; readonly layout: DataLayout } | undefined;
  /** Time at which the configuration was written last. */
  #configured = -Infinity;

  constructor(options: C37118Options, repetition = repetitionMs) {
    this.#options = options;
    this.#header = { version: options.version ?? 1, timeQuality: options.time_quality ?? 0 };
    this.#repetitionMs = repetition;
    // Signals alone may be those of a reader, which need not fit into frames.
    if (options.pmus !== undefined) this.#setStream(options.signals);
  }

  /**
   * Returns the configuration frames of all types; undefined while the signals are not known.
   *
   * @throws {TypeError} If the signals do not fit into frames
   */
  preamble(): Uint8Array[] | undefined {
    const { signals } = this.#options;
    if (this.#stream === undefined && signals === undefined) return undefined;
    const { configuration } = (this.#stream ?? this.#setStream(signals)).served;
    const settings = { ...this.#header, ...fromTimestamp(now(), configuration.timeBase) };
    this.#configured = performance.now();
    return [
      encodeConfiguration1(configuration, settings),
      encodeConfiguration2(configuration, settings),
      ...encodeConfiguration3(configuration, { ...settings, version: 2 }),
    ];
  }

  /** Encodes frames, into memory of their own unless the buffer has room for them. */
  encode(samples: readonly (Sample | OutgoingSample)[], buffer?: Uint8Array): Uint8Array<ArrayBuffer> {
    const [first] = samples;
    if (first === undefined) return new Uint8Array(0);
    const { served, layout } = this.#stream ?? this.#prepare(first.values);
    const { configuration } = served;
    for (let index = 0; index < samples.length; index++) checkSample(samples[index], index, served.signals.length);
    const time = performance.now();
    const isDue = time - this.#configured >= this.#repetitionMs || this.#configured === -Infinity;
    const head = isDue
      ? encodeConfiguration2(configuration, {
        ...this.#header,
        ...fromTimestamp(first.tsOrigin ?? now(), configuration.timeBase),
      })
      : undefined;
    const length = (head?.length ?? 0) + samples.length * layout.frameLength;
    const target = buffer !== undefined && buffer.length >= length
      ? buffer.subarray(0, length)
      : new Uint8Array(length);
    if (head !== undefined) target.set(head);
    const view = new DataView(target.buffer, target.byteOffset, length);
    let position = head?.length ?? 0;
    for (let index = 0; index < samples.length; index++) {
      const sample = samples[index];
      if (sample !== undefined) this.#write(target, view, position, sample, index, layout);
      position += layout.frameLength;
    }
    if (head !== undefined) this.#configured = time;
    // Memory that was not given is an ArrayBuffer; what was given is the caller's, who only asks for the length.
    return target as Uint8Array<ArrayBuffer>;
  }

  #write(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    { tsOrigin = now(), values }: Sample | OutgoingSample,
    index: number,
    layout: DataLayout,
  ): void {
    const { configuration } = this.#stream?.served ?? {};
    if (configuration === undefined) return;
    const header = { ...this.#header, ...fromTimestamp(tsOrigin, configuration.timeBase) };
    writeHeader(view, start, layout.frameLength, { ...header, type: frameTypes.data, idcode: configuration.idcode });
    try {
      layout.write(view, start, values, this.#options.stat ?? 0);
    } catch (error) {
      throw error instanceof UnencodableError ? new EncodeError(name, error.message, index) : error;
    }
    const end = start + layout.frameLength - 2;
    view.setUint16(end, computeCrc(bytes, start, end));
  }

  /** Prepares the stream, whose signals are given, or else taken from the values of the first sample. */
  #prepare(values: ArrayLike<Value>) {
    const { signals, stat_signals: hasStatus = false } = this.#options;
    try {
      return this.#setStream(signals ?? signalsOfValues(values, hasStatus));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new EncodeError(name, error.message.replace(/^Cannot describe a PMU: /, ""), 0);
    }
  }

  #setStream(signals: readonly Signal[] | undefined) {
    const served = describePmu(this.#options, signals);
    const { configuration, sources } = served;
    const isIdentity = sources.every((source, index) => source === index);
    const layout = new DataLayout(configuration, {
      hasStatus: this.#options.stat_signals ?? false,
      ...isIdentity ? {} : { sources },
    });
    if (layout.frameLength > maximumFrameLength) {
      throw new TypeError(
        `Cannot describe a PMU: its data frames would have ${layout.frameLength} bytes, more than ${maximumFrameLength}`,
      );
    }
    try {
      encodeConfiguration2(configuration);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new TypeError(`Cannot describe a PMU: ${error.message}`, { cause: error });
    }
    return this.#stream = { served, layout };
  }
}

function checkSample(sample: Sample | OutgoingSample | undefined, index: number, signalCount: number): void {
  const { type, tsOrigin, values = [] } = sample ?? {};
  if (type !== undefined) throw new EncodeError(name, `a synchrophasor stream has no ${type} marks`, index);
  checkSecond(name, tsOrigin, index);
  if (values.length > signalCount) {
    throw new EncodeError(name, `it has ${values.length} values for ${signalCount} signals`, index);
  }
}

function signalsOfValues(values: ArrayLike<Value>, hasStatus: boolean): Signal[] {
  return Array.from(values, (value, index) => {
    const type = typeOfValue(value);
    const name = hasStatus && type === "integer" ? { name: `signal${index}_stat` } : {};
    return { ...name, type: type === "invalid" ? "float" : type };
  });
}
