/**
 * Load of the machine: where it is busy, a measurement of time says more about the machine than about what was measured.
 *
 * @module
 */

import { readProc } from "./proc.ts";

/** Load of the machine's processors over some time, as shares from 0 to 1 of all of them together. */
export interface MachineLoad {
  /** Share of the time that they worked, for any program. */
  busy: number;
  /** Share of the time that the host of this virtual machine gave them to others. */
  stolen: number;
}

/**
 * Starts to watch the load of the machine.
 *
 * @returns A function that returns the load since; undefined where the system does not say: other than Linux, without
 * `--allow-all`, and where no time has passed
 *
 * @see Linux, `Documentation/filesystems/proc.rst`, `/proc/stat`
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { watchMachine } from "@villas/client/system";
 *
 * const load = watchMachine();
 * const { busy = 0 } = load() ?? {};
 * assert(busy >= 0 && busy <= 1);
 * ```
 */
export function watchMachine(): () => MachineLoad | undefined {
  const before = readTimes();
  return () => {
    const after = readTimes();
    if (before === undefined || after === undefined) return undefined;
    const total = after.total - before.total;
    if (total <= 0) return undefined;
    const share = (time: number) => Math.min(1, Math.max(0, time / total));
    return { busy: share(total - (after.idle - before.idle)), stolen: share(after.stolen - before.stolen) };
  };
}

/** Reads the work of all processors since the system started, in ticks of the kernel's clock. */
function readTimes(): { total: number; idle: number; stolen: number } | undefined {
  const line = /^cpu +(.*)$/m.exec(readProc("/proc/stat"))?.[1];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupt = 0, soft = 0, stolen = 0] = line.split(" ")
    .map(Number);
  // The time of guests is already part of the users' time.
  const total = user + nice + system + idle + waiting + interrupt + soft + stolen;
  return { total, idle: idle + waiting, stolen };
}
