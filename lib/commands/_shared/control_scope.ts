/**
 * The scope of a running controller: its inputs, outputs and parameters in the browser, the parameters as controls, too. This
 * file is loaded for those who look.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { StepRecord } from "../../controllers/control_options.ts";
import type { ControlLoop } from "../../controllers/control_loop.ts";
import type { OutgoingSample, Sample } from "../../samples/sample.ts";
import { now } from "../../samples/timestamp.ts";
import { ControlDesk } from "../../scope/controls.ts";
import { LinkMonitor } from "../../scope/link_monitor.ts";
import type { Control } from "../../scope/protocol.ts";
import { type ScopeServer, serveScope } from "../../scope/server.ts";
import type { Listening } from "./listening.ts";
import { shownParameters, StepHistory, type StepSignals } from "./step_history.ts";

/** Memory of the steps, in bytes. */
const historyMemory = 64 * 2 ** 20;

/** Interval at which parameters that something else has set are looked at, in milliseconds. */
const parameterInterval = 100;

/** Interval of the figures of the link, in milliseconds. */
const figuresInterval = 250;

/** A loop as far as the scope goes. */
export type ScopedLoop = Pick<ControlLoop, "parameters" | "parameterRanges" | "setParameter">;

/** The scope of a controller. */
export class ControlScope implements AsyncDisposable {
  readonly #loop: ScopedLoop;
  readonly #steps: StepHistory;
  readonly #desk: ControlDesk;
  readonly #monitor = new LinkMonitor();
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  /** The controls as they were at the last look. */
  #seen: readonly Control[];
  #server: ScopeServer | undefined;

  private constructor(name: string, loop: ScopedLoop, signals: StepSignals, client: Client | undefined) {
    this.#loop = loop;
    this.#steps = new StepHistory(name, signals, shownParameters(loop.parameters), historyMemory);
    this.#seen = controlsOf(loop);
    // What the loop refuses becomes a rejection, which the page shows.
    this.#desk = new ControlDesk(this.#seen, (sample) => Promise.try(() => this.#apply(sample)));
    this.#timers = [
      setInterval(() => this.#follow(), parameterInterval),
      ...client === undefined ? [] : [setInterval(() => this.#monitor.take(client.counters), figuresInterval)],
    ];
  }

  /**
   * Serves the page.
   *
   * @param name Name of the controller
   * @param loop Its loop
   * @param signals Its signals
   * @param client The client whose figures are shown; undefined where there are several
   * @param listening Where to serve the page
   * @throws {Deno.errors.AddrInUse} If the port is taken
   */
  static async open(
    name: string,
    loop: ScopedLoop,
    signals: StepSignals,
    client: Client | undefined,
    listening: Listening,
  ): Promise<ControlScope> {
    const scope = new ControlScope(name, loop, signals, client);
    try {
      const monitor = client && { monitor: scope.#monitor };
      scope.#server = await serveScope({ sources: [scope.#steps], desk: scope.#desk, ...monitor }, listening);
      return scope;
    } catch (error) {
      await scope[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The address of the page. */
  get url(): string {
    return this.#server?.url ?? "";
  }

  /** Adds a step. */
  record(step: StepRecord): void {
    this.#steps.record(step, shownParameters(this.#loop.parameters));
  }

  /** Adds the samples of datagrams, for the figures of the link. */
  receive(messages: readonly (readonly Sample[])[]): void {
    const received = now();
    for (const samples of messages) this.#monitor.record(samples, received);
  }

  /** Sets the parameters that a page has changed. */
  #apply({ values }: OutgoingSample): void {
    for (const [index, control] of this.#seen.entries()) {
      const value = values[index];
      if (typeof value !== "number" && typeof value !== "boolean") continue;
      // What the page has not changed, something else may have set meanwhile.
      if (Number(value) === control.value) continue;
      this.#loop.setParameter(control.name, value);
      this.#seen = this.#seen.with(index, { ...control, value: Number(value) });
    }
  }

  /** Shows the page what else has set parameters: standard input, another version of the file, the controller itself. */
  #follow(): void {
    const before = this.#seen;
    this.#seen = controlsOf(this.#loop);
    if (describe(this.#seen) !== describe(before)) return this.#desk.replace(this.#seen);
    for (const [index, { name, value }] of this.#seen.entries()) {
      if (value !== before[index]?.value) this.#desk.follow(name, value);
    }
  }

  /** Ends serving. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#desk[Symbol.dispose]();
    await this.#server?.[Symbol.asyncDispose]();
  }
}

/** Returns the controls that parameters have: a slider for one with a range, a field for another number, or a switch. */
function controlsOf({ parameters, parameterRanges }: ScopedLoop): Control[] {
  return shownParameters(parameters).map(([name, value]): Control => {
    if (typeof value === "boolean") return { name, type: "boolean", value: value ? 1 : 0 };
    const range = parameterRanges[name];
    return { name, type: "float", ...range === undefined ? {} : { range }, value };
  });
}

/** Describes all of controls but their values. */
function describe(controls: readonly Control[]): string {
  return JSON.stringify(controls.map(({ name, type, range }) => [name, type, range]));
}
