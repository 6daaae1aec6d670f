/**
 * Information of Linux about itself and its processes, as far as it may be read.
 *
 * @module
 */

/**
 * Reads a file of /proc.
 *
 * @param path Path of the file
 * @returns Its text; empty where it cannot be read, or only after a question to the user (Deno wants `--allow-all` for
 * most of these files)
 */
export function readProc(path: string): string {
  try {
    const { state } = Deno.permissions.querySync({ name: "read", path });
    return state === "granted" ? Deno.readTextFileSync(path) : "";
  } catch {
    return ""; // another system, or a permission that does not cover this file
  }
}

/**
 * Tells whether this process may read from its terminal: one in the background is stopped by the system when it does.
 *
 * @returns False only where the system says so
 *
 * @see proc(5), `/proc/[pid]/stat`: `pgrp` and `tpgid`
 */
export function isInForeground(): boolean {
  // The name of the program, in brackets, may have spaces.
  const fields = readProc("/proc/self/stat").split(")").at(-1)?.trim().split(" ") ?? [];
  const [, , group, , , foreground] = fields;
  return foreground === undefined || foreground === group;
}

/**
 * Finds the process that holds a datagram address of this machine.
 *
 * /proc/net/udp, udp6 and unix list the sockets with their inodes, and the folder of a process has a link to each of its
 * sockets.
 *
 * @param address The address: a path behind `unix:`, or text that ends in `:PORT`
 * @returns Name and id of the process; undefined where the system does not say or may not be asked
 *
 * @see Linux, `Documentation/networking/proc_net_tcp.rst`; `proc(5)`, `/proc/net/unix`
 */
export function findAddressHolder(address: string): string | undefined {
  const inodes = address.startsWith("unix:") ? findUnixSockets(address.slice("unix:".length)) : findUdpSockets(address);
  if (inodes.length === 0) return undefined;
  try {
    for (const { name: id } of Deno.readDirSync("/proc")) {
      if (/^\d+$/.test(id) && hasSocket(id, inodes)) return `${readProc(`/proc/${id}/comm`).trim()} (process ${id})`;
    }
  } catch {
    // Processes may be hidden from this user.
  }
  return undefined;
}

/** Lists the inodes of the UDP sockets of a port. */
function findUdpSockets(address: string): (string | undefined)[] {
  const port = /:(\d+)$/.exec(address)?.[1];
  if (port === undefined) return [];
  const key = Number(port).toString(16).toUpperCase().padStart(4, "0");
  const lines = `${readProc("/proc/net/udp")}\n${readProc("/proc/net/udp6")}`.split("\n").map((line) => line.trim());
  return lines.map((line) => line.split(/\s+/)).filter(([, local]) => local?.endsWith(`:${key}`))
    .map((columns) => columns[9]);
}

/** Lists the inodes of the unix sockets of a path. */
function findUnixSockets(path: string): (string | undefined)[] {
  return readProc("/proc/net/unix").split("\n").filter((line) => line.endsWith(` ${path}`))
    .map((line) => line.trim().split(/\s+/)[6]);
}

function hasSocket(id: string, inodes: readonly (string | undefined)[]): boolean {
  try {
    for (const { name } of Deno.readDirSync(`/proc/${id}/fd`)) {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${id}/fd/${name}`)) ?? [];
      if (inode !== undefined && inodes.includes(inode)) return true;
    }
  } catch {
    // It has ended, or belongs to another user.
  }
  return false;
}

function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
}
