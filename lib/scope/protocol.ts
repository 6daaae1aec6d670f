/**
 * The messages between the server and its page: JSON from the page and about it, and rows of float64 for pictures.
 *
 * The page asks for each picture, and asks for the next one when it has drawn that: so a slow page gets fewer, and never has
 * one waiting.
 *
 * @module
 */

import type { Channel } from "./channels.ts";
import type { TimeBase } from "./history.ts";
import type { ReductionMode } from "./reduction.ts";
import type { TriggerSettings, TriggerState } from "./trigger.ts";

/** The sub-protocol of the WebSocket: browsers refuse a server that does not pick the offered one. */
export const subprotocol = "villas-scope.1";

/** A link or a file to look at, as the page knows it. */
export interface SourceDescription {
  /** Name: the address of a link, or the path of a file. */
  readonly name: string;
  /** True if samples may still come. */
  readonly isLive: boolean;
  /** Number of times that it began anew; rows of earlier runs are void. */
  readonly run: number;
  /** The columns. */
  readonly channels: readonly Channel[];
  /** Seconds since 1970 from which the times are counted. */
  readonly epochs: Readonly<Record<TimeBase, number>>;
  /** The most samples that are kept; 0 while the signals are not known. */
  readonly capacity: number;
  /** The most bytes that they take. */
  readonly memory: number;
}

/** A control of the page: a value that is sent to the node. */
export interface Control {
  /** Name of the signal. */
  readonly name: string;
  /** Type of the signal. */
  readonly type: "float" | "integer" | "boolean";
  /** Range of a slider; a field without one. */
  readonly range?: readonly [from: number, to: number];
  /** Value in the beginning; a boolean is 0 or 1. */
  readonly value: number;
}

/** The first message of the server, which comes again when something in it changes. */
export interface HelloMessage {
  readonly type: "hello";
  /** Version of the server: a page of another one loads itself again. */
  readonly version: string;
  /** The links or files. */
  readonly sources: readonly SourceDescription[];
  /** Values that can be sent; undefined where nothing can. */
  readonly controls?: readonly Control[];
  /** A view to begin with, as `--view` gives it. */
  readonly view?: unknown;
}

/** The state of the controls. */
export interface ControlsMessage {
  readonly type: "controls";
  /** Their values, in order. */
  readonly values: readonly number[];
  /** Number of times that values were set elsewhere than in a page. */
  readonly revision: number;
  /** Holder: this page, another one, or nobody. */
  readonly holder: "you" | "other" | "nobody";
  /** Samples sent so far. */
  readonly sent: number;
  /** The last reason why a sample was not sent. */
  readonly refusal?: string;
}

/** Figures of a link over the last part of a second. */
export interface LinkFigures {
  /** Time of the figures, in seconds since the server began. */
  readonly time: number;
  /** Samples per second. */
  readonly rate: number;
  /** Mean time from origin to reception, in seconds; NaN (null) where it is not known. */
  readonly delay: number | null;
  /** Jitter of that time, in seconds. */
  readonly jitter: number | null;
  /** Samples missing so far. */
  readonly missing: number;
  /** Datagrams refused so far. */
  readonly refused: number;
}

/** A datagram that could not be decoded. */
export interface RefusedDatagram {
  /** Time of day, in milliseconds since 1970. */
  readonly time: number;
  /** The reason. */
  readonly reason: string;
  /** Its first bytes, in hexadecimal. */
  readonly bytes: string;
  /** Its length in bytes. */
  readonly length: number;
}

/** Figures of the link that are new. */
export interface LinkMessage {
  readonly type: "link";
  /** The figures, in the order of time. */
  readonly figures: readonly LinkFigures[];
  /** The last datagram that was refused. */
  readonly refusal?: RefusedDatagram;
  /** The reason, if the link has ended. */
  readonly ended?: string;
}

/** A message of text from the server. */
export type ServerMessage = HelloMessage | ControlsMessage | LinkMessage;

/** The window of a picture: the last seconds, or a part of the history. */
export type WindowRequest = { readonly span: number } | { readonly from: number; readonly to: number };

/** A request for a picture. */
export interface PictureRequest {
  readonly type: "picture";
  /** Number that the answer has. */
  readonly id: number;
  /** Index of the source. */
  readonly source: number;
  readonly timebase: TimeBase;
  /** Indices of the channels. */
  readonly channels: readonly number[];
  readonly window: WindowRequest;
  /** Pixels that the window takes. */
  readonly pixels: number;
  /** Mode and mark of the rows that the page has. */
  readonly mode?: ReductionMode | undefined;
  readonly cursor?: number | undefined;
  /** Shows the pictures of a trigger instead of the last seconds. */
  readonly trigger?: TriggerSettings | undefined;
  /** Indices of the channels whose figures over the window are asked for, too. */
  readonly statistics: readonly number[];
}

/** A request for samples as they are, the last ones of a window, for the views that need all of them. */
export interface SamplesRequest {
  readonly type: "samples";
  readonly id: number;
  readonly source: number;
  readonly timebase: TimeBase;
  readonly channels: readonly number[];
  readonly window: WindowRequest;
  /** The most samples. */
  readonly limit: number;
}

/** A message of the page. */
export type PageMessage =
  | PictureRequest
  | SamplesRequest
  | { readonly type: "arm" }
  | { readonly type: "hold"; readonly holds: boolean }
  | { readonly type: "set"; readonly values: readonly number[]; readonly revision?: number };

/** Figures of a channel over the window. */
export interface ChannelStatistics {
  /** The last value. */
  readonly last: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Root of the mean square. */
  readonly rms: number | null;
  /** Integers of the figures above with all their digits, where one is beyond the 2^53 up to which numbers hold them. */
  readonly integers?: { readonly [figure in "last" | "min" | "max"]?: string };
}

/** The head of an answer with rows. */
export interface RowsHead {
  /** Number of the request. */
  readonly id: number;
  readonly run: number;
  readonly mode: ReductionMode;
  readonly cursor: number;
  /** Rows of earlier answers from this time on are replaced; null where all are. */
  readonly replacesFrom: number | null;
  /** The window, in seconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Time of the oldest and of the last sample that are there. */
  readonly oldest: number | null;
  readonly newest: number | null;
  /** Samples in the window. */
  readonly count: number;
  /** State of the trigger, and the moment of its event. */
  readonly trigger?: { readonly state: TriggerState; readonly time: number | null };
  /** Figures of each channel whose figures were asked for. */
  readonly statistics?: readonly ChannelStatistics[];
}

/** Rows with their head. */
export interface Rows {
  readonly head: RowsHead;
  readonly times: Float64Array;
  readonly values: readonly Float64Array[];
}

/**
 * Writes rows: the length of the head (uint32), the number of columns (uint32), the head (JSON, filled up with spaces to a
 * multiple of 8), then the times and the columns (float64), all little-endian.
 */
export function encodeRows({ head, times, values }: Rows): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const start = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + (values.length + 1) * times.length * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, start - 8, true);
  view.setUint32(4, values.length, true);
  bytes.fill(0x20, 8, start);
  bytes.set(text, 8);
  const numbers = new Float64Array(bytes.buffer, start);
  numbers.set(times);
  for (const [index, column] of values.entries()) numbers.set(column, (index + 1) * times.length);
  return bytes;
}

/** Reads rows. */
export function decodeRows(buffer: ArrayBuffer): Rows {
  const view = new DataView(buffer);
  const start = 8 + view.getUint32(0, true);
  const columns = view.getUint32(4, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8))) as RowsHead;
  const length = (buffer.byteLength - start) / 8 / (columns + 1);
  const column = (index: number) => new Float64Array(buffer, start + index * length * 8, length);
  return { head, times: column(0), values: Array.from({ length: columns }, (_, index) => column(index + 1)) };
}
