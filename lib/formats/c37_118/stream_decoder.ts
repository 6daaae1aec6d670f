/**
 * Frames to samples, with the configurations that came before.
 *
 * @module
 */

import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { type Configuration, describeConfiguration, type SignalNaming, signalsOf } from "./configuration.ts";
import { ConfigurationError, ConfigurationReader } from "./configuration_reader.ts";
import { DataLayout } from "./data_layout.ts";
import { frameTypes, readHeader, toTimestamp } from "./frame.ts";

/** A stream that has said its configuration. */
export interface KnownStream {
  /** The configuration. */
  readonly configuration: Configuration;
  /** The layout of its data frames. */
  readonly layout: DataLayout;
}

/** The most streams that are known at a time: a link has one, a port that several PMUs send to has some. */
const maximumStreams = 256;

/** Throws the error for a frame that cannot be decoded. */
type Fail = (reason: string) => never;

/** Turns frames into samples: configuration frames say what the data frames after them mean. */
export class FrameDecoder {
  readonly #naming: SignalNaming;
  readonly #configurations = new ConfigurationReader();
  readonly #streams = new Map<number, KnownStream>();
  #last: KnownStream | undefined;
  #signals: readonly Signal[] | undefined;
  #description: string | undefined;

  /**
   * Creates a decoder.
   *
   * @param naming Names of the signals, and whether STAT is one
   */
  constructor(naming: SignalNaming) {
    this.#naming = naming;
  }

  /** The stream whose configuration came last. */
  get stream(): KnownStream | undefined {
    return this.#last;
  }

  /** Number of streams that are known. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** Signals of the stream whose configuration came last. */
  get signals(): readonly Signal[] | undefined {
    if (this.#last !== undefined) this.#signals ??= signalsOf(this.#last.configuration, this.#naming);
    return this.#signals;
  }

  /** That stream in a line for people. */
  get description(): string | undefined {
    if (this.#last !== undefined) this.#description ??= describeConfiguration(this.#last.configuration);
    return this.#description;
  }

  /**
   * Decodes a frame.
   *
   * @param frame A frame whose outside is right
   * @param fail Called with the reason where it cannot be decoded
   * @returns The sample of a data frame; undefined for the other types
   */
  decode(frame: Uint8Array, fail: Fail): Sample | undefined {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const header = readHeader(view);
    switch (header.type) {
      case frameTypes.data: {
        const { layout, configuration } = this.#find(header.idcode, frame.length, fail);
        return { tsOrigin: toTimestamp(header, configuration.timeBase), values: layout.read(view) };
      }
      case frameTypes.configuration1:
      case frameTypes.configuration2:
      case frameTypes.configuration3:
        this.#readConfiguration(frame, fail);
    }
    return undefined;
  }

  /** Finds the stream of a data frame. */
  #find(idcode: number, length: number, fail: Fail): KnownStream {
    // A peer that gives its data another identifier than its configuration is understood as long as there is one stream.
    const stream = this.#streams.get(idcode) ?? (this.#streams.size === 1 ? this.#last : undefined);
    if (stream === undefined) {
      return fail(
        this.#streams.size === 0
          ? "no configuration frame has come yet that says what is in a data frame"
          : `no configuration frame of stream ${idcode} has come yet`,
      );
    }
    const expected = stream.layout.frameLength;
    if (length !== expected) {
      return fail(`the data frame has ${length} bytes, and by the configuration of its stream it has ${expected}`);
    }
    return stream;
  }

  #readConfiguration(frame: Uint8Array, fail: Fail): void {
    let configuration: Configuration | undefined;
    try {
      configuration = this.#configurations.read(frame);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return fail(error.message);
    }
    if (configuration === undefined) return;
    const { hasStatus = false } = this.#naming;
    const { idcode } = configuration;
    if (!this.#streams.has(idcode) && this.#streams.size >= maximumStreams) {
      return fail(`it is the configuration of one more stream than ${maximumStreams}`);
    }
    this.#last = { configuration, layout: new DataLayout(configuration, { hasStatus }) };
    this.#signals = undefined;
    this.#description = undefined;
    this.#streams.set(idcode, this.#last);
  }
}
