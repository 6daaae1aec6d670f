/**
 * Routes of a bridge, and the checks of what they are to be.
 *
 * @module
 */

import { type End, isConnection } from "./bridge_ends.ts";
import type { MergePart } from "../../client/merge.ts";
import type { ShapeStep } from "../../client/shape.ts";
import type { Signal } from "../../samples/signals.ts";
import { InputError } from "../../system/input_error.ts";
import type { Address } from "../../transports/address.ts";

/** Numbering of what a route sends. */
export const numberings = ["keep", "renumber"] as const;

/** How the inputs of a route are merged. */
export interface MergeDescription {
  /** The values of a merged sample, in their order. */
  readonly parts: readonly MergePart[];
  /** When there is a merged sample. */
  readonly mode: "any" | "all";
  /** Indices of the inputs that count for this. */
  readonly mask: readonly number[];
  /** True to keep the sequence number of the sample that completes a merged one. */
  readonly keepsSequence: boolean;
  /** Signals of the merged samples, if they are known. */
  readonly signals: readonly Signal[] | undefined;
}

/** One route of a bridge. */
export interface RouteDescription {
  /** The name, for messages. */
  readonly name: string;
  /** The ends that samples come from; several of them are merged. */
  readonly inputs: readonly End[];
  /** How the inputs are merged; undefined where there is one, of which all is passed on. */
  readonly merge: MergeDescription | undefined;
  /** The ends that they go to. */
  readonly to: readonly End[];
  /** Steps of shaping the samples. */
  readonly steps: readonly ShapeStep[];
  /** Numbering of what is sent. */
  readonly sequence: typeof numberings[number];
  /** The newest sample so many times per second; undefined for all. */
  readonly rate: number | undefined;
  /** True if samples go back, too. */
  readonly isReversed: boolean;
}

/** Transports whose local address takes the connections of others, so that it can be sent to without a remote one. */
const servingTransports: readonly string[] = ["ws", "c37.118"];

/**
 * Checks that the ends of a route can be what they are to be.
 *
 * @throws {InputError} If they cannot
 */
export function checkRoute(route: RouteDescription): void {
  const { name, inputs, to, isReversed } = route;
  const fail = (why: string): never => {
    throw new InputError(`Cannot bridge ${name}: ${why}`);
  };
  if (to.length === 0) fail("it has no output");
  if (inputs.some(({ path, timing }) => path === undefined && timing !== undefined)) fail("only a file has a timing");
  for (const end of [...inputs, ...to]) {
    const isFile = end.path !== undefined;
    const other = [end.local, end.remote].find((address) =>
      address && end.address &&
      address.transport !== end.address.transport
    );
    if (other) fail(`${other.text} and ${end.name} belong to different transports`);
    if (isFile && (end.local ?? end.remote ?? end.multicast) !== undefined) fail(`${end.name} is a file`);
    if (!isFile && end.append) fail(`${end.name} is not a file, so nothing can be appended to it`);
    if (isFile && end.format?.type === "auto") {
      fail(`the format of ${end.name} cannot be detected: only datagrams tell it`);
    }
  }
  const targets = to.map((end) => (end.remote ?? end.address ?? end.local)?.text ?? end.name);
  // Port 0 is a free one, another each time.
  const sources = inputs.map((end) => end.local ?? end.address ?? end.remote ?? { text: end.name, port: 1 })
    .flatMap(({ text, port }) => port === 0 ? [] : text);
  const twice = findTwice(targets) ?? findTwice(sources);
  if (twice !== undefined) fail(`${twice} is given twice`);
  for (const end of to) {
    if (end.linger !== undefined && (end.vectorize ?? 1) === 1) {
      fail(`linger of ${end.name} has no effect without vectorize`);
    }
    if (end.format?.type === "auto" && !isReversed) fail(`nothing comes from ${end.name} that would tell its format`);
    const isServed = end.local !== undefined && servingTransports.includes(end.local.transport);
    if (end.path === undefined && (end.address ?? end.remote) === undefined && !isServed) {
      fail(`${end.name} has no address to send to`);
    }
  }
  if (!isReversed) return;
  const [first] = to;
  const [from] = inputs;
  const isPair = inputs.length === 1 && to.length === 1 && from?.path === undefined && first?.path === undefined;
  if (!isPair || from === undefined || first === undefined) fail("both ways need two ends that are not files");
  else {
    if (from.address && !isConnection(from.address) && !from.remote) {
      fail(`${from.name} needs remote=, to send back to`);
    }
    if (first.address && !isConnection(first.address) && !first.local) {
      fail(`${first.name} needs local=, to receive on`);
    }
  }
}

function findTwice(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) < index);
}

/**
 * Checks that no route leads back to where it begins, by itself or over others: a sample would go round for ever.
 *
 * @throws {InputError} If one does
 */
export function checkLoops(routes: readonly RouteDescription[]): void {
  const ways = routes.flatMap(({ name, inputs, to, isReversed }) => [
    ...inputs.map((from) => ({ name, receives: receivingAddress(from), sends: to.map(sendingAddress) })),
    ...isReversed ? [{ name, receives: to[0]?.local && placeOf(to[0].local), sends: inputs.map(sendingAddress) }] : [],
  ]);
  const visit = (sends: readonly (string | undefined)[], chain: readonly string[], start: string): void => {
    for (const { name, receives, sends: next } of ways) {
      if (receives === undefined || !sends.includes(receives)) continue;
      if (receives === start) {
        const round = [...chain, chain[0]].join(" > ");
        throw new InputError(`Cannot bridge ${round}: what is sent to ${receives} would go round for ever`);
      }
      if (!chain.includes(name)) visit(next, [...chain, name], start);
    }
  };
  for (const { name, receives, sends } of ways) {
    if (receives !== undefined) visit(sends, [name], receives);
  }
}

/** Returns the address that an input receives on, if it is one of datagrams. */
function receivingAddress({ address, local }: End): string | undefined {
  const own = local ?? (address && !isConnection(address) ? address : undefined);
  return own && placeOf(own);
}

function sendingAddress({ address, remote }: End): string | undefined {
  const target = remote ?? address;
  return target && placeOf(target);
}

/** Returns the text of an address, the same for those that lead to one place on this machine. */
function placeOf({ text }: Address): string {
  return text.replace(/^udp:\/\/(?:0\.0\.0\.0|localhost|127\.\d+\.\d+\.\d+|\[::1?\])(?=:\d+$)/, "udp://127.0.0.1");
}
