/**
 * Stands in for the API of a VILLASnode, with the answers that a real one gave.
 *
 * @module
 */

const data = new URL("../data/rest/", import.meta.url);

/** A request as it came. */
export interface ApiCall {
  /** The request line without the version, such as `"GET /api/v2/nodes"`. */
  readonly line: string;
  /** The head, in lower case. */
  readonly head: string;
  /** The body. */
  readonly body: string;
  /** Time of its arrival, in milliseconds. */
  readonly time: number;
}

/** An answer: all bytes of it, or undefined where none comes. */
export type ApiAnswer = string | undefined;

/** A stand-in that is running. */
export interface ApiServer extends AsyncDisposable {
  /** Its address, such as `"http://127.0.0.1:8080"`. */
  readonly url: string;
  /** Its port. */
  readonly port: number;
  /** The requests so far. */
  readonly calls: readonly ApiCall[];
  /** Time of the end of each answer, in milliseconds. */
  readonly ends: readonly number[];
}

/** Writes an answer. */
export function answer(body: string, status = 200, type = "application/json"): string {
  const { length } = new TextEncoder().encode(body);
  return `HTTP/1.1 ${status} X\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${body}`;
}

/** Reads a recorded answer, or the recorded body of one. */
export async function recorded(name: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(name, data));
  return name.endsWith(".http") ? text : answer(text);
}

/** The answers of a VILLASnode whose nodes are `gen` and `sink`, or other ones instead. */
export async function recordedAnswers(others: Readonly<Record<string, ApiAnswer>> = {}) {
  return {
    "GET /api/v2/status": await recorded("status.http"),
    "GET /api/v2/config": await recorded("config.http"),
    "GET /api/v2/nodes": await recorded("nodes_ok.json"),
    "GET /api/v2/paths": await recorded("paths.http"),
    ...others,
  };
}

/**
 * Starts a stand-in on a free port, or on one that is given.
 *
 * @param choose Chooses the answer to a request; undefined leaves it without one
 */
export function serveApi(choose: (call: ApiCall) => ApiAnswer, port = 0): ApiServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const calls: ApiCall[] = [];
  const ends: number[] = [];
  const open = new Set<Deno.Conn>();
  const serve = async (conn: Deno.Conn) => {
    open.add(conn);
    try {
      const call = await readCall(conn);
      calls.push(call);
      const bytes = choose(call);
      if (bytes === undefined) return; // the client has to give up
      for (let rest = new TextEncoder().encode(bytes); rest.length > 0;) {
        rest = rest.subarray(await conn.write(rest));
      }
      ends.push(performance.now());
      open.delete(conn);
      conn.close();
    } catch {
      // The client has given up.
    }
  };
  const finished = (async () => {
    try {
      for await (const conn of listener) void serve(conn);
    } catch {
      // It is closed.
    }
  })();
  const { port: bound } = listener.addr as Deno.NetAddr;
  return {
    ...{ url: `http://127.0.0.1:${bound}`, port: bound, calls, ends },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const conn of open) conn.close();
      await finished;
    },
  };
}

async function readCall(conn: Deno.Conn): Promise<ApiCall> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (;;) {
    const length = await conn.read(buffer);
    if (length === null) throw new Error("the client has gone");
    text += decoder.decode(buffer.subarray(0, length), { stream: true });
    const [head = "", body] = text.split("\r\n\r\n", 2);
    if (body === undefined) continue;
    const expected = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (body.length < expected) continue;
    const [line = ""] = head.split("\r\n");
    return { line: line.replace(/ HTTP\/1\.1$/, ""), head: head.toLowerCase(), body, time: performance.now() };
  }
}
