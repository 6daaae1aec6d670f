/**
 * Questions to the API of a VILLASnode before a WebSocket connects to one of its nodes: whether there is such a node, of
 * type websocket, running, with such a format. A VILLASnode is not made for clients that ask for anything else.
 *
 * @module
 */

import {
  type ApiAnswer,
  type Exchange,
  LengthError,
  PacedRequests,
  TimeLimitError,
  UnreachableError,
} from "../../api/paced_requests.ts";
import { RefusedError } from "../link/connection.ts";
import { authorityOf, type ConnectionAddress } from "../address.ts";
import { explainNetworkError, refusedCredentials } from "./reasons.ts";
import { maximumPathLength, splitPath } from "./path.ts";

/** Number of times that a question is asked: VILLASnode 1.2 sometimes owes an answer. */
const attempts = 2;

/** The number of signals of a node whose configuration does not say it (`lib/node.cpp`). */
const defaultSignals = 64;

/** How to ask. */
export interface CheckOptions {
  /** Headers with the credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** Client with the certificates to trust. */
  readonly client: Deno.HttpClient | undefined;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/** An answer of the API. */
interface Answer {
  readonly status: number;
  /** The parsed body; undefined where it is not JSON. */
  readonly body: unknown;
}

/**
 * Asks the API of a VILLASnode about a node.
 *
 * @param address The address of the node
 * @param options How to ask
 * @returns Something that a user should know about the node, in a sentence; undefined where there is nothing
 * @throws {RefusedError} If there is no such node, it is of another type, or the VILLASnode does not have the format
 * @throws {Error} If the API cannot be reached, does not answer, or the node does not run at the moment
 *
 * @see VILLASnode's OpenAPI description, `doc/openapi/openapi.yaml`; `lib/nodes/websocket.cpp`
 */
export async function checkNode(address: ConnectionAddress, options: CheckOptions): Promise<string | undefined> {
  const { node, format } = splitPath(address.path);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(node)) {
    throw new RefusedError(`"${node}" is not the name of a node, which has letters, digits, - and _${orWithoutCheck}`);
  }
  const { length } = new TextEncoder().encode(address.path);
  if (length > maximumPathLength) {
    throw new RefusedError(`its path has ${length} bytes, and a VILLASnode takes ${maximumPathLength} at most`);
  }
  const found = await findNode(address, node, options);
  if (found["type"] !== "websocket") {
    throw new RefusedError(`its node ${node} is of type ${String(found["type"])}, not websocket`);
  }
  const { state } = found;
  if (state !== undefined && state !== "running") {
    throw new Error(`its node ${node} is ${state === "" ? "not started" : String(state)}`);
  }
  if (format !== undefined) await checkFormat(address, format, options);
  return describeLoss(found, node);
}

const orWithoutCheck = " (--no-check connects to other servers than a VILLASnode)";

/** Finds the configuration of a node. */
async function findNode(address: ConnectionAddress, node: string, options: CheckOptions) {
  const { status, body } = await ask(address, `node/${node}`, options);
  if (status === 200 && isObject(body)) return body;
  if (status === 400 && isObject(body) && typeof body["error"] === "string") {
    throw new RefusedError(`its VILLASnode does not have a node ${node}`);
  }
  if (status !== 500) throw noApi(status);
  // While a statistic of the node has a single value, 1.2 cannot show the node, but its configuration.
  const { body: config } = await ask(address, "config", options);
  const nodes = isObject(config) ? config["nodes"] : undefined;
  const found = isObject(nodes) ? nodes[node] : undefined;
  if (!isObject(found)) throw new RefusedError(`its VILLASnode does not have a node ${node}`);
  return found;
}

async function checkFormat(address: ConnectionAddress, format: string, options: CheckOptions): Promise<void> {
  const { body } = await ask(address, "capabilities", options);
  const formats = isObject(body) ? body["formats"] : undefined;
  if (!Array.isArray(formats) || formats.includes(format)) return;
  throw new RefusedError(`its VILLASnode does not have the format ${format}, but ${formats.join(", ")}`);
}

/** Describes what a node leaves out of its samples, as the API shows the node; undefined where there is nothing. */
function describeLoss({ in: input, out: output }: Record<string, unknown>, node: string): string | undefined {
  if (!isObject(output) || !Array.isArray(output["signals"])) return undefined;
  return describeCut(node, output["signals"].length, countSignals(isObject(input) ? input["signals"] : undefined));
}

/**
 * Finds out whether a node sends fewer values than its path has: VILLASnode allocates its samples for its own `in.signals`,
 * in units of 64 bytes of which the first has 24 bytes of the header, and cuts what is longer.
 *
 * @param node Name of the node
 * @param promised Number of values that its path has
 * @param signals Number of its `in.signals`
 * @returns The sentence on it; undefined where they fit
 */
export function describeCut(node: string, promised: number, signals: number): string | undefined {
  const room = roomFor(signals);
  if (promised <= room) return undefined;
  return `The node ${node} sends ${room} of the ${promised} values that it has: VILLASnode cuts them to the number of ` +
    `its in.signals, which need to be ${promised}`;
}

/** Returns the number of values that fit into a sample of a node with so many signals. */
export function roomFor(signals: number): number {
  return 5 + 8 * Math.max(0, Math.ceil((signals - 5) / 8));
}

/** Counts signals as a configuration writes them: a list, a text such as `"2f1i"`, `{ count, type }`, or nothing. */
function countSignals(signals: unknown): number {
  if (Array.isArray(signals)) return signals.length;
  if (isObject(signals) && typeof signals["count"] === "number") return signals["count"];
  if (typeof signals !== "string") return defaultSignals;
  let count = 0;
  for (const [, digits] of signals.matchAll(/(\d*)[a-z]/g)) count += digits === "" ? 1 : Number(digits);
  return count;
}

/** Asks, and once more where no answer comes. */
async function ask(address: ConnectionAddress, path: string, options: CheckOptions): Promise<Answer> {
  const base = new URL(`${address.isSecure ? "https" : "http"}://${authorityOf(address)}`);
  let answer: ApiAnswer;
  try {
    answer = await new PacedRequests(createExchange(options), attempts).send(base, { path }, options.signal);
  } catch (error) {
    if (error instanceof TimeLimitError) throw new Error(`its API did not answer within 3 s${orWithoutCheck}`);
    if (error instanceof LengthError) throw new RefusedError(`its API gives no answer of use: ${error.message}`);
    if (options.signal.aborted) throw error;
    throw explainNetworkError(error instanceof UnreachableError ? error.cause : error, address);
  }
  const { status, body } = answer;
  if (status === 401 || status === 403) throw refusedCredentials(status);
  return { status, body: parse(new TextDecoder().decode(body)) };
}

/** Creates what asks as the WebSocket will: through the proxy of the environment, and with its certificates. */
function createExchange({ headers, client }: CheckOptions): Exchange {
  return async (url, _request, signal) => {
    let response: Response;
    try {
      response = await fetch(url, {
        headers: { ...headers, accept: "application/json" },
        signal,
        redirect: "manual",
        ...client && { client },
      });
    } catch (cause) {
      throw signal.aborted ? cause : new UnreachableError("it cannot be reached", { cause });
    }
    return { status: response.status, type: "", body: response.body ?? noBody() };
  };
}

async function* noBody(): AsyncGenerator<never, void, undefined> {
  // A refusal may have none.
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noApi(status: number): RefusedError {
  return new RefusedError(
    `it does not answer as the API of a VILLASnode does (status ${status})${orWithoutCheck}`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
