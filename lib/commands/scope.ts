/**
 * `villas-client scope`: an oscilloscope in the browser, for a link or for files.
 *
 * @module
 */

import { receiveSamples } from "../client/receive.ts";
import { readBatches } from "../recordings/files.ts";
import { now } from "../samples/timestamp.ts";
import { checkUnsentControls, type ControlValues, createDesk } from "./_shared/scope_controls.ts";
import { readView } from "./_shared/scope_view.ts";
import type { LinkMonitor } from "../scope/link_monitor.ts";
import { parseControls } from "../scope/controls.ts";
import { SampleHistory } from "../scope/history.ts";
import type { Control } from "../scope/protocol.ts";
import { type ScopeServer, serveScope } from "../scope/server.ts";
import type { ScopeServerOptions, ScopeSource } from "../scope/source.ts";
import { InputError, readInput } from "../system/input_error.ts";
import { plural } from "../system/text.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { count, file, flag, numeric, type Option, positive, type Values } from "../terminal/option.ts";
import { showProgress } from "../terminal/progress.ts";
import { parseAddress } from "../transports/address.ts";
import { address } from "./_shared/address.ts";
import type { Connection } from "./_shared/connection.ts";
import { LinkHistory } from "./_shared/link_history.ts";
import { freePort, type Listening, parseListening } from "./_shared/listening.ts";
import { commonOptions, connectionOptions, limitOptions, wireFormatOption } from "./_shared/options.ts";
import { openDestination } from "./_shared/output.ts";
import { findRecording, inputFormatOption, timeColumnOption } from "./_shared/recording.ts";
import { runConnected } from "./_shared/run_connected.ts";
import { directionsOf } from "./_shared/signals.ts";
import { describeSummary, summarize } from "./_shared/summary.ts";

/** Memory of the samples of a link and of a file, in MiB, unless an option says otherwise. */
const defaultMemory = { link: 64, file: 512 } as const;

const listenOption: Option<Listening> = {
  value: "HOST:PORT",
  defaultText: "127.0.0.1:0, a free port on this machine",
  help:
    "serve the page on this address; any but one of this machine gives the URL a token, without which nobody gets in",
  default: freePort,
  parse: parseListening,
};

const controlsOption: Option<readonly Control[] | undefined> = {
  value: "LIST",
  help:
    'send values that sliders, fields and switches of the page set, such as "setpoint:0..400=230,breaker:bool,n:int": ' +
    "names, each with a range or float, int or bool, and a value to begin with",
  default: undefined,
  parse: parseControls,
};

const panesOption: Option<readonly (readonly string[])[] | undefined> = {
  value: "LIST",
  needs: ["output"],
  help: 'draw these signals, such as "va,vb,vc;breaker": names with commas between them, panes with semicolons',
  defaultText: "those of a unit in a pane",
  default: undefined,
  parse(given) {
    const panes = given.split(";").map((pane) => pane.split(",").map((name) => name.trim()));
    if (panes.flat().includes("")) throw new SyntaxError('expected names of signals, such as "va,vb,vc;breaker"');
    return panes;
  },
};

/** Declares an option that takes a time from the first sample on. */
function secondsOption(help: string, defaultText: string): Option<number | undefined> {
  const description = { help, defaultText, needs: ["output"] };
  return numeric("SECONDS", description, undefined, "a number of seconds, 0 or greater", (seconds) => seconds >= 0);
}

const { count: _count, ...limits } = limitOptions;

const options = {
  ...connectionOptions,
  "any-source": { ...connectionOptions["any-source"], needs: ["remote", "controls"] },
  remote: address({
    env: "VILLAS_REMOTE",
    envWith: "controls",
    help: "receive from this address only, and send the values of the controls to it",
    defaultText: "every address; with --controls, udp://127.0.0.1:12000 or unix:/var/run/villas-node.server.sock",
  }),
  format: wireFormatOption,
  listen: listenOption,
  open: flag({ help: "open the page in the browser" }),
  controls: controlsOption,
  rate: positive("HZ", {
    short: "r",
    needs: ["controls"],
    help: "send the values of the controls at this rate",
    defaultText: "once for each change",
  }),
  memory: count("MIB", {
    help: "keep so many MiB of samples of a link or of each file; the oldest ones make room for new ones",
    defaultText: `${defaultMemory.link} for a link, ${defaultMemory.file} for a file`,
  }),
  output: file("FILE", {
    short: "o",
    excludes: ["listen", "open", "view"],
    help: "draw the files as a picture (SVG) into this file instead of serving a page; - is standard output",
  }),
  panes: panesOption,
  from: secondsOption("begin the picture so many seconds after the first sample", "0"),
  to: secondsOption("end the picture so many seconds after the first sample", "the end of the longest file"),
  view: file("FILE", { help: "begin with the view of this file, which the page has saved" }, "read"),
  "input-format": { ...inputFormatOption, help: "read files in this format" },
  "time-column": timeColumnOption,
  ...limits,
  ...commonOptions,
};

/** The command `scope`. */
export const scopeCommand: Command<typeof options> = {
  name: "scope",
  operands: "[udp|unix|FILE...]",
  maximumOperands: Infinity,
  operandChoices: ["udp", "unix"],
  description: [
    "Serves a page that shows samples as an oscilloscope does, and prints its address: those that arrive, or those of files " +
    "side by side. Nothing is installed, and nothing leaves this machine unless --listen says so.",
    "A link is received as by recv: without --remote, from every address. The last samples are kept in --memory, 12 minutes " +
    "of 8 values at 1000 per second by default, so that the page can pause and look back; the window is up to an hour.",
    "The page has panes for signals over time with zoom, cursors and a trigger, for spectra with harmonics and distortion, XY " +
    "and phasors. A click on a signal shows or hides it, and it can be dragged from one pane to another. The keys are listed " +
    "with the key ?.",
    "With --output, it draws files as a picture instead, for papers and reports, without a browser.",
    "--controls gives it sliders, fields and switches, whose values are sent to the node through the same check as everything " +
    "that this program sends. Nothing is sent before a page has taken the controls, and one page holds them at a time; after " +
    "it has gone, the last values stay.",
  ],
  examples: [
    { what: "Look at what a VILLASnode sends to this machine", line: "villas-client scope --open" },
    {
      what: "Name the signals, and look at them from another machine of the lab",
      line: `villas-client scope -t '[{"name": "va", "unit": "V"}]' --listen 0.0.0.0:8080`,
    },
    {
      what: "Set a value in a node, and look at its answer",
      line: "villas-client scope --controls setpoint:0..400=230",
    },
    { what: "Draw a recording for a report", line: "villas-client scope run1.csv -o run1.svg --from 1 --to 1.2" },
    { what: "Compare two recordings", line: "villas-client scope run1.csv run2.csv" },
  ],
  options,
  run(values, operands, session) {
    const [first] = operands;
    const isLink = first === undefined || first === "udp" || first === "unix";
    if (isLink && operands.length > 1) throw new InputError(`Cannot show ${first} with files: one link, or files`);
    return isLink ? showLink(values, first, session) : showFiles(values, operands, session);
  },
};

/** Shows what arrives, until the end. */
async function showLink(given: Values<typeof options>, operand: string | undefined, session: Session): Promise<number> {
  const fileOption = (["input-format", "time-column", "output"] as const).find((option) => given[option] !== undefined);
  if (fileOption !== undefined) throw new InputError(`Cannot use --${fileOption} without a file`);
  const values = given.controls === undefined ? given : withRemote(given, operand);
  const signals = directionsOf(values, session.nameOf);
  const { controls, format, memory = defaultMemory.link, listen } = values;
  if (controls !== undefined) checkUnsentControls(format.type, controls, signals);
  const view = await readView(values.view);
  const { LinkMonitor } = await import("../scope/link_monitor.ts");
  const monitor = new LinkMonitor();
  const settings = {
    ...{ values, operand, format, signals },
    ...{ isReceiveOnly: true, awaitsDatagrams: true },
    onDecodeError: monitor.refuse.bind(monitor),
  };
  const announce = (client: { local: string; remote: string | undefined }) =>
    `Receiving on ${client.local} from ${client.remote ?? "every address"}`;
  return await runConnected(settings, session, announce, {
    async run(connection) {
      const source = new LinkHistory(connection.client, memory * 2 ** 20, signals.in);
      using desk = createDesk(values as ControlValues, connection.client);
      const shown: ScopeServerOptions = {
        sources: [source],
        monitor,
        ...desk && { desk },
        ...view === undefined ? {} : { view },
      };
      await using server = await serveScope(shown, listen);
      await announcePage(server, values.open, session);
      await receive(connection, source, monitor);
    },
    conclude: ({ client }, seconds) => ({
      lines: describeSummary(summarize("scope", client, seconds, undefined), controls !== undefined),
    }),
  });
}

/** Gives a link that sends its default remote, though the page receives before that is there. */
function withRemote(values: Values<typeof options>, operand: string | undefined): Values<typeof options> {
  const { remote, local } = values;
  if (remote !== undefined) return values;
  const isUnix = (operand ?? local?.transport) === "unix";
  return {
    ...values,
    remote: parseAddress(isUnix ? "unix:/var/run/villas-node.server.sock" : "udp://127.0.0.1:12000"),
  };
}

async function receive(connection: Connection, source: LinkHistory, monitor: LinkMonitor): Promise<void> {
  const { client } = connection;
  const figures = setInterval(() => monitor.take(client.counters), 250);
  try {
    await receiveSamples(client, {
      onSamples(samples, received) {
        connection.resetIdleTimer();
        source.push(samples);
        monitor.record(samples, received);
      },
    });
  } finally {
    clearInterval(figures);
    client.close();
  }
}

/** Shows files, until an interrupt. */
async function showFiles(values: Values<typeof options>, paths: readonly string[], session: Session): Promise<number> {
  const { controls, duration, listen } = values;
  // A variable of the environment is about links, and does not stand in the way of files.
  const isGiven = (name: string) => !session.nameOf(name).includes("(from ");
  const linkOption = (["local", "remote", "multicast", "timeout"] as const).find((name) =>
    values[name] !== undefined && isGiven(name)
  );
  if (controls !== undefined || linkOption !== undefined) {
    throw new InputError(`Cannot use ${session.nameOf(linkOption ?? "controls")} with files: it is about a link`);
  }
  const { output } = values;
  if (output !== undefined) checkPicturePath(output);
  const view = await readView(values.view);
  const sources: ScopeSource[] = [];
  for (const path of paths) sources.push(await loadFile(path, values, session));
  if (session.ended.aborted) return exitStatus.done;
  if (output !== undefined) return await drawFiles(sources, output, values, session);
  await using server = await serveScope({ sources, ...view === undefined ? {} : { view } }, listen);
  await announcePage(server, values.open, session);
  const { promise, resolve } = Promise.withResolvers<void>();
  session.ended.addEventListener("abort", () => resolve(), { once: true });
  // It may have been interrupted while it wrote the address.
  if (session.ended.aborted) resolve();
  const timer = duration === undefined ? undefined : setTimeout(resolve, duration * 1000);
  await promise;
  clearTimeout(timer);
  return exitStatus.done;
}

/** Refuses a path that promises another kind of picture, before a long file is read for it. */
function checkPicturePath(path: string): void {
  const [, extension] = /\.(png|jpe?g|gif|webp|pdf|eps)$/i.exec(path) ?? [];
  if (extension === undefined) return;
  throw new InputError(
    `Cannot draw ${path}: pictures are SVG, which rsvg-convert or a browser turns into ${extension.toUpperCase()}; ` +
      "the page saves a pane as PNG",
  );
}

/** Draws files as a picture. */
async function drawFiles(
  sources: readonly ScopeSource[],
  path: string,
  { panes, from, to }: Values<typeof options>,
  session: Session,
): Promise<number> {
  const { drawRecordings } = await import("../scope/picture.ts");
  const svg = await readInput(() => drawRecordings(sources, { panes, from, to }));
  using destination = await openDestination(path, session);
  if (destination === undefined) return exitStatus.done;
  destination.output.write(svg);
  await destination.finish();
  if (path !== "-") session.log.info(`Wrote the picture to ${path}`);
  return exitStatus.done;
}

/** Reads a file into memory. */
async function loadFile(path: string, values: Values<typeof options>, { log, ended }: Session): Promise<ScopeSource> {
  const { "input-format": specification, "time-column": timeColumn, memory = defaultMemory.file } = values;
  const signals = directionsOf(values).in;
  const recording = await findRecording(path, specification, { signals, timeColumn });
  const history = new SampleHistory({ memory: memory * 2 ** 20, signals });
  let [samples, bytes, refused] = [0, 0, 0];
  const progress = () => ({
    ...{ what: `Reading ${path}`, samples },
    ...recording.length === undefined ? {} : { fraction: bytes / Math.max(1, recording.length) },
  });
  using _progress = showProgress(log, progress);
  const throttled = log.throttled("warning");
  const batches = readBatches(path, recording.format, {
    signal: ended,
    onRead: (length) => bytes += length,
    onWarning: (message) => log.warning(message),
    onDecodeError(error) {
      refused++;
      throttled.log(`${path}: ${error.message}`);
    },
  });
  for await (const batch of batches) {
    const received = now();
    for (const sample of batch) sample.tsOrigin ??= sample.tsReceived ?? received;
    history.push(batch);
    samples += batch.length;
  }
  throttled.flush();
  const left = history.end - history.first;
  log.info(`Read ${plural(samples, "sample")} from ${path}${refused === 0 ? "" : `, refused ${refused}`}`);
  if (left < samples - history.late) {
    log.warning(`Showing the last ${plural(left, "sample")} of ${path}: --memory ${memory} holds no more`);
  }
  return { name: path, isLive: false, history };
}

/** Prints the address of the page, and opens it if that is asked for. */
async function announcePage({ url }: ScopeServer, opens: boolean, { log, output }: Session): Promise<void> {
  output.write(`${url}\n`);
  await output.flush();
  if (!opens) return;
  const { openInBrowser } = await import("../system/browser.ts");
  const failure = await openInBrowser(url);
  if (failure !== undefined) log.warning(`Cannot open the browser: ${failure}; open ${url} yourself`);
}
