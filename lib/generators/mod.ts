/**
 * Signal generators: the waveforms of VILLASnode's node type `signal.v2`, and samples of them at a rate. Sending the
 * samples belongs to the client, and reading them from files to the recordings.
 *
 * @module
 */

export {
  createWaveforms,
  type GeneratedSignal,
  randomSeed,
  type Shape,
  shapes,
  toSignalList,
  type Waveform,
  type WaveformOptions,
} from "./waveform.ts";
export { createSampler, generate, type GenerateOptions, type SamplerOptions } from "./generate.ts";
export { parseGeneratedSignal } from "./parse.ts";
