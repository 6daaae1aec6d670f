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
  return await readStatus(pid, "VmRSS");
}

/**
 * Reads the resident memory of a process that is its own: without the pages of its executable and other files, which the
 * system loads and drops as it likes.
 *
 * @param pid The process
 * @returns The memory, in MB
 *
 * @see proc(5), `/proc/[pid]/status`: `RssAnon`
 */
export async function readOwnMemory(pid: number): Promise<number> {
  return await readStatus(pid, "RssAnon");
}

async function readStatus(pid: number, name: string): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}
