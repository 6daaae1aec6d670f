/**
 * Runs all that sends of its own with random settings: commands and the library.
 *
 * @module
 */

import { type Client, connect, type Sample } from "@villas/client";
import { createComparison, describe } from "./_expected.ts";
import { fileFormats, writeFile } from "./_inputs.ts";
import { judge, quote, runToEnd, type Sender, signalArguments } from "./_judge.ts";
import { singleFormats } from "./node_model.ts";
import { chooseFormat, chooseSamples, chooseSignals, type FormatChoice, type SignalChoice } from "./_settings.ts";

/** Value of the node's `vectorize`: some formats are read with 1 only, whatever the sender is told. */
function nodeVectorize(type: string, vectorize: number): number {
  return singleFormats.includes(type) ? 1 : vectorize;
}

/** Command `send`, with a file. */
export const runSend: Sender = async (random, type, place) => {
  const format = chooseFormat(random, type);
  const signals = chooseSignals(random, format);
  const samples = chooseSamples(random, signals.types, 1 + random.below(6), false, timeLimit(signals));
  const fileFormat = random.pick(fileFormats);
  const content = await writeFile(random, fileFormat, samples);
  const file = `${place.folder}/input.${fileFormat}`;
  await Deno.writeFile(file, content);
  const vectorize = random.chance(0.2) ? 1 + random.below(4) : 1;
  const numbering = random.pick(["renumber", "renumber", "keep", "none", undefined]);
  const loops = random.chance(0.1) ? 2 : 1;
  const restamps = random.chance(0.2);
  const args = [
    ...["send", file, "--local", "udp://127.0.0.1:0", "--remote", place.socket.address, "--format", format.argument],
    ...["--timing", "fast", ...signalArguments(random, signals)],
    ...vectorize === 1 ? [] : ["--vectorize", `${vectorize}`],
    ...numbering === undefined ? [] : ["--sequence", numbering],
    ...loops === 1 ? [] : [`--loop=${loops}`],
    ...restamps ? ["--restamp"] : [],
  ];
  place.socket.begin();
  const faults = await runToEnd(args, place);
  const { datagrams } = place.socket;
  const compare = createComparison(format, signals.node, {
    samples: new Array<Sample[]>(loops).fill(samples).flat(),
    keepsSequence: numbering === "keep" && loops === 1,
    keepsTime: !restamps && loops === 1,
  });
  const unfit = judge(format, { signals: signals.node, vectorize: nodeVectorize(type, vectorize) }, datagrams, compare);
  const input = fileFormat === "protobuf" ? content.toHex() : new TextDecoder().decode(content);
  return { setting: `${quote(args)}\nwith ${file}:\n${input}`, sent: datagrams.length, unfit: [...faults, ...unfit] };
};

/** Command `pipe`, with what it reads on standard input. */
export const runPipe: Sender = async (random, type, place) => {
  const format = chooseFormat(random, type);
  const signals = chooseSignals(random, format);
  // Where `any` lifts the guard, a text without values goes out, whose sequence number a node does not take.
  const samples = chooseSamples(random, signals.types, 1 + random.below(6), false, timeLimit(signals))
    .filter(({ values }) => signals.notation !== "any" || values.length > 0);
  const lines = random.pick(fileFormats);
  const content = await writeFile(random, lines, samples);
  const vectorize = random.chance(0.2) ? 1 + random.below(4) : 1;
  const args = [
    ...["pipe", "-s", "-f", lines, "--local", "udp://127.0.0.1:0", "--remote", place.socket.address],
    ...["--format", format.argument, ...signalArguments(random, signals)],
    ...vectorize === 1 ? [] : ["--vectorize", `${vectorize}`],
  ];
  using _input = provideInput(content);
  place.socket.begin();
  const faults = await runToEnd(args, place);
  const { datagrams } = place.socket;
  const unfit = judge(format, { signals: signals.node, vectorize: nodeVectorize(type, vectorize) }, datagrams);
  const input = lines === "protobuf" ? content.toHex() : new TextDecoder().decode(content);
  return { setting: `${quote(args)}\nwith:\n${input}`, sent: datagrams.length, unfit: [...faults, ...unfit] };
};

/** Provides standard input of this process with other content. */
function provideInput(content: Uint8Array): Disposable {
  let left = content;
  const original = Object.getOwnPropertyDescriptor(Deno, "stdin") ?? {};
  const read = (buffer: Uint8Array) => {
    const piece = left.subarray(0, buffer.length);
    buffer.set(piece);
    left = left.subarray(piece.length);
    return Promise.resolve(piece.length === 0 ? null : piece.length);
  };
  Object.defineProperty(Deno, "stdin", { configurable: true, value: { read } });
  return { [Symbol.dispose]: () => void Object.defineProperty(Deno, "stdin", original) };
}

/** Command `bridge`, from a file, with some change of the samples. */
export const runBridge: Sender = async (random, type, place) => {
  const format = chooseFormat(random, type);
  const signals = chooseSignals(random, format);
  const samples = chooseSamples(random, signals.types, 1 + random.below(6), false, timeLimit(signals))
    .filter(({ values }) => signals.notation !== "any" || values.length > 0);
  const fileFormat = random.pick(fileFormats);
  const content = await writeFile(random, fileFormat, samples);
  const file = `${place.folder}/bridged.${fileFormat}`;
  await Deno.writeFile(file, content);
  const vectorize = random.chance(0.2) ? 1 + random.below(4) : 1;
  const changes = signals.notation === "any" ? [] : [
    ...random.chance(0.2) ? ["--select", random.pick(["0", "1,0", "0-2", "7"])] : [],
    ...random.chance(0.2) ? ["--cast", `0=${random.pick(["float", "integer", "boolean", "complex"])}`] : [],
    ...random.chance(0.2) ? ["--scale", random.pick(["0=0.5", "0=-1e3:7", "1=2"])] : [],
    ...random.chance(0.1) ? ["--every", "2"] : [],
  ];
  const numbering = random.pick(["renumber", "keep", undefined]);
  const args = [
    ...["bridge", `${file},timing=fast`],
    `${place.socket.address},format=${format.argument}` +
    (signals.notation === undefined ? "" : `,signals=${signals.notation}`) +
    (vectorize === 1 ? "" : `,vectorize=${vectorize}`),
    ...changes,
    ...numbering === undefined ? [] : ["--sequence", numbering],
  ];
  place.socket.begin();
  const faults = await runToEnd(args, place);
  const { datagrams } = place.socket;
  const keepsSequence = numbering !== "renumber";
  const compare = changes.length > 0 || signals.notation === "any"
    ? undefined
    : createComparison(format, signals.node, { samples, keepsSequence, keepsTime: true });
  const unfit = judge(format, { signals: signals.node, vectorize: nodeVectorize(type, vectorize) }, datagrams, compare);
  const input = fileFormat === "protobuf" ? content.toHex() : new TextDecoder().decode(content);
  return { setting: `${quote(args)}\nwith ${file}:\n${input}`, sent: datagrams.length, unfit: [...faults, ...unfit] };
};

const shapes = ["sine", "square", "triangle", "ramp", "counter", "constant", "random", "pulse", "mixed"];

/** Command `signal`. */
export const runSignal: Sender = async (random, type, place) => {
  const format = chooseFormat(random, type);
  const signals = chooseSignals(random, format);
  const { length } = signals.types;
  const count = random.chance(0.8) ? length : random.pick([1, 2, 65, 66]);
  // Several shapes, or one with several values.
  const operands = count < 6 && random.chance(0.7)
    ? Array.from(
      { length: Math.max(1, count) },
      (_, index) => `${random.pick(shapes)}${random.chance(0.3) ? `:name=s${index}` : ""}`,
    )
    : [random.pick(shapes), "--values", `${Math.max(1, count)}`];
  const args = [
    ...["signal", ...operands, "-n", "--count", `${1 + random.below(5)}`, "--print", "none"],
    ...operands.some((shape) => /^(random|mixed)/.test(shape)) ? ["--seed", "1"] : [],
    ...["--remote", place.socket.address, ...signalArguments(random, signals)],
    ...random.chance(0.1) && format.argument === "protobuf" ? [] : ["--format", format.argument],
    ...random.chance(0.3) ? ["-a", random.pick(["0", "1", "-7.5", "1e300", "1e10"])] : [],
    ...random.chance(0.3) ? ["-o", random.pick(["0.5", "-1", "1e19", "-1e300", "1e308"])] : [],
    ...random.chance(0.2) ? ["-r", random.pick(["0.001", "1000", "1e6"])] : [],
  ];
  place.socket.begin();
  const faults = await runToEnd(args, place);
  const { datagrams } = place.socket;
  const unfit = judge(format, { signals: signals.node }, datagrams);
  return { setting: quote(args), sent: datagrams.length, unfit: [...faults, ...unfit] };
};

/** Command `rtt`, against a node that sends back what comes. */
export const runRtt: Sender = async (random, type, place) => {
  const format = chooseFormat(random, type);
  const signals = chooseSignals(random, format);
  const values = [signals.types.length, random.pick([1, 2, 8, 64, 65])].map((count) => Math.max(1, count));
  const args = [
    ...["rtt", "--local", "udp://127.0.0.1:0", "--remote", place.socket.address, "--format", format.argument],
    ...["--rate", "2000", "--count", `${1 + random.below(4)}`, "--values", values.slice(0, 1 + random.below(2)).join()],
    ...["--warmup", "0", "--cooldown", "0.005", "--calibration", "0", "--timeout", "2"],
    ...signalArguments(random, signals),
  ];
  place.socket.begin((datagram, { port }) => void place.socket.send(datagram, port));
  const faults = await runToEnd(args, place);
  const { datagrams } = place.socket;
  const unfit = judge(format, { signals: signals.node }, datagrams);
  return { setting: quote(args), sent: datagrams.length, unfit: [...faults, ...unfit] };
};

/** The library: `connect`, then `send` or `enqueue` and `flush`. */
export const runLibrary: Sender = async (random, type, place) => {
  const format = chooseFormat(random, type);
  const signals = chooseSignals(random, format);
  const samples = chooseSamples(random, signals.types, 1 + random.below(8), false, timeLimit(signals));
  const vectorize = random.chance(0.2) ? 1 + random.below(4) : 1;
  const { notation } = signals;
  const out = notation === undefined || random.chance(0.5) ? notation : { out: notation };
  const setting = `connect({ format: ${JSON.stringify(format.specification)}, signals: ${Deno.inspect(out)} }), ` +
    `${vectorize} a datagram:\n${samples.map(describe).join("\n")}`;
  place.socket.begin();
  const taken: Sample[] = [];
  try {
    await using client = await connect({
      local: "udp://127.0.0.1:0",
      remote: place.socket.address,
      format: format.specification,
      ...out === undefined ? {} : { signals: out },
    });
    for (let start = 0; start < samples.length; start += vectorize) {
      const group = samples.slice(start, start + vectorize);
      if (await isSent(client, group, random.chance(0.5))) taken.push(...group);
    }
  } catch (error) {
    // The format has no such option, or cannot carry the names.
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
  }
  await place.socket.settle();
  const { datagrams } = place.socket;
  const compare = createComparison(format, signals.node, { samples: taken, keepsSequence: true, keepsTime: true });
  const unfit = judge(
    format,
    { signals: signals.node, vectorize: nodeVectorize(type, vectorize) },
    datagrams,
    compare,
  );
  return { setting, sent: datagrams.length, unfit };
};

async function isSent(client: Client, group: readonly Sample[], isDirect: boolean): Promise<boolean> {
  try {
    if (isDirect) await client.send(group);
    else client.enqueue(group);
  } catch {
    return false;
  }
  await client.flush();
  return true;
}

/** Command `demo`: the peer and the echo, whose sockets are watched, and `demo plant`. */
export const runDemo: Sender = async (random, type, place) => {
  const format: FormatChoice = { type, specification: { type }, argument: type };
  if (random.chance(0.3)) {
    const args = [
      ...["demo", "plant", "--local", place.socket.address, "--remote", "udp://127.0.0.1:0", "--print", "none"],
      ...["--rate", "500", "--duration", "0.02"],
    ];
    place.socket.begin();
    const faults = await runToEnd(args, place);
    const { datagrams } = place.socket;
    return {
      setting: quote(args),
      sent: datagrams.length,
      unfit: [...faults, ...judge(format, { signals: "2f" }, datagrams)],
    };
  }
  const values = random.pick([1, 3, 8, 64, 65, 100, 1000]);
  const args = ["demo", "--values", `${values}`, "--rate", "500", "--duration", "0.02", "--print", "none"];
  using watched = watchSockets();
  const faults = await runToEnd(args, place);
  const directions = [...watched.sent.values()];
  const unfit = directions.flatMap((datagrams) => judge(format, { signals: `${values}f` }, datagrams));
  return { setting: quote(args), sent: directions.flat().length, unfit: [...faults, ...unfit] };
};

/** Records what all sockets that are opened meanwhile send, by the port it is sent to. */
function watchSockets(): { sent: Map<number, Uint8Array[]> } & Disposable {
  const { listenDatagram } = Deno;
  const sent = new Map<number, Uint8Array[]>();
  Deno.listenDatagram = ((options: Parameters<typeof listenDatagram>[0]) => {
    const socket = listenDatagram(options as Parameters<typeof listenDatagram>[0] & { transport: "udp" });
    const send = socket.send.bind(socket);
    socket.send = (bytes, address) => {
      const { port } = address as Deno.NetAddr;
      sent.set(port, [...sent.get(port) ?? [], bytes.slice()]);
      return send(bytes, address);
    };
    return socket;
  }) as typeof listenDatagram;
  return { sent, [Symbol.dispose]: () => void (Deno.listenDatagram = listenDatagram) };
}

/** Where `any` lifts the guard, the samples are such as every node reads. */
function timeLimit({ notation }: SignalChoice): number {
  return notation === "any" ? 2 ** 32 : Infinity;
}
