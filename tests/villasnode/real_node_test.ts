/**
 * Tests the model against a real VILLASnode: what the model says fits is read by the node, with the same numbers, times
 * and values.
 *
 * The node is the one that the environment variable VILLAS_NODE names; without it the test is ignored. It is sent only
 * datagrams that fit.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { createFormat } from "@villas/client";
import { findFreeUdpPorts } from "../_ports.ts";
import { seededRandom } from "../_random.ts";
import { describe } from "./_expected.ts";
import { NodeSocket } from "./_node_socket.ts";
import { chooseValue, type FormatChoice } from "./_settings.ts";
import { createNodeModel, type NodeSample, signalsOf } from "./node_model.ts";

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to test the model with");

/** Formats of the node's inputs, each with signals that it carries. */
const inputs: readonly [specification: FormatChoice["specification"], signals: string][] = [
  [{ type: "protobuf" }, "fibc2f"],
  [{ type: "protobuf" }, "64f"],
  [{ type: "json" }, "fibc2f"],
  [{ type: "json", indent: 2, sort_keys: true }, "fibc"],
  [{ type: "json.kafka" }, "fibc2f"],
  [{ type: "json.edgeflex" }, "fibc2f"],
  [{ type: "json.reserve" }, "5f"],
  [{ type: "csv" }, "fibc2f"],
  [{ type: "csv", separator: ";" }, "fibc2f"],
  [{ type: "tsv" }, "fibc2f"],
  [{ type: "villas.human" }, "fibc2f"],
  [{ type: "value" }, "f"],
  [{ type: "value" }, "c"],
  [{ type: "raw" }, "fibc2f"],
  [{ type: "raw", bits: 64, fake: true }, "fibc2f"],
  [{ type: "raw", bits: 16, endianess: "big" }, "2ib"],
  [{ type: "raw", bits: 8 }, "2ib"],
  [{ type: "gtnet", fake: true }, "fibc2f"],
  [{ type: "villas.binary" }, "2f2i"],
  [{ type: "villas.web" }, "2f2i"],
  [{ type: "opal.asyncip" }, "2f2ib"],
];

/** Samples that each input is sent. */
const count = 40;

/** How long the node may take for what it does in a moment, in milliseconds. */
const patience = 20_000;

/** Origin of the samples in seconds; what has no time gets the time of reception. */
const origin = 1_700_000_000;

Deno.test({
  name: "createNodeModel: a real VILLASnode reads from datagrams that fit what the model reads",
  ignore: node === undefined,
  async fn() {
    const folder = await Deno.makeTempDir();
    await using sockets = new AsyncDisposableStack();
    const answers = inputs.map(() => sockets.use(new NodeSocket()));
    const ports = findFreeUdpPorts(2 * inputs.length);
    const config = `${folder}/node.json`;
    await Deno.writeTextFile(config, JSON.stringify(configure(ports, answers)));
    const process = new Deno.Command(node ?? "", { args: [config], stdout: "piped", stderr: "piped" }).spawn();
    const output = watch(process.stdout);
    const log = watch(process.stderr, inputs.length);
    try {
      await within(log.started, "start");
      for (const [index, [specification, signals]] of inputs.entries()) {
        const answer = answers[index] as NodeSocket;
        const name = `${JSON.stringify(specification)} ${signals}`;
        const { datagrams, expected } = await makeInput(specification, signals, index);
        const all = Promise.withResolvers<void>();
        answer.begin(() => answer.datagrams.length === expected.length && all.resolve());
        for (const datagram of datagrams) await answer.send(datagram, ports[index] ?? 0);
        await within(all.promise, `send back ${expected.length} samples of ${name}`);
        const read = createNodeModel({ format: "protobuf", signals: "any" });
        const found = answer.datagrams.flatMap((datagram) => [...read.take(datagram).samples]);
        const describeAll = (samples: readonly NodeSample[]) => samples.map(comparable).join("\n");
        const isSwapped = ["raw", "gtnet"].includes(specification.type) && describeAll(found) !== describeAll(expected);
        assertEquals(describeAll(found), describeAll(isSwapped ? expected.map(swapParts) : expected), name);
      }
    } finally {
      process.kill("SIGINT");
      await Promise.all([output.ended, log.ended, process.status]);
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Configures one input per format, each with an output that sends protobuf to a socket of the test. */
function configure(ports: readonly number[], answers: readonly NodeSocket[]) {
  const nodes: Record<string, unknown> = {};
  const paths: unknown[] = [];
  for (const [index, [format, signals]] of inputs.entries()) {
    const address = (port: number) => `127.0.0.1:${port}`;
    const unused = address(ports[inputs.length + index] ?? 0);
    const answer = answers[index]?.address.replace("udp://", "");
    nodes[`in${index}`] = {
      ...{ type: "socket", layer: "udp", format },
      in: { address: address(ports[index] ?? 0), signals },
      out: { address: unused },
    };
    nodes[`out${index}`] = {
      ...{ type: "socket", layer: "udp", format: "protobuf" },
      in: { address: unused },
      out: { address: answer },
    };
    paths.push({ in: `in${index}`, out: `out${index}` });
  }
  return { hugepages: 0, http: { enabled: false }, stats: 0, nodes, paths };
}

/** Makes the datagrams of an input that fit, and what the model reads from them. */
async function makeInput(specification: FormatChoice["specification"], notation: string, index: number) {
  const random = seededRandom(index);
  const signals = signalsOf(notation);
  const format = await createFormat(specification, { signals });
  const model = createNodeModel({ format: specification, signals });
  const datagrams: Uint8Array[] = [];
  const expected: NodeSample[] = [];
  for (let sequence = 0; expected.length < count; sequence++) {
    const values = signals.map(({ type }) => chooseValue(random, type));
    const tsOrigin = { sec: origin, nsec: sequence * 1_000_000 };
    const datagram = encodeOrNothing(() => format.encode([{ sequence: BigInt(sequence), tsOrigin, values }]));
    const verdict = datagram && model.take(datagram);
    assert(sequence < 20 * count, `${format.name}: too little fits: ${verdict?.reasons.join("; ")}`);
    if (datagram === undefined || !verdict?.fits) continue;
    datagrams.push(datagram);
    expected.push(...verdict.samples);
  }
  return { datagrams, expected };
}

function encodeOrNothing(encode: () => Uint8Array): Uint8Array | undefined {
  try {
    return encode();
  } catch {
    return undefined;
  }
}

/** Describes a sample so that others are equal: numbers that the node gives itself, and times that it takes itself. */
function comparable({ sequence, time, values }: NodeSample, index: number): string {
  const nsec = (time?.sec ?? 0n) < BigInt(origin) ? undefined : time?.sec === BigInt(origin) ? time.nsec : undefined;
  // A real number in the JSON formats with names has milliseconds, converted by way of a double.
  const milliseconds = nsec === undefined ? undefined : (nsec + 500n) / 1_000_000n;
  return `${sequence ?? index} at ${milliseconds} ms: ${describe({ values })}`;
}

/**
 * Swaps the parts of complex values: VILLASnode reads those of raw in the order in which its compiler evaluates
 * arguments (`lib/formats/raw.cpp`), which for GCC is the last one first. It writes the real part first.
 */
function swapParts(sample: NodeSample): NodeSample {
  const values = sample.values.map((value) =>
    typeof value === "object" ? { real: value.imag, imag: value.real } : value
  );
  return { ...sample, values };
}

/** Reads a log: resolves `started` when it has told of so many paths, `ended` at its end. */
function watch(stream: ReadableStream<Uint8Array>, paths = 0) {
  const started = Promise.withResolvers<void>();
  const read = async () => {
    let text = "";
    for await (const piece of stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
      text += piece;
      if (text.split("Starting path ").length > paths) started.resolve();
    }
    started.reject(new Error(`The node ended:\n${text}`));
  };
  started.promise.catch(() => {}); // nobody waits for it at the end
  return { started: started.promise, ended: read() };
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The node did not ${what} within ${patience} ms`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
