/**
 * Frames of synchrophasors, IEEE C37.118.2, for programs that look at more than samples: headers and their checksums,
 * configurations, STAT and time quality, commands, and the frames in a stream of bytes. Samples come from the format `c37.118`,
 * which is built on them.
 *
 * @module
 */

export { computeCrc } from "./crc.ts";
export {
  decodeTimeQuality,
  findFrameProblem,
  type FrameHeader,
  type FrameType,
  frameTypes,
  fromTimestamp,
  headerLength,
  isSync,
  maximumFrameLength,
  minimumFrameLength,
  readHeader,
  sealFrame,
  type TimeQuality,
  toTimestamp,
  typeOfFrame,
} from "./frame.ts";
export {
  type Command,
  type CommandContent,
  commands,
  decodeCommand,
  decodeHeaderText,
  encodeCommand,
  encodeHeaderText,
  type FrameSettings,
} from "./command.ts";
export { decodeStatus, type PmuStatus, type TriggerReason } from "./status.ts";
export {
  type AnalogChannel,
  type Configuration,
  describeConfiguration,
  type DigitalWord,
  framesPerSecond,
  type NumberFormats,
  type PhasorChannel,
  phasorComponents,
  phasorModifications,
  type PmuConfiguration,
  type PmuDetails,
  type SignalNaming,
  signalsOf,
} from "./configuration.ts";
export { ConfigurationError, ConfigurationReader } from "./configuration_reader.ts";
export {
  type ConfigurationSettings,
  encodeConfiguration1,
  encodeConfiguration2,
  encodeConfiguration3,
} from "./configuration_writer.ts";
export { DataLayout, type DataLayoutOptions } from "./data_layout.ts";
export { UnencodableError } from "./pmu_data_writer.ts";
export { describePmu, type ServedStream } from "./description.ts";
export type {
  AnalogDescription,
  DigitalDescription,
  PhasorDescription,
  PmuDescription,
  StreamDescription,
} from "./stream_description.ts";
export { type FrameCounters, FrameSplitter } from "./frame_splitter.ts";
