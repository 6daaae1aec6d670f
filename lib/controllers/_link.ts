/**
 * One link of a controller: the newest sample that came, and what was sent.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { ClosedError } from "../client/errors.ts";
import type { Controller, LinkInput, OutputLimits, PerOutput } from "./controller.ts";
import { OutputError } from "./faults.ts";
import { OutputChecker, type Values } from "./_outputs.ts";
import { EncodeError } from "../formats/errors.ts";
import type { LinkSignals } from "../samples/directions.ts";
import type { OutgoingSample, Sample, Timestamp, Value } from "../samples/sample.ts";
import type { Signal, SignalType } from "../samples/signals.ts";
import { now } from "../samples/timestamp.ts";

/** The most that a sample may lie behind the newest one and still be a late one of the same sender, as for the counters. */
const windowLength = 1024n;

const unknownValues: Readonly<Record<SignalType, Value>> = {
  float: NaN,
  integer: 0n,
  boolean: false,
  complex: { real: NaN, imag: NaN },
};

function standIns(signals: readonly Signal[] = []): Value[] {
  return signals.map(({ type }) => unknownValues[type]);
}

/** Settings of a link. */
export interface LinkSettings {
  /** Whether to keep what was sent last. */
  readonly keepsSent: boolean;
  /** Index of the link. */
  readonly index: number;
  /** Where to put the number of the last sample, at the index of the link. */
  readonly sequences: BigInt64Array | undefined;
}

/** A link of a controller. */
export class ControlLink implements LinkInput {
  readonly name: string;
  readonly client: Client;
  /** The newest sample. */
  sample: Sample | undefined;
  /** When it came, in milliseconds of `performance.now()`. */
  arrival = -Infinity;
  /** Number of samples that came. */
  received = 0;
  /** True where datagrams are prepared. */
  isPrepared = false;
  /** The values that were sent last, where they are kept. */
  sent: Values | undefined;
  /** Number of outputs that were sent. */
  outputs = 0;
  /** Number of samples of safe values that were sent. */
  safeOutputs = 0;
  readonly #signals: LinkSignals;
  readonly #keepsSent: boolean;
  readonly #inputNames: readonly string[];
  readonly #index: number;
  readonly #sequences: BigInt64Array | undefined;
  #checker: OutputChecker;
  #safe: Values | undefined;
  #limitedBefore = 0;
  /** The sample that is sent: it is encoded at once, so that one object does for all. */
  readonly #outgoing: OutgoingSample & { tsOrigin: Timestamp } = {
    sequence: 0n,
    tsOrigin: { sec: 0, nsec: 0 },
    values: [],
  };
  readonly #message = [this.#outgoing];
  #lastSequence: bigint | undefined;
  #lastAnswered: bigint | undefined;

  /** Creates the link of a client that nobody else receives from. */
  constructor(name: string, client: Client, signals: LinkSignals, { keepsSent, index, sequences }: LinkSettings) {
    this.name = name;
    this.#index = index;
    this.#sequences = sequences;
    this.client = client;
    this.#signals = signals;
    this.#keepsSent = keepsSent;
    this.#checker = new OutputChecker(signals.out);
    this.#inputNames = (signals.in ?? []).map(({ name }, index) => name ?? `signal${index}`);
  }

  /** Time since the newest sample came, in seconds. */
  get age(): number {
    return (performance.now() - this.arrival) / 1000;
  }

  /** True where samples have no values, so that none need to come. */
  get isWithoutInputs(): boolean {
    return this.#signals.in?.length === 0;
  }

  /** Number of values that were limited. */
  get limited(): number {
    return this.#limitedBefore + this.#checker.limited;
  }

  /** Values of the newest sample by name. */
  get named(): Record<string, Value> {
    const values = this.sample?.values ?? [];
    return Object.fromEntries(values.map((value, index) => [this.#inputNames[index] ?? `signal${index}`, value]));
  }

  /** Values of the newest sample; stand-ins where none has come. */
  get inputValues(): readonly Value[] {
    return this.sample?.values ?? standIns(this.#signals.in);
  }

  /** The values that were sent last; stand-ins where nothing was sent. */
  get outputValues(): readonly Value[] {
    const { out } = this.#signals;
    return this.sent === undefined ? standIns(out === "any" ? undefined : out) : [...this.sent];
  }

  /** The safe values, if there are any. */
  get safe(): Values | undefined {
    return this.#safe;
  }

  /**
   * Checks the limits and safe values of a controller.
   *
   * @param isOnly Whether there is no other link, so that they are not given by link
   * @returns Takes them
   * @throws {TypeError} If they do not fit the signals
   */
  prepareConfiguration({ limits, safe }: Controller<never, never>, isOnly: boolean): () => void {
    const own = (part: unknown) => isOnly ? part : (part as Record<string, unknown> | undefined)?.[this.name];
    const checker = new OutputChecker(this.#signals.out, own(limits) as PerOutput<OutputLimits> | undefined);
    const given = own(safe) as PerOutput<Value> | undefined;
    const values = given === undefined ? undefined : checker.takeConstant(given, "safe");
    return () => {
      this.#limitedBefore += this.#checker.limited;
      checker.continueFrom(this.#checker);
      this.#checker = checker;
      this.#safe = values;
    };
  }

  /**
   * Checks an output.
   *
   * @returns The values to send, within their limits; undefined where nothing is to be sent
   * @throws {OutputError} If they cannot be sent
   */
  check(output: unknown, time: number): Values | undefined {
    try {
      const values = this.#checker.check(output);
      return values && this.#checker.limit(values, time);
    } catch (error) {
      throw OutputError.from(error);
    }
  }

  /**
   * Prepares values that were checked.
   *
   * @param values The values
   * @param answered The sample that they answer; undefined at a fixed rate
   * @throws {OutputError} If they cannot be sent
   */
  prepare(values: Values, answered: Sample | undefined, time: number): void {
    if (!this.#enqueue(values, answered)) return;
    this.#checker.note(values, time);
    this.outputs++;
  }

  /** Prepares the safe values, if there are any; returns whether there are. */
  prepareSafe(answered?: Sample): boolean {
    const safe = this.#safe;
    if (safe === undefined || !this.#enqueue(safe, answered)) return false;
    this.#checker.note(safe, performance.now());
    this.safeOutputs++;
    return true;
  }

  /** Sends what is prepared; returns a promise only where that takes time. */
  flush(): Promise<unknown> | undefined {
    this.isPrepared = false;
    const sending = this.client.flushNow();
    return sending instanceof Promise ? sending : undefined;
  }

  #enqueue(values: Values, answered: Sample | undefined): boolean {
    const sequence = this.#nextSequence(answered?.sequence, answered === this.sample);
    const outgoing = this.#outgoing;
    outgoing.sequence = sequence;
    outgoing.tsOrigin = answered?.tsOrigin ?? now();
    outgoing.values = values;
    try {
      this.client.enqueue(this.#message);
    } catch (error) {
      if (error instanceof ClosedError) return false;
      if (error instanceof EncodeError || error instanceof RangeError) throw new OutputError("refused", error.message);
      throw error;
    }
    this.#lastSequence = sequence;
    if (this.#sequences !== undefined) this.#sequences[this.#index] = BigInt.asIntN(64, sequence);
    this.isPrepared = true;
    // A controller may use its list again.
    if (this.#keepsSent) this.sent = values.slice();
    return true;
  }

  /**
   * Numbers a sample: like the one that it answers, if that is above the last number. A VILLASnode drops what is not
   * (hook `drop`), and safe values that went out meanwhile have numbers of their own. Where the sender has started over,
   * so do the answers.
   */
  #nextSequence(answered: bigint | undefined, isNewest: boolean): bigint {
    // Most of the time; big integers are slow.
    if (answered !== undefined && (this.#lastSequence === undefined || answered > this.#lastSequence)) {
      return this.#lastAnswered = answered;
    }
    const next = this.#lastSequence === undefined ? 0n : BigInt.asUintN(64, this.#lastSequence + 1n);
    if (answered === undefined) return next;
    const back = (this.#lastAnswered ?? answered) - answered;
    if (back <= 0n) this.#lastAnswered = answered;
    // The answer of an asynchronous step that comes late is numbered on, and so is that of a sample that came twice.
    const hasStartedOver = isNewest && back > 0n && (answered === 0n || back > windowLength);
    if (hasStartedOver) this.#lastAnswered = answered;
    return hasStartedOver ? answered : next;
  }
}
