/**
 * `villas-client demo`: the echo at work, without a VILLASnode.
 *
 * @module
 */

import { connect } from "../client/client.ts";
import { type DemoPeerReport, runDemoPeer } from "../villasnode/demo_peer.ts";
import { type PlantReport, runPlant } from "../villasnode/demo_plant.ts";
import { echo } from "../client/echo.ts";
import { openUdp } from "../transports/udp.ts";
import type { Signal } from "../samples/signals.ts";
import { type Command, exitStatus, type Session, UsageError } from "../terminal/command.ts";
import { count, duration, positive, type Values } from "../terminal/option.ts";
import { address, commonOptions, printOption } from "./_shared/options.ts";
import { choosePrintFormat, createPrinter } from "./_shared/printer.ts";

const options = {
  rate: positive("HZ", {
    short: "r",
    help: "samples that the peer sends a second",
    defaultText: "10, of the plant 100",
  }),
  values: count("N", { help: "values in each sample; of the plant always 2", defaultText: "3" }),
  duration: duration({ help: "how long the peer sends", defaultText: "3, of the plant until it is interrupted" }),
  local: address({
    help: "where the client that faces the plant receives (plant only)",
    env: "VILLAS_LOCAL",
    defaultText: "udp://127.0.0.1:12001",
  }),
  remote: address({
    help: "where it sends to, which is where the plant receives (plant only)",
    env: "VILLAS_REMOTE",
    defaultText: "udp://127.0.0.1:12000",
  }),
  print: printOption,
  ...commonOptions,
};

/** More samples a second than a person can follow are not all printed. */
const printedRate = 10;

/** The values of the plant, as they are printed. */
const plantSignals: readonly Signal[] = ["setpoint", "measured", "actuation"].map((name) => ({ name, type: "float" }));

/** The command `demo`. */
export const demoCommand: Command<typeof options> = {
  name: "demo",
  operands: "[plant]",
  maximumOperands: 1,
  description: [
    "Starts a peer that behaves as a VILLASnode socket node, and the echo client facing it, on free ports of this machine. " +
    "The samples that the client receives are printed (ten a second, if there are more), then what came back to the " +
    "peer and how long that took. The status is 1 if anything was lost or altered.",
    "demo plant starts a peer alone, for a client of your own, at the addresses where it expects a VILLASnode. It " +
    "simulates a plant to be controlled: it sends two floats, setpoint and measured value, and takes one, the actuation, " +
    "which the measured value approaches to 80 % with a time constant of 0.5 s. The setpoint is 230 and 210 in turn, for " +
    "4 s each. Printed are both and the actuation (ten times a second, if there are more); then how far the measured value " +
    "was from the setpoint in the last second of each turn. The status is 1 if no controller answered for all of --duration.",
  ],
  examples: [
    { what: "Three seconds at ten samples a second", line: "villas-client demo" },
    { what: "A thousand samples a second of eight values", line: "villas-client demo --rate 1000 --values 8" },
    { what: "A plant for a controller of your own, for ten seconds", line: "villas-client demo plant --duration 10" },
  ],
  options,
  async run(values, [operand], session) {
    if (operand === "plant") return await demonstratePlant(values, session);
    if (operand !== undefined) throw new UsageError(`Unknown peer "${operand}": expected plant`);
    return await demonstrateEcho(values, session);
  },
};

async function demonstrateEcho(
  { rate = 10, values = 3, duration = 3, print }: Values<typeof options>,
  { output, log, ended }: Session,
) {
  const printer = createPrinter(await choosePrintFormat(print, {}, output), output, log);
  const nodeTransport = await openUdp({ local: "udp://127.0.0.1:0" });
  await using client = await connect({ local: "udp://127.0.0.1:0", remote: nodeTransport.local });
  await nodeTransport.setRemote(client.local);
  await using node = await connect({ transport: nodeTransport, signals: `${values}f` });
  log.info(`A peer on ${node.local} sends ${rate} samples a second of ${values} values to ${client.local}`);
  const printEach = Math.max(1, Math.floor(rate / printedRate));
  let received = 0;
  const echoing = echo(client, {
    onSamples: (samples) => printer.print(samples.filter(() => received++ % printEach === 0)),
  });
  const report = await runDemoPeer(node, { rate, values, duration, signal: ended });
  client.close();
  await echoing;
  await output.flush();
  printer.endMessages();
  for (const line of describe(report, node.counters.received.duplicate)) log.info(line);
  const isComplete = report.intact === report.sent && report.altered === 0;
  return isComplete || ended.aborted ? exitStatus.done : exitStatus.failed;
}

async function demonstratePlant(
  { rate = 100, values, duration, print, local, remote }: Values<typeof options>,
  { output, log, ended }: Session,
) {
  if (values !== undefined) throw new UsageError("Cannot give the plant other values than its own: leave out --values");
  const printer = createPrinter(await choosePrintFormat(print, { signals: plantSignals }, output), output, log);
  const refused = log.limited("warning");
  await using node = await connectPlant(local ?? "udp://127.0.0.1:12001", remote ?? "udp://127.0.0.1:12000");
  log.info(`A plant on ${node.local} sends its setpoint and measured value ${rate} times a second to ${node.remote}`);
  const printEach = Math.max(1, Math.floor(rate / printedRate));
  const report = await runPlant(node, {
    rate,
    signal: ended,
    ...duration === undefined ? {} : { duration },
    onRefused: (why) => refused.say(why),
    onStep({ sequence = 0n, ...sample }, { actuation }) {
      if (Number(sequence) % printEach > 0) return;
      printer.print([{ ...sample, sequence, values: [...sample.values, actuation] }]);
    },
  });
  await output.flush();
  refused.end();
  printer.endMessages();
  for (const line of describePlant(report)) log.info(line);
  return report.received > 0 || ended.aborted ? exitStatus.done : exitStatus.failed;
}

/** Connects at the other end of a client that has these addresses. */
async function connectPlant(clientLocal: string, clientRemote: string) {
  // A client that receives from all networks is reached over this machine's own.
  const remote = clientLocal.replace(/^(udp:\/\/)?(0\.0\.0\.0|\*)(?=:)/, "$1127.0.0.1").replace("[::]", "[::1]");
  try {
    return await connect({ local: clientRemote, remote, signals: { in: "f", out: "2f" }, anySource: true });
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

function describePlant({ sent, received, refused, error }: PlantReport): string[] {
  const lines = [`The plant sent ${sent} samples and took ${received}${refused > 0 ? `, refused ${refused}` : ""}`];
  if (received === 0) lines.push("No controller answered: is it running, and does it send to the plant's address?");
  else if (Number.isNaN(error)) lines.push("It did not run long enough to say how well it was controlled");
  else lines.push(`In the last second of each setpoint, the measured value was ${error.toFixed(3)} off it (RMS)`);
  return lines;
}

function describe({ sent, intact, altered, roundTrips }: DemoPeerReport, duplicate: number): string[] {
  const lost = sent - intact - Math.max(0, altered - duplicate);
  const lines = [`The peer sent ${sent} samples; ${intact} came back, ${lost} were lost, ${altered} altered`];
  if (roundTrips.count > 0) {
    const { min, mean, max } = roundTrips;
    const [median, high] = [50, 99].map((percent) => roundTrips.percentile(percent));
    lines.push(
      `Round trip in microseconds: ` + [
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
