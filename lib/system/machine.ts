/**
 * How busy the machine is: what may make a measurement of time tell more about the machine than about what was measured.
 *
 * @module
 */

import { readProc } from "./proc.ts";

/** What the machine's processors did for some time, as shares of 0 to 1 of all of them together. */
export interface MachineLoad {
  /** How long they worked, for any program. */
  busy: number;
  /** How long they were not there because the host of this virtual machine gave them to others. */
  stolen: number;
}

/**
 * Begins to watch how busy the machine is.
 *
 * @returns A function that says how busy it has been since; undefined where the system does not tell: other than Linux,
 * without `--allow-all`, and where no time has passed
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

/** What all processors have done since the system started, in ticks of the kernel's clock. */
function readTimes(): { total: number; idle: number; stolen: number } | undefined {
  const line = /^cpu +(.*)$/m.exec(readProc("/proc/stat"))?.[1];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupt = 0, soft = 0, stolen = 0] = line.split(" ")
    .map(Number);
  // Time of guests is part of the users' time already.
  const total = user + nice + system + idle + waiting + interrupt + soft + stolen;
  return { total, idle: idle + waiting, stolen };
}
