/**
 * Pacing and limits of requests to the API of a VILLASnode.
 *
 * @see VILLASnode, `lib/api`; `docs/openapi`
 *
 * @module
 */

import { sleep } from "../system/wait.ts";

/** Time between the end of an answer and the next request, in milliseconds: VILLASnode 1.2.0 loses some that come sooner. */
const pause = 200;

/** Time limit of one request, in milliseconds. */
const timeLimit = 3000;

/** Number of times that a request is sent that changes nothing, before it is given up. */
const defaultAttempts = 3;

/** The longest answer, in bytes. */
const maximumAnswer = 16 * 2 ** 20;

/** A request. */
export interface ApiRequest {
  /** The endpoint, such as `"nodes"`. */
  readonly path: string;
  /** `POST` for an action; default `GET`. */
  readonly method?: "GET" | "POST";
  /** The body of an action that asks for one. Most take none, not even an empty object. */
  readonly body?: unknown;
}

/** An answer, which may report an error. */
export interface ApiAnswer {
  /** The status of HTTP. */
  readonly status: number;
  /** The media type; empty where there is none. */
  readonly type: string;
  /** The body. */
  readonly body: Uint8Array;
}

/** The beginning of an answer. */
export interface IncomingAnswer {
  /** The status of HTTP. */
  readonly status: number;
  /** The media type; empty where there is none. */
  readonly type: string;
  /** The body, piece by piece. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Sends one request.
 *
 * @param url The whole address
 * @param request The request
 * @param signal Gives it up, the reading of the body as well
 * @throws {UnreachableError} If another attempt is of no use
 */
export type Exchange = (url: URL, request: ApiRequest, signal: AbortSignal) => Promise<IncomingAnswer>;

/** No answer came in time. */
export class TimeLimitError extends Error {
  /** `"TimeLimitError"` */
  override name = "TimeLimitError";
}

/** An answer is too long. */
export class LengthError extends Error {
  /** `"LengthError"` */
  override name = "LengthError";
}

/** The other end cannot be reached: nobody listens there, or it is not the one that it should be. */
export class UnreachableError extends Error {
  /** `"UnreachableError"` */
  override name = "UnreachableError";
}

/** A daemon that was asked. */
interface Daemon {
  /** The end of the last request. */
  last: Promise<void>;
  /** The time from which it takes another one, in milliseconds. */
  freeAt: number;
}

/** The daemons by address; all requests of the process to one of them wait for each other. */
const daemons = new Map<string, Daemon>();

/**
 * Sends requests one after the other, with a pause in between; those that change nothing are repeated when no answer comes.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { exchangeDirectly, PacedRequests, UnreachableError } from "@villas/client/api";
 *
 * const requests = new PacedRequests(exchangeDirectly);
 * await assertRejects(() => requests.send(new URL("http://127.0.0.1:1"), { path: "status" }), UnreachableError);
 * ```
 */
export class PacedRequests {
  readonly #exchange: Exchange;
  readonly #attempts: number;

  /**
   * Creates the sender.
   *
   * @param exchange Sends one request
   * @param attempts Number of times that a request is sent that changes nothing, 1 or more; default 3
   */
  constructor(exchange: Exchange, attempts: number = defaultAttempts) {
    this.#exchange = exchange;
    this.#attempts = attempts;
  }

  /**
   * Sends a request when its turn has come, and reads the whole answer, of 16 MiB at most.
   *
   * @param base Address of the daemon
   * @param request The request
   * @param signal Gives it up
   * @returns The answer, whatever its status
   * @throws {TimeLimitError} If it does not come within 3 s
   * @throws {LengthError} If it is too long
   * @throws {UnreachableError} If nobody answers there
   * @throws The signal's reason, or another error of the network
   */
  async send(base: URL, request: ApiRequest, signal?: AbortSignal): Promise<ApiAnswer> {
    const { method = "GET" } = request;
    for (let attempt = 1;; attempt++) {
      try {
        return await inTurn(base.origin, signal, () => this.#sendOnce(base, request, signal));
      } catch (error) {
        const isFinal = error instanceof UnreachableError || error instanceof LengthError || signal?.aborted === true;
        if (method !== "GET" || attempt >= this.#attempts || isFinal) throw error;
      }
    }
  }

  async #sendOnce(base: URL, request: ApiRequest, signal: AbortSignal | undefined): Promise<ApiAnswer> {
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new TimeLimitError(`it did not answer within ${timeLimit / 1000} s`)),
      timeLimit,
    );
    const end = signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]);
    const { promise: ended, reject } = Promise.withResolvers<never>();
    end.addEventListener("abort", () => reject(end.reason), { once: true });
    try {
      return await Promise.race([this.#read(new URL(`/api/v2/${request.path}`, base), request, end), ended]);
    } catch (error) {
      throw end.aborted ? end.reason : error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(url: URL, request: ApiRequest, signal: AbortSignal): Promise<ApiAnswer> {
    const { status, type, body } = await this.#exchange(url, request, signal);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const piece of body) {
      length += piece.length;
      if (length > maximumAnswer) throw new LengthError("its answer is longer than 16 MiB");
      pieces.push(piece.slice());
    }
    return { status, type, body: await new Blob(pieces).bytes() };
  }
}

/** Does some work when a daemon takes another request. */
async function inTurn<Result>(
  origin: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const daemon = daemons.get(origin) ?? { last: Promise.resolve(), freeAt: 0 };
  daemons.set(origin, daemon);
  const before = daemon.last;
  const { promise, resolve } = Promise.withResolvers<void>();
  daemon.last = promise;
  await before;
  try {
    const wait = daemon.freeAt - performance.now();
    if (wait > 0) await sleep(wait, signal);
    signal?.throwIfAborted();
    const result = await work();
    daemon.freeAt = performance.now() + pause;
    return result;
  } catch (error) {
    if (!(error instanceof UnreachableError)) daemon.freeAt = performance.now() + pause;
    throw error;
  } finally {
    resolve();
  }
}
