/**
 * The files of a command: none that it writes is one that it reads, or that it writes otherwise.
 *
 * @module
 */

import { InputError } from "../../system/input_error.ts";
import type { Command } from "../../terminal/command.ts";

/** A file that a command uses. */
export interface UsedFile {
  /** Path of the file. */
  readonly path: string;
  /** Purpose, as a message names it. */
  readonly purpose: string;
  /** True if it is written. */
  readonly isWritten: boolean;
}

/** Longest chain of symbolic links that is followed, as in Linux. */
const maximumLinks = 40;

/** Paths of the streams of this process. */
const streams = { input: "/dev/stdin", output: "/dev/stdout", log: "/dev/stderr" } as const;

/**
 * Checks that no file that a command writes is one that it reads, or that it writes for another purpose: before anything is
 * opened, because opening a file to write it empties it. Files are the same if the system says so, whatever leads to them:
 * other paths, links, or a stream that the shell has redirected.
 *
 * @param command The command
 * @param values Values of its options
 * @param operands Its operands
 * @param nameOf Names an option as it was given
 * @throws {InputError} If two of them are the same file
 */
export async function checkFiles(
  command: Command,
  values: Readonly<Record<string, unknown>>,
  operands: readonly string[],
  nameOf: (option: string) => string,
): Promise<void> {
  await checkUsedFiles(listFiles(command, values, operands, nameOf));
}

/**
 * Checks that no file that is written is used for another purpose, too.
 *
 * @param files The files; the standard streams are none of them
 * @throws {InputError} If two of them are the same file
 */
export async function checkUsedFiles(files: readonly UsedFile[]): Promise<void> {
  if (files.length === 0) return;
  const log = { path: streams.log, purpose: "standard error", isWritten: true };
  const output = { path: streams.output, purpose: "standard output", isWritten: true };
  const known = new Map<string, UsedFile>();
  // Both streams may go to the same file, as with 2>&1.
  const logIdentity = await identify(log.path);
  for (const file of [output, ...files]) {
    const identity = await identify(file.path);
    if (identity === undefined) continue;
    const other = known.get(identity) ?? (file !== output && identity === logIdentity ? log : undefined);
    if (other !== undefined && (other.isWritten || file.isWritten)) throw conflictOf(other, file);
    known.set(identity, file);
  }
}

/** Lists what the options and operands name; `-` is a stream. */
function listFiles(
  { options, operands: usage, writtenFiles }: Command,
  values: Readonly<Record<string, unknown>>,
  operands: readonly string[],
  nameOf: (option: string) => string,
): UsedFile[] {
  const files: UsedFile[] = [];
  if (/\bFILE/.test(usage)) {
    // A command whose files may be omitted reads standard input then.
    const paths = operands.length === 0 && usage.startsWith("[") ? ["-"] : operands;
    files.push(...paths.map((path) => ({ path, purpose: "an input", isWritten: false })));
  }
  for (const [name, { access }] of Object.entries(options)) {
    const path = values[name];
    if (access === undefined || typeof path !== "string") continue;
    files.push({
      path,
      purpose: access === "read" ? nameOf(name) : `the file of ${nameOf(name)}`,
      isWritten: access === "write",
    });
  }
  for (const { option, path } of writtenFiles?.(values) ?? []) {
    files.push({ path, purpose: `a file of ${nameOf(option)}`, isWritten: true });
  }
  return files
    .filter(({ path, isWritten }) => path !== "-" || !isWritten)
    .map((file) => file.path === "-" ? { ...file, path: streams.input, purpose: "standard input" } : file);
}

function conflictOf(one: UsedFile, other: UsedFile): InputError {
  const [written, kept] = other.isWritten ? [other, one] : [one, other];
  const isStream = written.path === streams.output || written.path === streams.log;
  const target = isStream ? written.purpose : written.path;
  return new InputError(`Cannot write to ${target}: it is also ${kept.purpose}`);
}

/**
 * Returns what tells a file from all others: device and inode, or the path where it would be created. Undefined for what
 * may well be used twice, such as a terminal, a pipe or /dev/null, and where Deno may not look.
 */
async function identify(path: string): Promise<string | undefined> {
  try {
    if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return undefined;
    const { isFile, dev, ino } = await Deno.stat(path);
    if (!isFile) return undefined;
    return ino === null ? await Deno.realPath(path) : `${dev}:${ino}`;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? await identifyMissing(path) : undefined;
  }
}

/** Returns the path at which opening a file to write it would create it: links are followed, whether or not they lead anywhere. */
async function identifyMissing(path: string): Promise<string | undefined> {
  let target = path;
  try {
    for (let links = 0; links < maximumLinks; links++) {
      const [, folder = "", name = ""] = /^(.*[\\/])?([^\\/]+)$/s.exec(target) ?? [];
      const parent = await Deno.realPath(folder === "" ? "." : folder);
      const place = `${parent}/${name}`;
      const link = await Deno.readLink(place).catch(() => undefined);
      if (link === undefined) return place;
      target = /^([\\/]|[A-Za-z]:)/.test(link) ? link : `${parent}/${link}`;
    }
  } catch {
    // There is no such folder: opening the file will say so.
  }
  return undefined;
}
