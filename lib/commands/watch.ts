/**
 * `villas-client watch`: the signals of a link on a terminal, renewed in place.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { receiveSamples } from "../client/receive.ts";
import { secondsBetween } from "../samples/timestamp.ts";
import type { Command, Session } from "../terminal/command.ts";
import { holdLog } from "../terminal/log.ts";
import { type Key, Screen } from "../terminal/screen.ts";
import { createDistribution } from "../timing/distribution.ts";
import { address } from "./_shared/address.ts";
import type { OpenLink } from "./_shared/connect.ts";
import type { Connection } from "./_shared/connection.ts";
import { commonOptions, connectionOptions, limitOptions, statsOption, wireFormatOption } from "./_shared/options.ts";
import { runConnected } from "./_shared/run_connected.ts";
import { directionsOf, receivedSignalOptions } from "./_shared/signals.ts";
import { createStatsReporter, type StatsReporter } from "./_shared/stats_reporter.ts";
import { describeSummary, summarize } from "./_shared/summary.ts";
import { parseSelection } from "./_shared/view.ts";
import { viewOptions } from "./_shared/view_options.ts";
import { describeOnLine, layOutScreen, type LinkState } from "./_shared/watch_layout.ts";
import { type WatchedSignal, WatchedSignals } from "./_shared/watched_signals.ts";

const { "signals-out": _sent, ...receivingOptions } = connectionOptions;

const options = {
  ...receivingOptions,
  "any-source": { ...receivingOptions["any-source"], needs: ["remote"] },
  remote: address({ help: "receive from this address only", defaultText: "every address" }),
  ...receivedSignalOptions,
  format: wireFormatOption,
  select: { ...viewOptions.select, help: "show only these values: indices from 0, ranges and names of --signals" },
  ...limitOptions,
  stats: statsOption,
  ...commonOptions,
};

/** Times per second that the screen is drawn, and time between two lines without one, in milliseconds. */
const picturesPerSecond = 10;
const lineInterval = 1000;

/** Size that is assumed where a terminal does not say its own. */
const usualSize = { columns: 80, rows: 24 };

/** The command `watch`. */
export const watchCommand: Command<typeof options> = {
  name: "watch",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Shows the signals that arrive in a table that renews itself ten times per second: the newest value of each, its " +
    "smallest and largest one, and its course in the last ten seconds; above them the rate, missing samples and the median " +
    "delay. It never sends anything, and restores the screen when it ends.",
    "q quits, the arrows select a signal (and scroll), and the space bar holds the values while counting goes on. Of complex " +
    "signals, extremes and course are those of the magnitude.",
    "Where standard output is not a terminal, it prints one line per second.",
  ],
  examples: [
    { what: "Watch what a VILLASnode sends to this machine", line: "villas-client watch" },
    {
      what: "Watch two values with names and units, in any format",
      line: `villas-client watch -f auto -t '[{"name":"va","unit":"V"},{"name":"n"}]'`,
    },
    { what: "Log a line per second, in a file", line: "villas-client watch > watch.log" },
  ],
  options,
  async run(values, [operand], session) {
    const signals = directionsOf(values, session.nameOf);
    const indices = values.select === undefined ? undefined : await parseSelection(values.select, signals.in);
    const settings = {
      ...{ values, operand, format: values.format, signals },
      ...{ isReceiveOnly: true, awaitsDatagrams: true },
    };
    // Messages would be drawn over; they are seen when the screen is given back.
    using held = session.output.isTerminal ? holdLog(session.log) : undefined;
    using reporter = await createStatsReporter(values, session.log);
    const announce = ({ local, remote }: OpenLink) =>
      `Watching ${local}${remote === undefined ? "" : ` from ${remote}`}`;
    return await runConnected(settings, { ...session, ...held && { log: held.log } }, announce, {
      async run(connection) {
        await watch(connection, new WatchedSignals(signals.in, indices), values.count, reporter, session);
        held?.[Symbol.dispose]();
      },
      conclude({ client }, seconds) {
        const figures = summarize("watch", client, seconds, reporter);
        return { figures, lines: describeSummary(figures, false) };
      },
    });
  },
};

/** Receives until the end, and shows what comes. */
async function watch(
  connection: Connection,
  watched: WatchedSignals,
  count: number | undefined,
  reporter: StatsReporter | undefined,
  { output, ended }: Session,
): Promise<void> {
  const { client } = connection;
  const meter = new LinkMeter(client);
  using display = output.isTerminal
    ? showScreen(meter, watched, () => client.close())
    : showLines(meter, watched, (line) => output.write(`${line}\n`));
  // At once, whatever else the end waits for.
  ended.addEventListener("abort", () => display[Symbol.dispose](), { once: true });
  await receiveSamples(client, {
    ...count === undefined ? {} : { count },
    onSamples(samples, received) {
      connection.resetIdleTimer();
      watched.describe(client.format.signals);
      watched.record(samples, meter.elapsed);
      for (const { tsOrigin } of samples) if (tsOrigin) meter.recordDelay(secondsBetween(received, tsOrigin));
      reporter?.record(samples, received);
    },
  });
  client.close();
}

/** Measures the link, second by second. */
class LinkMeter {
  readonly #client: Client;
  readonly #started = performance.now();
  #delays = createDistribution();
  #last = { time: this.#started, samples: 0 };
  #rate = 0;
  #delay: number | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Seconds since the beginning. */
  get elapsed(): number {
    return (performance.now() - this.#started) / 1000;
  }

  recordDelay(seconds: number): void {
    this.#delays.record(seconds);
  }

  /** Returns the state of the link now; rate and delay are renewed once per second. */
  get state(): LinkState {
    const { local, remote, format, counters: { received } } = this.#client;
    const { samples, missing, refused, ignored } = received;
    const time = performance.now();
    const passed = (time - this.#last.time) / 1000;
    if (passed >= 0.99) {
      this.#rate = (samples - this.#last.samples) / passed;
      this.#delay = this.#delays.figures.p50 ?? undefined;
      this.#last = { time, samples };
      this.#delays = createDistribution();
    }
    return {
      title: `${local}${remote === undefined ? "" : ` from ${remote}`}, ${format.name}`,
      ...{ elapsed: this.elapsed, rate: this.#rate, samples, missing, refused, ignored, delay: this.#delay },
    };
  }
}

/** Draws the screen again and again. */
function showScreen(meter: LinkMeter, watched: WatchedSignals, quit: () => void): Disposable {
  let selected = 0;
  let held: WatchedSignal[] | undefined;
  const input = Deno.stdin.isTerminal() ? Deno.stdin : undefined;
  const onKey = (key: Key) => {
    if (key === "q") quit();
    else if (key === "space") held = held === undefined ? watched.list(meter.elapsed) : undefined;
    else selected += key === "up" ? -1 : 1;
    draw();
  };
  const screen = new Screen({ output: Deno.stdout, input }, onKey);
  const timer = setInterval(draw, 1000 / picturesPerSecond);
  function draw(): void {
    const signals = held ?? watched.list(meter.elapsed);
    selected = Math.max(0, Math.min(selected, signals.length - 1));
    screen.draw(layOutScreen(meter.state, signals, { selected, isHeld: held !== undefined, ...sizeOfTerminal() }));
  }
  draw();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      screen[Symbol.dispose]();
    },
  };
}

function sizeOfTerminal(): { columns: number; rows: number } {
  try {
    const size = Deno.consoleSize();
    return size.columns === 0 ? usualSize : size;
  } catch {
    return usualSize;
  }
}

/** Writes a line per second. */
function showLines(meter: LinkMeter, watched: WatchedSignals, write: (line: string) => void): Disposable {
  const timer = setInterval(() => write(describeOnLine(meter.state, watched.list(meter.elapsed))), lineInterval);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
