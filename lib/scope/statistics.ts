/**
 * Figures of a channel over a window, which stand beside its name.
 *
 * @module
 */

import type { SampleHistory } from "./history.ts";
import type { ChannelStatistics } from "./protocol.ts";

/**
 * Measures a channel over the samples `from` to, but not including, `to`.
 *
 * @param history The samples
 * @param channel Index of the channel
 * @param from Number of the first sample
 * @param to Number behind the last sample
 * @returns The figures; null where there is no number
 */
export function measureChannel(history: SampleHistory, channel: number, from: number, to: number): ChannelStatistics {
  const { min, max, sum, squares, count } = history.summarize(channel, from, to);
  const newest = history.end - 1;
  const last = history.end > history.first ? history.valueAt(channel, newest) : NaN;
  const or = (value: number) => count === 0 ? null : value;
  const statistics = {
    last: Number.isFinite(last) ? last : null,
    min: or(min),
    max: or(max),
    mean: or(sum / count),
    rms: or(Math.sqrt(squares / count)),
  };
  const isLarge = [last, min, max].some((value) => Number.isFinite(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER);
  if (history.channels[channel]?.type !== "integer" || !isLarge) return statistics;
  const [smallest, largest] = history.integerRange(channel, from, to) ?? [];
  const texts = Object.entries({ last: history.integerAt(channel, newest), min: smallest, max: largest })
    .flatMap(([figure, value]) => value === undefined ? [] : [[figure, String(value)]]);
  return { ...statistics, integers: Object.fromEntries(texts) };
}
