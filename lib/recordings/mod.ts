/**
 * Files of samples: reading, writing, converting, comparing, replaying and sending them, digests of what is in them, and the
 * samples around events. The formats of the datagrams, which are those of files, too, belong to the formats; those of the
 * files of other tools are here.
 *
 * @module
 */

export { readBatches, readSamples } from "./files.ts";
export type { CreateOptions, FileFormat, ReadOptions, RecordingReader, RecordingWriter } from "./file_format.ts";
export { excerpt, type ExcerptOptions, type TimePoint } from "./excerpt.ts";
export {
  align,
  type Alignment,
  type AlignmentCounters,
  type AlignOptions,
  type UnalignedRecording,
} from "./alignment/align.ts";
export type { OrderCounters } from "./alignment/in_order.ts";
export { type InterpolationMethod, interpolationMethods } from "./alignment/interpolate.ts";
export { type NamedRecording, nameJoinedSignals } from "./alignment/joined_names.ts";
export { parseSampleRate, type SampleRate } from "./alignment/rate.ts";
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
export { EventCondition } from "./trigger/condition.ts";
export { type EventPart, EventWindow, type EventWindowOptions } from "./trigger/event_window.ts";
export { type Comparison as ConditionOperator, type Expression, parseExpression } from "./trigger/expression.ts";
export { compareDigests, type DigestComparison } from "./digest_compare.ts";
