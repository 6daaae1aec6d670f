/**
 * `villas-client doctor`: a diagnosis of a link, in plain words.
 *
 * @module
 */

import { diagnoseConnection } from "../diagnosis/connection.ts";
import { diagnose, type Finding } from "../diagnosis/diagnosis.ts";
import { type LinkObservation, observeLink } from "../diagnosis/observation.ts";
import type { LinkSignals } from "../samples/directions.ts";
import { formatSignals } from "../samples/signals.ts";
import { findAddressHolder } from "../system/proc.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { count, duration, flag, type Values } from "../terminal/option.ts";
import type { Transport } from "../transports/transport.ts";
import { openLink, toConnectOptions } from "./_shared/connect.ts";
import { isApiAddress } from "./_shared/node_config.ts";
import { commonOptions, connectionOptions, createFormatOf, format } from "./_shared/options.ts";
import { directionsOf, withSignals } from "./_shared/signals.ts";

const options = {
  ...connectionOptions,
  format: format([], "protobuf", { short: "f", help: "set the format that is expected", env: "VILLAS_FORMAT" }),
  vectorize: count("N", {
    help: "set the number of samples per datagram that the receiving node accepts",
    defaultText: "1",
  }, 1),
  duration: duration({ help: "watch for this time", defaultText: "3" }, 3),
  json: flag({ help: "print the findings as one JSON object" }),
  ...commonOptions,
};

/** The command `doctor`. */
export const doctorCommand: Command<typeof options> = {
  name: "doctor",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Watches a link for some seconds and explains what is wrong with it: a flag or a permission is missing, the port is " +
    "taken, nothing arrives or only from another address, another sender is ignored, the format, its layout or the " +
    "signals are not the expected ones, VILLASnode 1.2 would not survive a sample, several samples arrive in a datagram " +
    "where one is accepted, sequence numbers do not rise or are missing, the kernel drops datagrams, the clocks disagree. " +
    "Each finding has a code, a cause and a fix. It sends nothing.",
    "Samples are judged by the signals of received samples (--signals-in, or those that --config finds on the path to the " +
    "node), and if these are not known, by their format alone. A missing sequence number is a sample that was lost on the " +
    "way, or one that was never sent, because a hook such as decimate or limit_rate dropped it or a generator missed a " +
    "step: from here, these look the same.",
    "Over a connection, it also says why that is not made or was lost, that no client came to a server, and which messages " +
    "VILLASnode damages: JSON that ends in foreign memory, or leaves NaN and infinities out.",
    "With --config http://HOST:PORT, it also asks the VILLASnode itself, and names the cause there: a node or a path that " +
    "does not run or is missing, a hook that leaves out samples, other signals.",
    "The exit status is 0 if nothing was found, and 1 otherwise.",
  ],
  examples: [
    { what: "Examine the link to the VILLASnode on this machine", line: "villas-client doctor" },
    {
      what: "Examine the link to a node of a configuration file, for ten seconds",
      line: "villas-client doctor --config villas.conf --node client --duration 10",
    },
    {
      what: "The same with the VILLASnode that runs, which is asked what it does",
      line: "villas-client doctor --config http://127.0.0.1:8080 --node client",
    },
  ],
  options,
  async run(values, [operand], session) {
    const signals = directionsOf(values, session.nameOf);
    const { observation, findings: linkFindings } = await runDiagnosis(values, signals, operand, session);
    const findings = await withDaemonFindings(linkFindings, observation, values, session);
    const { output, log } = session;
    if (values.json) {
      output.write(`${JSON.stringify({ findings, observation: observation && summarize(observation) })}\n`);
    } else {
      for (const finding of findings) output.write(describe(finding));
      if (findings.length === 0 && observation !== undefined) {
        output.write(`All is well: ${describeHealthyLink(observation, signals)}\n`);
      }
    }
    if (findings.length > 0) log.info(`${findings.length === 1 ? "One finding" : `${findings.length} findings`}`);
    return findings.length === 0 ? exitStatus.done : exitStatus.failed;
  },
};

/** Opens the link, watches it, and judges what was seen. */
async function runDiagnosis(
  values: Values<typeof options>,
  signals: LinkSignals,
  operand: string | undefined,
  { log, ended }: Session,
) {
  const strangers = new Map<string, number>();
  const reasons: string[] = [];
  let transport: Transport;
  try {
    const link = toConnectOptions(values, operand);
    link.options.onIgnored = (from) => strangers.set(from, (strangers.get(from) ?? 0) + 1);
    link.options.onStateChange = (state) => state.isUp || reasons.push(state.reason);
    link.options.onNotice = (notice) => log.warning(notice);
    transport = await openLink(link);
  } catch (error) {
    const finding = explainOpening(error, values.local?.text);
    if (finding === undefined) throw error;
    return { findings: [finding] };
  }
  log.info(`Watching ${transport.local} for ${values.duration} s: expecting samples from ${transport.remote}`);
  const close = () => transport.close();
  const timer = setTimeout(close, values.duration * 1000);
  ended.addEventListener("abort", close, { once: true });
  try {
    const { vectorize, format } = values;
    const received = withSignals(signals.in);
    const decoder = await createFormatOf("format", format, received);
    const observation = await observeLink(transport, strangers, { format: decoder, ...received });
    const failure = await endOf(transport);
    const { link } = transport.stats();
    const address = transport.remote ?? transport.local;
    if (failure !== undefined) reasons.unshift(failure.message.replace(`Cannot connect to ${address}: `, ""));
    const connection = link === undefined ? [] : diagnoseConnection(address, link, reasons);
    const taken = Math.max(vectorize, transport.maximumSamples ?? 1);
    if (connection[0]?.severity === "error") return { observation, findings: connection };
    return { observation, findings: [...diagnose(observation, { vectorize: taken, signals, format }), ...connection] };
  } finally {
    clearTimeout(timer);
    ended.removeEventListener("abort", close);
    close();
  }
}

/** Closes a transport, and returns the error that has ended it before, if one has. */
async function endOf(transport: Transport): Promise<Error | undefined> {
  transport.close();
  return await transport.closed;
}

/** Puts what the daemon says in front of the findings, where `--config` names one that runs. */
async function withDaemonFindings(
  findings: readonly Finding[],
  observation: LinkObservation | undefined,
  { config, node }: Values<typeof options>,
  { log }: Session,
): Promise<readonly Finding[]> {
  if (config === undefined || !isApiAddress(config)) return findings;
  const { openNodeApi } = await import("../villasnode/api/node_api.ts");
  const { diagnoseDaemon, readDaemonView } = await import("./_shared/daemon_findings.ts");
  try {
    const view = await readDaemonView(openNodeApi(config), node);
    const causes = view === undefined ? [] : diagnoseDaemon(view, observation);
    // That nothing comes needs no guess where the daemon says why.
    const isExplained = causes.some(({ severity }) => severity === "error");
    return [...causes, ...findings.filter(({ code }) => !isExplained || code !== "nothing-arrives")];
  } catch (error) {
    log.warning(`${(error as Error).message}: it has no part in the findings`);
    return findings;
  }
}

/** Explains why the socket cannot be opened, if a user can fix it. */
function explainOpening(error: unknown, local: string | undefined): Finding | undefined {
  const cause = error instanceof Error ? error.message : String(error);
  const finding = (code: string, fix: string): Finding => ({ code, severity: "error", cause, fix });
  if (error instanceof Deno.errors.NotSupported) {
    return finding("flag-missing", "Run Deno with --unstable-net");
  }
  if (error instanceof Deno.errors.NotCapable) {
    return finding("permission-missing", "Run Deno with --allow-all, or with the permission named above");
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return finding("permission-denied", "Choose an address that this user may open, such as a port above 1023");
  }
  if (error instanceof Deno.errors.AddrInUse) {
    const holder = findAddressHolder(local ?? "udp://0.0.0.0:12001");
    const taken = finding(
      "address-in-use",
      "Stop the other program, or give another --local and configure it in the VILLASnode",
    );
    return holder === undefined ? taken : { ...taken, cause: `${cause}, by ${holder}` };
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return finding("no-such-address", "Give --local an address of this machine, or udp://0.0.0.0:PORT for all");
  }
  return undefined;
}

function describe({ code, severity, cause, fix }: Finding): string {
  return `${severity} ${code}\n  ${cause}.\n  ${fix}.\n`;
}

function describeHealthyLink({ samples, seconds, remote, format }: LinkObservation, { out }: LinkSignals): string {
  const taken = out === undefined || out === "any" ? "" : `; the node accepts ${formatSignals(out)}`;
  return `${samples} samples of format ${format} arrived from ${remote} within ${seconds.toFixed(1)} s${taken}`;
}

/** Returns what was seen, without the bytes. */
function summarize({ first: _first, strangers, delay, ...observation }: LinkObservation) {
  return { ...observation, strangers: Object.fromEntries(strangers), delay: delay.count === 0 ? null : delay };
}
