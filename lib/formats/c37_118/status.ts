/**
 * STAT, the 16 bits that each PMU gives with its data.
 *
 * @module
 */

/** STAT of a PMU, in the words of the standard. */
export interface PmuStatus {
  /**
   * `"none"` for good data, `"pmu"` for an error of the PMU without more information, `"test"` for data of a test mode or
   * absent data, `"unusable"` for an error that forbids to use the values.
   */
  readonly dataError: "none" | "pmu" | "test" | "unusable";
  /** True if the PMU is in sync with a source of UTC. */
  readonly isSynchronized: boolean;
  /** True if data is sorted by its arrival at a PDC, false if by its time. */
  readonly isSortedByArrival: boolean;
  /** Reason of the trigger that was detected; undefined without one. */
  readonly trigger: TriggerReason | undefined;
  /** True if the configuration will change within a minute, or has just changed. */
  readonly isConfigurationChanging: boolean;
  /** True if the data was modified on its way, as by a PDC that fills gaps. */
  readonly isModified: boolean;
  /** The most that the time may be off, in seconds; undefined where the PMU does not say (version 1 has no such bits). */
  readonly maximumTimeError: number | undefined;
  /** The least time since the clock lost its source, in seconds: 0 where it is locked, or lost it less than 10 s ago. */
  readonly unlockedFor: 0 | 10 | 100 | 1000;
}

/** Reason of a trigger, or the number of one that the standard leaves to the user. */
export type TriggerReason =
  | "manual"
  | "magnitude low"
  | "magnitude high"
  | "phase angle"
  | "frequency"
  | "rocof"
  | "digital"
  | number;

const dataErrors = ["none", "pmu", "test", "unusable"] as const;
const unlockedTimes = [0, 10, 100, 1000] as const;
/** By bits 6 to 8; the last one is an error above 10 ms, or one that is not known. */
const timeErrors = [undefined, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, Infinity] as const;
/** By bits 0 to 3. */
const triggers: readonly TriggerReason[] = [
  ...["manual", "magnitude low", "magnitude high", "phase angle", "frequency", "rocof"] as const,
  ...[6, "digital"] as const,
];

/** The bit of STAT that says that the configuration changes. */
export const configurationChangeBit = 0x0400;

/** The bits of STAT that say that data is wrong or absent. */
export const dataErrorBits = 0xc000;

/** The data error of absent data and of a test mode. */
export const absentDataBits = 0x8000;

/**
 * Decodes STAT.
 *
 * @param stat The 16 bits
 * @returns What they say
 *
 * @see IEEE C37.118.2-2011, table 7. VILLASnode 1.2 has five of the bits one place lower (`lib/nodes/c37_118.cpp`): it sends
 * none of them, and ignores those that it receives
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeStatus } from "@villas/client/c37_118";
 *
 * assertEquals(decodeStatus(0).dataError, "none");
 * const status = decodeStatus(0xec74);
 * assertEquals([status.dataError, status.isSynchronized, status.trigger], ["unusable", false, "frequency"]);
 * assertEquals([status.maximumTimeError, status.unlockedFor], [1e-7, 1000]);
 * ```
 */
export function decodeStatus(stat: number): PmuStatus {
  const reason = stat & 0x0f;
  return {
    dataError: dataErrors[stat >> 14 & 3] ?? "none",
    isSynchronized: (stat & 0x2000) === 0,
    isSortedByArrival: (stat & 0x1000) !== 0,
    trigger: (stat & 0x0800) === 0 ? undefined : triggers[reason] ?? reason,
    isConfigurationChanging: (stat & configurationChangeBit) !== 0,
    isModified: (stat & 0x0200) !== 0,
    maximumTimeError: timeErrors[stat >> 6 & 7],
    unlockedFor: unlockedTimes[stat >> 4 & 3] ?? 0,
  };
}
