/**
 * The thread that watches the thread of a controller: where that is stuck, it sends the safe values and ends the process.
 *
 * @module
 */

import { connect } from "../client/connect.ts";
import type { FormatSpecification } from "../formats/table.ts";
import type { LinkSignals } from "../samples/directions.ts";
import type { Value } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";
import { sleep } from "../system/wait.ts";

/** Name of the worker: nothing of this file runs in any other one, nor where it is only imported. */
export const stuckWorkerName = "villas-client stuck watchdog";

/** Number of looks at the beats without a new one after which the other thread is stuck. */
export const looksPerLimit = 8;

/** Safe values of a link, and where to send them. */
export interface SafeLink {
  /** Address of the node. */
  readonly remote: string;
  /** Format of the datagrams. */
  readonly format: FormatSpecification;
  /** Signals of the link. */
  readonly signals: LinkSignals;
  /** The values. */
  readonly values: readonly Value[] | Float64Array;
}

/** What the worker needs to know. */
export interface WatchPlan {
  /** Time without a beat after which the other thread is stuck, in seconds. */
  readonly limit: number;
  /** Shared memory: a number that grows while the other thread is alive. */
  readonly beats: Int32Array;
  /** Shared memory: the sequence number of the last sample of each link. */
  readonly sequences: BigInt64Array;
  /** The links; undefined where one has no safe values. */
  readonly links: readonly (SafeLink | undefined)[];
  /** What to write to standard error: the place of the controller, at the beginning. */
  readonly place: string;
}

/** Exit functions of the C library by system. */
const exitFunctions: Readonly<Record<string, { readonly library: string; readonly symbol: "_exit" }>> = {
  linux: { library: "libc.so.6", symbol: "_exit" },
  darwin: { library: "libSystem.dylib", symbol: "_exit" },
  windows: { library: "ucrtbase.dll", symbol: "_exit" },
};

/** Watches until the worker is terminated. */
class StuckWatch {
  #plan: WatchPlan | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lastBeat = 0;
  #looks = 0;

  /** Takes a plan, the first one or another one. */
  take(plan: WatchPlan): void {
    this.#plan = plan;
    this.#looks = 0;
    clearInterval(this.#timer);
    // Counting looks instead of time: where the whole process was stopped for a while, nothing is stuck.
    this.#timer = setInterval(() => this.#look(plan), plan.limit * 1000 / looksPerLimit);
  }

  #look(plan: WatchPlan): void {
    const beat = Atomics.load(plan.beats, 0);
    this.#looks = beat === this.#lastBeat ? this.#looks + 1 : 0;
    this.#lastBeat = beat;
    if (this.#looks <= looksPerLimit || plan !== this.#plan) return;
    clearInterval(this.#timer);
    void this.#end(plan);
  }

  async #end({ place, limit, links, sequences }: WatchPlan): Promise<void> {
    const sendAll = (offset: bigint) =>
      Promise.allSettled(links.map((link, index) => link && sendSafe(link, (sequences[index] ?? -1n) + offset)));
    const failed = (await sendAll(1n)).find((result) => result.status === "rejected");
    const isSafe = links.some((link) => link !== undefined);
    const sent = failed !== undefined
      ? `the safe values could not be sent (${(failed.reason as Error).message})`
      : isSafe
      ? "the safe values were sent from a port of their own"
      : "nothing was sent, because it has no safe values";
    write(
      `villas-client: error: ${place}: the controller has not returned for ${limit} s; ${sent}, and the process ends\n`,
    );
    try {
      endProcess();
    } catch (error) {
      write(
        `villas-client: error: Cannot end the process (${
          (error as Error).message
        }): sending safe values until it ends\n`,
      );
      for (let offset = 2n;; offset++) {
        await sleep(limit * 1000);
        await sendAll(offset);
      }
    }
  }
}

async function sendSafe({ remote, format, signals, values }: SafeLink, sequence: bigint): Promise<void> {
  const local = remote.startsWith("udp:") ? "udp://*:0" : `unix:${temporaryPath()}`;
  await using client = await connect({ local, remote, format, signals: { ...signals } });
  await client.send({ sequence, tsOrigin: now(), values });
}

/** A path for a socket of this process. */
function temporaryPath(): string {
  const folder = Deno.makeTempDirSync({ prefix: "villas-client-" });
  return `${folder}/safe.sock`;
}

function write(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // Nobody reads it.
  }
}

/** Ends the process, or throws where Deno allows neither way, from a thread whose own `Deno.exit` ends nothing but the thread. */
function endProcess(): void {
  const { library, symbol } = exitFunctions[Deno.build.os] ?? { library: "", symbol: "_exit" };
  try {
    const { symbols } = Deno.dlopen(library, { [symbol]: { parameters: ["i32"], result: "void" } } as const);
    symbols._exit(1);
  } catch {
    // Without --allow-ffi, a signal that nothing can hold up; the status is 137 then.
    Deno.kill(Deno.pid, "SIGKILL");
  }
}

if ((globalThis as { name?: unknown }).name === stuckWorkerName) {
  const watch = new StuckWatch();
  globalThis.addEventListener("message", (event) => watch.take((event as MessageEvent<WatchPlan>).data));
}
