/**
 * What VILLASnode's websocket node takes: paths such as `/NODE` or `/NODE.FORMAT`, and messages up to some size.
 *
 * @module
 */

/** Format of a path that names none, as in VILLASnode. */
export const defaultWebSocketFormat = "villas.web";

/** The longest path that a VILLASnode takes, in bytes (`lib/nodes/websocket.cpp`). */
export const maximumPathLength = 63;

/** The longest message, in bytes: VILLASnode is known to take it. */
export const maximumMessage = 1024 * 1024;

/** The largest number of samples in a message that a VILLASnode takes; it drops the others silently. */
export const maximumSamples = 128;

/** Formats of VILLASnode whose messages are text, and travel in text frames. */
const textFormats: readonly string[] = [
  "json",
  "json.kafka",
  "json.edgeflex",
  "json.reserve",
  "villas.human",
  "csv",
  "tsv",
  "value",
  "iotagent_ul",
];

/** Parts of a path. */
export interface NodePath {
  /** Name of the node, or of what the server calls so. */
  readonly node: string;
  /** Name of the format, where the path names one. */
  readonly format: string | undefined;
}

/**
 * Splits a path: the format is what follows the first dot.
 *
 * @param path The path, without the slash that it begins with; a query is left out
 */
export function splitPath(path: string): NodePath {
  const [name = ""] = path.split("?");
  const dot = name.indexOf(".");
  return dot < 0 ? { node: name, format: undefined } : { node: name.slice(0, dot), format: name.slice(dot + 1) };
}

/** Returns whether messages of the format that a path names are text. */
export function isTextPath(path: string): boolean {
  return isTextFormat(splitPath(path).format ?? defaultWebSocketFormat);
}

/** Returns whether messages of a format are text. */
export function isTextFormat(format: string): boolean {
  return textFormats.includes(format);
}
