/**
 * `villas-client demo`: the echo at work, without a VILLASnode.
 *
 * @module
 */

import { connect } from "../client.ts";
import { type DemoPeerReport, runDemoPeer } from "../demo_peer.ts";
import { echo } from "../echo.ts";
import { openUdp } from "../transports/udp.ts";
import { type Command, exitStatus } from "./_command.ts";
import { count, duration, positive } from "./_option.ts";
import { commonOptions, printOption } from "./_options.ts";
import { choosePrintFormat, createPrinter } from "./_printer.ts";

const options = {
  rate: positive("HZ", { short: "r", help: "samples that the peer sends a second", defaultText: "10" }, 10),
  values: count("N", { help: "values in each sample", defaultText: "3" }, 3),
  duration: duration({ help: "how long the peer sends", defaultText: "3" }, 3),
  print: printOption,
  ...commonOptions,
};

/** More samples a second than a person can follow are not all printed. */
const printedRate = 10;

/** The command `demo`. */
export const demoCommand: Command<typeof options> = {
  name: "demo",
  operands: "",
  maximumOperands: 0,
  description: [
    "Starts a peer that behaves as a VILLASnode socket node, and the echo client facing it, on free ports of this machine. " +
    "The samples that the client receives are printed (ten a second, if there are more), then what came back to the " +
    "peer and how long that took. The status is 1 if anything was lost or altered.",
  ],
  examples: [
    { what: "Three seconds at ten samples a second", line: "villas-client demo" },
    { what: "A thousand samples a second of eight values", line: "villas-client demo --rate 1000 --values 8" },
  ],
  options,
  async run({ rate, values, duration, print }, _operands, { output, log, ended }) {
    const printer = createPrinter(await choosePrintFormat(print, {}, output), output, log);
    const nodeTransport = await openUdp({ local: "udp://127.0.0.1:0" });
    await using client = await connect({ local: "udp://127.0.0.1:0", remote: nodeTransport.local });
    await nodeTransport.setRemote(client.local);
    await using node = await connect({ transport: nodeTransport });
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
  },
};

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
