/**
 * The file of a unix socket: whether somebody listens on it, whose it is, and when it may be removed.
 *
 * @module
 */

import { explainOpening } from "./_listen.ts";

/** State of a path: nothing there, not a socket, the stale file of a process that has ended, or a socket in use. */
export type SocketFileState = "absent" | "other" | "stale" | "live";

/**
 * Finds out the state of a unix socket's file.
 *
 * A stream connection tells without disturbing the listener of a datagram socket: the kernel refuses it because of the
 * wrong type where somebody has the socket open, and because nobody is there where not.
 */
export async function inspectSocketFile(path: string): Promise<SocketFileState> {
  try {
    const { isSocket } = await Deno.stat(path);
    // Deno does not know of sockets on Windows, which has no datagram sockets of this kind.
    if (isSocket === false) return "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "absent";
    throw error;
  }
  try {
    const connection = await Deno.connect({ transport: "unix", path });
    connection.close();
    return "live";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "absent";
    if (error instanceof Deno.errors.ConnectionRefused) return "stale";
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) throw error;
    return "live"; // EPROTOTYPE: it has another type than stream
  }
}

/**
 * Removes the stale file of a socket.
 *
 * @throws {Deno.errors.AddrInUse} If the path is taken by anything else
 */
export async function removeStaleSocket(path: string, address: string): Promise<void> {
  try {
    const before = identify(path);
    const state = before === undefined ? "absent" : await inspectSocketFile(path);
    if (state === "live") throw new Deno.errors.AddrInUse("another process listens on it");
    if (state === "other") throw new Deno.errors.AddrInUse("its file is not a socket");
    if (state === "stale") removeUnchanged(path, before);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return; // another process has removed it
    if (error instanceof Deno.errors.AddrInUse) {
      throw new Deno.errors.AddrInUse(`Cannot open ${address}: ${error.message}`);
    }
    throw explainOpening(error, address);
  }
}

/** Returns whether two paths lead to the same file; false where Deno may not look. */
export async function isSameFile(path: string, other: string): Promise<boolean> {
  try {
    for (const name of [path, other]) {
      if ((await Deno.permissions.query({ name: "read", path: name })).state !== "granted") return false;
    }
    const [one, two] = await Promise.all([Deno.stat(path), Deno.stat(other)]);
    return one.ino !== null && one.ino === two.ino && one.dev === two.dev;
  } catch {
    return false; // one of them is not there
  }
}

/** The file of a socket that this process has opened. */
export interface OwnSocketFile {
  /**
   * Removes the file, unless another one has taken its place. It must be called while the socket is open: the kernel
   * keeps the file's number as long, so that no new file can have the same.
   */
  remove(): void;
}

/** Remembers the file of a socket that has just been opened. */
export function rememberSocketFile(path: string): OwnSocketFile {
  const own = identify(path);
  return {
    remove() {
      try {
        removeUnchanged(path, own);
      } catch {
        // Its folder has gone or is not ours to change: closing has done what it can.
      }
    },
  };
}

/**
 * Removes a file unless another process has replaced it since. Nothing of ours runs between the look and the removal:
 * what is left of the race are the microseconds between two system calls.
 */
function removeUnchanged(path: string, before: Deno.FileInfo | undefined): void {
  if (isSame(before, identify(path))) Deno.removeSync(path);
}

function identify(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Returns whether two looks at a path saw the same file: a new file may have the number of one that was removed. */
function isSame(before: Deno.FileInfo | undefined, after: Deno.FileInfo | undefined): boolean {
  return before !== undefined && after !== undefined && before.dev === after.dev && before.ino === after.ino &&
    before.birthtime?.getTime() === after.birthtime?.getTime() && before.mtime?.getTime() === after.mtime?.getTime();
}
