/**
 * Files of samples: reading, writing, converting, comparing, replaying and sending them, and digests of what is in them. The
 * formats of the datagrams, which are those of files, too, belong to the formats; those of the files of other tools are here.
 *
 * @module
 */

export { readBatches, readSamples } from "./files.ts";
export type { CreateOptions, FileFormat, ReadOptions, RecordingReader, RecordingWriter } from "./file_format.ts";
export { excerpt, type ExcerptOptions, type TimePoint } from "./excerpt.ts";
export { describeReader, describeRecording } from "./info.ts";
export type { RecordingInfo, SignalFigures } from "./recording_info.ts";
export { createFileFormat, fileFormatNames, formatForPath } from "./file_formats.ts";
export { parquet, type ParquetOptions } from "./parquet/parquet.ts";
export { matlab, type MatlabOptions } from "./matlab/matlab.ts";
export { comtrade, type ComtradeOptions } from "./comtrade/comtrade.ts";
export type { ComtradeDataType, ComtradeRevision } from "./comtrade/config.ts";
export type { ComtradeValues } from "./comtrade/data.ts";
export {
  type CompareOptions,
  type Difference,
  type DifferenceKind,
  differenceKinds,
  findDifferences,
} from "./differences.ts";
export {
  compareStreams,
  type CompareStreamsOptions,
  type Comparison,
  type FirstDifference,
  type StreamComparison,
} from "./compare.ts";
export {
  castWholeNumbers,
  convert,
  type ConvertOptions,
  createTolerantWriter,
  createValueConverter,
} from "./convert.ts";
export {
  type OpenRecording,
  replay,
  type ReplayOptions,
  type ReplayStep,
  type Timing,
  type TimingIssue,
} from "./replay.ts";
export { createSendReport, type SendOptions, type SendReport, sendSteps } from "./send.ts";
export {
  createDigester,
  type Digester,
  type DigestMark,
  type DigestOptions,
  formatDigest,
  type FrameDigest,
  type Frames,
  parseDigest,
} from "./digest.ts";
export { compareDigests, type DigestComparison } from "./digest_compare.ts";
