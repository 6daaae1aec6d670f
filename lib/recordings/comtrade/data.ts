/**
 * The data of a COMTRADE record: lines of text, or records of a fixed length.
 *
 * @see IEEE C37.111-2013, clause 8 (data files)
 *
 * @module
 */

import { FrameStreamDecoder } from "../../formats/binary/stream_decoder.ts";
import { DecodeError } from "../../formats/errors.ts";
import type { StreamDecoder } from "../../formats/format.ts";
import { LineStreamDecoder } from "../../formats/text/lines.ts";
import type { Sample, Value } from "../../samples/sample.ts";
import { missingStamp, RecordClock } from "./clock.ts";
import type { AnalogChannel, ComtradeDataType, Configuration } from "./config.ts";

const name = "comtrade";

/** Form of the analogue values: in the unit and on the side that the record has, on one side, or as they are stored. */
export type ComtradeValues = "recorded" | "primary" | "secondary" | "counts";

/** An analogue value that is missing, in text since 1999. */
const missingText = 99_999;

/** Bytes of the number and the stamp of a sample. */
const headLength = 8;

/** Bytes of an analogue value. */
export const valueLengths: Readonly<Record<Exclude<ComtradeDataType, "ascii">, number>> = {
  binary: 2,
  binary32: 4,
  float32: 4,
};

/** Returns the length of a sample in bytes: number, stamp, analogue values, and 16 states to a word. */
export function recordLength(dataType: Exclude<ComtradeDataType, "ascii">, analog: number, digital: number): number {
  return headLength + analog * valueLengths[dataType] + Math.ceil(digital / 16) * 2;
}

/**
 * Creates the decoder of the data of a record.
 *
 * An analogue value that is missing is NaN, or unset among counts.
 *
 * @param configuration The configuration of the record
 * @param form Form of the analogue values
 * @param onDecodeError Called with each sample that cannot be read
 */
export function createDataDecoder(
  configuration: Configuration,
  form: ComtradeValues,
  onDecodeError: (error: DecodeError) => void,
): StreamDecoder {
  return configuration.dataType === "ascii"
    ? createTextDecoder(configuration, form, onDecodeError)
    : createBinaryDecoder(configuration, configuration.dataType, form, onDecodeError);
}

/** A rule that turns what the data hold into values. */
class Scale {
  readonly #factors: Float64Array;
  readonly #offsets: Float64Array;
  /** The inverse of a factor such as 0.001, which a float64 holds exactly while it does not hold the factor; else 0. */
  readonly #divisors: Float64Array;
  readonly #isCounts: boolean;

  constructor(channels: readonly AnalogChannel[], form: ComtradeValues) {
    const ratios = channels.map((channel) => ratioOf(channel, form));
    this.#factors = Float64Array.from(channels, ({ a }, index) => a * (ratios[index] ?? 1));
    this.#offsets = Float64Array.from(channels, ({ b }, index) => b * (ratios[index] ?? 1));
    this.#divisors = this.#factors.map((factor) => {
      const inverse = Math.round(1 / factor);
      return inverse > 1 && inverse <= 1e9 && 1 / inverse === factor ? inverse : 0;
    });
    this.#isCounts = form === "counts";
  }

  /** Returns the value of a channel. */
  apply(index: number, stored: number): Value {
    if (this.#isCounts) return Number.isSafeInteger(stored) ? BigInt(stored) : stored;
    const divisor = this.#divisors[index] ?? 0;
    const scaled = divisor > 0 ? stored / divisor : (this.#factors[index] ?? 1) * stored;
    return scaled + (this.#offsets[index] ?? 0);
  }

  /** A value that is missing. */
  get missing(): Value {
    return this.#isCounts ? null : NaN;
  }
}

/** Returns the factor from the side that the record has to the one that is wanted. */
function ratioOf({ primary, secondary, side }: AnalogChannel, form: ComtradeValues): number {
  if (side === undefined || side === form || primary === 0 || secondary === 0) return 1;
  return form === "primary" ? primary / secondary : form === "secondary" ? secondary / primary : 1;
}

function createBinaryDecoder(
  configuration: Configuration,
  dataType: Exclude<ComtradeDataType, "ascii">,
  form: ComtradeValues,
  onDecodeError: (error: DecodeError) => void,
): StreamDecoder {
  const { analog, digital } = configuration;
  const clock = new RecordClock(configuration);
  const scale = new Scale(analog, form);
  const valueLength = valueLengths[dataType];
  const length = recordLength(dataType, analog.length, digital.length);
  const readValue = valueReaders[dataType];
  let count = 0;
  return new FrameStreamDecoder(name, {
    headerLength: length,
    measure: () => length,
    read(view, start) {
      count++;
      const stamp = view.getUint32(start + 4, true);
      const values: Value[] = new Array(analog.length + digital.length);
      let pos = start + headLength;
      for (let i = 0; i < analog.length; i++, pos += valueLength) {
        const stored = readValue(view, pos);
        values[i] = Number.isNaN(stored) ? scale.missing : scale.apply(i, stored);
      }
      for (let i = 0; i < digital.length; i += 16, pos += 2) {
        const word = view.getUint16(pos, true);
        for (let bit = 0; bit < 16 && i + bit < digital.length; bit++) {
          values[analog.length + i + bit] = (word >> bit & 1) === 1;
        }
      }
      return createSample(clock, count, view.getUint32(start, true), stamp === missingStamp ? NaN : stamp, values);
    },
  }, (error) => {
    const { reason, offset } = error;
    onDecodeError(new DecodeError(name, reason, offset === undefined ? {} : { offset }, { source: "file" }));
  });
}

/** Readers of an analogue value; NaN is one that is missing. */
const valueReaders: Readonly<Record<Exclude<ComtradeDataType, "ascii">, (view: DataView, pos: number) => number>> = {
  binary(view, pos) {
    const stored = view.getInt16(pos, true);
    return stored === -0x8000 ? NaN : stored;
  },
  binary32(view, pos) {
    const stored = view.getInt32(pos, true);
    return stored === -0x8000_0000 ? NaN : stored;
  },
  // The largest negative float stands for a missing value where a recorder has no NaN.
  float32(view, pos) {
    return view.getUint32(pos, true) === 0xff7f_ffff ? NaN : view.getFloat32(pos, true);
  },
};

function createSample(clock: RecordClock, count: number, number: number, stamp: number, values: Value[]): Sample {
  const tsOrigin = clock.next(count, stamp);
  return tsOrigin === undefined ? { sequence: BigInt(number), values } : { sequence: BigInt(number), tsOrigin, values };
}

const integerPattern = /^[-+]?[0-9]{1,15}$/;
const numberPattern = /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?$/i;

function createTextDecoder(
  configuration: Configuration,
  form: ComtradeValues,
  onDecodeError: (error: DecodeError) => void,
): StreamDecoder {
  const { analog, digital, revision } = configuration;
  const clock = new RecordClock(configuration);
  const scale = new Scale(analog, form);
  const width = 2 + analog.length + digital.length;
  let count = 0;

  function line(text: string, number: number, samples: Sample[]): void {
    // Recorders of old end a file with the end mark of DOS.
    const trimmed = text.replaceAll("\u001a", "").trim();
    if (trimmed === "") return;
    const fields = trimmed.split(",");
    const fail = (reason: string, index: number): never => {
      const column = fields.slice(0, index).reduce((sum, field) => sum + field.length + 1, 1);
      throw new DecodeError(name, reason, { line: number, column });
    };
    // Some recorders write a comma behind the last field.
    if (fields.length === width + 1 && fields[width]?.trim() === "") fields.pop();
    if (fields.length !== width) fail(`expected ${width} fields, and found ${fields.length}`, 0);
    const given = fields[0]?.trim() ?? "";
    if (!integerPattern.test(given) || given.startsWith("-")) fail("the number of the sample is not one", 0);
    const stamp = fields[1]?.trim() ?? "";
    if (stamp !== "" && !integerPattern.test(stamp)) fail("the time stamp is not a whole number", 1);
    const values: Value[] = new Array(width - 2);
    for (let i = 0; i < analog.length; i++) {
      const field = fields[2 + i]?.trim() ?? "";
      const stored = field === "" ? NaN : numberPattern.test(field) ? Number(field) : fail("it is not a number", 2 + i);
      const isMissing = Number.isNaN(stored) || (revision !== 1991 && stored === missingText);
      values[i] = isMissing ? scale.missing : scale.apply(i, stored);
    }
    for (let i = analog.length; i < width - 2; i++) {
      const field = fields[2 + i]?.trim();
      if (field !== "0" && field !== "1") fail("a state is neither 0 nor 1", 2 + i);
      values[i] = field === "1";
    }
    samples.push(createSample(clock, ++count, Number(given), stamp === "" ? NaN : Number(stamp), values));
  }

  return new LineStreamDecoder(name, "\n", onDecodeError, { line });
}
