/**
 * Tells whether the file of a unix socket is there and whether somebody listens on it.
 *
 * @module
 */

/**
 * What stands at a path: nothing, something else than a socket, the file that a dead process left, or a socket that
 * somebody has open.
 */
export type SocketFileState = "absent" | "other" | "stale" | "live";

/**
 * Looks at the file of a unix socket.
 *
 * A stream connection tells without disturbing the listener of a datagram socket: the kernel refuses it because of the
 * wrong type where somebody has the socket open, and because nobody is there where not.
 */
export async function inspectSocketFile(path: string): Promise<SocketFileState> {
  try {
    const { isSocket } = await Deno.lstat(path);
    // Deno does not know of sockets on Windows, which has no datagram sockets of this kind.
    if (isSocket === false) return "other";
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
