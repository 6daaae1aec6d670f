/**
 * The loop of a controller: one step for each sample or at a fixed rate, and an end that leaves safe values.
 *
 * @module
 */

import { answerMessages } from "../client/answering.ts";
import type { Client } from "../client/client.ts";
import type { Controller, Parameter, ParameterRange, Step } from "./controller.ts";
import { StepSurroundings } from "./_context.ts";
import type { ControlOptions } from "./control_options.ts";
import { FaultHandler } from "./_fault_handler.ts";
import { type ControlEnding, type ControlFigures, StepMeter } from "./figures.ts";
import { IdleWatch } from "./_idle_watch.ts";
import { Lifecycle } from "./_lifecycle.ts";
import type { ControlLink } from "./_link.ts";
import { ControlLinks } from "./_links.ts";
import { LoopEnding } from "./_loop_ending.ts";
import { checkRanges, ParameterSet } from "./_parameter_set.ts";
import { StepDelivery } from "./_step_delivery.ts";
import { Silence } from "./_silence.ts";
import { type AnyController, Stepper } from "./_stepper.ts";
import type { OutgoingSample, Sample } from "../samples/sample.ts";
import { yieldToEventLoop } from "../system/wait.ts";
import { pace } from "../timing/pacing.ts";

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
  readonly #options: ControlOptions;
  readonly #links: ControlLinks;
  readonly #ending = new LoopEnding();
  readonly #meter = new StepMeter();
  readonly #parameters = new ParameterSet();
  readonly #context: StepSurroundings;
  readonly #faults: FaultHandler;
  readonly #delivery: StepDelivery;
  readonly #stepper: Stepper;
  readonly #silence: Silence;
  readonly #lifecycle: Lifecycle;
  /** True while another controller takes over, and no step is taken. */
  #isHeld = false;

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
    const links = new ControlLinks(link, described, options);
    const ending = this.#ending;
    const context = new StepSurroundings(links);
    const faults = new FaultHandler(links, options, ending);
    const delivery = new StepDelivery(links, options, ending);
    const meter = this.#meter;
    this.#options = options;
    this.#links = links;
    this.#context = context;
    this.#faults = faults;
    this.#delivery = delivery;
    this.#stepper = new Stepper(described, { links, context, meter, faults, delivery, ending, options });
    this.#lifecycle = new Lifecycle({ context, faults, ending, options });
    this.#silence = new Silence(this.#stepper, { links, faults, delivery, ending, options });
    this.#configure(described);
  }

  /** The figures so far. */
  get figures(): ControlFigures {
    const { steps, skipped, reloads, stepTime, lateness, inputAge } = this.#meter;
    return {
      ending: this.#ending.reason,
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
    const old = this.#stepper.controller;
    const next = erase(controller);
    await this.#stepper.pending;
    this.#configure(next);
    this.#isHeld = true;
    this.#context.isReloaded = true;
    try {
      await this.#lifecycle.takeOver(next);
    } catch (error) {
      this.#configure(old);
      throw error;
    } finally {
      this.#isHeld = false;
    }
    this.#stepper.controller = next;
    this.#faults.reset();
    this.#meter.reloads++;
    await this.#lifecycle.end(old);
  }

  /** Takes an error that escaped from the controller elsewhere, such as in a timer of its own, as a fault of it. */
  reportError(error: unknown): void {
    this.#faults.handleException(error);
    void this.#delivery.flush();
  }

  /** Ends the loop, as the signal does. */
  end(ending: ControlEnding = "signal"): void {
    this.#ending.end(ending);
  }

  /**
   * Runs the controller until its end.
   *
   * @throws {ControlError} With `strict`, for the first fault
   * @throws {DetectionError} If the format of a client is `"auto"` and what comes does not tell it
   */
  async run(): Promise<void> {
    const { rate } = this.#stepper.controller;
    using _timers = this.#startTimers();
    await this.#lifecycle.begin(this.#stepper.controller);
    const receiving = this.#links.list.map((link) => this.#receive(link));
    try {
      if (rate === undefined) await this.#ending.wait();
      else await this.#stepAtRate(rate);
      await this.#stepper.awaitLast();
      await this.#lifecycle.end(this.#stepper.controller);
    } finally {
      await this.#sendSafe();
      this.#links.close();
      await Promise.all(receiving);
    }
    const { failure } = this.#ending;
    if (failure !== undefined) throw failure.error;
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
      this.#silence.watch(),
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
    try {
      await answerMessages(link.client, (messages) => this.#answer(link, messages));
    } catch (error) {
      this.#ending.fail(error);
    }
    this.end("closed");
  }

  /** Takes the steps that are due for samples that have come, and sends their outputs; without a promise where nothing waits. */
  #answer(link: ControlLink, messages: readonly Sample[][]): Promise<void> | undefined {
    const taking = this.#take(link, messages, performance.now());
    const sending = taking === undefined ? this.#delivery.flush() : taking.then(() => this.#delivery.flush());
    return sending === undefined ? this.#conclude(link, messages) : sending.then(() => this.#conclude(link, messages));
  }

  /** Reports samples that are answered; returns what the next ones wait for. */
  #conclude(link: ControlLink, messages: readonly Sample[][]): Promise<void> | undefined {
    const { onReceive, onPause } = this.#options;
    onReceive?.(link.name, messages);
    return onPause?.() ?? undefined;
  }

  /** Takes samples that have come, and the steps that are due for them; returns a promise only where one has to wait. */
  #take(link: ControlLink, messages: readonly Sample[][], arrival: number): Promise<void> | undefined {
    // The end of one step is the beginning of the next one: reading the clock takes as long as a short step.
    let time = arrival;
    let taken = 0;
    for (const message of messages) {
      for (const sample of message) {
        if (this.#stepper.pending !== undefined) return this.#takeOthers(link, messages.flat().slice(taken), arrival);
        time = this.#takeOne(link, sample, arrival, time);
        taken++;
      }
    }
    return undefined;
  }

  /** Takes samples that have come while an asynchronous step was going on. */
  async #takeOthers(link: ControlLink, samples: readonly Sample[], arrival: number): Promise<void> {
    for (const sample of samples) {
      // A step that only waits for its turn is no overlap with the next sample of the same batch.
      if (this.#stepper.pending !== undefined) await yieldToEventLoop();
      this.#takeOne(link, sample, arrival, performance.now());
    }
  }

  /** Takes a sample, and the step that is due for it; returns the time behind it. */
  #takeOne(link: ControlLink, sample: Sample, arrival: number, time: number): number {
    if (sample.type !== undefined) return time; // a start or stop mark has no values
    const stepper = this.#stepper;
    link.sample = sample;
    link.arrival = arrival;
    link.received++;
    if (this.#silence.isGoingOn) this.#silence.end(link);
    this.#links.newest = link;
    if (stepper.controller.rate !== undefined || this.#isHeld || this.#ending.isReached) return time;
    return stepper.step(sample, arrival, time);
  }

  async #stepAtRate(rate: number): Promise<void> {
    const { busyWait = false, onPause } = this.#options;
    const { signal } = this.#ending;
    let skipped = 0;
    for await (const { lateness, missed } of pace(rate, signal, { busyWait })) {
      const { newest } = this.#links;
      const isReady = newest !== undefined || this.#links.areWithoutInputs;
      if (!isReady || this.#silence.isGoingOn || this.#isHeld) continue;
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
      this.#stepper.step(undefined, time - lateness * 1000, time);
      const sending = this.#delivery.flush();
      if (sending !== undefined) await sending;
      const pause = onPause?.();
      if (pause !== undefined) await pause;
    }
  }

  /** Sends the safe values as the last ones. */
  async #sendSafe(): Promise<void> {
    this.#stepper.seal();
    this.#faults.prepareSafe();
    await this.#delivery.flush();
  }
}

/** Forgets the types of a controller, which only its author knows. */
function erase<Input, State>(controller: Controller<Input, State>): AnyController {
  return controller as unknown as AnyController;
}
