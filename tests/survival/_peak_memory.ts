/**
 * The most memory that a process has had, as Linux counts it.
 *
 * @module
 */

/** Time between two looks, in milliseconds; what the process had at most before the last one counts. */
const interval = 20;

/**
 * Follows a process to its end.
 *
 * @param pid Its number
 * @returns The most memory that was resident, in bytes
 */
export async function followPeakMemory(pid: number): Promise<number> {
  for (let peak = 0;;) {
    const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
    // A process that has ended has no memory any more.
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(status) ?? [];
    if (kilobytes === undefined) return peak;
    peak = Number(kilobytes) * 1024;
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
