/**
 * Finds out which process has a UDP port, where Linux tells.
 *
 * @module
 */

import { readProc } from "./proc.ts";

/**
 * The process that has a UDP port of this machine.
 *
 * The sockets are in /proc/net/udp and udp6 with their inodes, and a process's folder links to the sockets that it has.
 *
 * @param address The address of the port
 * @returns Name and id of the process; undefined where the system does not tell or may not be asked
 */
export function findPortHolder(address: string): string | undefined {
  const port = /:(\d+)$/.exec(address)?.[1];
  if (port === undefined) return undefined;
  const key = Number(port).toString(16).toUpperCase().padStart(4, "0");
  const lines = `${readProc("/proc/net/udp")}\n${readProc("/proc/net/udp6")}`.split("\n").map((line) => line.trim());
  const inodes = lines.map((line) => line.split(/\s+/)).filter(([, local]) => local?.endsWith(`:${key}`))
    .map((columns) => columns[9]);
  if (inodes.length === 0) return undefined;
  try {
    for (const { name: id } of Deno.readDirSync("/proc")) {
      if (/^\d+$/.test(id) && hasSocket(id, inodes)) return `${readProc(`/proc/${id}/comm`).trim()} (process ${id})`;
    }
  } catch {
    // Not for us to see.
  }
  return undefined;
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
