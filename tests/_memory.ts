/**
 * The memory of processes, as Linux counts it.
 *
 * @module
 */

/**
 * Reads the resident memory of a process.
 *
 * @param pid The process
 * @returns The memory, in MB
 *
 * @see proc(5), `/proc/[pid]/status`: `VmRSS`
 */
export async function readMemory(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
