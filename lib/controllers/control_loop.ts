/**
 * The loop of a controller: one step for each sample or at a fixed rate, one at a time, and an end that leaves safe values.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { Controller, Parameter, ParameterRange, Step } from "./controller.ts";
import { StepSurroundings } from "./_context.ts";
import { ControlError, type ControlFault, type FaultKind, FaultLog, OutputError } from "./faults.ts";
import { type ControlEnding, type ControlFigures, StepMeter } from "./figures.ts";
import { IdleWatch } from "./_idle_watch.ts";
import type { ControlLink } from "./_link.ts";
import { ControlLinks } from "./_links.ts";
import type { ControlOptions, StepRecord } from "./control_options.ts";
import type { OutgoingSample, Sample } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";
import { yieldToEventLoop } from "../system/wait.ts";
import { checkRanges, ParameterSet } from "./_parameter_set.ts";
import { pace } from "../timing/pacing.ts";

/** Time for the last asynchronous step to end, in milliseconds. */
const lastStepMs = 100;

/** A controller whose types no longer matter. */
type AnyController = Controller<never, Record<string, unknown>>;

/**
 * A controller in the loop, for a program that also replaces it or sets its parameters while it runs.
 *
 * @example Setting a parameter
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect } from "@villas/client";
 * import { ControlLoop } from "@villas/client/controllers";
 *
 * await using plant = await connect({ local: "memory:tuned-plant", remote: "memory:tuned" });
 * await using client = await connect({ local: "memory:tuned", remote: "memory:tuned-plant" });
 * const loop = new ControlLoop(client, {
 *   parameters: { gain: 2 },
 *   step: ([value = 0], { parameters }) => [Number(parameters.gain) * value],
 * }, { count: 1 });
 * loop.setParameter("gain", 3);
 * await plant.send({ values: [5] });
 * await loop.run();
 * assertEquals((await plant.receive())[0]?.[0]?.values, [15]);
 * ```
 */
export class ControlLoop<Input = readonly number[], State = Record<string, unknown>> {
  readonly #links: ControlLinks;
  readonly #options: ControlOptions;
  readonly #faults = new FaultLog();
  readonly #meter = new StepMeter();
  readonly #ended = new AbortController();
  readonly #context: StepSurroundings;
  readonly #parameters = new ParameterSet();
  #controller: AnyController;
  /** The asynchronous step that is going on, until it has ended. */
  #pending: Promise<void> | undefined;
  /** True while no step is taken because no sample has come for the time of the watchdog. */
  #isSilent = false;
  /** Steps since the last time that they were reported. */
  #records: StepRecord[] = [];
  /** True while another controller takes over, and no step is taken. */
  #isHeld = false;
  /** True when it has ended; asking the signal takes as long as a short step. */
  #isEnding = false;
  /** True from when the last safe values are sent. */
  #isSealed = false;
  /** What the run rejects with. */
  #failure: { readonly error: unknown } | undefined;

  /**
   * Creates the loop; {@linkcode run} begins it.
   *
   * @param link As `control` takes them
   * @param controller The controller, or its step alone
   * @param options What ends it, and what is reported
   * @throws {TypeError} If the safe values or limits of the controller do not fit its signals, or its ranges its parameters
   */
  constructor(
    link: Client | Readonly<Record<string, Client>>,
    controller: Controller<Input, State> | Step<Input, State>,
    options: ControlOptions = {},
  ) {
    const described = erase(typeof controller === "function" ? { step: controller } : controller);
    this.#links = new ControlLinks(link, described, options);
    this.#options = options;
    this.#context = new StepSurroundings(this.#links);
    this.#controller = described;
    this.#configure(described);
  }

  /** The figures so far. */
  get figures(): ControlFigures {
    const { ending, steps, skipped, reloads, stepTime, lateness, inputAge } = this.#meter;
    return {
      ending,
      steps,
      skipped,
      ...this.#links.totals,
      faults: { ...this.#faults.counts },
      reloads,
      stepTime: stepTime.figures,
      lateness: lateness.figures,
      inputAge: inputAge.figures,
    };
  }

  /** The parameters with their values. */
  get parameters(): Readonly<Record<string, Parameter>> {
    return this.#parameters.values;
  }

  /** The ranges of the parameters that have one. */
  get parameterRanges(): Readonly<Record<string, ParameterRange>> {
    return this.#parameters.ranges;
  }

  /** The safe values of each link, in the order of the links; undefined where it has none. */
  get safeValues(): readonly (OutgoingSample["values"] | undefined)[] {
    return this.#links.list.map(({ safe }) => safe);
  }

  /**
   * Sets a parameter; the next step sees it.
   *
   * @param name Name of a parameter that the controller has
   * @param value The value, of the type of the default
   * @throws {TypeError} If there is no such parameter, or the value is of another type or outside of its range
   */
  setParameter(name: string, value: Parameter): void {
    this.#parameters.set(name, value);
  }

  /**
   * Replaces the controller between two steps. Its state stays, and the parameters that were set keep their values; rate,
   * signals and links stay as they were. Where it cannot take over, the old one goes on.
   *
   * @param controller The new controller; its `init` is called before the `stop` of the old one
   * @throws {TypeError} If its safe values or limits do not fit the signals
   * @throws The error of its `init`, if that throws one
   */
  async replace(controller: Controller<Input, State>): Promise<void> {
    const old = this.#controller;
    const next = erase(controller);
    await this.#pending;
    this.#configure(next);
    this.#isHeld = true;
    this.#context.isReloaded = true;
    try {
      await next.init?.(this.#context);
    } catch (error) {
      this.#configure(old);
      throw error;
    } finally {
      this.#isHeld = false;
    }
    this.#controller = next;
    this.#faults.reset();
    this.#meter.reloads++;
    await this.#callStop(old);
  }

  /** Takes an error that escaped from the controller elsewhere, such as in a timer of its own, as a fault of it. */
  reportError(error: unknown): void {
    this.#fault("exception", describeException(error), undefined, error);
    void this.#flush();
  }

  /** Ends the loop, as the signal does. */
  end(ending: ControlEnding = "signal"): void {
    this.#meter.ending ??= ending;
    this.#isEnding = true;
    this.#ended.abort();
  }

  /**
   * Runs the controller until its end.
   *
   * @throws {ControlError} With `strict`, for the first fault
   * @throws {DetectionError} If the format of a client is `"auto"` and what comes does not tell it
   */
  async run(): Promise<void> {
    const { rate } = this.#controller;
    using _timers = this.#startTimers();
    await this.#callInit();
    const receiving = this.#links.list.map((link) => this.#receive(link));
    try {
      if (rate === undefined) await aborted(this.#ended.signal);
      else await this.#stepAtRate(rate);
      if (this.#pending !== undefined) await this.#awaitLast(this.#pending);
      await this.#callStop(this.#controller);
    } finally {
      await this.#sendSafe();
      this.#links.close();
      await Promise.all(receiving);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #configure(controller: AnyController): void {
    checkRanges(controller);
    this.#links.configure(controller);
    this.#context.parameters = this.#parameters.adopt(controller);
  }

  /** Starts what ends the loop, and what watches for silence. */
  #startTimers(): Disposable {
    const { signal, duration, timeout } = this.#options;
    const abort = () => this.end("signal");
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    const timer = duration === undefined ? undefined : setTimeout(() => this.end("duration"), duration * 1000);
    const watches = [
      ...timeout === undefined ? [] : [new IdleWatch(this.#links.list, () => timeout, () => this.end("timeout"))],
      new IdleWatch(this.#links.list, () => this.#controller.watchdog, (link) => this.#onSilence(link)),
    ];
    return {
      [Symbol.dispose]: () => {
        signal?.removeEventListener("abort", abort);
        clearTimeout(timer);
        for (const watch of watches) watch.stop();
      },
    };
  }

  async #receive(link: ControlLink): Promise<void> {
    const { client } = link;
    const { onReceive, onPause } = this.#options;
    try {
      for (;;) {
        const messages = await client.receive();
        if (messages.length === 0) break;
        await this.#take(link, messages, performance.now());
        await this.#flush();
        onReceive?.(link.name, messages);
        const pause = onPause?.();
        if (pause !== undefined) await pause;
      }
    } catch (error) {
      this.#fail(error);
    }
    this.end("closed");
  }

  /** Takes samples that have come, and the steps that are due for them. */
  async #take(link: ControlLink, messages: readonly Sample[][], arrival: number): Promise<void> {
    const isPaced = this.#controller.rate !== undefined;
    // The end of one step is the beginning of the next one: reading the clock takes as long as a short step.
    let time = arrival;
    for (const message of messages) {
      for (const sample of message) {
        if (sample.type !== undefined) continue; // a start or stop mark has no values
        link.sample = sample;
        link.arrival = arrival;
        link.received++;
        if (this.#isSilent) this.#endSilence(link);
        this.#links.newest = link;
        if (isPaced || this.#isHeld || this.#isEnding) continue;
        // An asynchronous step that only waits for its turn is no overlap with the next sample of the same batch.
        if (this.#pending !== undefined) {
          await yieldToEventLoop();
          time = performance.now();
        }
        time = this.#step(sample, arrival, time);
      }
    }
  }

  async #stepAtRate(rate: number): Promise<void> {
    const { busyWait = false, onPause } = this.#options;
    const { signal } = this.#ended;
    let skipped = 0;
    for await (const { lateness, missed } of pace(rate, signal, { busyWait })) {
      const { newest } = this.#links;
      const isReady = newest !== undefined || this.#links.areWithoutInputs;
      if (!isReady || this.#isSilent || this.#isHeld) continue;
      if (missed && this.#meter.steps > 0) {
        // A controller wants the newest sample now, not all that it has missed: the rest of the grid stays.
        skipped++;
        this.#meter.skipped++;
        continue;
      }
      const time = performance.now();
      this.#context.period = (1 + skipped) / rate;
      skipped = 0;
      if (newest !== undefined) this.#meter.inputAge.record(newest.age);
      this.#step(undefined, time - lateness * 1000, time);
      await this.#flush();
      const pause = onPause?.();
      if (pause !== undefined) await pause;
    }
  }

  /**
   * Takes a step.
   *
   * @param answered The sample that is answered; undefined at a fixed rate
   * @param due When it was due, in milliseconds of `performance.now()`
   * @param started The time now
   * @returns The time behind it
   */
  #step(answered: Sample | undefined, due: number, started: number): number {
    if (this.#pending !== undefined) {
      this.#fault("overlap", "A step was due while the one before was still going on", answered);
      return started;
    }
    const meter = this.#meter;
    meter.lateness.record((started - due) / 1000);
    const input = this.#context.enter(meter.steps, answered, started);
    if (++meter.steps === this.#options.count) this.end("count");
    let output: unknown;
    let hasReturned = false;
    try {
      output = this.#controller.step(input as never, this.#context);
      hasReturned = true;
    } catch (error) {
      this.#fault("exception", describeException(error), answered, error);
    }
    if (!Array.isArray(output) && isPromise(output)) {
      this.#pending = this.#await(output, answered, started, due);
      return performance.now();
    }
    if (hasReturned) this.#finish(output, answered, due, started);
    const ended = performance.now();
    meter.stepTime.record((ended - started) / 1000);
    this.#record(answered);
    return ended;
  }

  /** Waits for an asynchronous step. */
  async #await(
    output: PromiseLike<unknown>,
    answered: Sample | undefined,
    started: number,
    due: number,
  ): Promise<void> {
    const { deadline, stuckTimeout } = this.#options;
    let isLate = false;
    const late = deadline === undefined ? undefined : setTimeout(() => {
      isLate = true;
      this.#fault("deadline", describeLate(deadline), answered);
      void this.#flush();
    }, Math.max(0, due + deadline * 1000 - performance.now()));
    const stuck = stuckTimeout === undefined ? undefined : setTimeout(() => this.end("stuck"), stuckTimeout * 1000);
    try {
      const result = await output;
      if (!isLate) this.#finish(result, answered, due, performance.now());
    } catch (error) {
      this.#fault("exception", describeException(error), answered, error);
    } finally {
      clearTimeout(late);
      clearTimeout(stuck);
      this.#meter.stepTime.record((performance.now() - started) / 1000);
      this.#pending = undefined;
      this.#record(answered);
    }
    await this.#flush();
  }

  /** Waits a little for the asynchronous step that is going on at the end. */
  async #awaitLast(pending: Promise<void>): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([pending, new Promise((resolve) => timer = setTimeout(resolve, lastStepMs))]);
    clearTimeout(timer);
  }

  /** Prepares the output of a step that has returned. */
  #finish(output: unknown, answered: Sample | undefined, due: number, time: number): void {
    const { deadline } = this.#options;
    if (this.#isSealed) return;
    if (deadline !== undefined && performance.now() - due > deadline * 1000) {
      this.#fault("deadline", describeLate(deadline), answered);
      return;
    }
    try {
      this.#links.prepare(output, answered, time);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      this.#fault(error.kind, error.message, answered);
    }
  }

  /** Counts a fault, prepares the safe values, and reports it where it is new. */
  #fault(kind: FaultKind, message: string, answered: Sample | undefined, error?: unknown): void {
    if (this.#meter.ending === "fault") return;
    const isSafeSent = this.#prepareSafe(answered);
    const fault: ControlFault = { kind, message, isSafeSent, ...error === undefined ? {} : { error } };
    const isNew = this.#faults.add(kind, message);
    if (isNew) this.#options.onFault?.(fault);
    if (!this.#options.strict) return;
    this.#failure ??= { error: new ControlError(fault) };
    this.end("fault");
  }

  #prepareSafe(answered?: Sample): boolean {
    try {
      return this.#links.prepareSafe(answered);
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      // They were checked, but the format cannot carry them.
      this.#failure ??= { error };
      this.end("fault");
      return false;
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.end("fault");
  }

  #onSilence(silent: ControlLink): void {
    if (this.#isEnding) return;
    const { watchdog } = this.#controller;
    const where = this.#links.isMultiple ? ` from ${silent.name}` : "";
    this.#fault("silence", `No sample came${where} for ${watchdog} s`, undefined);
    this.#isSilent = true;
    void this.#flush();
  }

  #endSilence(link: ControlLink): void {
    const { watchdog = Infinity } = this.#controller;
    if (this.#links.list.some(({ age, isWithoutInputs }) => age > watchdog && !isWithoutInputs)) return;
    this.#isSilent = false;
    this.#options.onRecovery?.(link.name);
  }

  #record(answered: Sample | undefined): void {
    if (this.#options.onStep === undefined) return;
    this.#records.push({
      sequence: answered === undefined ? BigInt(this.#meter.steps - 1) : answered.sequence ?? 0n,
      tsOrigin: answered === undefined ? now() : answered.tsOrigin,
      inputs: this.#links.list.flatMap((link) => link.inputValues),
      outputs: this.#links.list.flatMap((link) => link.outputValues),
    });
  }

  /** Sends what is prepared, and reports the steps that it came from. */
  async #flush(): Promise<void> {
    const sending = this.#links.flush();
    // What is on its way to the node matters more than what is printed about it.
    if (this.#records.length > 0) {
      const records = this.#records;
      this.#records = [];
      for (const record of records) this.#options.onStep?.(record);
    }
    try {
      await sending;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Sends the safe values as the last ones. */
  async #sendSafe(): Promise<void> {
    this.#isSealed = true;
    this.#prepareSafe();
    await this.#flush();
  }

  /** Calls `init`; a controller that cannot begin is not run. */
  async #callInit(): Promise<void> {
    try {
      await this.#controller.init?.(this.#context);
    } catch (error) {
      const message = describeException(error);
      this.#fault("exception", message, undefined, error);
      this.#fail(new ControlError({ kind: "exception", message, error, isSafeSent: false }));
    }
  }

  async #callStop({ stop }: AnyController): Promise<void> {
    try {
      await stop?.(this.#context);
    } catch (error) {
      this.#fault("exception", describeException(error), undefined, error);
    }
  }
}

/** Forgets the types of a controller, which only its author knows. */
function erase<Input, State>(controller: Controller<Input, State>): AnyController {
  return controller as unknown as AnyController;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function describeLate(deadline: number): string {
  return `A step ended more than ${deadline} s after it was due`;
}

function describeException(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : `Uncaught ${String(error)}`;
}
