/**
 * Reasons of system errors, in words of this project: the one table for files, sockets and standard output.
 *
 * @module
 */

/** The class of an error of the system. */
type ErrorClass = new (message: string, options?: ErrorOptions) => Error;

/**
 * A purpose that changes a reason: where a file or a socket is to be created, it is the folder that does not exist.
 */
export type SystemPurpose = "open" | "create";

/** An error of the system: its code (POSIX `errno.h`), its class where Deno has one, and its reason. */
interface SystemReason {
  readonly code: string;
  readonly errorClass?: ErrorClass;
  readonly reason: string;
  /** The reason where something is to be created, if that is another one. */
  readonly creating?: string;
}

const reasons: readonly SystemReason[] = [
  {
    code: "ENOENT",
    errorClass: Deno.errors.NotFound,
    reason: "there is no such file or folder",
    creating: "there is no such folder",
  },
  { code: "EACCES", errorClass: Deno.errors.PermissionDenied, reason: "the system denies permission" },
  { code: "EPERM", errorClass: Deno.errors.PermissionDenied, reason: "the system denies permission" },
  { code: "EISDIR", errorClass: Deno.errors.IsADirectory, reason: "it is a folder" },
  { code: "ENOTDIR", errorClass: Deno.errors.NotADirectory, reason: "a part of the path is not a folder" },
  { code: "ENOSPC", reason: "the disk is full" },
  { code: "EDQUOT", reason: "the disk quota of this user is used up" },
  { code: "EFBIG", reason: "the file would be larger than the system allows" },
  { code: "EROFS", reason: "the file system is read-only" },
  { code: "EIO", reason: "the device reports a fault" },
  { code: "ELOOP", errorClass: Deno.errors.FilesystemLoop, reason: "its symbolic links go round in a circle" },
  { code: "ENAMETOOLONG", reason: "the name is too long for the file system" },
  { code: "ETXTBSY", reason: "it is a program that is running" },
  { code: "EMFILE", reason: "this process has as many files open as the system allows it" },
  { code: "ENFILE", reason: "as many files are open as the system allows" },
  { code: "EADDRINUSE", errorClass: Deno.errors.AddrInUse, reason: "the address is in use" },
  { code: "EMSGSIZE", reason: "the datagram is longer than the network takes" },
  { code: "ENOBUFS", reason: "the system has no memory left for what is sent" },
  {
    code: "EADDRNOTAVAIL",
    errorClass: Deno.errors.AddrNotAvailable,
    reason: "this machine does not have this address",
  },
];

function findReason(error: Error): SystemReason | undefined {
  const { code } = error as Error & { code?: unknown };
  return reasons.find((entry) => entry.code === code) ??
    reasons.find(({ errorClass }) => errorClass !== undefined && error instanceof errorClass);
}

/**
 * Describes the reason of a system error, as the end of a sentence such as `Cannot open run.csv: ...`.
 *
 * @param error The error; one that the table does not know keeps its own message, without the number of the system
 * @param purpose `"create"` where a file or a socket was to be created; default `"open"`
 * @returns The reason
 *
 * @see POSIX.1-2017, `errno.h`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeSystemError } from "@villas/client/system";
 *
 * const error = await Deno.open("/no/such/file").catch((error) => error);
 * assertEquals(describeSystemError(error), "there is no such file or folder");
 * assertEquals(describeSystemError(error, "create"), "there is no such folder");
 * ```
 */
export function describeSystemError(error: unknown, purpose: SystemPurpose = "open"): string {
  if (!(error instanceof Error)) return String(error);
  const found = findReason(error);
  if (found === undefined) return error.message.replace(/ \(os error \d+\).*$/s, "");
  return purpose === "create" ? found.creating ?? found.reason : found.reason;
}

/**
 * Explains a system error: the same error with a message that says what failed, then why.
 *
 * @param error The error. What is not an `Error` is returned as it is, and so is a missing permission of Deno, whose own
 * message names the flag to give
 * @param action The beginning of the message, such as `"Cannot open run.csv"`
 * @param purpose `"create"` where a file or a socket was to be created; default `"open"`
 * @returns An error of the same class of `Deno.errors`, or an `Error` where the table does not know it
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { explainSystemError } from "@villas/client/system";
 *
 * const error = await Deno.open("/no/such/file").catch((error) => explainSystemError(error, "Cannot open the log"));
 * assertEquals(String(error), "NotFound: Cannot open the log: there is no such file or folder");
 * ```
 */
export function explainSystemError(error: unknown, action: string, purpose: SystemPurpose = "open"): unknown {
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  const ExplainedError = findReason(error)?.errorClass ?? Error;
  return new ExplainedError(`${action}: ${describeSystemError(error, purpose)}`, { cause: error });
}
