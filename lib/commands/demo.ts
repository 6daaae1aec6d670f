/**
 * `villas-client demo`: a demonstration of the echo, without a VILLASnode.
 *
 * @module
 */

import { connect } from "../client/connect.ts";
import { type DemoPeerReport, runDemoPeer } from "../villasnode/demo_peer.ts";
import { runPlant } from "../villasnode/demo_plant.ts";
import { echo } from "../client/echo.ts";
import { openUdp } from "../transports/udp.ts";
import { InputError } from "../system/input_error.ts";
import { type Command, exitStatus, type Session } from "../terminal/command.ts";
import { count, duration, positive, type Values } from "../terminal/option.ts";
import { parseAddress } from "../transports/address.ts";
import { address, reachableAddress } from "./_shared/address.ts";
import { openLink } from "./_shared/connect.ts";
import { commonOptions, printOption } from "./_shared/options.ts";
import { describePlant, plantSignals } from "./_shared/plant.ts";
import { choosePrintFormat, createPrinter } from "./_shared/printer.ts";

const options = {
  rate: positive("HZ", {
    short: "r",
    help: "send this many samples per second",
    defaultText: "10, of the plant 100",
  }),
  values: count("N", { help: "send N values in each sample (the plant always 2)", defaultText: "3" }),
  duration: duration({ help: "quit after this time", defaultText: "3, of the plant none" }),
  local: address({
    help: "send to the client at this address, where it receives (plant only)",
    env: "VILLAS_LOCAL",
    defaultText: "udp://127.0.0.1:12001",
  }),
  remote: address({
    help: "receive on this address, where the client sends to (plant only)",
    env: "VILLAS_REMOTE",
    defaultText: "udp://127.0.0.1:12000",
  }),
  print: printOption,
  ...commonOptions,
};

/** Largest number of samples per second that are printed: a person cannot follow more. */
const printedRate = 10;

/** The command `demo`. */
export const demoCommand: Command<typeof options> = {
  name: "demo",
  operands: "[plant]",
  maximumOperands: 1,
  description: [
    "Starts a peer that behaves as a VILLASnode socket node, and the echo client facing it, on free ports of this machine. " +
    "It prints the samples that the client receives (ten per second, if there are more), then how many came back to the " +
    "peer and how long that took. The exit status is 1 if anything was lost or altered.",
    "demo plant starts the peer alone, for a client of your own, at the addresses where it expects a VILLASnode. It " +
    "simulates a plant to be controlled: it sends two floats, setpoint and measured value, and receives one, the " +
    "actuation, 80 % of which the measured value approaches with a time constant of 0.5 s. The setpoint alternates " +
    "between 230 and 210 every 4 s. It prints all three (ten times per second, if there are more), and at the end how far " +
    "the measured value was from the setpoint in the last second of each step. The exit status is 1 if no controller " +
    "answered during --duration.",
  ],
  examples: [
    { what: "Run for three seconds at ten samples per second", line: "villas-client demo" },
    { what: "Send 1000 samples of eight values per second", line: "villas-client demo --rate 1000 --values 8" },
    {
      what: "Simulate a plant for a controller of your own, for ten seconds",
      line: "villas-client demo plant --duration 10",
    },
  ],
  options,
  async run(values, [operand], session) {
    if (operand === "plant") return await demonstratePlant(values, session);
    if (operand !== undefined) throw new InputError(`Unknown peer "${operand}": expected plant`);
    rejectAddresses(values, session);
    return await demonstrateEcho(values, session);
  },
};

/** Rejects addresses of the plant where there is none; a variable is set for other commands. */
function rejectAddresses({ local, remote }: Values<typeof options>, { nameOf }: Session): void {
  for (const [name, address] of Object.entries({ local, remote })) {
    const shown = nameOf(name);
    if (address !== undefined && !shown.includes(" ")) throw new InputError(`Cannot use ${shown} without plant`);
  }
}

async function demonstrateEcho(
  { rate = 10, values = 3, duration = 3, print }: Values<typeof options>,
  { output, log, ended }: Session,
) {
  const printer = createPrinter(await choosePrintFormat(print, {}, output), output, log);
  const nodeTransport = await openUdp({ local: "udp://127.0.0.1:0" });
  await using client = await connect({ local: "udp://127.0.0.1:0", remote: nodeTransport.local });
  await nodeTransport.setRemote(client.local);
  await using node = await connect({ transport: nodeTransport, signals: `${values}f` });
  log.info(`A peer on ${node.local} sends ${rate} samples per second of ${values} values to ${client.local}`);
  const printEach = Math.max(1, Math.floor(rate / printedRate));
  let received = 0;
  const echoing = echo(client, {
    onSamples: (samples) => printer.print(samples.filter(() => received++ % printEach === 0)),
  });
  const report = await runDemoPeer(node, { rate, values, duration, signal: ended });
  client.close();
  await echoing;
  await output.flush();
  printer.flushLogs();
  for (const line of describe(report, node.counters.received.duplicate)) log.info(line);
  const isComplete = report.intact === report.sent && report.altered === 0;
  return isComplete || ended.aborted ? exitStatus.done : exitStatus.failed;
}

async function demonstratePlant(
  { rate = 100, values, duration, print, local, remote }: Values<typeof options>,
  { output, log, ended }: Session,
) {
  if (values !== undefined) throw new InputError("Cannot use --values with plant: it always sends 2 values");
  const printer = createPrinter(
    await choosePrintFormat(print, { signals: [...plantSignals.in, ...plantSignals.out] }, output),
    output,
    log,
  );
  const refused = log.throttled("warning");
  await using node = await connectPlant(
    local?.text ?? "udp://127.0.0.1:12001",
    remote?.text ?? "udp://127.0.0.1:12000",
  );
  log.info(`A plant on ${node.local} sends its setpoint and measured value ${rate} times per second to ${node.remote}`);
  const printEach = Math.max(1, Math.floor(rate / printedRate));
  const report = await runPlant(node, {
    rate,
    signal: ended,
    ...duration === undefined ? {} : { duration },
    onRefused: (why) => refused.log(why),
    onStep({ sequence = 0n, ...sample }, { actuation }) {
      if (Number(sequence) % printEach > 0) return;
      printer.print([{ ...sample, sequence, values: [...sample.values, actuation] }]);
    },
  });
  await output.flush();
  refused.flush();
  printer.flushLogs();
  for (const line of describePlant(report)) log.info(line);
  return report.received > 0 || ended.aborted ? exitStatus.done : exitStatus.failed;
}

/** Connects as the other end of a client that has these addresses. */
async function connectPlant(clientLocal: string, clientRemote: string) {
  const remote = reachableAddress(clientLocal);
  const { transport: name } = parseAddress(clientRemote);
  const transport = await openLink({ options: { local: clientRemote, remote, anySource: true }, transport: name });
  return await connect({ transport, signals: { in: "f", out: "2f" } });
}

function describe({ sent, intact, altered, roundTrips }: DemoPeerReport, duplicate: number): string[] {
  const lost = sent - intact - Math.max(0, altered - duplicate);
  const lines = [`The peer sent ${sent} samples; ${intact} came back, ${lost} were lost, ${altered} altered`];
  if (roundTrips.count > 0) {
    const { min, mean, max } = roundTrips;
    const [median, high] = [50, 99].map((percent) => roundTrips.percentile(percent));
    lines.push(
      `Round trip in µs: ` + [
        ["min", min],
        ["p50", median],
        ["mean", mean],
        ["p99", high],
        ["max", max],
      ].map(([name, seconds]) => `${name} ${(Number(seconds) * 1e6).toFixed(0)}`).join(", "),
    );
  }
  return lines;
}
