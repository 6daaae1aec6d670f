/**
 * Requests to the API of a running VILLASnode, in the way that it stands: one after the other, with a pause in between.
 *
 * @see VILLASnode, `lib/api`; `docs/openapi`
 *
 * @module
 */

import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { Buffer } from "node:buffer";
import { InputError } from "../../system/input_error.ts";

/** Time between the end of an answer and the next request, in milliseconds: VILLASnode 1.2.0 loses some that come sooner. */
const pause = 200;

/** Time limit of one request, in milliseconds. */
const timeLimit = 3000;

/** Number of times that a request is sent that changes nothing, before it is given up. */
const attempts = 3;

/** The longest answer, in bytes. */
const maximumAnswer = 16 * 2 ** 20;

/** Number of ports behind its own that VILLASnode tries where its own is taken (`lib/web.cpp`). */
const otherPorts = 9;

/** A request that failed, or an answer that reports an error. */
export class NodeApiError extends Error {
  /** `"NodeApiError"` */
  override name = "NodeApiError";
  /** The status of the answer; undefined where none came. */
  readonly status: number | undefined;

  /**
   * Creates the error.
   *
   * @param message The request and the reason
   * @param status The status of the answer, if one came
   * @param options The cause
   */
  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** An answer. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
}

/** What a request asks for. */
export interface ApiRequest {
  /** The endpoint, such as `"nodes"`. */
  readonly path: string;
  /** `POST` for an action; default `GET`. */
  readonly method?: "GET" | "POST";
  /** The body of an action that asks for one. Most take none, not even an empty object. */
  readonly body?: unknown;
}

/** Sends requests to one VILLASnode. */
export class ApiRequests {
  readonly #given: URL;
  readonly #onMove: (url: string) => void;
  /** Where it answers: another port than the given one where that one was taken. */
  #base: URL;
  #uuid: string | undefined;
  /** The end of the last request and of the pause behind it. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Creates the sender.
   *
   * @param url Address of the daemon
   * @param onMove Called where it answers on another port than that of the address
   */
  constructor(url: string, onMove: (url: string) => void = () => {}) {
    this.#given = this.#base = parseUrl(url);
    this.#onMove = onMove;
  }

  /** The address of the daemon, such as `"http://127.0.0.1:8080"`. */
  get url(): string {
    return this.#base.origin;
  }

  /**
   * Sends a request for JSON.
   *
   * @returns The value; undefined where the answer is empty
   * @throws {NodeApiError} If no answer came, or it reports an error or is not JSON
   */
  async json(request: ApiRequest): Promise<unknown> {
    const { body, type } = await this.send(request);
    const text = new TextDecoder().decode(body);
    if (text.trim() === "") return undefined;
    try {
      return JSON.parse(text);
    } catch (cause) {
      const what = type.startsWith("text/html") ? "a web page" : "text that is not JSON";
      throw new NodeApiError(
        `${this.#describe(request)}: it answered with ${what}, so it is another program`,
        undefined,
        {
          cause,
        },
      );
    }
  }

  /**
   * Sends a request.
   *
   * @returns The answer
   * @throws {NodeApiError} If no answer came, or it reports an error
   */
  async send(request: ApiRequest): Promise<Answer> {
    if (this.#uuid === undefined) await this.#find();
    return await this.#sendThere(request, this.#base);
  }

  /** Finds the port of the daemon: where its own is taken when it starts, it takes one of the next. */
  async #find(): Promise<void> {
    const first = Number(this.#given.port || (this.#given.protocol === "https:" ? 443 : 80));
    let failure: unknown;
    for (let port = first; port <= first + otherPorts && port <= 65_535; port++) {
      const base = new URL(this.#given);
      base.port = String(port);
      try {
        const { body } = await this.#sendThere({ path: "status" }, base);
        const { uuid, version } = JSON.parse(new TextDecoder().decode(body));
        if (typeof uuid !== "string" || typeof version !== "string") {
          throw new TypeError("not the status of a VILLASnode");
        }
        this.#uuid = uuid;
        this.#base = base;
        if (port !== first) this.#onMove(base.origin);
        return;
      } catch (error) {
        failure ??= error;
        // A daemon that is slow is there; nothing else will be on the next port.
        if (error instanceof NodeApiError && error.cause instanceof TimeLimitError) break;
      }
    }
    if (failure instanceof NodeApiError && failure.status === undefined) throw failure;
    throw new NodeApiError(
      `Cannot reach the API of a VILLASnode at ${this.#given.origin}: another program answers there`,
      undefined,
      {
        cause: failure,
      },
    );
  }

  /**
   * Forgets where the daemon answers, as after its restart: the next request looks for it again.
   */
  forget(): void {
    this.#uuid = undefined;
    this.#base = this.#given;
  }

  /** Sends a request when its turn has come; one that changes nothing is repeated when no answer comes. */
  async #sendThere(request: ApiRequest, base: URL): Promise<Answer> {
    const { method = "GET" } = request;
    for (let attempt = 1;; attempt++) {
      try {
        const answer = await this.#inTurn(() => exchange(base, request));
        if (answer.status < 300) return answer;
        throw new NodeApiError(`${this.#describe(request, base)}: ${reasonOf(answer)}`, answer.status);
      } catch (error) {
        if (error instanceof NodeApiError) throw error;
        const isRefused = isRefusal(error);
        const isFinal = isRefused || error instanceof LengthError;
        if (method === "GET" && attempt < attempts && !isFinal) continue;
        const reason = isRefused ? "nothing listens there" : (error as Error).message;
        throw new NodeApiError(`${this.#describe(request, base)}: ${reason}`, undefined, { cause: error });
      }
    }
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      const result = await work();
      setTimeout(resolve, pause);
      return result;
    } catch (error) {
      if (isRefusal(error)) resolve();
      else setTimeout(resolve, pause);
      throw error;
    }
  }

  #describe({ path, method = "GET" }: ApiRequest, base = this.#base): string {
    return `Cannot ${method === "GET" ? "get" : "do"} ${path} of the VILLASnode at ${base.origin}`;
  }
}

/** No answer came in time. */
class TimeLimitError extends Error {}

/** An answer is too long. */
class LengthError extends Error {}

/** Returns whether nobody listens at an address. */
function isRefusal(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ECONNREFUSED";
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new InputError(`Cannot read "${text}" as the address of a VILLASnode's API: expected http://HOST:PORT`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new InputError("Cannot use a user or password in the address of a VILLASnode's API: it asks for none");
  }
  return url;
}

/** Sends one request and reads the whole answer, past any proxy: the daemon is near, and a proxy would not find it. */
function exchange(base: URL, { path, method = "GET", body }: ApiRequest): Promise<Answer> {
  const send = base.protocol === "https:" ? requestSecure : requestPlain;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = send(new URL(`/api/v2/${path}`, base), {
      method,
      agent: false,
      headers: {
        "connection": "close",
        ...payload === undefined ? {} : {
          "content-type": "application/json",
          "content-length": String(new TextEncoder().encode(payload).length),
        },
      },
    }, (incoming) => {
      const pieces: Uint8Array[] = [];
      let length = 0;
      incoming.on("data", (piece: Buffer) => {
        pieces.push(piece);
        length += piece.length;
        if (length <= maximumAnswer) return;
        fail(new LengthError("its answer is longer than 16 MiB"));
        outgoing.destroy();
      });
      incoming.on("error", fail);
      incoming.on("end", () => {
        clearTimeout(timer);
        const answer = new Uint8Array(length);
        let at = 0;
        for (const piece of pieces) {
          answer.set(piece, at);
          at += piece.length;
        }
        resolve({
          status: incoming.statusCode ?? 0,
          type: String(incoming.headers["content-type"] ?? ""),
          body: answer,
        });
      });
    });
    const timer = setTimeout(
      () => outgoing.destroy(new TimeLimitError(`it did not answer within ${timeLimit / 1000} s`)),
      timeLimit,
    );
    function fail(error: Error): void {
      clearTimeout(timer);
      reject(error);
    }
    outgoing.on("error", fail);
    if (payload === undefined) {
      // With a length of 0, VILLASnode 1.2.0 does what it is asked to, and in half the cases answers that it could not read it.
      outgoing.removeHeader("content-length");
      outgoing.removeHeader("transfer-encoding");
    }
    outgoing.end(payload);
  });
}

/** Returns the reason that an answer with an error gives. */
function reasonOf({ status, body }: Answer): string {
  const text = new TextDecoder().decode(body);
  try {
    const { error, ...rest } = JSON.parse(text) as Record<string, unknown>;
    if (typeof error !== "string") throw new TypeError("no reason");
    if (/could not pack json/i.test(error)) {
      return "a statistic of it has one value only, which VILLASnode cannot write; it answers again with the next sample";
    }
    const details = Object.values(rest).filter((value) => typeof value === "string").join(", ");
    return `it says "${error}${details === "" ? "" : `: ${details}`}" (status ${status})`;
  } catch {
    return `it answered with status ${status}`;
  }
}
