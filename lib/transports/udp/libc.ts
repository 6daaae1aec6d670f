/**
 * Functions of Linux's C library that Deno has no counterpart of: many datagrams per call, options of a socket.
 *
 * All of them return at once, so that no other thread ever touches the memory that they are given.
 *
 * @module
 */

/** Name of the GNU C library, which the system's loader finds. */
const libcName = "libc.so.6";

const socketDefinitions = {
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const messageDefinitions = {
  recvmmsg: { parameters: ["i32", "buffer", "u32", "i32", "pointer"], result: "i32" },
  sendmmsg: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  // Lengths of datagrams fit into 32 bits of what these return.
  recvfrom: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "buffer"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions of libc that find a socket and set it up. */
export type Libc = Deno.DynamicLibrary<typeof socketDefinitions>["symbols"];

/** The functions of libc that move datagrams. */
export type MessageCalls = Deno.DynamicLibrary<typeof messageDefinitions>["symbols"];

/** The loaded functions, which stay: each takes a third of a millisecond, and memory that Deno does not give back. */
let loaded: Libc | undefined;
let loadedCalls: MessageCalls | undefined;

/**
 * Loads libc, and asks the user for nothing.
 *
 * @throws {Deno.errors.NotSupported} If that is not possible; the message says what is missing
 */
export function loadLibc(): Libc {
  const { os, arch } = Deno.build;
  if (os !== "linux") throw new Deno.errors.NotSupported("it runs on Linux only");
  // The layouts and numbers of these files are those of both; others have not been tried.
  if (arch !== "x86_64" && arch !== "aarch64") throw new Deno.errors.NotSupported("it runs on x86-64 and ARM64 only");
  // A part of this permission, for one library, does not do: Deno takes its name for a file in the working directory.
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    throw new Deno.errors.NotSupported("it needs the permission --allow-ffi");
  }
  try {
    return loaded ??= Deno.dlopen(libcName, socketDefinitions).symbols;
  } catch (error) {
    // Such as Alpine Linux, whose libc is musl.
    const words = (error as Error).message.split("\n")[0];
    throw new Deno.errors.NotSupported(`it needs the GNU C library (${words})`, { cause: error });
  }
}

/** Loads what moves datagrams: after {@linkcode loadLibc}, and when the first one is due, which a socket need not wait for. */
export function loadMessageCalls(): MessageCalls {
  return loadedCalls ??= Deno.dlopen(libcName, messageDefinitions).symbols;
}

/** Options of a socket, by their numbers (`socket(7)`, `asm-generic/socket.h`). */
export const socketOption = { receiveBuffer: 8, receiveBufferForce: 33, memory: 55, cookie: 57 } as const;

/** Level of these options (`SOL_SOCKET`). */
const socketLevel = 1;

/** Reads an option; undefined if the socket does not have it, or the descriptor is not a socket. */
export function readOption(libc: Libc, socket: number, option: number, words: number): Uint32Array | undefined {
  const value = new Uint32Array(words);
  const length = new Uint32Array([value.byteLength]);
  return libc.getsockopt(socket, socketLevel, option, value, length) === 0 ? value : undefined;
}

/** Returns the index of a network interface; 0 if there is none of this name. Few addresses need it: it is loaded here. */
export function findInterface(name: string): number {
  const library = Deno.dlopen(libcName, { if_nametoindex: { parameters: ["buffer"], result: "u32" } });
  const index = library.symbols.if_nametoindex(new TextEncoder().encode(`${name}\0`));
  library.close();
  return index;
}

/** Returns the number of processors that are online, whatever of them this process may use (`get_nprocs(3)`). */
export function countProcessors(): number {
  const library = Deno.dlopen(libcName, { get_nprocs: { parameters: [], result: "i32" } });
  const count = library.symbols.get_nprocs();
  library.close();
  return count;
}

/** Sets an option to a number; returns whether the system did. */
export function writeOption(libc: Libc, socket: number, option: number, value: number): boolean {
  return libc.setsockopt(socket, socketLevel, option, new Uint32Array([value]), 4) === 0;
}
