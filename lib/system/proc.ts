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

/** Number of times that a table of sockets is read which does not list the one that is looked for. */
const tableReadings = 8;

/**
 * Finds sockets in a table of the system.
 *
 * The system hands a table over in pieces, and its rows move while sockets come and go: one may be missing in a reading, or
 * be there twice. So a table without the socket is read again, and a socket counts once.
 *
 * @param table Name of the table in /proc/net
 * @param isWanted Tells whether a row is that of a socket that is looked for, by its columns
 * @returns The columns of their rows; the last one of `unix` is the rest of the row
 */
export function findSockets(
  table: "udp" | "udp6" | "unix",
  isWanted: (columns: readonly string[]) => boolean,
): readonly string[][] {
  const inodeColumn = table === "unix" ? 6 : 9;
  for (let reading = 0; reading < tableReadings; reading++) {
    const text = readProc(`/proc/net/${table}`);
    if (text === "") break;
    const rows = text.split("\n").map(table === "unix" ? splitUnixRow : splitRow).filter(isWanted);
    if (rows.length > 0) return [...new Map(rows.map((columns) => [columns[inodeColumn], columns])).values()];
  }
  return [];
}

function splitRow(line: string): string[] {
  return line.trim().split(/\s+/);
}

/** Takes a row apart whose last column is a path, which may have spaces. */
function splitUnixRow(line: string): string[] {
  return /^\s*(\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\s+(\d+)(?: (.*))?$/.exec(line)?.slice(1).map((text) => text ?? "") ??
    [];
}

/** Lists the inodes of the UDP sockets of a port. */
function findUdpSockets(address: string): (string | undefined)[] {
  const port = /:(\d+)$/.exec(address)?.[1];
  if (port === undefined) return [];
  const end = `:${Number(port).toString(16).toUpperCase().padStart(4, "0")}`;
  const isWanted = ([, local = ""]: readonly string[]) => local.endsWith(end);
  return [...findSockets("udp", isWanted), ...findSockets("udp6", isWanted)].map((columns) => columns[9]);
}

/** Lists the inodes of the unix sockets of a path. */
function findUnixSockets(path: string): (string | undefined)[] {
  return findSockets("unix", (columns) => columns[7] === path).map((columns) => columns[6]);
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
