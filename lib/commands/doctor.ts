/**
 * `villas-client doctor`: finds what is wrong with a link, in plain words.
 *
 * @module
 */

import { diagnose, type Finding } from "../diagnosis/diagnosis.ts";
import { createFormat } from "../formats/table.ts";
import { type Evidence, observeLink } from "../diagnosis/observation.ts";
import type { LinkSignals } from "../samples/directions.ts";
import { formatSignals } from "../samples/signals.ts";
import { defaultRemoteOf, openTransport, transportOf } from "../transports/table.ts";
import type { Transport, TransportOptions } from "../transports/transport.ts";
import { type Command, exitStatus, type Session, UsageError } from "../terminal/command.ts";
import { count, duration, flag, type Values } from "../terminal/option.ts";
import { commonOptions, connectionOptions, format } from "./_shared/options.ts";
import { findPortHolder } from "../system/port_holder.ts";
import { directionsOf, withSignals } from "./_shared/signals.ts";

const options = {
  ...connectionOptions,
  format: format([], "protobuf", { short: "f", help: "the format that is expected", env: "VILLAS_FORMAT" }),
  vectorize: count("N", { help: "how many samples the receiving node takes a datagram", defaultText: "1" }, 1),
  duration: duration({ help: "how long to watch", defaultText: "3" }, 3),
  json: flag({ help: "print the findings as one JSON object" }),
  ...commonOptions,
};

/** The command `doctor`. */
export const doctorCommand: Command<typeof options> = {
  name: "doctor",
  operands: "[udp|unix]",
  maximumOperands: 1,
  description: [
    "Watches what arrives for some seconds and says what is wrong: a flag or a permission is missing, the port is taken, " +
    "nothing arrives or only from another address, another sender is ignored, it is of another format or layout, its " +
    "signals are others than expected, VILLASnode 1.2 would not survive it, several samples come in a datagram where one " +
    "is taken, sequence numbers do not rise or are missing, the kernel drops datagrams, the clocks do not agree. Each " +
    "finding has a code, a cause and a cure. It sends nothing.",
    "Samples are judged by the signals of what comes (--signals-in, or what --config says of the path to the node), and " +
    "where these are not known, only by their format. A missing sequence number is a sample that was lost on the way, or " +
    "one that was never sent, because a hook such as decimate or limit_rate left it out or a generator missed a step: " +
    "from here these look the same.",
    "The status is 0 if all is well, and 1 if anything was found.",
  ],
  examples: [
    { what: "What is wrong with the link to the VILLASnode on this machine", line: "villas-client doctor" },
    {
      what: "The link to a node of a configuration file, for ten seconds",
      line: "villas-client doctor --config villas.conf --node client --duration 10",
    },
  ],
  options,
  async run(values, [operand], session) {
    const signals = directionsOf(values);
    const { evidence, findings } = await examine(values, signals, operand, session);
    const { output, log } = session;
    if (values.json) {
      output.write(`${JSON.stringify({ findings, evidence: evidence && summarize(evidence) })}\n`);
    } else {
      for (const finding of findings) output.write(describe(finding));
      if (findings.length === 0 && evidence !== undefined) output.write(`All is well: ${praise(evidence, signals)}\n`);
    }
    if (findings.length > 0) log.info(`${findings.length === 1 ? "One finding" : `${findings.length} findings`}`);
    return findings.length === 0 ? exitStatus.done : exitStatus.failed;
  },
};

async function examine(
  values: Values<typeof options>,
  signals: LinkSignals,
  operand: string | undefined,
  { log, ended }: Session,
) {
  const strangers = new Map<string, number>();
  let transport: Transport;
  try {
    transport = await open(values, operand, (from) => strangers.set(from, (strangers.get(from) ?? 0) + 1));
  } catch (error) {
    const finding = explainOpening(error, values.local);
    if (finding === undefined) throw error;
    return { findings: [finding] };
  }
  log.info(`Watching ${transport.local} for ${values.duration} s, for what comes from ${transport.remote}`);
  const close = () => transport.close();
  const timer = setTimeout(close, values.duration * 1000);
  ended.addEventListener("abort", close, { once: true });
  try {
    const { vectorize, format } = values;
    const received = withSignals(signals.in);
    const decoder = await createFormat(format, received);
    const evidence = await observeLink(transport, strangers, { format: decoder, ...received });
    return { evidence, findings: diagnose(evidence, { vectorize, signals, format }) };
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
    ended.removeEventListener("abort", close);
    close();
  }
}

async function open(
  { local, remote, multicast, interface: network, batch, "any-source": anySource }: Values<typeof options>,
  operand: string | undefined,
  onIgnored: (from: string) => void,
): Promise<Transport> {
  if (operand !== undefined && operand !== "udp" && operand !== "unix") {
    throw new UsageError(`Unknown transport "${operand}": expected udp or unix`);
  }
  const settings: TransportOptions = { anySource, batch, onIgnored };
  if (local !== undefined) settings.local = local;
  const target = remote ?? defaultRemoteOf(operand ?? (local === undefined ? "udp" : transportOf(local)), local);
  if (target !== undefined) settings.remote = target;
  if (multicast !== undefined) {
    settings.multicast = network === undefined ? { group: multicast } : { group: multicast, interface: network };
  }
  try {
    return await openTransport(settings);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** What prevents the socket from being opened, if it is one of the things that a user can mend. */
function explainOpening(error: unknown, local: string | undefined): Finding | undefined {
  const cause = error instanceof Error ? error.message : String(error);
  const finding = (code: string, cure: string): Finding => ({ code, severity: "error", cause, cure });
  if (error instanceof Deno.errors.NotSupported) {
    return finding("flag-missing", "Run Deno with --unstable-net");
  }
  if (error instanceof Deno.errors.NotCapable) {
    return finding("permission-missing", "Run Deno with --allow-all, or with the permission that is named");
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return finding("permission-denied", "Choose an address that this user may open, such as a port above 1023");
  }
  if (error instanceof Deno.errors.AddrInUse) {
    const holder = findPortHolder(local ?? "udp://0.0.0.0:12001");
    const taken = finding(
      "address-in-use",
      "End the other program, or give another --local and set it in the VILLASnode",
    );
    return holder === undefined ? taken : { ...taken, cause: `${cause}, by ${holder}` };
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return finding("no-such-address", "Give --local an address of this machine, or udp://0.0.0.0:PORT for all");
  }
  return undefined;
}

function describe({ code, severity, cause, cure }: Finding): string {
  return `${severity} ${code}\n  ${cause}.\n  ${cure}.\n`;
}

function praise({ samples, seconds, remote, format }: Evidence, { out }: LinkSignals): string {
  const taken = out === undefined || out === "any" ? "" : `; the node takes ${formatSignals(out)}`;
  return `${samples} samples of format ${format} came from ${remote} within ${seconds.toFixed(1)} s${taken}`;
}

/** What was seen, without the bytes. */
function summarize({ first: _first, strangers, delay, ...evidence }: Evidence) {
  return { ...evidence, strangers: Object.fromEntries(strangers), delay: delay.count === 0 ? null : delay };
}
