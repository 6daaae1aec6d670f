/**
 * A model of the input of a VILLASnode socket node: it says of each datagram whether the node would take all of it, and
 * remembers what the node remembers between datagrams.
 *
 * It is written from VILLASnode's source alone (1.2.0: `lib/formats`, `lib/nodes/socket.cpp`, `lib/node.cpp`,
 * `lib/hooks/fix.cpp`, `restart.cpp`, `drop.cpp`) and shares no code with the client, so that a fault of the client's
 * formats is not made here again. A datagram fits when nothing of it is refused, warned of, dropped, cut or taken for
 * something else.
 *
 * @module
 */

import { readEdgeflex, readJson, readKafka, readReserve } from "./_json.ts";
import { readCsv, readHuman, readTsv, readValue } from "./_lines.ts";
import { readProtobuf } from "./_protobuf.ts";
import { type NodeSample, type NodeSignals, type Reader, type Reading, signalsOf, Unreadable } from "./_reading.ts";
import { readBinary, readGtnet, readOpal, readRaw, readWeb } from "./_words.ts";

export type { NodeSample, NodeSignal, NodeSignals, NodeSignalType, NodeValue } from "./_reading.ts";
export { signalsOf } from "./_reading.ts";

/** The configuration of a node's input. */
export interface NodeSettings {
  /** Format: a name, or an object with `type` and the format's options, as VILLASnode has them. */
  format: string | { readonly type: string; readonly [option: string]: unknown };
  /** Value of `in.signals`: `"3f1i"`, a list, or `"any"` to check only syntax; default 64 floats, as in VILLASnode. */
  signals?: string | NodeSignals | undefined;
  /** Value of `in.vectorize`; default 1. */
  vectorize?: number;
}

/** Verdict on one datagram. */
export interface Verdict {
  /** Whether the node takes all of it. */
  readonly fits: boolean;
  /** Reasons why it does not; none where it fits. */
  readonly reasons: readonly string[];
  /** Samples that could be read. */
  readonly samples: readonly NodeSample[];
}

/** A node's input, with its state. */
export interface NodeModel {
  /** Takes the next datagram. */
  take(datagram: Uint8Array): Verdict;
}

const readers: Readonly<Record<string, Reader>> = {
  protobuf: readProtobuf,
  "villas.binary": readBinary,
  "villas.web": readWeb,
  "villas.human": readHuman,
  json: readJson,
  csv: readCsv,
  tsv: readTsv,
  raw: readRaw,
  gtnet: readGtnet,
  "opal.asyncip": readOpal,
  "json.kafka": readKafka,
  "json.edgeflex": readEdgeflex,
  "json.reserve": readReserve,
  value: readValue,
};

/** Names of the formats that VILLASnode reads: all of its 15 but `iotagent_ul`. */
export const readableFormats: readonly string[] = Object.keys(readers);

/** Formats whose reader takes one sample at a time and no other `vectorize`. */
export const singleFormats: readonly string[] = ["raw", "gtnet", "value"];

/** Bytes of the largest UDP datagram; the node's own buffer has room for 64 KiB. */
const maximumLength = 65_507;

/**
 * Makes a node's input.
 *
 * @param settings Its configuration
 * @throws {TypeError} If VILLASnode has no such format, or the signals cannot be read
 */
export function createNodeModel({ format, signals = "64f", vectorize = 1 }: NodeSettings): NodeModel {
  const { type, ...options } = typeof format === "string" ? { type: format } : format;
  if (!Object.hasOwn(readers, type) && type !== "iotagent_ul") throw new TypeError(`Unknown format: ${type}`);
  const nodeSignals = typeof signals !== "string" ? signals : signals === "any" ? signals : signalsOf(signals);
  return new SocketInput(type, options, nodeSignals, vectorize);
}

class SocketInput implements NodeModel {
  readonly #type: string;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #signals: NodeSignals;
  readonly #vectorize: number;
  /** Samples that wait until there are as many as `vectorize` says; the node reads no further than that. */
  #waiting = 0;
  readonly #numbers = new SequenceState();
  #isFirst = true;

  constructor(type: string, options: Readonly<Record<string, unknown>>, signals: NodeSignals, vectorize: number) {
    this.#type = type;
    this.#options = options;
    this.#signals = signals;
    this.#vectorize = vectorize;
  }

  take(datagram: Uint8Array): Verdict {
    const reasons: string[] = [];
    const fault = (reason: string) => void reasons.push(reason);
    const reading = { options: this.#options, signals: this.#signals, isFirst: this.#isFirst, fault };
    const samples = this.#read(datagram, reading);
    this.#isFirst = false;
    const room = this.#vectorize - this.#waiting;
    if (samples.length > room) {
      fault(`it holds ${samples.length} samples where the node takes ${room}: the others are lost`);
    }
    const taken = samples.slice(0, room);
    this.#waiting = (this.#waiting + taken.length) % this.#vectorize;
    for (const sample of taken) this.#numbers.take(sample, fault);
    return { fits: reasons.length === 0, reasons, samples };
  }

  #read(datagram: Uint8Array, reading: Reading): NodeSample[] {
    const { fault } = reading;
    const read = readers[this.#type];
    if (read === undefined) {
      fault(`VILLASnode does not read ${this.#type}`);
      return [];
    }
    if (datagram.length === 0) fault("the node ignores an empty datagram");
    if (datagram.length > maximumLength) fault(`${datagram.length} bytes are more than the ${maximumLength} of UDP`);
    if (this.#vectorize > 1 && singleFormats.includes(this.#type)) {
      fault(`the node reads ${this.#type} with a vectorize of 1 only`);
    }
    try {
      const samples = datagram.length === 0 ? [] : read(datagram, reading);
      if (samples.length === 0 && datagram.length > 0) fault("it holds no samples");
      return samples;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      fault(error.message);
      return [];
    }
  }
}

/** Follows the sequence numbers as the hooks fix, restart and drop do, which every node's input has. */
class SequenceState {
  /** Number that a sample without one is given. */
  #own = 0n;
  /** Last number that came, for the hook restart. */
  #last: bigint | undefined;
  /** Last number that was accepted, for the hook drop. */
  #accepted: bigint | undefined;
  /** Whether the samples so far had numbers. */
  #areNumbered: boolean | undefined;

  take({ sequence }: NodeSample, fault: (reason: string) => void): void {
    const isNumbered = sequence !== undefined;
    // Its own numbers start at 0, which is a restart, and end up behind those of the others.
    if (isNumbered !== (this.#areNumbered ?? isNumbered)) {
      fault(
        isNumbered
          ? "it has a sequence number, the one before has none"
          : "it has no sequence number, the one before has",
      );
    }
    this.#areNumbered = isNumbered;
    const number = sequence ?? this.#own++;
    const last = this.#last;
    this.#last = number;
    const isRestart = number === 0n && last !== undefined && last !== 0n && last < 2n ** 64n - 17n;
    const before = isRestart ? undefined : this.#accepted;
    // The distance is an int: what is 2^31 or more ahead lies behind.
    if (before !== undefined && BigInt.asIntN(32, number - before) <= 0n) {
      fault(`the sequence number ${number} does not follow ${before}: the sample is dropped`);
      return;
    }
    this.#accepted = number;
  }
}
