/**
 * One run of a controller on the command line: the loop, what it prints and records, and its summary.
 *
 * @module
 */

import { DetectionError } from "../../client/auto_format.ts";
import { ControlLoop } from "../../controllers/control_loop.ts";
import type { ControlOptions, StepRecord } from "../../controllers/control_options.ts";
import type { Controller } from "../../controllers/controller.ts";
import { ControlError } from "../../controllers/faults.ts";
import { joinSignals } from "../../controllers/recorded_signals.ts";
import { StuckWatchdog } from "../../controllers/stuck_watchdog.ts";
import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { now } from "../../samples/timestamp.ts";
import { readInput } from "../../system/input_error.ts";
import { plural } from "../../system/text.ts";
import { exitStatus, type Session } from "../../terminal/command.ts";
import type { ControlFile } from "./control_file.ts";
import type { ControlScope } from "./control_scope.ts";
import type { ControlConnections, ControlLinkSettings } from "./control_links.ts";
import { applySettings, readSettings } from "./control_settings.ts";
import { describeControl } from "./control_summary.ts";
import { describePlant, type LocalPlant } from "./plant.ts";
import { createPrinter } from "./printer.ts";
import { Recorder } from "./recorder.ts";
import { formatOfEnding } from "./recording.ts";
import { createRecorderSettings } from "./recording_output.ts";
import { type Conclusion, runTask } from "./run_connected.ts";
import { createStatsReporter, type StatsReporter } from "./stats_reporter.ts";
import { describeSummary, summarize } from "./summary.ts";
import { createView } from "./view.ts";
import type { RunValues } from "./run_options.ts";

/** One run of a controller. */
export class ControlRun {
  readonly #values: RunValues;
  readonly #source: ControlFile;
  readonly #links: readonly ControlLinkSettings[];
  readonly #connections: ControlConnections;
  readonly #session: Session;
  /** Samples that were not printed because the reader was too slow. */
  #omitted = 0;
  #settling: Promise<void> | undefined;
  /** Error that ended the loop. */
  #error: ControlError | DetectionError | undefined;

  constructor(
    values: RunValues,
    source: ControlFile,
    links: readonly ControlLinkSettings[],
    connections: ControlConnections,
    session: Session,
  ) {
    this.#values = values;
    this.#source = source;
    this.#links = links;
    this.#connections = connections;
    this.#session = session;
  }

  async run(plant: LocalPlant | undefined): Promise<number> {
    const { log, output } = this.#session;
    const values = this.#values;
    const signals = joinSignals(Object.fromEntries(this.#links.map(({ name, signals }) => [name, signals])));
    const view = await createView(values, values.print, signals, {
      isTerminal: output.isTerminal,
      hasStats: values.stats === "-",
    });
    const logged = values.log === undefined ? undefined : await createRecorderSettings({
      path: values.log,
      format: { type: formatOfEnding(values.log, "a name such as run.csv", "json") },
      signals,
    }, this.#session);
    const printer = createPrinter(view.format, output, log, view.reduce);
    using reporter = await createStatsReporter(values, log);
    using recorder = logged && await Recorder.create(logged, this.#session, () => loop.end("closed"));
    const print = (sample: Sample) => {
      recorder?.record([sample]);
      // A reader that is too slow must not hold the loop up.
      if (output.isFull) this.#omitted++;
      else printer.print([sample]);
    };
    using watchdog = this.#startWatchdog();
    const isRecorded = view.format !== undefined || recorder !== undefined || values.scope !== undefined;
    const loop = await readInput(
      () =>
        new ControlLoop(this.#connections.clients, this.#complete(this.#source.controller), {
          ...this.#options(reporter, (messages) => scope?.receive(messages)),
          ...watchdog && { sequences: watchdog.sequences },
          ...isRecorded && {
            onStep: (step) => {
              scope?.record(step);
              print(toSample(step));
            },
          },
          ...recorder && { onPause: () => this.#settle(recorder) },
        }),
      `Cannot use ${this.#source.path}`,
    );
    if (values.set !== undefined) await applySettings(loop, values.set);
    this.#plan(watchdog, loop);
    await using scope = await this.#openScope(loop, signals);
    log.info(this.#announce());
    if (scope !== undefined) log.info(`Showing it at ${scope.url}`);
    let plantLines: string[] = [];
    const status = await runTask(undefined, values, this.#session, {
      run: async () => {
        const { single } = this.#connections;
        if (single !== undefined) await plant?.start(single.local);
        using _intervals = single && reporter?.watch(single);
        await this.#runLoop(loop, watchdog);
        const report = await plant?.finish();
        if (report !== undefined) plantLines = describePlant(report);
        await recorder?.finish();
      },
      conclude: (_, seconds) => {
        printer.flushLogs();
        this.#connections.flushLogs();
        return this.#conclude(loop, seconds, reporter, recorder, plantLines);
      },
    });
    if (status !== exitStatus.done || loop.figures.ending !== "timeout") return status;
    log.error(`No sample arrived for ${values.timeout} s`);
    return exitStatus.timeout;
  }

  /** Opens the file, and waits where the disk is slower than the samples; steps and links share one such wait. */
  #settle(recorder: Recorder): Promise<void> {
    return this.#settling ??= recorder.settle(this.#session.ended).finally(() => this.#settling = undefined);
  }

  /** Runs the loop, with all that changes it from outside. */
  async #runLoop(loop: ControlLoop, watchdog: StuckWatchdog | undefined): Promise<void> {
    const { log } = this.#session;
    const values = this.#values;
    const ended = new AbortController();
    using _escapes = catchEscapes((error) => loop.reportError(error));
    const hasParameters = Object.keys(loop.parameters).length > 0;
    using _settings = hasParameters || values.watch ? readSettings(loop, log) : undefined;
    const replace = async (controller: Controller) => {
      await loop.replace(this.#complete(controller));
      this.#plan(watchdog, loop);
      log.info(`Replaced the controller by ${this.#source.path} as it is now`);
    };
    const watching = values.watch
      ? this.#source.watch(
        ended.signal,
        replace,
        (reason) => log.warning(`Keeping the controller that runs: ${reason}`),
      )
      : undefined;
    try {
      await loop.run();
    } catch (error) {
      if (!(error instanceof ControlError) && !(error instanceof DetectionError)) throw error;
      this.#error = error;
    } finally {
      ended.abort();
      await watching;
    }
    if (this.#error instanceof DetectionError) throw this.#error;
  }

  /** Opens the scope, if it is asked for. */
  async #openScope(loop: ControlLoop, signals: readonly Signal[] | undefined): Promise<ControlScope | undefined> {
    const { scope: listening } = this.#values;
    if (listening === undefined) return undefined;
    const { ControlScope } = await import("./control_scope.ts");
    const inputs = this.#links.reduce((count, { signals }) => count + (signals.in?.length ?? 0), 0);
    return await ControlScope.open(
      this.#source.path,
      loop,
      { signals, inputs },
      this.#connections.single,
      listening,
    );
  }

  #options(
    reporter: StatsReporter | undefined,
    onReceive: (messages: readonly (readonly Sample[])[]) => void,
  ): ControlOptions {
    const { log, ended } = this.#session;
    const { count, duration, timeout, deadline, stuck, strict } = this.#values;
    return {
      signal: ended,
      strict,
      // A nap before a step would delay what polling is to receive at once.
      busyWait: this.#values["busy-wait"] || this.#values["busy-poll"] !== undefined,
      ...count === undefined ? {} : { count },
      ...duration === undefined ? {} : { duration },
      ...timeout === undefined ? {} : { timeout },
      ...deadline === undefined ? {} : { deadline },
      ...stuck === 0 ? {} : { stuckTimeout: stuck },
      onFault: (fault) => {
        const instead = fault.isSafeSent ? "sent the safe values instead" : "sent nothing instead";
        log.warning(`${this.#source.describe(fault)}; ${instead}`);
      },
      onRecovery: () => log.info("Samples come again"),
      onReceive: (link, messages) => {
        this.#connections.byName.get(link)?.resetIdleTimer();
        onReceive(messages);
        if (reporter === undefined) return;
        const received = now();
        for (const samples of messages) reporter.record(samples, received);
      },
    };
  }

  /** Completes a controller with what the options say. */
  #complete(controller: Controller): Controller {
    const { rate } = this.#values;
    const [first] = this.#links;
    if (first === undefined) return controller;
    const links = Object.fromEntries(
      this.#links.map(({ name, signals }) => [name, { ...controller.links?.[name], signals: { ...signals } }]),
    );
    return { ...controller, links, signals: { ...first.signals }, ...rate === undefined ? {} : { rate } };
  }

  #startWatchdog(): StuckWatchdog | undefined {
    const { stuck: limit } = this.#values;
    if (limit === 0) return undefined;
    const onError = (reason: string) =>
      this.#session.log.warning(`A step that never returns will not be noticed: ${reason}`);
    return new StuckWatchdog({ limit, links: this.#links.length, onError });
  }

  #plan(watchdog: StuckWatchdog | undefined, loop: ControlLoop): void {
    const links = loop.safeValues.map((values, index) => {
      const { name, signals, format } = this.#links[index] ?? {};
      const remote = this.#connections.byName.get(name ?? "")?.client.remote;
      // A format that is detected is known later, if at all: its name is.
      return values === undefined || remote === undefined || format === undefined || signals === undefined
        ? undefined
        : { remote, format, signals, values };
    });
    watchdog?.plan(this.#source.place, links);
  }

  #announce(): string {
    const { rate = this.#source.controller.rate } = this.#values;
    const links = [...this.#connections.byName].map(([name, { client: { local, remote } }]) =>
      `${this.#connections.single === undefined ? `${name} ` : ""}receiving on ${local}, sending to ${remote}`
    );
    const when = rate === undefined ? "for each sample" : `${rate} times per second`;
    return `Running ${this.#source.path} ${when}: ${links.join("; ")}`;
  }

  #conclude(
    loop: ControlLoop,
    seconds: number,
    reporter: StatsReporter | undefined,
    recorder: Recorder | undefined,
    plantLines: readonly string[],
  ): Conclusion {
    const { figures } = loop;
    const { ending } = figures;
    const links = [...this.#connections.byName].map(([name, { client }]) => ({
      name,
      summary: summarize("run", client, seconds, reporter),
    }));
    const lines = links.flatMap(({ name, summary }) =>
      describeSummary(summary).map((line) => links.length === 1 ? line : `${name}: ${line}`)
    );
    if (this.#omitted > 0) {
      lines.push(`Did not print ${plural(this.#omitted, "sample")}: the reader was too slow`);
    }
    if (recorder?.isOpen) lines.push(`Recorded ${plural(recorder.written, "sample")} in ${this.#values.log}`);
    const failures = [
      ...this.#error instanceof ControlError ? [this.#source.describe(this.#error.fault)] : [],
      ...ending === "stuck" ? [`${this.#source.place}: the step has not ended for ${this.#values.stuck} s`] : [],
      ...recorder?.failure === undefined ? [] : [recorder.failure],
    ];
    return {
      figures: {
        ...links.length === 1 ? links[0]?.summary : { command: "run", seconds },
        ...links.length > 1 && { links: Object.fromEntries(links.map(({ name, summary }) => [name, summary])) },
        control: { file: this.#source.path, ...figures },
      },
      lines: [...lines, ...describeControl(figures), ...plantLines],
      failure: failures.length === 0 ? undefined : failures.join("; "),
    };
  }
}

/** Makes one sample of the inputs and outputs of a step. */
function toSample({ sequence, tsOrigin, inputs, outputs }: StepRecord): Sample {
  return { sequence, ...tsOrigin && { tsOrigin }, values: [...inputs, ...outputs] };
}

/** Takes what a controller throws outside of its steps, such as in a timer of its own; it would end the process. */
function catchEscapes(onError: (error: unknown) => void): Disposable {
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    onError(event.reason);
  };
  const onUncaught = (event: ErrorEvent) => {
    event.preventDefault();
    onError(event.error);
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onUncaught);
  return {
    [Symbol.dispose]() {
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onUncaught);
    },
  };
}
