/**
 * Files of samples: reading, converting, comparing, replaying and sending them, and digests of what is in them. The formats of the files are those of the
 * datagrams, and belong to the formats.
 *
 * @module
 */

export { formatForPath, readBatches, type ReadOptions, readSamples } from "./files.ts";
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
