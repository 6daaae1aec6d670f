/**
 * One request to the API of a VILLASnode, past any proxy: the daemon is near, and a proxy would not find it.
 *
 * @module
 */

import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { Buffer } from "node:buffer";
import { type ApiRequest, type IncomingAnswer, UnreachableError } from "./paced_requests.ts";

/**
 * Sends one request over HTTP or HTTPS, without a proxy.
 *
 * @param url The whole address
 * @param request The request
 * @param signal Gives it up
 * @returns The beginning of the answer
 * @throws {UnreachableError} If nobody listens there
 */
export function exchangeDirectly(
  url: URL,
  { method = "GET", body }: ApiRequest,
  signal: AbortSignal,
): Promise<IncomingAnswer> {
  const send = url.protocol === "https:" ? requestSecure : requestPlain;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = send(url, {
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
      resolve({
        status: incoming.statusCode ?? 0,
        type: String(incoming.headers["content-type"] ?? ""),
        body: incoming as AsyncIterable<Buffer>,
      });
    });
    signal.addEventListener("abort", () => outgoing.destroy(), { once: true });
    outgoing.on("error", (error) => {
      const isRefused = (error as { code?: unknown }).code === "ECONNREFUSED";
      reject(isRefused ? new UnreachableError("nothing listens there", { cause: error }) : error);
    });
    if (payload === undefined) {
      // With a length of 0, VILLASnode 1.2.0 does what it is asked to, and in half the cases answers that it could not read it.
      outgoing.removeHeader("content-length");
      outgoing.removeHeader("transfer-encoding");
    }
    outgoing.end(payload);
  });
}
