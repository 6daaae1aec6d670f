/**
 * Drives the load generator: one program with one port for the whole bench, which whoever is measured sends to.
 *
 * @module
 */

import { protobuf } from "@villas/client/formats";
import type { Bench } from "./_group.ts";

/** What a closed loop has measured. */
export interface LoopResult {
  /** Datagrams that came back. */
  echoes: number;
  /** Datagrams that did not. */
  lost: number;
  /** How long it took, in seconds. */
  seconds: number;
  /** Half of the round trips took no longer, in microseconds. */
  p50: number;
  /** 99 % of the round trips took no longer, in microseconds. */
  p99: number;
}

/** A closed loop: so many datagrams are on their way all the time. */
export interface LoopSettings {
  /** Where the echo receives. */
  port: number;
  /** How many datagrams are on their way. */
  window: number;
  /** How many values each has. */
  values: number;
  /** How long to go on, in seconds. */
  seconds: number;
  /** How many echoes to end after; default: none. */
  count?: number;
}

/** How long answers to a load of so many datagrams a second took, in microseconds. */
export interface AnswersResult {
  /** Datagrams that were sent. */
  sent: number;
  /** Datagrams that did not come back within a tenth of a second behind the last one. */
  lost: number;
  /** How often the generator itself had no core for a millisecond: the figures are its own then, too. */
  held: number;
  /** Half of the answers took no longer. */
  p50: number;
  /** 90 % of the answers took no longer. */
  p90: number;
  /** 99 % of the answers took no longer. */
  p99: number;
  /** 99.9 % of the answers took no longer. */
  p999: number;
}

/** The load generator. */
export interface Load extends AsyncDisposable {
  /** Whether it is the one in C, which alone times the answers to a load of so many datagrams a second. */
  readonly isCompiled: boolean;
  /** The port that it sends from. */
  readonly port: number;
  /** Sends in a closed loop. */
  loop(settings: LoopSettings): Promise<LoopResult>;
  /** Sends so many datagrams a second, whatever becomes of them. */
  pace(settings: { port: number; rate: number; seconds: number }): Promise<{ sent: number; seconds: number }>;
  /** Sends so many datagrams a second, and times the answers. */
  answers(settings: { port: number; rate: number; values: number; seconds: number }): Promise<AnswersResult>;
  /** Sends to these ports in turn whenever the port is 0 from now on. */
  setLinks(ports: readonly number[]): Promise<void>;
}

/** A number whose varint has the five bytes that the generator writes. */
const numberedSequence = 2n ** 28n;
const numberBytes = "8080808001";

/** Starts the load generator. */
export async function startLoad({ tools, warn }: Bench): Promise<Load> {
  const program = await tools.compile("load.c");
  if (program === undefined) warn("The load comes from a generator on Deno, which is slower than what it measures");
  const [command = "", ...args] = program === undefined
    ? [Deno.execPath(), "run", "-q", "-A", "--unstable-net", tools.peer("load.ts")]
    : [program];
  const child = new Deno.Command(command, { args, stdin: "piped", stdout: "piped" }).spawn();
  const input = child.stdin.getWriter();
  const lines = readLines(child.stdout);
  const port = Number((await lines.next()).value?.replace("ready ", ""));
  const payloads = new Map<number, { path: string; offset: number }>();

  async function payloadOf(values: number): Promise<string> {
    const known = payloads.get(values);
    if (known !== undefined) return `${known.offset} ${known.path}`;
    const datagram = protobuf().encode([{
      sequence: numberedSequence,
      tsOrigin: { sec: 1_700_000_000, nsec: 123_456_789 },
      values: Array.from({ length: values }, (_, i) => 230 * Math.sin(i + 1)),
    }]);
    const path = `${tools.folder}/payload-${values}`;
    await Deno.writeFile(path, datagram);
    const offset = datagram.toHex().indexOf(numberBytes) / 2;
    payloads.set(values, { path, offset });
    return `${offset} ${path}`;
  }

  async function ask(command: string) {
    await input.write(new TextEncoder().encode(`${command}\n`));
    const { value } = await lines.next();
    if (value === undefined) throw new Error("The load generator has ended");
    return JSON.parse(value);
  }

  return {
    port,
    isCompiled: program !== undefined,
    async answers({ port, rate, values, seconds }) {
      return await ask(`answers ${port} ${rate} ${seconds} ${await payloadOf(values)}`);
    },
    async setLinks(ports) {
      await ask(`links ${ports.join(" ")}`);
    },
    async loop({ port, window, values, seconds, count = 0 }) {
      return await ask(`loop ${port} ${window} ${seconds} ${count} ${await payloadOf(values)}`);
    },
    async pace({ port, rate, seconds }) {
      return await ask(`pace ${port} ${rate} ${seconds} ${await payloadOf(8)}`);
    },
    async [Symbol.asyncDispose]() {
      // It may be at work for another who has given up; it has nothing to put in order.
      try {
        child.kill("SIGKILL");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // it has ended
      }
      await child.status;
      await lines.return(undefined);
      await input.abort().catch(() => {});
    },
  };
}

async function* readLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, undefined> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (text + piece).split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}
