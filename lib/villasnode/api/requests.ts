/**
 * Requests to the API of a running VILLASnode, in the way that it stands: one after the other, with a pause in between.
 *
 * @see VILLASnode, `lib/api`; `docs/openapi`
 *
 * @module
 */

import { exchangeDirectly } from "../../api/exchange.ts";
import { type ApiAnswer, type ApiRequest, PacedRequests, TimeLimitError } from "../../api/paced_requests.ts";
import { InputError } from "../../system/input_error.ts";

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

/** Sends requests to one VILLASnode. */
export class ApiRequests {
  readonly #given: URL;
  readonly #onMove: ((url: string) => void) | undefined;
  /** Where it answers: another port than the given one where that one was taken. */
  #base: URL;
  #uuid: string | undefined;
  readonly #requests = new PacedRequests(exchangeDirectly);

  /**
   * Creates the sender.
   *
   * @param url Address of the daemon
   * @param options Called where it answers on another port than that of the address; whether `https` is allowed
   */
  constructor(
    url: string,
    { onMove, isProxied }: { readonly onMove: ((url: string) => void) | undefined; readonly isProxied: boolean },
  ) {
    this.#given = this.#base = parseUrl(url, isProxied);
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
  async send(request: ApiRequest): Promise<ApiAnswer> {
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
        if (port !== first) this.#onMove?.(base.origin);
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

  async #sendThere(request: ApiRequest, base: URL): Promise<ApiAnswer> {
    let answer: ApiAnswer;
    try {
      answer = await this.#requests.send(base, request);
    } catch (error) {
      const { message } = error as Error;
      throw new NodeApiError(`${this.#describe(request, base)}: ${message}`, undefined, { cause: error });
    }
    if (answer.status < 300) return answer;
    throw new NodeApiError(`${this.#describe(request, base)}: ${reasonOf(answer)}`, answer.status);
  }

  #describe({ path, method = "GET" }: ApiRequest, base = this.#base): string {
    return `Cannot ${method === "GET" ? "get" : "do"} ${path} of the VILLASnode at ${base.origin}`;
  }
}

function parseUrl(text: string, isProxied: boolean): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new InputError(`Cannot read "${text}" as the address of a VILLASnode's API: expected http://HOST:PORT`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new InputError("Cannot use a user or password in the address of a VILLASnode's API: it asks for none");
  }
  if (url.protocol === "https:" && !isProxied) {
    throw new InputError(
      `Cannot ask ${url.origin}: VILLASnode 1.2 ends when its API has answered over TLS; ask over http, or, where a proxy ` +
        "speaks TLS for it, with villas-client node --force",
    );
  }
  return url;
}

/** Returns the reason that an answer with an error gives. */
function reasonOf({ status, body }: ApiAnswer): string {
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
