/**
 * Runs `echo` and `echo --reply` with random settings: the node sends, and what comes back is judged.
 *
 * @module
 */

import { createFormat, DecodeError, type Value } from "@villas/client";
import type { Random } from "../_random.ts";
import { createComparison, createEchoComparison } from "./_expected.ts";
import { writeDatagrams } from "./_inputs.ts";
import { judge, type Outcome, type Place, quote, type Sender, show, signalArguments, waitFor } from "./_judge.ts";
import { chooseFormat, chooseSamples, chooseSignals, chooseValue, type FormatChoice } from "./_settings.ts";
import { createNodeModel, type NodeSettings } from "./node_model.ts";

/** Command `echo`: the same message back. */
export const runEcho: Sender = (random, type, place) => echo(random, type, place, false);

/** Command `echo --reply`: other values back. */
export const runReply: Sender = (random, type, place) => echo(random, type, place, true);

async function echo(random: Random, type: string, place: Place, isReply: boolean): Promise<Outcome> {
  const format = chooseFormat(random, type);
  const signals = chooseSignals(random, format);
  const samples = chooseSamples(random, signals.types, 1 + random.below(6), true);
  const list = Array.isArray(signals.node) ? signals.node : undefined;
  const datagrams = await writeDatagrams(format, list, samples);
  const reply = random.chance(0.85) ? signals.types.map((type) => chooseValue(random, type)) : [1, 2n, true];
  const args = [
    ...["echo", "--local", "udp://127.0.0.1:0", "--remote", place.socket.address, "--format", format.argument],
    ...["--print", "none", ...signalArguments(random, signals)],
    ...isReply && reply.length > 0 ? ["--reply", reply.map(replyText).join()] : [],
  ];
  // The option for both directions says what comes, too.
  const received = args.includes("--signals-out") ? undefined : list;
  const count = await countReadable(format, received, datagrams);
  if (count > 0) args.push("--count", `${count}`);
  const setting = `${quote(args)}\nfor ${datagrams.map(show).join("\n  ")}`;
  if (count === 0) return { setting, sent: 0, unfit: [] };
  place.socket.begin();
  const command = place.start(args);
  const match = await command.expectError(/Receiving on udp:\/\/127\.0\.0\.1:(\d+)/);
  if (match !== undefined) { for (const datagram of datagrams) await place.socket.send(datagram, Number(match[1])); }
  const faults = await waitFor(command);
  await place.socket.settle();
  const answers = place.socket.datagrams;
  const isUnknown = signals.node === undefined || signals.node === "any";
  const node: NodeSettings["signals"] = !isReply && isUnknown ? "any" : signals.node;
  const compare = isReply
    ? createComparison(format, node, {
      samples: samples.map((sample) => ({ ...sample, values: reply })),
      keepsSequence: true,
      keepsTime: true,
    })
    : compareWith(format, node, datagrams);
  const unfit = judge(format, { signals: node }, answers, compare);
  return { setting, sent: answers.length, unfit: [...faults, ...unfit] };
}

/** Compares what comes back with what came, both as the node reads it. */
function compareWith(format: FormatChoice, signals: NodeSettings["signals"], datagrams: readonly Uint8Array[]) {
  // The options that leave something out, or write fewer digits, do so on the way back.
  if (["data", "sequence", "ts_origin", "real_precision"].some((name) => name in format.specification)) {
    return undefined;
  }
  const node = createNodeModel({ format: format.specification, signals });
  return createEchoComparison(datagrams.flatMap((datagram) => [...node.take(withOffset(format, datagram)).samples]));
}

/** Puts the column that VILLASnode reads, but does not write, into its csv and tsv. */
function withOffset(
  { type, specification: { separator = type === "csv" ? "," : "\t" } }: FormatChoice,
  datagram: Uint8Array,
) {
  if (type !== "csv" && type !== "tsv") return datagram;
  const [sec, nsec, ...others] = new TextDecoder().decode(datagram).split(String(separator));
  return new TextEncoder().encode([sec, nsec, "0", ...others].join(String(separator)));
}

/** Counts the samples that the client can read, which are those that its `--count` counts. */
async function countReadable(
  { specification }: FormatChoice,
  signals: Extract<NodeSettings["signals"], readonly unknown[]> | undefined,
  datagrams: readonly Uint8Array[],
): Promise<number> {
  try {
    const format = await createFormat(specification, signals === undefined ? {} : { signals });
    return datagrams.reduce((sum, datagram) => {
      try {
        return sum + format.decode(datagram).length;
      } catch (error) {
        if (error instanceof DecodeError) return sum;
        throw error;
      }
    }, 0);
  } catch (error) {
    if (error instanceof TypeError) return 0;
    throw error;
  }
}

function replyText(value: Value): string {
  if (typeof value === "bigint") return `${value}i`;
  if (typeof value === "object" && value !== null) {
    const imag = replyText(value.imag);
    return `${replyText(value.real)}${/^[-+]/.test(imag) ? "" : "+"}${imag}j`;
  }
  if (typeof value !== "number") return `${value}`;
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : `${value}`;
}
