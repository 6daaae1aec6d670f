/**
 * Fast path: writes the samples of `json` in the style that VILLASnode has without any options, text for text as
 * `createJsonWriter` does.
 *
 * @module
 */

import type { Sample, Timestamp, Value } from "../sample.ts";
import { longestFloat, writeFloat, writeText } from "./_float_digits.ts";
import { createJsonWriter, type JsonOptions } from "./_json_writer.ts";

/** The longest text of a value: a complex one, with its names. */
const longestValue = 2 * longestFloat + `{"real": , "imag": }, `.length;

const comma = 44;
const space = 32;
const decoder = new TextDecoder();

/**
 * Makes the function that writes a sample as an object.
 *
 * @param options The options of the format
 * @returns The function, or undefined where the options ask for another style
 */
export function createSampleWriter(options: JsonOptions): ((sample: Sample) => string) | undefined {
  const { indent = 0, compact = false, sort_keys = false, real_precision = 17 } = options;
  if (indent > 0 || compact || sort_keys || real_precision !== 17) return undefined;
  const { sequence: withSequence = true, ts_origin: withOrigin = true, ts_received: withReceived = false } = options;
  const { data: withData = true } = options;
  const write = createJsonWriter(options);
  let bytes = new Uint8Array(4096);

  /** The values, with what stands between them. */
  function listOf(values: readonly Value[]): string {
    if (values.length === 0) return "";
    if (bytes.length < values.length * longestValue) bytes = new Uint8Array(values.length * longestValue);
    let pos = 0;
    for (let i = 0; i < values.length; i++) {
      if (i > 0) {
        bytes[pos++] = comma;
        bytes[pos++] = space;
      }
      const value = values[i] ?? null;
      pos = typeof value === "number" && Number.isFinite(value)
        ? writeFloat(value, bytes, pos)
        : writeText(write(value), bytes, pos);
    }
    return decoder.decode(bytes.subarray(0, pos));
  }

  return ({ tsOrigin, tsReceived, newSimulation, newFrame, sequence, values }) => {
    const origin = withOrigin && tsOrigin !== undefined ? `"origin": ${timestampText(tsOrigin)}` : "";
    const received = withReceived && tsReceived !== undefined ? `"received": ${timestampText(tsReceived)}` : "";
    let text = "";
    if (origin !== "" || received !== "") {
      text = `, "ts": {${origin}${origin !== "" && received !== "" ? ", " : ""}${received}}`;
    }
    if (newSimulation || newFrame) {
      const both = newSimulation && newFrame;
      text += `, "flags": [${newSimulation ? `"new_simulation"` : ""}${both ? ", " : ""}${
        newFrame ? `"new_frame"` : ""
      }]`;
    }
    if (withSequence && sequence !== undefined) text += `, "sequence": ${sequence}`;
    if (withData) text += `, "data": [${listOf(values)}]`;
    return `{${text.slice(2)}}`;
  };
}

function timestampText({ sec, nsec }: Timestamp): string {
  return `[${sec}, ${nsec}]`;
}
