/**
 * Signal generators: the waveforms of VILLASnode's `signal.v2` node, and samples of them at a rate.
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
